#include "ui/linear/linear_terminal.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "ui/linear/speaker.hpp"
#include "ui/terminal/key_parser.hpp"
#include "ui/terminal/rescue.hpp"

namespace keydeck::ui {
namespace {

// A page moves by so many rows; wide enough for whole addresses in details, narrower than what shows them in lists.
constexpr Size kImaginedScreen{48, 100};

void send(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
}

class LinearTerminal final : public Terminal {
public:
    explicit LinearTerminal(Charset charset) : speaker_(charset) {
        is_terminal_ = ::tcgetattr(STDIN_FILENO, &modes_) == 0;
        take();
    }
    ~LinearTerminal() override {
        send(speaker_.line("Keydeck has ended."));
        give_back();
    }

    Size size() override { return kImaginedScreen; }
    void draw(const Frame& /*frame*/) override {}
    void set_theme(const Theme& /*theme*/) override {}
    void forget() override { speaker_.forget(); }
    int input_descriptor() const override { return STDIN_FILENO; }
    InputState read(std::vector<Input>& out) override;
    std::optional<std::chrono::milliseconds> wait() const override { return parser_.wait(); }
    void time_out(std::vector<Input>& out) override { parser_.time_out(out); }
    void flush_input() override;
    void suspend() override;
    void resume() override {
        take();
        parser_.reset();
        speaker_.forget();
    }
    void set_title(std::string_view title) override { send(speaker_.line(std::string(title))); }
    bool copy(std::string_view /*text*/) override { return false; }  // OSC 52 is an escape sequence
    std::string notice() const override { return "Every change is a line"; }
    bool speaks() const override { return true; }
    bool say(const Spoken& spoken, Occasion occasion, SteadyTime time) override {
        send(speaker_.say(spoken, occasion, time));
        return speaker_.dialog_is_said();
    }
    void describe(const Spoken& spoken) override { send(speaker_.describe(spoken)); }
    bool read_on(const Spoken& spoken, Reading reading) override {
        send(speaker_.read_on(spoken, reading));
        return speaker_.dialog_is_said();
    }

private:
    void take();
    void give_back() const {
        if (is_terminal_) ::tcsetattr(STDIN_FILENO, TCSADRAIN, &modes_);
        disarm_rescue();
    }

    Speaker speaker_;
    KeyParser parser_;
    termios modes_{};
    bool is_terminal_ = false;
    bool input_ended_ = false;
};

// Keys one by one, none of them echoed or taken for a signal; output as the terminal does it.
void LinearTerminal::take() {
    if (!is_terminal_) return;
    termios raw = modes_;
    raw.c_iflag &= ~static_cast<tcflag_t>(ICRNL | INLCR | IXON);
    raw.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    ::tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
    arm_rescue(STDIN_FILENO, modes_, "");
}

InputState LinearTerminal::read(std::vector<Input>& out) {
    std::array<std::uint8_t, 4096> buffer{};
    const WipeOnExit guard(buffer);  // a passphrase passes through here
    while (true) {
        pollfd ready{STDIN_FILENO, POLLIN, 0};
        if (::poll(&ready, 1, 0) <= 0) return InputState::kOpen;
        const ssize_t got = ::read(STDIN_FILENO, buffer.data(), buffer.size());
        if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (got <= 0) {
            if (is_terminal_ || input_ended_) return InputState::kClosed;
            input_ended_ = true;  // the end of a pipe is a wish to leave
            out.emplace_back(ctrl(U'c'));
            return InputState::kOpen;
        }
        parser_.feed(ByteView(buffer).first(static_cast<std::size_t>(got)), out);
    }
}

void LinearTerminal::flush_input() {
    parser_.reset();
    if (is_terminal_) {
        ::tcflush(STDIN_FILENO, TCIFLUSH);
        return;
    }
    std::array<std::uint8_t, 4096> buffer{};
    const WipeOnExit guard(buffer);
    pollfd ready{STDIN_FILENO, POLLIN, 0};
    while (::poll(&ready, 1, 0) > 0 && (ready.revents & POLLIN) != 0) {
        if (::read(STDIN_FILENO, buffer.data(), buffer.size()) <= 0) return;
    }
}

void LinearTerminal::suspend() {
    give_back();
    struct sigaction standard{};
    standard.sa_handler = SIG_DFL;
    sigemptyset(&standard.sa_mask);
    struct sigaction ours{};
    ::sigaction(SIGTSTP, &standard, &ours);
    ::kill(0, SIGTSTP);  // the whole job, as the terminal itself would do it
    ::sigaction(SIGTSTP, &ours, nullptr);
    resume();
}

}  // namespace

std::unique_ptr<Terminal> open_linear_terminal(Charset charset) { return std::make_unique<LinearTerminal>(charset); }

}  // namespace keydeck::ui
