// One line of machine-readable output.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/types.hpp"

namespace keydeck::cli {

/// Lower-case hex with `0x`.
[[nodiscard]] std::string hex_text(ByteView bytes);

/// Appends a JSON string with its quotes; bytes that are not UTF-8 become U+FFFD.
void append_json_string(std::string& out, std::string_view text);

/// Writes a JSON object in the order of the calls, on one line, without a line end. A writer rather than a document: a batch
/// of 100,000 signatures goes through it, and nothing is ever read back.
class JsonObject {
public:
    JsonObject& text(std::string_view name, std::string_view value);
    /// The text, or null where it is empty.
    JsonObject& text_or_null(std::string_view name, std::string_view value);
    JsonObject& number(std::string_view name, std::int64_t value);
    JsonObject& boolean(std::string_view name, bool value);
    JsonObject& null(std::string_view name);
    JsonObject& bytes(std::string_view name, ByteView value);                 ///< `0x…`
    JsonObject& address(std::string_view name, const AddressBytes& value);    ///< EIP-55
    JsonObject& time(std::string_view name, Timestamp value);                 ///< RFC 3339, UTC
    JsonObject& time(std::string_view name, std::optional<Timestamp> value);  ///< or null
    JsonObject& raw(std::string_view name, std::string_view json);            ///< a value that is JSON already
    [[nodiscard]] std::string finish();                                       ///< ends it; nothing may be added afterwards

private:
    void name(std::string_view name);
    std::string out_ = "{";
};

}  // namespace keydeck::cli
