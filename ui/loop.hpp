// The one thread of the screen: waits in one poll, feeds the desk, draws.
#pragma once

#include <cstdint>
#include <vector>

#include "ui/desk.hpp"
#include "ui/signal_pipe.hpp"
#include "ui/task_pool.hpp"
#include "ui/terminal/terminal.hpp"
#include "ui/vault_watch.hpp"

namespace keydeck::ui {

/// Waits on the terminal, the finished tasks, the signals and the vault's files, with the next deadline as the timeout;
/// wakes for nothing else. Keys are drawn at once, what other processes write at most five times a second (the desk sees to
/// that).
class Loop {
public:
    /// `announce`: set the terminal's title to `keydeck idle <n>` whenever nothing is under way (for tests).
    Loop(Desk& desk, Terminal& terminal, TaskPool& pool, const SignalPipe& signals, const VaultWatch& watch,
         const Clock& clock, bool announce)
        : desk_(desk),
          terminal_(terminal),
          pool_(pool),
          signals_(signals),
          watch_(watch),
          clock_(clock),
          announce_(announce) {}

    /// Before run(): something to tell when the screen is up.
    void say(std::string text) { greeting_ = std::move(text); }
    /// Until the person quits (0), the terminal is gone or a signal ends it (128 + its number).
    int run();

private:
    [[nodiscard]] Now now() const { return {std::chrono::steady_clock::now(), clock_.now()}; }
    [[nodiscard]] int wait_milliseconds();
    void wait();
    void take_input();
    void take_signals();
    void take_completions();
    void carry_out();
    void copy(const Copy& copy);
    void show();
    void speak();

    Desk& desk_;
    Terminal& terminal_;
    TaskPool& pool_;
    const SignalPipe& signals_;
    const VaultWatch& watch_;
    const Clock& clock_;
    bool announce_;
    bool anything_since_announcement_ = true;
    std::uint64_t announcements_ = 0;
    std::optional<int> status_;
    std::string greeting_;
    bool pressed_ = true;            // since something was said
    bool happened_ = false;          // the same
    std::vector<Reading> readings_;  // wanted and not said yet
};

}  // namespace keydeck::ui
