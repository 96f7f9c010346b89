#include "app/cli/json_object.hpp"

#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "app/cli/utf8.hpp"

namespace keydeck::cli {
namespace {

constexpr char kDigits[] = "0123456789abcdef";

void append_hex(std::string& out, ByteView bytes) {
    out.reserve(out.size() + 2 + 2 * bytes.size());
    out += "0x";
    for (const std::uint8_t byte : bytes) {
        out += kDigits[byte >> 4U];
        out += kDigits[byte & 0xFU];
    }
}

void append_escaped(std::string& out, char32_t code) {
    switch (code) {
        case U'"':
            out += "\\\"";
            break;
        case U'\\':
            out += "\\\\";
            break;
        case U'\n':
            out += "\\n";
            break;
        case U'\r':
            out += "\\r";
            break;
        case U'\t':
            out += "\\t";
            break;
        default:
            out += fmt::format("\\u{:04x}", static_cast<std::uint32_t>(code));
    }
}

}  // namespace

std::string hex_text(ByteView bytes) {
    std::string out;
    append_hex(out, bytes);
    return out;
}

void append_json_string(std::string& out, std::string_view text) {
    out += '"';
    while (!text.empty()) {
        const Utf8Character character = first_character(text);
        if (!character.valid) {
            out += "\uFFFD";
        } else if (character.code < 0x20 || character.code == U'"' || character.code == U'\\' || character.code == 0x7F) {
            append_escaped(out, character.code);
        } else {
            out += text.substr(0, character.length);
        }
        text.remove_prefix(character.length);
    }
    out += '"';
}

void JsonObject::name(std::string_view name) {
    if (out_.size() > 1) out_ += ',';
    out_ += '"';
    out_ += name;  // our own words; nothing in them to escape
    out_ += "\":";
}

JsonObject& JsonObject::text(std::string_view name_text, std::string_view value) {
    name(name_text);
    append_json_string(out_, value);
    return *this;
}

JsonObject& JsonObject::text_or_null(std::string_view name_text, std::string_view value) {
    return value.empty() ? null(name_text) : text(name_text, value);
}

JsonObject& JsonObject::number(std::string_view name_text, std::int64_t value) {
    name(name_text);
    char digits[24];
    const auto end = std::to_chars(std::begin(digits), std::end(digits), value).ptr;
    out_.append(std::begin(digits), end);
    return *this;
}

JsonObject& JsonObject::boolean(std::string_view name_text, bool value) { return raw(name_text, value ? "true" : "false"); }

JsonObject& JsonObject::null(std::string_view name_text) { return raw(name_text, "null"); }

JsonObject& JsonObject::bytes(std::string_view name_text, ByteView value) {
    name(name_text);
    out_ += '"';
    append_hex(out_, value);
    out_ += '"';
    return *this;
}

JsonObject& JsonObject::address(std::string_view name_text, const AddressBytes& value) {
    name(name_text);
    out_ += '"';
    out_ += checksum_address(value);
    out_ += '"';
    return *this;
}

JsonObject& JsonObject::time(std::string_view name_text, Timestamp value) { return text(name_text, to_rfc3339(value)); }

JsonObject& JsonObject::time(std::string_view name_text, std::optional<Timestamp> value) {
    return value ? time(name_text, *value) : null(name_text);
}

JsonObject& JsonObject::raw(std::string_view name_text, std::string_view json) {
    name(name_text);
    out_ += json;
    return *this;
}

std::string JsonObject::finish() {
    out_ += '}';
    return std::move(out_);
}

}  // namespace keydeck::cli
