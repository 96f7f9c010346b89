// What the screens find where they are started, and what to do about it: `keydeck doctor terminal`.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/types.hpp"

namespace keydeck::ui {

/// What terminfo knows of a TERM.
struct TerminfoFacts {
    bool known = false;
    std::string used;  ///< the description that the screens would take: TERM's, the fallback's; empty: none
    int colours = 0;   ///< of that one
    bool moves_cursor = false;
};

enum class Multiplexer : std::uint8_t { kNone, kTmux, kScreen };

/// Whether a terminal knows a private mode: what it said to DECRQM.
enum class ModeSupport : std::uint8_t { kUnknown, kYes, kNo };

struct TerminalFacts {
    bool has_terminal = false;  ///< standard input and output
    std::string term;
    TerminfoFacts terminfo{};
    bool no_color = false;
    std::string charset;  ///< of the locale: UTF-8, ANSI_X3.4-1968
    int cols = 0;         ///< 0: not known
    int rows = 0;
    Multiplexer multiplexer = Multiplexer::kNone;
    std::optional<std::chrono::milliseconds> tmux_escape_time{};  ///< none: tmux did not say
    bool tmux_answers = false;
    ModeSupport bracketed_paste = ModeSupport::kUnknown;
    ModeSupport synchronized_output = ModeSupport::kUnknown;
};

/// What `tmux show -s escape-time` printed: `escape-time 500`. Nothing for anything else.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_escape_time(std::string_view printed);

/// A terminal's answer to DECRQM for `mode`, among whatever else it sent: `ESC[?2026;2$y`. 0 and 4 mean that it does not
/// have it, no answer at all is kUnknown. https://vt100.net/docs/vt510-rm/DECRPM.html
[[nodiscard]] ModeSupport parse_mode_report(std::string_view sent, int mode);

/// One finding for each thing looked at; severity `ok`, `notice` or `problem`.
[[nodiscard]] std::vector<DoctorFinding> findings_of(const TerminalFacts& facts);

/// Looks at the environment, the locale, terminfo, tmux and, where there is one, the terminal, which it asks what it knows.
/// Sets LC_CTYPE from the environment. For a program of one thread.
[[nodiscard]] TerminalFacts look_at_terminal();

}  // namespace keydeck::ui
