// The facts for the examination, from the system.
#include <langinfo.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <clocale>
#include <cstdlib>

#include "ui/terminal/child_output.hpp"
#include "ui/terminal/clipboard.hpp"
#include "ui/terminal/curses_terminal.hpp"
#include "ui/terminal/examination.hpp"

namespace keydeck::ui {
namespace {

constexpr std::chrono::milliseconds kTmuxPatience{2000};
constexpr std::chrono::milliseconds kAnswerPatience{1000};
constexpr std::size_t kMostAnswer = 4096;

std::string variable(const char* name) {
    const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): a program of one thread
    return value != nullptr ? value : "";
}

/// While it lives, the terminal hands over what it answers, unechoed.
class RawTerminal {
public:
    RawTerminal() {
        if (::tcgetattr(STDIN_FILENO, &modes_) != 0) return;
        termios raw = modes_;
        raw.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON);
        taken_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw) == 0;
    }
    ~RawTerminal() {
        if (taken_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &modes_);  // drops what was answered too late
    }
    RawTerminal(const RawTerminal&) = delete;
    RawTerminal& operator=(const RawTerminal&) = delete;
    [[nodiscard]] bool taken() const { return taken_; }

private:
    termios modes_{};
    bool taken_ = false;
};

// Asks for both modes, then for the device attributes, which every terminal answers: after those nothing more comes.
std::string ask_for_modes() {
    constexpr std::string_view kQuestion = "\x1b[?2004$p\x1b[?2026$p\x1b[c";
    const RawTerminal raw;
    std::string out;
    if (!raw.taken() || ::write(STDOUT_FILENO, kQuestion.data(), kQuestion.size()) < 0) return out;
    const auto end = std::chrono::steady_clock::now() + kAnswerPatience;
    std::array<char, 256> buffer{};
    while (out.size() < kMostAnswer && !(out.ends_with('c') && out.rfind("\x1b[?") != std::string::npos)) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now()).count();
        pollfd waiting{STDIN_FILENO, POLLIN, 0};
        if (left <= 0 || ::poll(&waiting, 1, static_cast<int>(left)) <= 0) break;
        const ssize_t got = ::read(STDIN_FILENO, buffer.data(), buffer.size());
        if (got <= 0) break;
        out.append(buffer.data(), static_cast<std::size_t>(got));
    }
    return out;
}

}  // namespace

TerminalFacts look_at_terminal() {
    TerminalFacts facts;
    facts.has_terminal = ::isatty(STDIN_FILENO) != 0 && ::isatty(STDOUT_FILENO) != 0;
    facts.term = variable("TERM");
    facts.terminfo = describe_terminal(facts.term);
    facts.no_color = !variable("NO_COLOR").empty();
    std::setlocale(LC_CTYPE, "");            // NOLINT(concurrency-mt-unsafe): a program of one thread
    facts.charset = ::nl_langinfo(CODESET);  // NOLINT(concurrency-mt-unsafe): the same
    winsize window{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) == 0) {
        facts.cols = window.ws_col;
        facts.rows = window.ws_row;
    }
    if (inside_tmux()) {
        facts.multiplexer = Multiplexer::kTmux;
        const auto said = output_of({"tmux", "show", "-s", "escape-time"}, kTmuxPatience);
        facts.tmux_answers = said.has_value();
        if (said) facts.tmux_escape_time = parse_escape_time(*said);
    } else if (!variable("STY").empty()) {
        facts.multiplexer = Multiplexer::kScreen;
    }
    if (facts.has_terminal && facts.terminfo.moves_cursor) {
        const std::string answer = ask_for_modes();
        facts.bracketed_paste = parse_mode_report(answer, 2004);
        facts.synchronized_output = parse_mode_report(answer, 2026);
    }
    return facts;
}

}  // namespace keydeck::ui
