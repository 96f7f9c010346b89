#include "engine/kms/aws/process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <system_error>
#include <utility>

namespace keydeck::kms::aws {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kMaxOutput = std::size_t{64} << 10;

class Descriptor {
public:
    explicit Descriptor(int fd = -1) : fd_(fd) {}
    Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() { close_now(); }
    void close_now() {
        if (fd_ >= 0) close(std::exchange(fd_, -1));
    }
    [[nodiscard]] int get() const { return fd_; }

private:
    int fd_;
};

/// A child that is ended, with its whole group, unless it was seen to end.
class Child {
public:
    explicit Child(pid_t pid) : pid_(pid), handle_(static_cast<int>(syscall(SYS_pidfd_open, pid, 0))) {}
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child() {
        if (ended_) return;
        kill(-pid_, SIGKILL);
        static_cast<void>(wait());
    }
    /// Becomes readable when the child ends.
    [[nodiscard]] int handle() const { return handle_.get(); }
    /// Its wait status.
    int wait() {
        int status = -1;
        while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
        }
        ended_ = true;
        return status;
    }

private:
    pid_t pid_;
    Descriptor handle_;
    bool ended_ = false;
};

std::unexpected<Error> failed(std::string_view why) {
    return fail(ErrorCode::kUnavailable, fmt::format("The profile's credential_process {}.", why),
                "Run it by hand to see what it says.");
}

/// Starts the program with its standard output in `write_end`; its process id, or the error number negated.
pid_t start(std::vector<std::string> words, int write_end) {
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, write_end, STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    sigset_t none;
    sigset_t defaults;
    sigemptyset(&none);
    sigfillset(&defaults);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    pid_t pid = -1;
    const int error = posix_spawnp(&pid, arguments[0], &actions, &attributes, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return error == 0 ? pid : -error;
}

/// Reads until both the output and the program have ended.
class Reader {
public:
    Reader(Child& child, int output, int stopped, SteadyClock::time_point end)
        : child_(child), polled_{{{output, POLLIN, 0}, {child.handle(), POLLIN, 0}, {stopped, POLLIN, 0}}}, end_(end) {}

    Result<SecretBytes> read() {
        bool ended = false;
        while (polled_[0].fd >= 0 || polled_[1].fd >= 0) {
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(end_ - SteadyClock::now()).count();
            if (left <= 0) return failed("takes too long");
            const auto patience = static_cast<int>(ended ? 0 : std::min<std::int64_t>(left, 60'000));
            const int ready = poll(polled_.data(), polled_.size(), patience);
            if (ready < 0 && errno != EINTR) return failed("cannot be watched");
            if (ready == 0 && ended) break;
            if (ready <= 0) continue;
            if (polled_[2].revents != 0) return fail(ErrorCode::kCancelled, "Fetching AWS credentials was cancelled.");
            if (polled_[0].revents != 0) {
                if (Status some = read_some(); !some) return fail(some);
            }
            // A grandchild may keep the output open after the program has ended: what there is will do.
            if (polled_[1].fd >= 0 && polled_[1].revents != 0) {
                polled_[1].fd = -1;
                ended = true;
            }
        }
        const int status = child_.wait();
        if (!WIFEXITED(status)) return failed("was ended by a signal");
        if (WEXITSTATUS(status) == 127) return failed("cannot be found");
        if (WEXITSTATUS(status) != 0) return failed(fmt::format("failed with status {}", WEXITSTATUS(status)));
        return std::move(output_);
    }

private:
    Status read_some() {
        std::array<std::uint8_t, 4096> piece;
        const WipeOnExit guard(piece);
        const ssize_t got = ::read(polled_[0].fd, piece.data(), piece.size());
        if (got < 0 && errno == EINTR) return {};
        if (got <= 0) {
            polled_[0].fd = -1;
            return {};
        }
        output_.append(ByteView(piece).first(static_cast<std::size_t>(got)));
        if (output_.size() > kMaxOutput)
            return fail(ErrorCode::kInvalidInput, "The profile's credential_process prints more than credentials.");
        return {};
    }

    Child& child_;
    std::array<pollfd, 3> polled_;
    SteadyClock::time_point end_;
    SecretBytes output_;
};

}  // namespace

std::optional<std::vector<std::string>> split_command(std::string_view command) {
    constexpr std::string_view kNeedsShell = "|&;<>()$`*?[]#~{}!\n";
    std::vector<std::string> words;
    bool in_word = false;
    for (std::size_t i = 0; i < command.size(); ++i) {
        const char c = command[i];
        if (c == ' ' || c == '\t') {
            in_word = false;
            continue;
        }
        if (!in_word) words.emplace_back();
        in_word = true;
        if (c == '\'' || c == '"') {
            const std::size_t end = command.find(c, i + 1);
            if (end == std::string_view::npos) return std::nullopt;
            const std::string_view inside = command.substr(i + 1, end - i - 1);
            if (c == '"' && inside.find_first_of("$`\\") != std::string_view::npos) return std::nullopt;
            words.back() += inside;
            i = end;
        } else if (c == '\\') {
            if (++i == command.size()) return std::nullopt;
            words.back() += command[i];
        } else if (kNeedsShell.find(c) != std::string_view::npos) {
            return std::nullopt;
        } else {
            words.back() += c;
        }
    }
    // `NAME=value program` sets a variable: a shell's work too.
    if (words.empty() || words.front().find('=') != std::string::npos) return std::nullopt;
    return words;
}

Result<SecretBytes> run_command(const std::string& command, std::chrono::milliseconds timeout, const std::stop_token& stop) {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) return failed("cannot be started");
    const Descriptor read_end(ends[0]);
    Descriptor write_end(ends[1]);
    const Descriptor stopped(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    const std::stop_callback wake(stop, [&stopped] { eventfd_write(stopped.get(), 1); });
    std::optional<std::vector<std::string>> words = split_command(command);
    const pid_t pid = start(words ? std::move(*words) : std::vector<std::string>{"/bin/sh", "-c", command}, write_end.get());
    if (pid == -ENOENT) return failed("cannot be found");
    if (pid < 0) return failed(fmt::format("cannot be started ({})", std::generic_category().message(-pid)));
    write_end.close_now();
    Child child(pid);
    return Reader(child, read_end.get(), stopped.get(), SteadyClock::now() + timeout).read();
}

}  // namespace keydeck::kms::aws
