// A line of blocks: how a figure went over time.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "ui/terminal/frame.hpp"

namespace keydeck::ui {

/// A block a value, the largest a full one; nothing is a blank, and something never is.
[[nodiscard]] std::string spark_of(std::span<const std::int64_t> values, Charset charset);
/// The newest values that fit into the row, the oldest of them first.
void draw_sparkline(Frame& frame, int row, int col, int cols, std::span<const std::int64_t> values);

}  // namespace keydeck::ui
