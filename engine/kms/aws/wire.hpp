// AWS's JSON 1.1: requests written, answers read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/bytes.hpp"
#include "engine/base/clock.hpp"
#include "engine/base/json.hpp"
#include "engine/base/secret.hpp"
#include "engine/error.hpp"
#include "engine/kms/kms.hpp"

namespace keydeck::kms::aws {

/// Writes one flat JSON object. A text that is not UTF-8 makes the request invalid (it would arrive as another).
class RequestWriter {
public:
    RequestWriter& text(std::string_view name, std::string_view value);
    /// Leaves the member out where the text is empty.
    RequestWriter& text_if(std::string_view name, std::string_view value);
    RequestWriter& number(std::string_view name, std::int64_t value);
    RequestWriter& boolean(std::string_view name, bool value);
    RequestWriter& blob(std::string_view name, ByteView value);
    RequestWriter& context(std::string_view name, const EncryptionContext& value);  ///< left out where empty
    RequestWriter& tags(std::string_view name, const Tags& value);                  ///< left out where empty
    RequestWriter& texts(std::string_view name, const std::vector<std::string>& value);
    RequestWriter& page(const PageRequest& page);

    /// The whole object. Error: invalid_input (ValidationException).
    [[nodiscard]] Result<SecretBytes> finish();
    /// The same with a blob that must not leak as its last member.
    [[nodiscard]] Result<SecretBytes> finish_with_secret(std::string_view name, ByteView value);

private:
    void name(std::string_view name);
    void quoted(std::string_view field, std::string_view value);
    std::string out_ = "{";
    std::string not_text_;  ///< the field that is not UTF-8
};

/// Reads the members of an answer. The first that is missing or of another type is kept as the problem; what is read after
/// it is empty.
class AnswerReader {
public:
    /// `operation` is named in the sentences. The reader must not outlive what it reads.
    AnswerReader(const json::Value& object, std::string_view operation) : object_(&object), operation_(operation) {}

    [[nodiscard]] std::string text(std::string_view name);
    [[nodiscard]] std::string text_or_empty(std::string_view name);
    [[nodiscard]] Bytes blob(std::string_view name);  ///< never empty
    [[nodiscard]] bool boolean(std::string_view name);
    [[nodiscard]] std::optional<bool> boolean_if(std::string_view name);
    [[nodiscard]] std::optional<int> number_if(std::string_view name);
    [[nodiscard]] Timestamp time(std::string_view name);  ///< epoch seconds, in fraction or exponent form too
    [[nodiscard]] std::optional<Timestamp> time_if(std::string_view name);
    [[nodiscard]] const std::vector<json::Value>& items(std::string_view name);
    [[nodiscard]] const json::Value& object(std::string_view name);

    /// Takes over the problem of a reader of a part.
    void join(const AnswerReader& part);
    void refuse(std::string_view name, std::string_view why);
    /// Error: corrupt.
    [[nodiscard]] Status status() const;

private:
    [[nodiscard]] const json::Value* find(std::string_view name, json::Kind kind, bool required);
    const json::Value* object_;
    std::string_view operation_;
    std::string problem_;
};

/// Epoch seconds as a JSON number is written ("1.7E9", "1700000000.25"), rounded to microseconds; nothing outside the years
/// 1970 to 9999.
[[nodiscard]] std::optional<Timestamp> parse_epoch(std::string_view number);

/// The error for an answer that no KMS gives.
[[nodiscard]] std::unexpected<Error> malformed_answer(std::string_view operation, std::string_view why);

}  // namespace keydeck::kms::aws
