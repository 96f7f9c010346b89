#include "ui/widgets/table.hpp"

#include <algorithm>

namespace keydeck::ui {
namespace {

constexpr int kGap = 2;
constexpr int kMargin = 2;  // for `>` and `*` in front

int needed(std::span<const Column> columns, std::span<const int> widths) {
    int out = kMargin;
    for (std::size_t i = 0; i < columns.size(); ++i) out += widths[i] > 0 ? widths[i] + kGap : 0;
    return out - kGap;
}

// The title and, whatever room there is, the sign of the order.
std::string title_of(const Column& column, int cols, Charset charset) {
    const std::string_view sign = sort_sign(column.sorted, charset);
    if (sign.empty()) return std::string(column.title);
    const int title_cols = display_width(column.title, charset);
    if (title_cols + 1 <= cols) return std::string(column.title) + (title_cols + 2 <= cols ? " " : "") + std::string(sign);
    return fitted(column.title, cols - 1, charset) + std::string(sign);
}

}  // namespace

std::string_view sort_sign(Sorted sorted, Charset charset) {
    const bool ascii = charset == Charset::kAscii;  // where ▲ is a warning's `!`
    switch (sorted) {
        case Sorted::kUp:
            return ascii ? "^" : "▲";
        case Sorted::kDown:
            return ascii ? "v" : "▼";
        case Sorted::kNot:
            break;
    }
    return "";
}

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
    int col = area.col + kMargin;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (widths[i] == 0) continue;
        const int more = columns[i].sorted == Sorted::kNot ? 0 : 1;  // the sign may stand in the gap
        const int room = std::min(widths[i] + more, area.col + area.cols - col);
        frame.put_fitted(area.row, col, room, title_of(columns[i], room, frame.charset()), {Role::kTitle}, columns[i].align);
        col += widths[i] + kGap;
    }
    for (int at = area.row + 1; const TableRow& row : rows) {
        if (at >= area.row + area.rows) break;
        draw_cells(at, [&](std::size_t i) { return row.cells[i].text; }, [&](std::size_t i) { return row.cells[i].role; });
        if (row.marked) frame.put(at, area.col + (row.selected ? 1 : 0), "*", {Role::kMark});
        if (row.selected) {
            frame.put(at, area.col, ">", {Role::kAccent});
            frame.select({at, area.col, 1, area.cols});
        }
        ++at;
    }
    if (dimmed) frame.dim({area.row + 1, area.col, area.rows - 1, area.cols});
}

}  // namespace keydeck::ui
