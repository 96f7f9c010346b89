// Work done in a child process: to be killed, or to be somebody to whom permissions matter.
#pragma once

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace keydeck::testing_support {

/// Runs `work` in a child process and answers its wait status; the child exits with 0 when `work` answers true.
template <class Work>
int run_in_child(Work work) {
    const pid_t child = fork();
    if (child == 0) {
        const rlimit none{0, 0};
        setrlimit(RLIMIT_CORE, &none);
        _exit(work() ? 0 : 1);
    }
    int status = -1;
    waitpid(child, &status, 0);
    return status;
}

/// Runs `check` as a user whom permissions stop, also when the tests run as root.
template <class Check>
bool holds_as_nobody(Check check) {
    constexpr uid_t kNobody = 65534;
    return run_in_child([&check] { return (getuid() != 0 || setresuid(kNobody, kNobody, kNobody) == 0) && check(); }) == 0;
}

}  // namespace keydeck::testing_support
