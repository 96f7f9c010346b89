// A frame as text for standard output.
#pragma once

#include <string>

#include "ui/terminal/frame.hpp"

namespace keydeck::ui {

struct Theme;

/// The rows with the attributes and colours of ECMA-48 (SGR) where they are not plain text; every row ends with them off.
/// Blanks at the ends of rows are cut unless something is marked there.
[[nodiscard]] std::string ansi_text(const Frame& frame, const Theme& theme);

}  // namespace keydeck::ui
