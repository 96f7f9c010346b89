#include "engine/kms/server/json_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "engine/base/json.hpp"

namespace keydeck::kms::server {
namespace {

/// Base64 straight into memory that is wiped.
void append_base64(WipingText& out, ByteView bytes) {
    constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t left = bytes.size() - i;
        const std::uint32_t group = static_cast<std::uint32_t>(bytes[i]) << 16 |
                                    (left > 1 ? static_cast<std::uint32_t>(bytes[i + 1]) << 8 : 0) |
                                    (left > 2 ? static_cast<std::uint32_t>(bytes[i + 2]) : 0);
        out.push_back(kAlphabet[group >> 18]);
        out.push_back(kAlphabet[group >> 12 & 63]);
        out.push_back(left > 1 ? kAlphabet[group >> 6 & 63] : '=');
        out.push_back(left > 2 ? kAlphabet[group & 63] : '=');
    }
}

bool is_plain(char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; }

}  // namespace

void JsonWriter::separate() {
    if (out_.back() != '{' && out_.back() != '[') out_.push_back(',');
}

void JsonWriter::quoted(std::string_view text) {
    if (!std::ranges::all_of(text, is_plain)) {
        std::string escaped;
        json::append_quoted(escaped, text);
        append(out_, escaped);
        return;
    }
    out_.push_back('"');
    append(out_, text);
    out_.push_back('"');
}

void JsonWriter::name(std::string_view name) {
    separate();
    quoted(name);
    out_.push_back(':');
}

JsonWriter& JsonWriter::text(std::string_view name_text, std::string_view value) {
    name(name_text);
    quoted(value);
    return *this;
}

JsonWriter& JsonWriter::number(std::string_view name_text, std::int64_t value) {
    name(name_text);
    append(out_, fmt::format_int(value).c_str());
    return *this;
}

JsonWriter& JsonWriter::boolean(std::string_view name_text, bool value) {
    name(name_text);
    append(out_, value ? "true" : "false");
    return *this;
}

JsonWriter& JsonWriter::blob(std::string_view name_text, ByteView value) {
    name(name_text);
    // One piece: growing would copy what is a secret, though it is wiped behind.
    out_.reserve(out_.size() + (value.size() + 2) / 3 * 4 + 64);
    out_.push_back('"');
    append_base64(out_, value);
    out_.push_back('"');
    return *this;
}

JsonWriter& JsonWriter::time(std::string_view name_text, Timestamp value) {
    name(name_text);
    const std::int64_t millis = to_micros(value) / 1000;
    append(out_, fmt::format("{}.{:03}", millis / 1000, millis % 1000));
    return *this;
}

JsonWriter& JsonWriter::begin_object(std::string_view name_text) {
    name(name_text);
    out_.push_back('{');
    return *this;
}

JsonWriter& JsonWriter::end_object() {
    out_.push_back('}');
    return *this;
}

JsonWriter& JsonWriter::begin_list(std::string_view name_text) {
    name(name_text);
    out_.push_back('[');
    return *this;
}

JsonWriter& JsonWriter::begin_item() {
    separate();
    out_.push_back('{');
    return *this;
}

JsonWriter& JsonWriter::item(std::string_view value) {
    separate();
    quoted(value);
    return *this;
}

JsonWriter& JsonWriter::end_list() {
    out_.push_back(']');
    return *this;
}

WipingText JsonWriter::finish() {
    out_.push_back('}');
    return std::move(out_);
}

}  // namespace keydeck::kms::server
