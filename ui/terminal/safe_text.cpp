#include "ui/terminal/safe_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cwchar>
#include <utility>

#include "engine/hidden_characters.hpp"

namespace keydeck::ui {
namespace {

// Our own drawing characters and what stands for them in ASCII.
constexpr std::pair<char32_t, char> kAscii[] = {
    {U'─', '-'}, {U'│', '|'}, {U'┌', '+'}, {U'┐', '+'}, {U'└', '+'}, {U'┘', '+'}, {U'├', '+'}, {U'┤', '+'},
    {U'┬', '+'}, {U'┴', '+'}, {U'┼', '+'}, {U'…', '~'}, {U'●', '*'}, {U'○', 'o'}, {U'×', 'x'}, {U'▲', '!'},
    {U'▼', 'v'}, {U'—', '-'}, {U'›', '>'}, {U'·', '|'}, {U'✓', '+'}, {U'█', '#'}, {U'░', '.'}, {U'▀', '#'},
    {U'▄', '#'}, {U'⟨', '<'}, {U'⟩', '>'}, {U'↑', '^'}, {U'↓', 'v'}, {U'←', '<'}, {U'→', '>'},
};

char ascii_for(char32_t code) {
    for (const auto& [from, to] : kAscii) {
        if (from == code) return to;
    }
    return '\0';
}

void append_token(std::vector<Glyph>& out, std::string_view name, std::size_t end, Charset charset) {
    const auto add = [&out, end](char32_t code) { out.push_back(Glyph{{code}, 1, 1, true, end}); };
    add(charset == Charset::kAscii ? U'<' : U'⟨');
    for (const char c : name) add(static_cast<char32_t>(static_cast<unsigned char>(c)));
    add(charset == Charset::kAscii ? U'>' : U'⟩');
}

std::string token_name(const DecodedCharacter& decoded) {
    if (!decoded.valid) return fmt::format("x{:02X}", static_cast<unsigned>(decoded.code));
    return fmt::format("U+{:04X}", static_cast<unsigned>(decoded.code));
}

// -1 for what must become a token.
int columns_of(const DecodedCharacter& decoded) {
    if (!decoded.valid || is_hidden_character(decoded.code)) return -1;
    if (decoded.code < 0x7F) return 1;
    return ::wcwidth(static_cast<wchar_t>(decoded.code));
}

bool attach_mark(std::vector<Glyph>& out, char32_t mark, std::size_t end) {
    if (out.empty() || out.back().hidden || out.back().length >= out.back().text.size()) return false;
    out.back().text[out.back().length++] = mark;
    out.back().end = end;
    return true;
}

void append_glyph_text(std::string& out, const Glyph& glyph) {
    for (std::size_t i = 0; i < glyph.length; ++i) append_utf8(out, glyph.text[i]);
}

}  // namespace

DecodedCharacter decode_character(std::string_view text, std::size_t position) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[position + i]); };
    const unsigned char lead = byte(0);
    if (lead < 0x80) return {lead, 1, true};
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    const DecodedCharacter invalid{lead, 1, false};
    if (lead < 0xC2 || lead > 0xF4 || text.size() - position < length) return invalid;
    char32_t code = lead & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0U) != 0x80) return invalid;
        code = (code << 6U) | (byte(i) & 0x3FU);
    }
    constexpr std::array<char32_t, 5> kSmallest{0, 0, 0x80, 0x800, 0x10000};
    if (code < kSmallest[length] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return invalid;
    return {code, length, true};
}

void append_utf8(std::string& out, char32_t code) {
    const auto add = [&out](char32_t byte) { out.push_back(static_cast<char>(static_cast<unsigned char>(byte))); };
    if (code < 0x80) {
        add(code);
    } else if (code < 0x800) {
        add(0xC0 | (code >> 6U));
        add(0x80 | (code & 0x3FU));
    } else if (code < 0x10000) {
        add(0xE0 | (code >> 12U));
        add(0x80 | ((code >> 6U) & 0x3FU));
        add(0x80 | (code & 0x3FU));
    } else {
        add(0xF0 | (code >> 18U));
        add(0x80 | ((code >> 12U) & 0x3FU));
        add(0x80 | ((code >> 6U) & 0x3FU));
        add(0x80 | (code & 0x3FU));
    }
}

