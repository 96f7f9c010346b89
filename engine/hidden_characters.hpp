// Which characters nobody sees: one table for what counts them and for what shows them.
#pragma once

#include <algorithm>
#include <array>
#include <utility>

namespace keydeck {

/// Code points, first and last, sorted: categories Cc, Cf, Zl, Zp and Zs (but U+0020), surrogates, private use, variation
/// selectors, fillers and letters that draw nothing, and everything from the tags on.
/// https://www.unicode.org/reports/tr44/#General_Category_Values
inline constexpr auto kHiddenCharacters = std::to_array<std::pair<char32_t, char32_t>>({
    {0x0000, 0x001F},   {0x007F, 0x00A0},   {0x00AD, 0x00AD},    {0x034F, 0x034F},   {0x0600, 0x0605},   {0x061C, 0x061C},
    {0x06DD, 0x06DD},   {0x070F, 0x070F},   {0x0890, 0x0891},    {0x08E2, 0x08E2},   {0x115F, 0x1160},   {0x1680, 0x1680},
    {0x17B4, 0x17B5},   {0x180B, 0x180F},   {0x2000, 0x200F},    {0x2028, 0x202F},   {0x205F, 0x206F},   {0x2800, 0x2800},
    {0x3000, 0x3000},   {0x3164, 0x3164},   {0xD800, 0xF8FF},    {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0},
    {0xFFF0, 0xFFFB},   {0xFFFE, 0xFFFF},   {0x110BD, 0x110BD},  {0x110CD, 0x110CD}, {0x13430, 0x13455}, {0x1BCA0, 0x1BCA3},
    {0x1D159, 0x1D159}, {0x1D173, 0x1D17A}, {0xE0000, 0x10FFFF},
});

/// Whether a character would be invisible, look like a plain space, or steer the text around it. Line feeds are.
[[nodiscard]] constexpr bool is_hidden_character(char32_t code) {
    const auto* found = std::ranges::lower_bound(kHiddenCharacters, code, {}, &std::pair<char32_t, char32_t>::second);
    return found != kHiddenCharacters.end() && code >= found->first;
}

}  // namespace keydeck
