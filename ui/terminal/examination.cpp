#include "ui/terminal/examination.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "ui/ui.hpp"

namespace keydeck::ui {
namespace {

constexpr std::chrono::milliseconds kPromptEscape{50};
constexpr int kBaseColours = 8;
constexpr int kLongestEscape = 60'000;  // anything longer is no waiting time

DoctorFinding ok(std::string check, std::string sentence) { return {std::move(check), "ok", std::move(sentence), "", ""}; }
DoctorFinding notice(std::string check, std::string sentence, std::string command) {
    return {std::move(check), "notice", std::move(sentence), std::move(command), ""};
}
DoctorFinding problem(std::string check, std::string sentence, std::string command) {
    return {std::move(check), "problem", std::move(sentence), std::move(command), ""};
}

DoctorFinding terminal_finding(const TerminalFacts& facts) {
    if (facts.has_terminal) return ok("terminal", "Standard input and output are a terminal.");
    return notice("terminal",
                  "Standard input or output is no terminal: the screens cannot open here, one frame can be printed.",
                  "keydeck --once");
}

DoctorFinding terminfo_finding(const TerminalFacts& facts) {
    const TerminfoFacts& terminfo = facts.terminfo;
    if (terminfo.used.empty())
        return problem("terminfo", "This system has no description of any terminal that Keydeck knows.",
                       "apt-get install ncurses-base");
    if (!terminfo.moves_cursor)
        return problem("terminfo", fmt::format("The terminal (TERM={}) cannot move its cursor.", facts.term),
                       "export TERM=xterm-256color");
    if (facts.term.empty())
        return notice("terminfo", fmt::format("TERM is not set: drawing as for {}.", terminfo.used),
                      "export TERM=xterm-256color");
    if (terminfo.known) return ok("terminfo", fmt::format("TERM={} has a description.", facts.term));
    return notice("terminfo", fmt::format("TERM={} has no description here: drawing as for {}.", facts.term, terminfo.used),
                  "apt-get install ncurses-term");
}

DoctorFinding colour_finding(const TerminalFacts& facts) {
    if (facts.no_color)
        return ok("colours", "NO_COLOR is set: attributes and words only. Without it: env -u NO_COLOR keydeck.");
    if (facts.terminfo.colours >= kBaseColours)
        return ok("colours", fmt::format("The description has {} colours; the screens use the 8 base colours.",
                                         facts.terminfo.colours));
    return notice("colours", "The description has no 8 colours: attributes and words only.", "export TERM=xterm-256color");
}

DoctorFinding charset_finding(const TerminalFacts& facts) {
    if (facts.charset == "UTF-8") return ok("charset", "The locale is UTF-8.");
    return notice(
        "charset",
        fmt::format("The locale's characters are {}, not UTF-8: the screens are drawn in plain ASCII.", facts.charset),
        "export LC_ALL=C.UTF-8");
}

DoctorFinding size_finding(const TerminalFacts& facts) {
    if (facts.cols <= 0 || facts.rows <= 0) {
        if (!facts.has_terminal) return ok("size", "There is no terminal to have a size.");
        return notice("size", "The terminal does not say how large it is.", "stty cols 80 rows 24");
    }
    const std::string size = fmt::format("{}x{}", facts.cols, facts.rows);
    if (facts.cols >= kLeastCols && facts.rows >= kLeastRows) return ok("size", fmt::format("The terminal is {}.", size));
    return problem("size", fmt::format("The terminal is {}: the screens need at least {}x{}.", size, kLeastCols, kLeastRows),
                   "");
}

DoctorFinding escape_finding(const TerminalFacts& facts) {
    constexpr std::string_view kMend = "tmux set -s escape-time 10";
    if (facts.multiplexer == Multiplexer::kNone)
        return ok("escape-time", "Nothing stands between the keys and the program.");
    if (facts.multiplexer == Multiplexer::kScreen)
        return notice("escape-time", "GNU screen holds Esc back for its maptimeout, 300 ms unless it was changed.",
                      "screen -X maptimeout 10");
    if (!facts.tmux_escape_time)
        return notice("escape-time", "tmux did not say how long it holds Esc back; its default is 500 ms.",
                      std::string(kMend));
    const auto held = *facts.tmux_escape_time;
    if (held <= kPromptEscape) return ok("escape-time", fmt::format("tmux holds Esc back for {} ms.", held.count()));
    return notice(
        "escape-time",
        fmt::format("tmux holds Esc back for {} ms, so that Esc is slow; `set -s escape-time 10` in ~/.tmux.conf mends "
                    "it for good.",
                    held.count()),
        std::string(kMend));
}

// As the terminal itself decides it: see CursesTerminal::copy and Loop::copy.
DoctorFinding clipboard_finding(const TerminalFacts& facts) {
    if (facts.multiplexer == Multiplexer::kTmux) {
        if (facts.tmux_answers)
            return ok("clipboard", "Copies go through tmux load-buffer -w, and from there to the terminal.");
        return notice("clipboard", "tmux does not answer: a value to copy is shown instead.", "tmux info");
    }
    const bool keeps_quiet = facts.multiplexer == Multiplexer::kScreen || facts.term.starts_with("screen") ||
                             facts.term.starts_with("vt") || facts.term.starts_with("linux");
    if (keeps_quiet || !facts.has_terminal)
        return notice("clipboard", "There is no way to the clipboard from here: a value to copy is shown instead.", "");
    return ok("clipboard", "Copies go out as OSC 52; whether it is allowed is a setting of the terminal.");
}

DoctorFinding mode_finding(std::string check, std::string_view name, std::string_view without, ModeSupport support) {
    if (support == ModeSupport::kYes) return ok(std::move(check), fmt::format("The terminal knows {}.", name));
    if (support == ModeSupport::kNo)
        return notice(std::move(check), fmt::format("The terminal does not know {}: {}.", name, without), "");
    return ok(std::move(check),
              fmt::format("The terminal does not say whether it knows {}; without it, {}.", name, without));
}

}  // namespace

std::optional<std::chrono::milliseconds> parse_escape_time(std::string_view printed) {
    constexpr std::string_view kName = "escape-time ";
    if (printed.ends_with('\n')) printed.remove_suffix(1);
    if (!printed.starts_with(kName)) return std::nullopt;
    printed.remove_prefix(kName.size());
    int value = 0;
    const auto [end, error] = std::from_chars(printed.data(), printed.data() + printed.size(), value);
    if (error != std::errc() || end != printed.data() + printed.size() || value < 0 || value > kLongestEscape)
        return std::nullopt;
    return std::chrono::milliseconds(value);
}

ModeSupport parse_mode_report(std::string_view sent, int mode) {
    const std::string beginning = fmt::format("\x1b[?{};", mode);
    const std::size_t at = sent.find(beginning);
    if (at == std::string_view::npos) return ModeSupport::kUnknown;
    const std::string_view rest = sent.substr(at + beginning.size());
    if (rest.size() < 3 || rest.substr(1, 2) != "$y") return ModeSupport::kUnknown;
    if (rest.front() == '0' || rest.front() == '4') return ModeSupport::kNo;  // not recognized; permanently reset
    return rest.front() >= '1' && rest.front() <= '3' ? ModeSupport::kYes : ModeSupport::kUnknown;
}

std::vector<DoctorFinding> findings_of(const TerminalFacts& facts) {
    return {terminal_finding(facts),
            terminfo_finding(facts),
            colour_finding(facts),
            charset_finding(facts),
            size_finding(facts),
            escape_finding(facts),
            clipboard_finding(facts),
            mode_finding("bracketed-paste", "bracketed paste",
                         "pasted text cannot be told from typing: do not paste into a list", facts.bracketed_paste),
            mode_finding("synchronized-output", "synchronized output", "a frame may be seen half drawn",
                         facts.synchronized_output)};
}

}  // namespace keydeck::ui
