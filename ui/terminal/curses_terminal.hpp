// The terminal through ncurses. The one place that knows curses.
#pragma once

#include <memory>

#include "engine/error.hpp"
#include "ui/terminal/examination.hpp"
#include "ui/terminal/terminal.hpp"
#include "ui/theme.hpp"

namespace keydeck::ui {

struct CursesOptions {
    Charset charset = Charset::kUnicode;
    bool mono = false;  ///< attributes only, no colour code, whatever the theme
    Theme theme = built_in_themes().front();
};

/// What terminfo knows of this TERM, or of the description that would be taken in its place. Takes no terminal.
[[nodiscard]] TerminfoFacts describe_terminal(const std::string& term);

/// Takes standard input and output. One at a time.
/// Errors: unavailable when either is no terminal, or when the terminal cannot move its cursor (TERM=dumb).
[[nodiscard]] Result<std::unique_ptr<Terminal>> open_curses_terminal(const CursesOptions& options);

}  // namespace keydeck::ui
