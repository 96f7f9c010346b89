// Ctrl-C during long work: stop cleanly at the first, die at the second.
#pragma once

#include <array>
#include <csignal>
#include <stop_token>
#include <thread>

namespace keydeck::cli {

/// While it lives, the first SIGINT or SIGTERM asks for a stop and the second does what it always did. A signal that was
/// ignored before (a job in the background) stays ignored. One at a time in a process.
class StopOnInterrupt {
public:
    StopOnInterrupt();
    ~StopOnInterrupt();
    StopOnInterrupt(const StopOnInterrupt&) = delete;
    StopOnInterrupt& operator=(const StopOnInterrupt&) = delete;

    [[nodiscard]] std::stop_token token() const { return stop_.get_token(); }

private:
    static constexpr std::array kSignals = {SIGINT, SIGTERM};
    std::stop_source stop_;
    std::array<struct sigaction, kSignals.size()> before_{};
    int write_end_ = -1;
    std::jthread watcher_;
};

}  // namespace keydeck::cli
