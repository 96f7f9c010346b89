// The screens for a screen reader or a braille display: plain lines, no cursor movement.
#pragma once

#include <memory>

#include "ui/terminal/safe_text.hpp"
#include "ui/terminal/terminal.hpp"

namespace keydeck::ui {

/// Reads keys from standard input, unechoed where that is a terminal, and writes lines to standard output: never an escape
/// sequence, never a carriage return. Standard input may be a pipe: then its end leaves. One at a time.
[[nodiscard]] std::unique_ptr<Terminal> open_linear_terminal(Charset charset);

}  // namespace keydeck::ui
