// Which terminal the screens are shown on.
#pragma once

#include <memory>

#include "ui/terminal/terminal.hpp"
#include "ui/ui.hpp"

namespace keydeck::ui {

struct Theme;

/// A variable of the environment that is set and not empty.
[[nodiscard]] bool is_set(const char* variable);
/// Whether the program is watched by a test that waits for `keydeck idle`.
[[nodiscard]] bool is_test();
/// What the locale can show, and the person wants. Sets LC_CTYPE from the environment.
[[nodiscard]] Charset charset_for(const UiOptions& options);

/// The terminal that the options ask for. `charset` is what it can show; afterwards, what is to be drawn for it. Errors:
/// those of open_curses_terminal.
[[nodiscard]] Result<std::unique_ptr<Terminal>> open_terminal(const UiOptions& options, const Theme& theme,
                                                              Charset& charset);

}  // namespace keydeck::ui
