#include "ui/terminal/frame.hpp"

#include <algorithm>

namespace keydeck::ui {

Frame::Frame(Size size, Charset charset)
    : size_{std::max(size.rows, 0), std::max(size.cols, 0)},
      charset_(charset),
      cells_(static_cast<std::size_t>(size_.rows) * static_cast<std::size_t>(size_.cols)) {}

std::span<const Cell> Frame::row(int row) const {
    return std::span(cells_).subspan(index(row, 0), static_cast<std::size_t>(size_.cols));
}

Area Frame::clipped(Area area) const {
    const int top = std::clamp(area.row, 0, size_.rows);
    const int left = std::clamp(area.col, 0, size_.cols);
    const int bottom = std::clamp(area.row + std::max(area.rows, 0), top, size_.rows);
    const int right = std::clamp(area.col + std::max(area.cols, 0), left, size_.cols);
    return {top, left, bottom - top, right - left};
}

// A wide character of which one half is overwritten loses the other half too.
void Frame::release(int row, int col) {
    Cell& here = cell(row, col);
    if (here.width == 0 && col > 0) cell(row, col - 1) = Cell{{U' '}, 1, 1, cell(row, col - 1).style};
    if (here.width == 2 && col + 1 < size_.cols) cell(row, col + 1) = Cell{{U' '}, 1, 1, cell(row, col + 1).style};
    here = Cell{};
}

void Frame::write(int row, int col, const Glyph& glyph, Style style) {
    for (int i = 0; i < glyph.width; ++i) release(row, col + i);
    if (glyph.hidden) style.role = Role::kHidden;
    cell(row, col) = Cell{glyph.text, glyph.length, glyph.width, style};
    if (glyph.width == 2) cell(row, col + 1) = Cell{{}, 0, 0, style};
}

int Frame::put(int row, int col, std::string_view text, Style style, int cols) {
    if (row < 0 || row >= size_.rows || col < 0) return 0;
    const int limit = std::min(cols, size_.cols - col);
    int used = 0;
    for (const Glyph& glyph : glyphs_of(text, charset_)) {
        if (used + glyph.width > limit) break;
        write(row, col + used, glyph, style);
        used += glyph.width;
    }
    return used;
}

void Frame::put_fitted(int row, int col, int cols, std::string_view text, Style style, Align align) {
    if (cols <= 0) return;
    const std::string cut = fitted(text, cols, charset_);
    const int width = display_width(cut, charset_);
    const int start = align == Align::kRight ? cols - width : 0;
    fill({row, col, 1, cols}, style);
    put(row, col + start, cut, style, cols - start);
}

void Frame::fill(Area area, Style style) {
    const Area inside = clipped(area);
    for (int r = inside.row; r < inside.row + inside.rows; ++r) {
        for (int c = inside.col; c < inside.col + inside.cols; ++c) {
            release(r, c);
            cell(r, c).style = style;
        }
    }
}

void Frame::rule(int row, int col, int cols, std::string_view title) {
    int used = 0;
    if (!title.empty()) {
        used += put(row, col, "── ", {Role::kMuted}, cols);
        used += put(row, col + used, fitted(title, cols - used - 2, charset_), {Role::kTitle}, cols - used);
        used += put(row, col + used, " ", {}, cols - used);
    }
    while (used < cols && put(row, col + used, "─", {Role::kMuted}, 1) == 1) ++used;
}

void Frame::box(Area area, std::string_view title) {
    if (area.rows < 2 || area.cols < 4) return;
    fill(area);
    const int right = area.col + area.cols - 1;
    const int bottom = area.row + area.rows - 1;
    rule(area.row, area.col, area.cols);
    rule(bottom, area.col, area.cols);
    for (int r = area.row + 1; r < bottom; ++r) {
        put(r, area.col, "│", {Role::kMuted});
        put(r, right, "│", {Role::kMuted});
    }
    put(area.row, area.col, "┌", {Role::kMuted});
    put(area.row, right, "┐", {Role::kMuted});
    put(bottom, area.col, "└", {Role::kMuted});
    put(bottom, right, "┘", {Role::kMuted});
    if (title.empty()) return;
    const int used =
        put(area.row, area.col + 2, " " + fitted(title, area.cols - 6, charset_), {Role::kTitle}, area.cols - 4);
    put(area.row, area.col + 2 + used, " ", {});
}

void Frame::box_rule(Area area, int row) {
    rule(row, area.col, area.cols);
    put(row, area.col, "├", {Role::kMuted});
    put(row, area.col + area.cols - 1, "┤", {Role::kMuted});
}

void Frame::select(Area area) {
    const Area inside = clipped(area);
    for (int r = inside.row; r < inside.row + inside.rows; ++r) {
        for (int c = inside.col; c < inside.col + inside.cols; ++c) cell(r, c).style.selected = true;
    }
}

void Frame::dim(Area area) {
    const Area inside = clipped(area);
    for (int r = inside.row; r < inside.row + inside.rows; ++r) {
        for (int c = inside.col; c < inside.col + inside.cols; ++c) cell(r, c).style.dimmed = true;
    }
}

void Frame::blit(Area area, const Frame& source, int first) {
    const Area inside = clipped(area);
    const int rows = std::min(inside.rows, source.size_.rows - first);
    const int cols = std::min(inside.cols, source.size_.cols);
    for (int r = 0; r < rows; ++r) {
        for (int c = 0; c < cols; ++c) {
            const Cell& from = source.cells_[source.index(first + r, c)];
            if (from.width == 2 && c + 1 >= cols) continue;
            release(inside.row + r, inside.col + c);
            cell(inside.row + r, inside.col + c) = from;
        }
    }
    if (source.cursor && source.cursor->row >= first && source.cursor->row < first + rows) {
        cursor = Point{inside.row + source.cursor->row - first, inside.col + source.cursor->col};
    }
}

std::string Frame::row_text(int row) const {
    std::string out;
    for (const Cell& each : this->row(row)) {
        for (std::size_t i = 0; i < each.length; ++i) append_utf8(out, each.text[i]);
    }
    out.erase(out.find_last_not_of(' ') + 1);
    return out;
}

std::string Frame::text() const {
    std::string out;
    for (int r = 0; r < size_.rows; ++r) out += row_text(r) + "\n";
    return out;
}

}  // namespace keydeck::ui
