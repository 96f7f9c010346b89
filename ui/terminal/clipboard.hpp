// Text for the person's clipboard.
#pragma once

#include <string>
#include <string_view>

namespace keydeck::ui {

/// The OSC 52 sequence that asks a terminal to put `text` into the clipboard.
[[nodiscard]] std::string osc52(std::string_view text);

/// Whether the program runs inside tmux, where OSC 52 does not arrive by default and load-buffer does.
[[nodiscard]] bool inside_tmux();

/// Hands `text` to `tmux load-buffer -w -` and waits for it; for a worker thread. False when that failed.
[[nodiscard]] bool copy_through_tmux(std::string_view text);

}  // namespace keydeck::ui
