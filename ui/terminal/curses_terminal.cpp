#include "ui/terminal/curses_terminal.hpp"

#include <curses.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "ui/terminal/clipboard.hpp"
#include "ui/terminal/key_parser.hpp"
#include "ui/terminal/rescue.hpp"
#include "ui/theme.hpp"

namespace keydeck::ui {
namespace {

constexpr std::string_view kPasteOn = "\x1b[?2004h";
constexpr std::string_view kPasteOff = "\x1b[?2004l";
constexpr std::string_view kSyncOn = "\x1b[?2026h";
constexpr std::string_view kSyncOff = "\x1b[?2026l";

void send(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
        if (written <= 0) return;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
}

// A terminfo string without its padding ($<5>), to be written as it is.
std::string capability(const char* name) {
    const char* value = ::tigetstr(name);  // -1 stands for "no string", null for "absent"
    // NOLINTNEXTLINE(performance-no-int-to-ptr): terminfo's own way
    if (value == nullptr || value == reinterpret_cast<const char*>(-1)) return "";
    std::string out(value);
    for (std::size_t at = out.find("$<"); at != std::string::npos; at = out.find("$<", at)) {
        out.erase(at, out.find('>', at) - at + 1);
    }
    return out;
}

struct Description {
    std::string name;
    std::string notice;
};

constexpr auto kFallback = "xterm-256color";

// Loads the description of this TERM, else the fallback's.
TerminfoFacts load_description(const std::string& term) {
    TerminfoFacts facts;
    int status = 0;
    facts.known = !term.empty() && ::setupterm(term.c_str(), STDOUT_FILENO, &status) == OK;
    if (!facts.known && ::setupterm(kFallback, STDOUT_FILENO, &status) != OK) return facts;
    facts.used = facts.known ? term : kFallback;
    facts.colours = std::max(::tigetnum("colors"), 0);
    facts.moves_cursor = !capability("cup").empty();
    return facts;
}

Result<Description> find_description() {
    const char* term = std::getenv("TERM");  // NOLINT(concurrency-mt-unsafe): nothing here changes the environment
    const TerminfoFacts facts = load_description(term != nullptr ? term : "");
    if (facts.used.empty()) {
        return fail(ErrorCode::kUnavailable, "This system has no description of any terminal Keydeck knows.",
                    "Install the package ncurses-base.");
    }
    Description found{facts.used, ""};
    if (!facts.known)
        found.notice = fmt::format("TERM={} is not known here; drawing as for {}", term != nullptr ? term : "", kFallback);
    if (!facts.moves_cursor) {
        return fail(ErrorCode::kUnavailable, fmt::format("The terminal (TERM={}) cannot move its cursor.", found.name),
                    "Set TERM to what your terminal is, or use the commands: keydeck --help");
    }
    return found;
}

class CursesTerminal final : public Terminal {
public:
    CursesTerminal(const CursesOptions& options, Description description, SCREEN* screen, const termios& modes);
    ~CursesTerminal() override;

    Size size() override;
    void draw(const Frame& frame) override;
    void set_theme(const Theme& theme) override;
    void forget() override { full_ = true; }
    int input_descriptor() const override { return STDIN_FILENO; }
    InputState read(std::vector<Input>& out) override;
    std::optional<std::chrono::milliseconds> wait() const override { return parser_.wait(); }
    void time_out(std::vector<Input>& out) override { parser_.time_out(out); }
    void flush_input() override;
    void suspend() override;
    void resume() override;
    void set_title(std::string_view title) override { send(fmt::format("\x1b]2;{}\x07", title)); }
    bool copy(std::string_view text) override;
    std::string notice() const override { return description_.notice; }

private:
    void take();
    void give_back();
    attr_t attributes(const Style& style) const;
    void draw_row(int row, std::span<const Cell> cells);
    bool has_private_modes() const {
        return !description_.name.starts_with("vt") && !description_.name.starts_with("linux");
    }

