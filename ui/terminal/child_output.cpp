#include "ui/terminal/child_output.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdint>

namespace keydeck::ui {
namespace {

constexpr std::size_t kMostBytes = 65536;

pid_t spawn(std::vector<std::string>& words, int output) {
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    pid_t child = -1;
    if (::posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ) != 0) child = -1;
    ::posix_spawn_file_actions_destroy(&actions);
    return child;
}

// Until its end is closed. False: not in time.
bool read_all(int input, std::string& out, std::chrono::milliseconds limit) {
    const auto end = std::chrono::steady_clock::now() + limit;
    std::array<char, 4096> buffer{};
    while (true) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now()).count();
        pollfd waiting{input, POLLIN, 0};
        if (left <= 0 || ::poll(&waiting, 1, static_cast<int>(left)) <= 0) return false;
        const ssize_t got = ::read(input, buffer.data(), buffer.size());
        if (got <= 0) return got == 0;
        out.append(buffer.data(), std::min(static_cast<std::size_t>(got), kMostBytes - std::min(out.size(), kMostBytes)));
    }
}

}  // namespace

std::optional<std::string> output_of(std::vector<std::string> words, std::chrono::milliseconds limit) {
    std::array<int, 2> ends{};
    if (words.empty() || ::pipe2(ends.data(), O_CLOEXEC) != 0) return std::nullopt;
    const pid_t child = spawn(words, ends[1]);
    ::close(ends[1]);
    std::string out;
    const bool complete = child > 0 && read_all(ends[0], out, limit);
    ::close(ends[0]);
    if (child <= 0) return std::nullopt;
    if (!complete) ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    return complete && WIFEXITED(status) && WEXITSTATUS(status) == 0 ? std::optional(std::move(out)) : std::nullopt;
}

}  // namespace keydeck::ui
