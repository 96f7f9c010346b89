#include "ui/views/list_view.hpp"

namespace keydeck::ui {
namespace {

constexpr int kBesideFrom = 110;
constexpr int kSideShare = 47;   // percent of the width for a pane to the right
constexpr int kRowsForList = 9;  // titles and eight rows come before a pane

}  // namespace

ListLayout lay_out_list(Area area, int detail_rows, bool beside) {
    ListLayout out;
    out.bar = {area.row, area.col, 1, area.cols};
    out.table = {area.row + 1, area.col, area.rows - 1, area.cols};
    if (beside && area.cols >= kBesideFrom) {
        const int side = area.cols * kSideShare / 100;
        out.beside = true;
        out.table.row += 1;
        out.table.rows -= 1;
        out.table.cols -= side + 1;
        out.detail = {out.table.row, area.col + out.table.cols, out.table.rows, side + 1};
        return out;
    }
    const int room = std::min(detail_rows, out.table.rows - kRowsForList);
    if (room < 3) return out;
    out.table.rows -= room;
    out.detail = {out.table.row + out.table.rows, area.col, room, area.cols};
    return out;
}

void draw_lines(Frame& frame, Area area, const std::vector<std::pair<std::string, Role>>& lines) {
    int row = area.row;
    for (const auto& [text, role] : lines) {
        for (const std::string& part : wrap_words(text, area.cols, frame.charset())) {
            if (row >= area.row + area.rows) return;
            frame.put(row++, area.col, part, {role}, area.cols);
        }
    }
}

}  // namespace keydeck::ui
