#include "app/cli/utf8.hpp"

namespace keydeck::cli {

Utf8Character first_character(std::string_view text) {
    const Utf8Character bad{.code = U'\uFFFD', .length = 1, .valid = false};
    const auto lead = static_cast<unsigned char>(text.front());
    if (lead < 0x80) return {.code = lead, .length = 1, .valid = true};
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return bad;
    char32_t code = lead & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        const auto next = static_cast<unsigned char>(text[i]);
        if ((next & 0xC0U) != 0x80) return bad;
        code = (code << 6U) | (next & 0x3FU);
    }
    const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
    if (overlong || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return bad;
    return {.code = code, .length = length, .valid = true};
}

}  // namespace keydeck::cli
