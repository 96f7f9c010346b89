// Columns that make room for what matters: the least important go first when the screen is narrow.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ui/terminal/frame.hpp"

namespace keydeck::ui {

/// Which way a list is sorted by a column.
enum class Sorted : std::uint8_t { kNot, kUp, kDown };

struct Column {
    std::string_view title;
    int least = 0;     ///< columns it needs
    int most = 0;      ///< columns it can use; at least `least`
    int priority = 0;  ///< 0: never dropped; the largest goes first
    Align align = Align::kLeft;
    Sorted sorted = Sorted::kNot;
};

/// ▲ smallest first, ▼ largest first; ^ and v in ASCII.
[[nodiscard]] std::string_view sort_sign(Sorted sorted, Charset charset);

struct TableCell {
    std::string text;  ///< already safe
    Role role = Role::kText;
};

/// Widths for `cols` columns in all, two blanks between; 0: dropped.
[[nodiscard]] std::vector<int> column_widths(std::span<const Column> columns, int cols);

struct TableRow {
    std::vector<TableCell> cells;
    bool selected = false;
    bool marked = false;
};

/// Draws titles and rows into the area. `>` stands before the selected row, `*` before a marked one; `dimmed` says that the
/// rows are from before.
void draw_table(Frame& frame, Area area, std::span<const Column> columns, std::span<const TableRow> rows, bool dimmed);

}  // namespace keydeck::ui
