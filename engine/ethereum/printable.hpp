// Foreign text made fit for a screen.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace keydeck::ethereum {

/// The text with every character that would move the cursor, hide itself or reorder its neighbours written out: `\n`, `\t`,
/// `\r`, and `\u{202e}` for other controls (C0, DEL, C1), bidirectional marks, zero-width characters and line separators;
/// a backslash is written twice.
/// `text` is UTF-8; bytes that are not become U+FFFD. Nothing is shortened.
[[nodiscard]] std::string printable(std::string_view text);

/// The same between double quotes, at most `limit` bytes of the text and then `…`: for names inside error sentences.
[[nodiscard]] std::string in_quotes(std::string_view text, std::size_t limit = 64);

}  // namespace keydeck::ethereum
