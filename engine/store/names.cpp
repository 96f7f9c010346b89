#include "engine/store/names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "engine/base/text.hpp"

namespace keydeck::store {
namespace {

constexpr std::size_t kMaxCharacters = 64;
constexpr std::size_t kMaxNote = 256;

/// The characters that turn the direction of writing: with them a name shows as another one.
/// https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters
bool turns_direction(std::string_view sequence) {
    return sequence == "\u200E" || sequence == "\u200F" || (sequence >= "\u202A" && sequence <= "\u202E") ||
           (sequence >= "\u2066" && sequence <= "\u2069") || sequence == "\u061C";
}

bool is_control(std::string_view sequence) {
    const auto first = static_cast<unsigned char>(sequence[0]);
    if (sequence.size() == 1) return first < 0x20 || first == 0x7F;
    // U+0080 … U+009F
    return first == 0xC2 && static_cast<unsigned char>(sequence[1]) < 0xA0;
}

Status check_text(std::string_view text, std::string_view what, std::size_t most = kMaxCharacters) {
    std::size_t characters = 0;
    for (std::size_t at = 0; at < text.size(); ++characters) {
        const std::size_t length = utf8_sequence_length(text.substr(at));
        if (length == 0) return fail(ErrorCode::kInvalidInput, fmt::format("{} is not valid UTF-8.", what));
        if (is_control(text.substr(at, length))) {
            return fail(ErrorCode::kInvalidInput, fmt::format("{} must not contain control characters.", what));
        }
        if (turns_direction(text.substr(at, length))) {
            return fail(ErrorCode::kInvalidInput,
                        fmt::format("{} must not contain characters that turn the direction of writing.", what));
        }
        at += length;
    }
    if (characters > most) {
        return fail(ErrorCode::kInvalidInput,
                    fmt::format("{} has {} characters; at most {} are allowed.", what, characters, most));
    }
    if (text.front() == ' ' || text.back() == ' ') {
        return fail(ErrorCode::kInvalidInput, fmt::format("{} must not begin or end with a space.", what));
    }
    if (looks_like_address(text)) {
        return fail(ErrorCode::kInvalidInput, fmt::format("{} must not look like an address.", what));
    }
    return {};
}

Status check_word(std::string_view text, std::string_view what, std::size_t longest) {
    constexpr std::string_view kAllowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-/@:";
    if (!text.empty() && text.size() <= longest && text.find_first_not_of(kAllowed) == std::string_view::npos) return {};
    return fail(ErrorCode::kInvalidInput,
                fmt::format("{} has 1 to {} of the characters A-Z a-z 0-9 . _ - / @ : and no others.", what, longest));
}

bool is_hex_digit(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

}  // namespace

bool looks_like_address(std::string_view text) {
    if (text.size() != 42 || text[0] != '0' || (text[1] != 'x' && text[1] != 'X')) return false;
    return std::ranges::all_of(text.substr(2), is_hex_digit);
}

Status check_user_name(std::string_view name) {
    if (name.empty()) return fail(ErrorCode::kInvalidInput, "The user name must not be empty.");
    if (ascii_lower(name) == "operator") {
        return fail(ErrorCode::kInvalidInput, "The user name \"operator\" is reserved for the operator.");
    }
    return check_text(name, "The user name");
}

Status check_label(std::string_view label) {
    if (label.empty()) return {};
    return check_text(label, "The label");
}

Status check_contact_name(std::string_view name) {
    if (name.empty()) return fail(ErrorCode::kInvalidInput, "The contact's name must not be empty.");
    return check_text(name, "The contact's name");
}

Status check_contact_note(std::string_view note) {
    if (note.empty()) return {};
    return check_text(note, "The note", kMaxNote);
}

Status check_secret_name(std::string_view name) { return check_word(name, "A secret's name", 128); }

Status check_environment(std::string_view environment) { return check_word(environment, "An environment's name", 64); }

}  // namespace keydeck::store
