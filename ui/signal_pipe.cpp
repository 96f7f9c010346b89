#include "ui/signal_pipe.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstddef>

#include "ui/terminal/rescue.hpp"

namespace keydeck::ui {
namespace {

constexpr std::array kSignals{SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH, SIGCONT, SIGTSTP, SIGPIPE};
std::array<struct sigaction, kSignals.size()> previous_actions;
std::array<int, 2> pipe_ends{-1, -1};
std::atomic<int> uncollected_endings{0};

bool is_ending(int signal) { return signal == SIGINT || signal == SIGTERM || signal == SIGHUP || signal == SIGQUIT; }

extern "C" void on_signal(int signal) {
    const int saved = errno;
    if (is_ending(signal) && ++uncollected_endings > 1) {
        rescue_terminal();
        ::_exit(128 + signal);
    }
    const auto byte = static_cast<unsigned char>(signal);
    [[maybe_unused]] const ssize_t written = ::write(pipe_ends[1], &byte, 1);
    errno = saved;
}

}  // namespace

SignalPipe::SignalPipe() {
    if (::pipe2(pipe_ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) pipe_ends = {-1, -1};
    uncollected_endings = 0;
    for (std::size_t i = 0; i < kSignals.size(); ++i) {
        struct sigaction action{};
        action.sa_handler = kSignals[i] == SIGPIPE ? SIG_IGN : on_signal;
        action.sa_flags = SA_RESTART;
        sigemptyset(&action.sa_mask);
        ::sigaction(kSignals[i], &action, &previous_actions[i]);
    }
}

SignalPipe::~SignalPipe() {
    for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &previous_actions[i], nullptr);
    for (int& end : pipe_ends) {
        if (end >= 0) ::close(end);
        end = -1;
    }
}

int SignalPipe::descriptor() const { return pipe_ends[0]; }

std::vector<int> SignalPipe::collect() const {
    std::vector<int> out;
    unsigned char byte = 0;
    while (::read(pipe_ends[0], &byte, 1) == 1) {
        out.push_back(byte);
        if (is_ending(byte)) uncollected_endings = 0;
    }
    return out;
}

}  // namespace keydeck::ui
