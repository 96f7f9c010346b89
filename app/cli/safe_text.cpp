#include "app/cli/safe_text.hpp"

#include <clocale>
#include <cwchar>

#include <fmt/format.h>

#include "app/cli/utf8.hpp"
#include "engine/hidden_characters.hpp"

namespace keydeck::cli {
namespace {

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

std::string safe_text(std::string_view text) {
    if (is_plain_ascii(text)) return std::string(text);
    std::string safe;
    safe.reserve(text.size());
    while (!text.empty()) {
        const Utf8Character character = first_character(text);
        if (!character.valid) {
            safe += fmt::format("⟨0x{:02X}⟩", static_cast<unsigned char>(text.front()));
        } else if (is_hidden_character(character.code)) {
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
