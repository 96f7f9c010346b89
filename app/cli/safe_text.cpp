#include "app/cli/safe_text.hpp"

#include <algorithm>
#include <clocale>
#include <cwchar>
#include <iterator>

#include <fmt/format.h>

#include "app/cli/utf8.hpp"

namespace keydeck::cli {
namespace {

struct Range {
    char32_t first;
    char32_t last;
};

// The same as the screens' (ui/terminal/safe_text.cpp). Sorted. Categories Cc, Cf, Zl, Zp and Zs (but U+0020), variation
// selectors, and letters that draw nothing.
constexpr Range kHidden[] = {
    {0x0000, 0x001F},   {0x007F, 0x00A0},   {0x00AD, 0x00AD},    {0x034F, 0x034F},   {0x0600, 0x0605},   {0x061C, 0x061C},
    {0x06DD, 0x06DD},   {0x070F, 0x070F},   {0x0890, 0x0891},    {0x08E2, 0x08E2},   {0x115F, 0x1160},   {0x1680, 0x1680},
    {0x17B4, 0x17B5},   {0x180B, 0x180F},   {0x2000, 0x200F},    {0x2028, 0x202F},   {0x205F, 0x206F},   {0x2800, 0x2800},
    {0x3000, 0x3000},   {0x3164, 0x3164},   {0xD800, 0xF8FF},    {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0},
    {0xFFF0, 0xFFFB},   {0xFFFE, 0xFFFF},   {0x110BD, 0x110BD},  {0x110CD, 0x110CD}, {0x13430, 0x13455}, {0x1BCA0, 0x1BCA3},
    {0x1D159, 0x1D159}, {0x1D173, 0x1D17A}, {0xE0000, 0x10FFFF},
};

bool is_plain_ascii(std::string_view text) {
    for (const char c : text) {
        if (c < 0x20 || c > 0x7E) return false;
    }
    return true;
}

// wcwidth() knows the widths in a UTF-8 locale only; the process itself may run in any, so one of our own is used, and
// only when a character beyond ASCII turns up.
int column_width(char32_t code) {
    static const locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    if (utf8 == nullptr) return 1;
    const locale_t before = uselocale(utf8);
    const int width = wcwidth(static_cast<wchar_t>(code));
    uselocale(before);
    return width < 0 ? 1 : width;
}

}  // namespace

bool is_hidden(char32_t code) {
    const auto* found = std::ranges::lower_bound(kHidden, code, {}, &Range::last);
    return found != std::end(kHidden) && code >= found->first;
}

std::string safe_text(std::string_view text) {
    if (is_plain_ascii(text)) return std::string(text);
    std::string safe;
    safe.reserve(text.size());
    while (!text.empty()) {
        const Utf8Character character = first_character(text);
        if (!character.valid) {
            safe += fmt::format("⟨0x{:02X}⟩", static_cast<unsigned char>(text.front()));
        } else if (is_hidden(character.code)) {
            safe += fmt::format("⟨U+{:04X}⟩", static_cast<std::uint32_t>(character.code));
        } else {
            safe += text.substr(0, character.length);
        }
        text.remove_prefix(character.length);
    }
    return safe;
}

std::size_t display_width(std::string_view text) {
    if (is_plain_ascii(text)) return text.size();
    std::size_t width = 0;
    while (!text.empty()) {
        const Utf8Character character = first_character(text);
        width += character.code < 0x80 ? 1 : static_cast<std::size_t>(column_width(character.code));
        text.remove_prefix(character.length);
    }
    return width;
}

std::vector<std::string> cut_to_width(std::string_view text, std::size_t columns) {
    std::vector<std::string> parts(1);
    std::size_t used = 0;
    while (!text.empty()) {
        const std::string_view character = text.substr(0, first_character(text).length);
        const std::size_t width = display_width(character);
        if (used + width > columns) {
            parts.emplace_back();
            used = 0;
        }
        parts.back() += character;
        used += width;
        text.remove_prefix(character.size());
    }
    return parts;
}

}  // namespace keydeck::cli