    Description description_;
    SCREEN* screen_;
    termios modes_;  ///< as they were found
    bool coloured_ = false;
    Theme theme_;
    std::array<short, kRoleCount> pairs_{};  ///< 0: the terminal's own colours
    bool full_ = true;
    bool cursor_shown_ = true;
    std::optional<Frame> last_;
    KeyParser parser_;
};

CursesTerminal::CursesTerminal(const CursesOptions& options, Description description, SCREEN* screen, const termios& modes)
    : description_(std::move(description)), screen_(screen), modes_(modes) {
    coloured_ = !options.mono && ::has_colors() && ::tigetnum("colors") >= 8;  // COLORS is not known before start_color()
    if (coloured_) {
        ::start_color();
        ::use_default_colors();
    }
    set_theme(options.theme);
    ::noecho();
    ::nonl();
    ::raw();
    ::scrollok(stdscr, FALSE);
    ::idlok(stdscr, FALSE);
    ::leaveok(stdscr, FALSE);
    ::refresh();  // switches to the alternate screen now, so that the paste mode below belongs to it
    take();
}

CursesTerminal::~CursesTerminal() {
    give_back();
    disarm_rescue();
    ::tcsetattr(STDIN_FILENO, TCSANOW, &modes_);
    ::delscreen(screen_);
}

void CursesTerminal::take() {
    if (has_private_modes()) send(kPasteOn);
    std::string bytes;
    if (has_private_modes()) bytes += std::string(kPasteOff) + std::string(kSyncOff);
    bytes += capability("sgr0") + (coloured_ ? capability("op") : "") + capability("rmkx");
    const std::string leave = capability("rmcup");
    bytes += (leave.empty() ? "\r\n" : leave) + capability("cnorm");
    arm_rescue(STDIN_FILENO, modes_, bytes);
}

void CursesTerminal::give_back() {
    if (has_private_modes()) send(kPasteOff);
    ::curs_set(1);
    ::endwin();
    // Once more behind it: terminals made with libvterm restore with the cursor's place also whether it was shown.
    send(capability("cnorm"));
}

Size CursesTerminal::size() {
    winsize window{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) != 0 || window.ws_row == 0 || window.ws_col == 0) return {LINES, COLS};
    return {window.ws_row, window.ws_col};
}

void CursesTerminal::set_theme(const Theme& theme) {
    theme_ = shown_with(theme, coloured_ ? ::tigetnum("colors") : 0);
    pairs_.fill(0);
    for (std::size_t i = 0; i < theme_.looks.size(); ++i) {
        const Look& look = theme_.looks[i];
        if (!coloured_ || (look.colour == kDefaultColour && look.background == kDefaultColour)) continue;
        pairs_[i] = static_cast<short>(i + 1);
        ::init_pair(pairs_[i], look.colour, look.background);
    }
    full_ = true;
}

attr_t CursesTerminal::attributes(const Style& style) const {
    const Look& look = theme_.look(style.role);
    attr_t out = A_NORMAL;
    if (look.bold) out |= A_BOLD;
    if (look.dim || style.dimmed) out |= A_DIM;
    if (look.underline) out |= A_UNDERLINE;
    if (look.reverse != style.selected) out |= A_REVERSE;
    return out;
}

void CursesTerminal::draw_row(int row, std::span<const Cell> cells) {
    ::wmove(stdscr, row, 0);
    for (const Cell& cell : cells) {
        if (cell.width == 0) continue;
        std::array<wchar_t, 5> text{};
        for (std::size_t i = 0; i < cell.length; ++i) text[i] = static_cast<wchar_t>(cell.text[i]);
        cchar_t out{};
        // A selected row is one bar: each colour of its own would be a block in it.
        const Role role = cell.style.selected ? Role::kText : cell.style.role;
        ::setcchar(&out, text.data(), attributes(cell.style), pairs_[static_cast<std::size_t>(role)], nullptr);
        ::wadd_wch(stdscr, &out);
    }
}

void CursesTerminal::draw(const Frame& frame) {
    const Size size = frame.size();
    if (size.rows != LINES || size.cols != COLS) {
        ::resizeterm(size.rows, size.cols);
        full_ = true;
    }
    if (!full_ && last_ && *last_ == frame) return;
    if (full_) {
        ::clearok(curscr, TRUE);
        ::werase(stdscr);
    }
    for (int row = 0; row < size.rows; ++row) {
        if (full_ || !last_ || !std::ranges::equal(last_->row(row), frame.row(row))) draw_row(row, frame.row(row));
    }
    const bool show_cursor = frame.cursor.has_value();
    if (show_cursor != cursor_shown_ || full_) ::curs_set(show_cursor ? 1 : 0);
    cursor_shown_ = show_cursor;
    if (show_cursor) ::wmove(stdscr, frame.cursor->row, frame.cursor->col);
    ::wnoutrefresh(stdscr);
    if (has_private_modes()) send(kSyncOn);
    ::doupdate();
    if (has_private_modes()) send(kSyncOff);
    last_ = frame;
    full_ = false;
}

InputState CursesTerminal::read(std::vector<Input>& out) {
    std::array<std::uint8_t, 4096> buffer{};
    const WipeOnExit guard(buffer);  // a passphrase passes through here
    while (true) {
        pollfd ready{STDIN_FILENO, POLLIN, 0};
        if (::poll(&ready, 1, 0) <= 0) return InputState::kOpen;
        if ((ready.revents & POLLIN) == 0) return InputState::kClosed;
        const ssize_t got = ::read(STDIN_FILENO, buffer.data(), buffer.size());
        if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (got <= 0) return InputState::kClosed;
        parser_.feed(ByteView(buffer).first(static_cast<std::size_t>(got)), out);
    }
}

void CursesTerminal::flush_input() {
    ::tcflush(STDIN_FILENO, TCIFLUSH);
    parser_.reset();
}

void CursesTerminal::suspend() {
    give_back();
    disarm_rescue();
    struct sigaction standard{};
    standard.sa_handler = SIG_DFL;
    sigemptyset(&standard.sa_mask);
    struct sigaction ours{};
    ::sigaction(SIGTSTP, &standard, &ours);
    ::kill(0, SIGTSTP);  // the whole job, as the terminal itself would do it
    ::sigaction(SIGTSTP, &ours, nullptr);
    resume();
}

void CursesTerminal::resume() {
    ::reset_prog_mode();
    take();
    full_ = true;
    cursor_shown_ = true;
    parser_.reset();
}

bool CursesTerminal::copy(std::string_view text) {
    if (!has_private_modes() || description_.name.starts_with("screen")) return false;  // GNU screen keeps OSC 52 to itself
    send(osc52(text));
    return true;
}

}  // namespace

TerminfoFacts describe_terminal(const std::string& term) {
    TerminfoFacts facts = load_description(term);
    if (cur_term != nullptr) ::del_curterm(cur_term);
    return facts;
}

Result<std::unique_ptr<Terminal>> open_curses_terminal(const CursesOptions& options) {
    if (::isatty(STDIN_FILENO) == 0 || ::isatty(STDOUT_FILENO) == 0) {
        return fail(ErrorCode::kUnavailable, "The screens need a terminal, and standard input or output is none.",
                    "Use the commands: keydeck --help");
    }
    auto description = find_description();
    if (!description) return fail(description);
    termios modes{};
    ::tcgetattr(STDIN_FILENO, &modes);
    SCREEN* screen = ::newterm(description->name.c_str(), stdout, stdin);
    if (screen == nullptr) return fail(ErrorCode::kUnavailable, "The terminal could not be set up.", "Check TERM.");
    return std::make_unique<CursesTerminal>(options, std::move(*description), screen, modes);
}

}  // namespace keydeck::ui
