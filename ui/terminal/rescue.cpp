#include "ui/terminal/rescue.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <exception>

namespace keydeck::ui {
namespace {

// What a handler needs, kept in static memory because a handler may not allocate.
struct Rescue {
    std::atomic<bool> armed{false};
    int descriptor = -1;
    termios modes{};
    std::array<char, 512> bytes{};
    std::size_t length = 0;
};

Rescue rescue;

constexpr std::array kCrashSignals{SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
std::array<struct sigaction, kCrashSignals.size()> previous_actions;
std::terminate_handler previous_terminate = nullptr;
alignas(16) std::array<char, 65536> crash_stack;
stack_t previous_stack{};

void write_all(int descriptor, std::string_view text) noexcept {
    while (!text.empty()) {
        const ssize_t written = ::write(descriptor, text.data(), text.size());
        if (written <= 0) return;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

extern "C" void on_crash(int signal) {
    rescue_terminal();
    write_all(STDERR_FILENO, "keydeck: crashed; the terminal was given back.\n");
    struct sigaction standard{};
    standard.sa_handler = SIG_DFL;
    ::sigaction(signal, &standard, nullptr);
    ::raise(signal);
}

[[noreturn]] void on_terminate() {
    rescue_terminal();
    if (previous_terminate != nullptr) previous_terminate();
    std::abort();
}

}  // namespace

void arm_rescue(int descriptor, const termios& modes, std::string_view bytes) {
    rescue.armed = false;
    rescue.descriptor = descriptor;
    rescue.modes = modes;
    rescue.length = std::min(bytes.size(), rescue.bytes.size());
    std::ranges::copy(bytes.substr(0, rescue.length), rescue.bytes.begin());
    rescue.armed = true;
}

void disarm_rescue() { rescue.armed = false; }

void rescue_terminal() noexcept {
    if (!rescue.armed.exchange(false)) return;
    write_all(rescue.descriptor, {rescue.bytes.data(), rescue.length});
    ::tcsetattr(rescue.descriptor, TCSANOW, &rescue.modes);
}

CrashGuard::CrashGuard() {
    stack_t stack{};  // a handler for an overflowing stack needs one of its own
    stack.ss_sp = crash_stack.data();
    stack.ss_size = crash_stack.size();
    ::sigaltstack(&stack, &previous_stack);
    struct sigaction action{};
    action.sa_handler = on_crash;
    action.sa_flags = SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    for (std::size_t i = 0; i < kCrashSignals.size(); ++i) ::sigaction(kCrashSignals[i], &action, &previous_actions[i]);
    previous_terminate = std::set_terminate(on_terminate);
}

CrashGuard::~CrashGuard() {
    for (std::size_t i = 0; i < kCrashSignals.size(); ++i) ::sigaction(kCrashSignals[i], &previous_actions[i], nullptr);
    ::sigaltstack(&previous_stack, nullptr);
    std::set_terminate(previous_terminate);
}

}  // namespace keydeck::ui
