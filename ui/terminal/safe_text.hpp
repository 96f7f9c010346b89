// Text that a terminal may show: columns counted, hidden characters made visible, nothing that could command the terminal.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace keydeck::ui {

/// What the terminal can show: UTF-8, or the bytes 0x20 to 0x7e only.
enum class Charset : std::uint8_t { kUnicode, kAscii };

/// One thing that stands in cells: a character with up to three combining marks. Its width is 1 or 2 columns.
struct Glyph {
    std::array<char32_t, 4> text{};
    std::uint8_t length = 0;
    std::uint8_t width = 0;
    bool hidden = false;  ///< part of a token that stands for a character nobody would see
    std::size_t end = 0;  ///< offset in the source text behind what it shows; the same for all glyphs of one token
};

struct DecodedCharacter {
    char32_t code = 0;
    std::size_t length = 1;  ///< bytes taken; 1 when not valid
    bool valid = false;
};

/// Reads the UTF-8 character at `position`, which must lie inside the text. Overlong forms and surrogates are not valid.
[[nodiscard]] DecodedCharacter decode_character(std::string_view text, std::size_t position);

void append_utf8(std::string& out, char32_t code);

/// Cuts text into glyphs. A hidden character or an invalid byte becomes the glyphs of a token such as ⟨U+202E⟩ or ⟨x80⟩.
/// For Charset::kAscii our own drawing characters have an ASCII stand-in, everything else becomes a token.
/// Widths come from wcwidth, so LC_CTYPE must be a UTF-8 locale for text beyond ASCII.
[[nodiscard]] std::vector<Glyph> glyphs_of(std::string_view utf8, Charset charset);

/// Text from outside (names, labels, messages), made fit to show. Unlike glyphs_of, no drawing character has a stand-in: for
/// Charset::kAscii each character beyond ASCII is a token, so that what is shown is unmistakable.
[[nodiscard]] std::string safe_text(std::string_view outside, Charset charset);

/// How many characters safe_text would turn into tokens because they are hidden or invalid.
[[nodiscard]] std::size_t count_hidden(std::string_view outside, bool line_breaks_count);

/// Columns that the text takes.
[[nodiscard]] int display_width(std::string_view utf8, Charset charset = Charset::kUnicode);

/// The text cut to `cols` columns, ending in `…` when something was cut.
[[nodiscard]] std::string fitted(std::string_view utf8, int cols, Charset charset = Charset::kUnicode);

/// Lines of at most `cols` columns, broken at spaces where there are some; a line break in the text starts a line.
[[nodiscard]] std::vector<std::string> wrap_words(std::string_view utf8, int cols, Charset charset = Charset::kUnicode);

/// Lines of at most `cols` columns with every character kept; for hashes, signatures and what is signed. The text is made
/// safe first; a line break in it starts a line.
[[nodiscard]] std::vector<std::string> wrap_exact(std::string_view outside, int cols, Charset charset);

}  // namespace keydeck::ui
