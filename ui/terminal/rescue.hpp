// Gives the terminal back when the program dies: crash signals, std::terminate, a loop that no longer answers.
#pragma once

#include <termios.h>

#include <string_view>

namespace keydeck::ui {

/// Remembers how to give the terminal on `descriptor` back: the bytes to write and the modes to set. Handlers use these with
/// write(2) and tcsetattr(3) alone, both async-signal-safe.
void arm_rescue(int descriptor, const termios& modes, std::string_view bytes);
/// From now on there is nothing to give back.
void disarm_rescue();
/// Writes and sets what arm_rescue() was told, once. Async-signal-safe.
void rescue_terminal() noexcept;

/// While it lives, SIGSEGV SIGBUS SIGFPE SIGILL SIGABRT and std::terminate give the terminal back first, then end the
/// process as they would have. One at a time; the destructor puts the earlier handlers back.
class CrashGuard {
public:
    CrashGuard();
    ~CrashGuard();
    CrashGuard(const CrashGuard&) = delete;
    CrashGuard& operator=(const CrashGuard&) = delete;
};

}  // namespace keydeck::ui
