#include "engine/custody/alert_command.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <string_view>
#include <utility>
#include <vector>

namespace keydeck::custody {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::array<std::string_view, 8> kPassedOn{"PATH=", "HOME=", "USER=", "LOGNAME=", "SHELL=", "TZ=", "LANG=", "LC_"};

/// A program under way, which is killed with its whole group unless it was seen to end.
class Program {
public:
    explicit Program(pid_t pid) : pid_(pid), handle_(pid > 0 ? static_cast<int>(syscall(SYS_pidfd_open, pid, 0)) : -1) {
        if (pid_ > 0 && handle_ < 0 && errno == ESRCH) collect();  // it is gone already
    }
    Program(Program&& other) noexcept
        : pid_(std::exchange(other.pid_, -1)),
          handle_(std::exchange(other.handle_, -1)),
          status_(other.status_),
          killed_(other.killed_) {}
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;
    Program& operator=(Program&&) = delete;
    ~Program() { end(); }

    /// Becomes readable when the program ends; -1 where it has, or never began.
    [[nodiscard]] int handle() const { return handle_; }
    void end() {
        if (pid_ <= 0) return;
        kill(-pid_, SIGKILL);
        killed_ = true;
        collect();
    }
    void collect() {
        pid_t ended = -1;
        do ended = waitpid(pid_, &status_, 0);
        while (ended < 0 && errno == EINTR);
        // Where SIGCHLD is ignored, as our parent may have left it, nobody learns how a program ended. One that was not
        // killed by us has ended by itself: it passes for a success.
        if (ended < 0 && errno == ECHILD && !killed_) status_ = 0;
        pid_ = -1;
        if (handle_ >= 0) close(std::exchange(handle_, -1));
    }
    [[nodiscard]] bool succeeded() const { return pid_ <= 0 && WIFEXITED(status_) && WEXITSTATUS(status_) == 0; }

private:
    pid_t pid_;
    int handle_;
    int status_ = -1;
    bool killed_ = false;
};

std::vector<std::string> environment_for(const Alert& alert, const std::string& vault) {
    std::vector<std::string> variables;
    for (char** variable = environ; *variable != nullptr; ++variable) {
        const std::string_view text = *variable;
        if (std::ranges::any_of(kPassedOn, [&](std::string_view name) { return text.starts_with(name); }))
            variables.emplace_back(text);
    }
    variables.push_back("KEYDECK_ALERT_RULE=" + alert.rule);
    variables.push_back("KEYDECK_ALERT_SUBJECT=" + alert.subject);
    variables.push_back("KEYDECK_ALERT_SENTENCE=" + alert.sentence);
    variables.push_back("KEYDECK_ALERT_ID=" + std::to_string(alert.id));
    variables.push_back("KEYDECK_ALERT_VAULT=" + vault);
    return variables;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    pointers.reserve(texts.size() + 1);
    for (std::string& text : texts) pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

Program start(const std::string& command, const Alert& alert, const std::string& vault) {
    std::vector<std::string> words{"/bin/sh", "-c", command};
    std::vector<std::string> variables = environment_for(alert, vault);
    std::vector<char*> arguments = pointers_to(words);
    std::vector<char*> environment = pointers_to(variables);
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
    sigset_t none;
    sigset_t defaults;
    sigemptyset(&none);
    sigfillset(&defaults);
    // A session of its own: without our terminal, which it could open by name otherwise.
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    pid_t pid = -1;
    const int error = posix_spawn(&pid, arguments[0], &actions, &attributes, arguments.data(), environment.data());
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return Program(error == 0 ? pid : -1);
}

/// Until all have ended or `end` has come.
void wait_for(std::vector<Program>& programs, SteadyClock::time_point end) {
    for (;;) {
        std::vector<pollfd> polled;
        polled.reserve(programs.size());
        for (const Program& program : programs) polled.push_back({program.handle(), POLLIN, 0});
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - SteadyClock::now()).count();
        const bool under_way = std::ranges::any_of(polled, [](const pollfd& one) { return one.fd >= 0; });
        if (!under_way || left <= 0) return;
        if (poll(polled.data(), polled.size(), static_cast<int>(left)) < 0 && errno != EINTR) return;
        for (std::size_t i = 0; i < programs.size(); ++i) {
            if (polled[i].fd >= 0 && polled[i].revents != 0) programs[i].collect();
        }
    }
}

}  // namespace

std::vector<std::size_t> run_alert_commands(const std::string& command, std::span<const Alert> alerts,
                                            const std::string& vault, std::chrono::milliseconds time_limit) {
    std::vector<Program> programs;
    programs.reserve(alerts.size());
    for (const Alert& alert : alerts) programs.push_back(start(command, alert, vault));
    wait_for(programs, SteadyClock::now() + time_limit);
    std::vector<std::size_t> failed;
    for (std::size_t i = 0; i < programs.size(); ++i) {
        if (!programs[i].succeeded()) failed.push_back(i);
    }
    return failed;
}

}  // namespace keydeck::custody
