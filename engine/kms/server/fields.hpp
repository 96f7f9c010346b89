// A request's members, read as what AWS's API model says they are.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/bytes.hpp"
#include "engine/base/clock.hpp"
#include "engine/base/json.hpp"
#include "engine/kms/kms.hpp"

namespace keydeck::kms::server {

/// Reads members one by one and keeps what is wrong with them; check() then answers as AWS does: a member of another type is
/// a SerializationException, missing members and unknown words are one ValidationException that lists them all. A member
/// that is null counts as absent; members nobody asked for are ignored. A list or map nested wrongly is a wrong type too.
class Fields {
public:
    /// `body` must outlive it.
    explicit Fields(const json::Value& body) : body_(body) {}

    [[nodiscard]] bool has(std::string_view name) const { return find(name) != nullptr; }
    /// Empty where it is absent; required() notes that.
    std::string_view text(std::string_view name);
    std::string_view required_text(std::string_view name);
    /// Base64.
    Bytes blob(std::string_view name);
    Bytes required_blob(std::string_view name);
    std::optional<int> integer(std::string_view name);
    int required_integer(std::string_view name);
    bool flag(std::string_view name);
    std::optional<Timestamp> time(std::string_view name);
    /// One of `words`; `fallback` where it is absent, and a violation where it is another.
    std::string_view word(std::string_view name, std::span<const std::string_view> words, std::string_view fallback);
    std::string_view required_word(std::string_view name, std::span<const std::string_view> words);
    EncryptionContext context(std::string_view name);
    Tags tags(std::string_view name);
    std::vector<std::string> texts(std::string_view name);
    PageRequest page();

    void require(std::string_view name);
    [[nodiscard]] Status check() const;

private:
    const json::Value* find(std::string_view name) const;
    const json::Value* find(std::string_view name, json::Kind kind, std::string_view wanted);
    void refuse(std::string message);

    const json::Value& body_;
    std::optional<std::string> type_error_;
    std::vector<std::string> violations_;
};

}  // namespace keydeck::kms::server
