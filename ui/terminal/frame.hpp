// A frame is a value: cells with text, width and role. Views make it, a terminal draws it, a test prints it.
#pragma once

#include <array>
#include <climits>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ui/terminal/safe_text.hpp"

namespace keydeck::ui {

struct Size {
    int rows = 0;
    int cols = 0;
    bool operator==(const Size&) const = default;
};

struct Area {
    int row = 0;
    int col = 0;
    int rows = 0;
    int cols = 0;
    bool operator==(const Area&) const = default;
};

struct Point {
    int row = 0;
    int col = 0;
    bool operator==(const Point&) const = default;
};

/// What a piece of text is, never how it looks; the theme decides that.
enum class Role : std::uint8_t {
    kText,
    kMuted,
    kTitle,
    kAccent,
    kMark,
    kMatch,
    kOk,
    kOff,
    kWarn,
    kDanger,
    kWait,
    kInput,
    kHidden,
    kQrCode,  ///< black on white, always
};
inline constexpr std::size_t kRoleCount = 14;

struct Style {
    Role role = Role::kText;
    bool selected = false;
    bool dimmed = false;  ///< old rows while new ones load, what lies behind a dialog
    bool operator==(const Style&) const = default;
};

struct Cell {
    std::array<char32_t, 4> text{U' '};
    std::uint8_t length = 1;
    std::uint8_t width = 1;  ///< 0: the right half of the wide character before it
    Style style;
    bool operator==(const Cell&) const = default;
};

enum class Align : std::uint8_t { kLeft, kRight };

/// A screenful. Writing outside of it is cut off, never an error. Text is made safe on the way in.
class Frame {
public:
    explicit Frame(Size size, Charset charset = Charset::kUnicode);

    [[nodiscard]] Size size() const { return size_; }
    [[nodiscard]] Charset charset() const { return charset_; }
    [[nodiscard]] Area area() const { return {0, 0, size_.rows, size_.cols}; }
    [[nodiscard]] std::span<const Cell> row(int row) const;

    /// Writes text from (row, col), at most `cols` columns of it; returns the columns used.
    int put(int row, int col, std::string_view text, Style style = {}, int cols = INT_MAX);
    /// Writes text into exactly `cols` columns: cut with `…`, filled with blanks.
    void put_fitted(int row, int col, int cols, std::string_view text, Style style = {}, Align align = Align::kLeft);
    void fill(Area area, Style style = {});
    /// `── title ─────` from col, `cols` wide.
    void rule(int row, int col, int cols, std::string_view title = {});
    /// A box around the area's edge with a title in the top line; the inside is blanked.
    void box(Area area, std::string_view title);
    /// `├────┤` inside a box drawn over `area`.
    void box_rule(Area area, int row);
    void select(Area area);
    void dim(Area area);
    /// Copies rows [first, first + area.rows) of `source` into the area; the source's cursor comes along if it is among
    /// them.
    void blit(Area area, const Frame& source, int first);

    std::optional<Point> cursor;  ///< where the terminal's cursor shows; none: hidden

    /// The rows as text, blanks at the ends of lines cut; for tests.
    [[nodiscard]] std::string text() const;
    [[nodiscard]] std::string row_text(int row) const;
    bool operator==(const Frame&) const = default;

private:
    [[nodiscard]] Cell& cell(int row, int col) { return cells_[index(row, col)]; }
    [[nodiscard]] std::size_t index(int row, int col) const {
        return static_cast<std::size_t>(row) * static_cast<std::size_t>(size_.cols) + static_cast<std::size_t>(col);
    }
    [[nodiscard]] Area clipped(Area area) const;
    void write(int row, int col, const Glyph& glyph, Style style);
    void release(int row, int col);

    Size size_;
    Charset charset_;
    std::vector<Cell> cells_;
};

}  // namespace keydeck::ui
