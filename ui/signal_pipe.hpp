// Signals as bytes to read in the one poll.
#pragma once

#include <csignal>
#include <vector>

namespace keydeck::ui {

/// While it lives, SIGINT SIGTERM SIGHUP SIGQUIT SIGWINCH SIGCONT and SIGTSTP are written to a pipe; a second ending signal
/// that nobody has collected the first of gives the terminal back and ends the process on the spot. SIGPIPE is ignored. One
/// at a time.
class SignalPipe {
public:
    SignalPipe();
    ~SignalPipe();
    SignalPipe(const SignalPipe&) = delete;
    SignalPipe& operator=(const SignalPipe&) = delete;

    [[nodiscard]] int descriptor() const;
    /// The signals that came, in order.
    [[nodiscard]] std::vector<int> collect() const;
};

}  // namespace keydeck::ui
