// Reading a secret from the terminal without echo.
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

#include <fmt/format.h>

#include "app/cli/input.hpp"

namespace keydeck::cli {
namespace {

constexpr std::array kSignals = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU, SIGPIPE, SIGALRM};

volatile std::sig_atomic_t caught_signal = 0;

extern "C" void remember_signal(int number) { caught_signal = number; }

/// While it lives, the terminal does not echo, and the signals that would leave it so wait until somebody waits for them.
class SilentTerminal {
public:
    SilentTerminal() {
        caught_signal = 0;
        struct sigaction action{};
        action.sa_handler = remember_signal;
        sigemptyset(&action.sa_mask);
        sigset_t held;
        sigemptyset(&held);
        for (const int number : kSignals) sigaddset(&held, number);
        pthread_sigmask(SIG_BLOCK, &held, &mask_);
        for (std::size_t i = 0; i < kSignals.size(); ++i) sigaction(kSignals[i], &action, &before_[i]);
        is_terminal_ = tcgetattr(STDIN_FILENO, &modes_) == 0;
        if (!is_terminal_) return;
        termios silent = modes_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        silent.c_lflag |= static_cast<tcflag_t>(ICANON | ECHONL);
        // Waits for the output, drops what was typed ahead: it was echoed.
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    }
    ~SilentTerminal() {
        if (is_terminal_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &modes_);
        for (std::size_t i = 0; i < kSignals.size(); ++i) sigaction(kSignals[i], &before_[i], nullptr);
        pthread_sigmask(SIG_SETMASK, &mask_, nullptr);
    }
    SilentTerminal(const SilentTerminal&) = delete;
    SilentTerminal& operator=(const SilentTerminal&) = delete;
    [[nodiscard]] bool is_terminal() const { return is_terminal_; }
    /// Waits for a key; false when a signal came instead. Signals are let through here alone, so that none slips in
    /// between looking and waiting.
    [[nodiscard]] bool wait_for_key() const {
        pollfd input{STDIN_FILENO, POLLIN, 0};
        return ppoll(&input, 1, nullptr, &mask_) >= 0 && caught_signal == 0;
    }

private:
    termios modes_{};
    sigset_t mask_{};
    std::array<struct sigaction, kSignals.size()> before_{};
    bool is_terminal_ = false;
};

enum class Ending : unsigned char { kLine, kEnd, kSignal, kNoTerminal, kTooLong };

Ending read_silently(std::string_view prompt, SecretBytes& line) {
    const SilentTerminal silent;
    if (!silent.is_terminal()) return Ending::kNoTerminal;
    if (::write(STDERR_FILENO, prompt.data(), prompt.size()) < 0) return Ending::kNoTerminal;
    SecretBytes one(1);
    while (true) {
        if (!silent.wait_for_key()) {
            if (caught_signal != 0) return Ending::kSignal;
            continue;
        }
        const ssize_t n = ::read(STDIN_FILENO, one.data(), 1);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return Ending::kEnd;
        if (*one.data() == '\n') return Ending::kLine;
        if (line.size() >= kSecretLimit) return Ending::kTooLong;
        line.append(one.view());
    }
}

}  // namespace

Result<SecretBytes> prompt_secret(std::string_view prompt) {
    while (true) {
        SecretBytes line;
        switch (read_silently(prompt, line)) {
            case Ending::kLine:
                return line;
            case Ending::kEnd:
                return fail(ErrorCode::kCancelled, "Cancelled: nothing was typed.");
            case Ending::kTooLong:
                return fail(ErrorCode::kInvalidInput, "That is too long for a secret.");
            case Ending::kNoTerminal:
                return fail(ErrorCode::kUnavailable, "Standard input is not a terminal, so no one can be asked.");
            case Ending::kSignal:
                break;
        }
        // The terminal is as it was: now the signal does what it does. Back from a stop, the question is asked again.
        raise(caught_signal);
    }
}

Result<SecretBytes> prompt_new_passphrase(std::string_view what) {
    auto first = prompt_secret(fmt::format("New passphrase for {}: ", what));
    if (!first) return fail(first);
    if (first->empty()) return fail(ErrorCode::kInvalidInput, "An empty passphrase protects nothing.");
    auto second = prompt_secret("The same again: ");
    if (!second) return fail(second);
    if (first->text() != second->text()) return fail(ErrorCode::kInvalidInput, "The two passphrases differ.");
    return std::move(*first);
}

}  // namespace keydeck::cli
