#include "ui/widgets/table.hpp"

#include <algorithm>

namespace keydeck::ui {
namespace {

constexpr int kGap = 2;
constexpr int kMargin = 2;  // for the `>` in front

int needed(std::span<const Column> columns, std::span<const int> widths) {
    int out = kMargin;
    for (std::size_t i = 0; i < columns.size(); ++i) out += widths[i] > 0 ? widths[i] + kGap : 0;
    return out - kGap;
}

}  // namespace

std::vector<int> column_widths(std::span<const Column> columns, int cols) {
    std::vector<int> out;
    for (const Column& column : columns) out.push_back(column.least);
    while (needed(columns, out) > cols) {
        std::optional<std::size_t> victim;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            if (out[i] > 0 && columns[i].priority > 0 && (!victim || columns[i].priority > columns[*victim].priority))
                victim = i;
        }
        if (!victim) break;
        out[*victim] = 0;
    }
    int spare = cols - needed(columns, out);
    for (bool given = true; given && spare > 0;) {  // a column at a time, so that none takes it all
        given = false;
        for (std::size_t i = 0; i < columns.size() && spare > 0; ++i) {
            if (out[i] == 0 || out[i] >= columns[i].most) continue;
            ++out[i];
            --spare;
            given = true;
        }
    }
    return out;
}

void draw_table(Frame& frame, Area area, std::span<const Column> columns, std::span<const TableRow> rows, bool dimmed) {
    const std::vector<int> widths = column_widths(columns, area.cols);
    const auto draw_cells = [&](int row, const auto& text_of, const auto& role_of) {
        int col = area.col + kMargin;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            if (widths[i] == 0) continue;
            const int room = std::min(widths[i], area.col + area.cols - col);
            frame.put_fitted(row, col, room, text_of(i), {role_of(i)}, columns[i].align);
            col += widths[i] + kGap;
        }
    };
    draw_cells(
        area.row, [&](std::size_t i) { return std::string(columns[i].title); }, [](std::size_t) { return Role::kTitle; });
    for (int at = area.row + 1; const TableRow& row : rows) {
        if (at >= area.row + area.rows) break;
        draw_cells(at, [&](std::size_t i) { return row.cells[i].text; }, [&](std::size_t i) { return row.cells[i].role; });
        if (row.selected) {
            frame.put(at, area.col, ">", {Role::kAccent});
            frame.select({at, area.col, 1, area.cols});
        }
        ++at;
    }
    if (dimmed) frame.dim({area.row + 1, area.col, area.rows - 1, area.cols});
}

}  // namespace keydeck::ui
