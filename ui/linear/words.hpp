// What stands on a screen, in words: for a reader that hears it or feels it line by line.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ui/terminal/frame.hpp"
#include "ui/widgets/table.hpp"

namespace keydeck::ui {

/// Signs that only an eye reads, as words: `▲ at risk` is "warning: at risk", `›` a comma, `(●)` "chosen:".
[[nodiscard]] std::string plain_words(std::string_view text);
/// The text with a full stop where it has no end of its own.
[[nodiscard]] std::string sentence(std::string text);

/// A key as one calls it: "Question mark", "Control L", "Escape"; letters as they are.
[[nodiscard]] std::string spoken_key(std::string_view name);

struct SpokenLine {
    int row = 0;  ///< in the frame
    std::string text;
};

/// The rows of an area as lines of words. A name in a column of its own is followed by a colon, columns are parted by
/// commas; rules, boxes, curves and rows without text are left out. Nothing else is: this is what is signed by those who
/// cannot see.
[[nodiscard]] std::vector<SpokenLine> lines_of(const Frame& frame, Area area);

/// A text field under the cursor.
struct SpokenInput {
    std::string label;
    std::string value;
    bool operator==(const SpokenInput&) const = default;
};
[[nodiscard]] std::optional<SpokenInput> input_of(const Frame& frame);
/// The first row of the field or line that the cursor stands in; none without a cursor.
[[nodiscard]] std::optional<int> focused_row(const Frame& frame);

/// "alice, 3 wallets, active": the cells of a row, figures with the name of their column, empty ones left out.
[[nodiscard]] std::string row_words(std::span<const Column> columns, std::span<const TableCell> cells);
/// "User: alice. Wallets: 3.": every cell with the name of its column.
[[nodiscard]] std::string row_in_full(std::span<const Column> columns, std::span<const TableCell> cells);

}  // namespace keydeck::ui