std::vector<Glyph> glyphs_of(std::string_view utf8, Charset charset) {
    std::vector<Glyph> out;
    out.reserve(utf8.size());
    for (std::size_t at = 0; at < utf8.size();) {
        const DecodedCharacter decoded = decode_character(utf8, at);
        at += decoded.length;
        const char stand_in = charset == Charset::kAscii ? ascii_for(decoded.code) : '\0';
        const int columns = columns_of(decoded);
        if (decoded.valid && stand_in != '\0') {
            out.push_back(Glyph{{static_cast<char32_t>(stand_in)}, 1, 1, false, at});
        } else if (columns < 0 || (charset == Charset::kAscii && decoded.code >= 0x7F)) {
            append_token(out, token_name(decoded), at, charset);
        } else if (columns == 0) {
            if (!attach_mark(out, decoded.code, at)) append_token(out, token_name(decoded), at, charset);
        } else {
            out.push_back(Glyph{{decoded.code}, 1, static_cast<std::uint8_t>(columns), false, at});
        }
    }
    return out;
}

std::string safe_text(std::string_view outside, Charset charset) {
    std::string out;
    out.reserve(outside.size());
    if (charset == Charset::kUnicode) {
        for (const Glyph& glyph : glyphs_of(outside, charset)) append_glyph_text(out, glyph);
        return out;
    }
    for (std::size_t at = 0; at < outside.size();) {
        const DecodedCharacter decoded = decode_character(outside, at);
        at += decoded.length;
        if (decoded.valid && decoded.code >= 0x20 && decoded.code < 0x7F) {
            out.push_back(static_cast<char>(decoded.code));
        } else {
            out += '<' + token_name(decoded) + '>';
        }
    }
    return out;
}

std::size_t count_hidden(std::string_view outside, bool line_breaks_count) {
    std::size_t hidden = 0;
    for (std::size_t at = 0; at < outside.size();) {
        const DecodedCharacter decoded = decode_character(outside, at);
        at += decoded.length;
        if (decoded.code == U'\n' && !line_breaks_count) continue;
        if (columns_of(decoded) < 0) ++hidden;
    }
    return hidden;
}

int display_width(std::string_view utf8, Charset charset) {
    int columns = 0;
    for (const Glyph& glyph : glyphs_of(utf8, charset)) columns += glyph.width;
    return columns;
}

std::string fitted(std::string_view utf8, int cols, Charset charset) {
    const std::vector<Glyph> glyphs = glyphs_of(utf8, charset);
    int total = 0;
    for (const Glyph& glyph : glyphs) total += glyph.width;
    std::string out;
    if (cols <= 0) return out;
    int used = 0;
    for (const Glyph& glyph : glyphs) {
        if (total > cols && used + glyph.width > cols - 1) break;
        append_glyph_text(out, glyph);
        used += glyph.width;
    }
    if (total > cols) out += charset == Charset::kAscii ? "~" : "…";
    return out;
}

namespace {

// Calls `line` for each piece of the text between line breaks.
template <class Line>
void for_each_line(std::string_view text, Line&& line) {
    std::size_t start = 0;
    while (true) {
        const std::size_t end = text.find('\n', start);
        line(text.substr(start, end == std::string_view::npos ? end : end - start));
        if (end == std::string_view::npos) return;
        start = end + 1;
    }
}

void wrap_one(std::vector<std::string>& out, const std::vector<Glyph>& glyphs, int cols, bool at_spaces) {
    std::size_t start = 0;
    do {
        int used = 0;
        std::size_t end = start;
        std::size_t space = 0;
        while (end < glyphs.size() && used + glyphs[end].width <= cols) {
            if (glyphs[end].text[0] == U' ' && end > start) space = end;
            used += glyphs[end++].width;
        }
        if (end == start && end < glyphs.size()) ++end;  // a glyph wider than the line still has to go somewhere
        const bool cut = end < glyphs.size();
        const bool on_space = at_spaces && cut && (glyphs[end].text[0] == U' ' || space != 0);
        if (on_space && glyphs[end].text[0] != U' ') end = space;
        std::string line;
        for (std::size_t i = start; i < end; ++i) append_glyph_text(line, glyphs[i]);
        out.push_back(std::move(line));
        start = on_space ? end + 1 : end;
    } while (start < glyphs.size());
}

}  // namespace

std::vector<std::string> wrap_words(std::string_view utf8, int cols, Charset charset) {
    std::vector<std::string> out;
    for_each_line(utf8, [&](std::string_view line) { wrap_one(out, glyphs_of(line, charset), std::max(cols, 1), true); });
    return out;
}

std::vector<std::string> wrap_exact(std::string_view outside, int cols, Charset charset) {
    std::vector<std::string> out;
    for_each_line(outside, [&](std::string_view line) {
        wrap_one(out, glyphs_of(safe_text(line, charset), charset), std::max(cols, 1), false);
    });
    return out;
}

}  // namespace keydeck::ui
