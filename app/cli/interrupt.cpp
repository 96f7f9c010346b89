#include "app/cli/interrupt.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

namespace keydeck::cli {
namespace {

constexpr char kStop = 's';
constexpr char kDone = 'd';

// Where the handler writes: a stop source may take a lock, and a handler may not.
std::atomic<int> handler_pipe = -1;
static_assert(std::atomic<int>::is_always_lock_free);

extern "C" void pass_on(int) {
    const int before = errno;
    if (::write(handler_pipe.load(), &kStop, 1) < 0) return;  // the pipe is empty and open: this does not happen
    errno = before;
}

}  // namespace

StopOnInterrupt::StopOnInterrupt() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return;  // then a signal ends the program at once, as without this
    write_end_ = ends[1];
    handler_pipe.store(write_end_);
    watcher_ = std::jthread([this, read_end = ends[0]] {
        char said = 0;
        ssize_t n = 0;
        while ((n = ::read(read_end, &said, 1)) > 0 || (n < 0 && errno == EINTR)) {
            if (n > 0 && said == kDone) break;
            if (n > 0) stop_.request_stop();
        }
        ::close(read_end);
    });
    struct sigaction action{};
    action.sa_handler = pass_on;
    action.sa_flags = static_cast<int>(SA_RESTART | SA_RESETHAND);  // gone after the first: the second kills
    sigemptyset(&action.sa_mask);
    for (std::size_t i = 0; i < kSignals.size(); ++i) {
        sigaction(kSignals[i], nullptr, &before_[i]);
        if (before_[i].sa_handler != SIG_IGN) sigaction(kSignals[i], &action, nullptr);
    }
}

StopOnInterrupt::~StopOnInterrupt() {
    if (write_end_ < 0) return;
    for (std::size_t i = 0; i < kSignals.size(); ++i) sigaction(kSignals[i], &before_[i], nullptr);
    // Another thread's handler may still run for a moment: the pipe must be there for it until the watcher has ended.
    while (::write(write_end_, &kDone, 1) < 0 && errno == EINTR) {
    }
    watcher_.join();
    handler_pipe.store(-1);
    ::close(write_end_);
}

}  // namespace keydeck::cli
