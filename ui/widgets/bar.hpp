// How far something is, as a bar.
#pragma once

#include <cstdint>
#include <string>

#include "ui/terminal/safe_text.hpp"

namespace keydeck::ui {

/// `███▍░░░░` of so many columns, by eighths of a column; whole columns in ascii. Full only when it is done, and empty only
/// where nothing is.
[[nodiscard]] std::string bar_of(std::int64_t part, std::int64_t whole, int cols, Charset charset);

}  // namespace keydeck::ui
