#include "engine/ethereum/printable.hpp"

#include <array>
#include <charconv>
#include <cstdint>

namespace keydeck::ethereum {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

struct Character {
    char32_t code = kReplacement;
    std::size_t length = 1;  ///< bytes it took
};

bool continues(std::string_view text, std::size_t at) {
    return at < text.size() && (static_cast<std::uint8_t>(text[at]) & 0xC0U) == 0x80;
}

// A malformed sequence costs one byte, so that the rest is still shown.
Character read_character(std::string_view text) {
    const auto first = static_cast<std::uint8_t>(text[0]);
    if (first < 0x80) return {first, 1};
    const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4) return {};
    char32_t code = first & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        if (!continues(text, i)) return {};
        code = (code << 6U) | (static_cast<std::uint8_t>(text[i]) & 0x3FU);
    }
    constexpr std::array<char32_t, 5> kSmallest = {0, 0, 0x80, 0x800, 0x10000};
    if (code < kSmallest.at(length) || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return {};
    return {code, length};
}

struct Range {
    char32_t first, last;
};

// Controls; soft hyphen; marks and embeddings of the bidirectional algorithm (Unicode annex 9); invisible characters and
// separators.
constexpr std::array<Range, 12> kUnprintable = {{{0x00, 0x1F},
                                                 {0x7F, 0x9F},
                                                 {0xAD, 0xAD},
                                                 {0x61C, 0x61C},
                                                 {0x115F, 0x1160},
                                                 {0x180E, 0x180E},
                                                 {0x200B, 0x200F},
                                                 {0x2028, 0x202E},
                                                 {0x2060, 0x206F},
                                                 {0x3164, 0x3164},
                                                 {0xFEFF, 0xFEFF},
                                                 {0xE0000, 0xE0FFF}}};

bool is_printable(char32_t code) {
    if (code == U'\\') return false;
    for (const auto& [first, last] : kUnprintable) {
        if (code >= first && code <= last) return false;
    }
    return true;
}

void append_escaped(std::string& out, char32_t code) {
    switch (code) {
        case U'\\':  // else it could stand for what is written with one
            out += "\\\\";
            return;
        case U'\n':
            out += "\\n";
            return;
        case U'\r':
            out += "\\r";
            return;
        case U'\t':
            out += "\\t";
            return;
        default:
            break;
    }
    std::array<char, 8> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), static_cast<std::uint32_t>(code), 16).ptr;
    out += "\\u{";
    out.append(digits.data(), end);
    out += '}';
}

}  // namespace

std::string printable(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const auto [code, length] = read_character(text);
        if (!is_printable(code)) {
            append_escaped(out, code);
        } else if (code == kReplacement) {
            out += "\xEF\xBF\xBD";
        } else {
            out += text.substr(0, length);
        }
        text.remove_prefix(length);
    }
    return out;
}

std::string in_quotes(std::string_view text, std::size_t limit) {
    if (text.size() <= limit) return '"' + printable(text) + '"';
    while (limit > 0 && continues(text, limit)) --limit;
    return '"' + printable(text.substr(0, limit)) + "…\"";
}

}  // namespace keydeck::ethereum
