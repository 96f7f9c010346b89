// Text from outside on its way to a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace keydeck::cli {

/// The text with every character of engine/hidden_characters.hpp turned into a visible token (`⟨U+202E⟩`), and every byte
/// that is not UTF-8 into `⟨0xFF⟩`: what remains cannot move the cursor or reorder a line.
[[nodiscard]] std::string safe_text(std::string_view text);

/// Terminal columns that a safe text takes (wide characters take two, combining ones none).
[[nodiscard]] std::size_t display_width(std::string_view text);

/// A safe text in parts of at most `columns` columns (2 or more), cut between characters; at least one part. A terminal that
/// wraps by itself goes on in its first column, where a message could pass for a line of ours.
[[nodiscard]] std::vector<std::string> cut_to_width(std::string_view text, std::size_t columns);

}  // namespace keydeck::cli
