#include "ui/loop.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <utility>

#include "ui/linear/spoken.hpp"
#include "ui/terminal/clipboard.hpp"

namespace keydeck::ui {

int Loop::run() {
    desk_.start(terminal_.size(), now());
    if (!greeting_.empty()) desk_.toast(std::exchange(greeting_, {}), now());
    if (std::string notice = terminal_.notice(); !notice.empty()) {
        if (terminal_.speaks()) notice += ". " + desk_.first_keys();
        desk_.toast(std::move(notice), now());
    }
    while (true) {
        carry_out();
        if (status_) return *status_;
        if (desk_.wants_to_quit()) return 0;
        show();
        wait();
    }
}

void Loop::show() {
    if (desk_.dirty()) {
        if (const auto slow = desk_.slow_task(now())) {
            const TaskProgress progress = pool_.progress(*slow);
            desk_.set_progress(*slow, progress.done, progress.total);
        }
        terminal_.speaks() ? speak() : terminal_.draw(desk_.draw(now()));
    }
    if (!announce_ || !anything_since_announcement_ || terminal_.wait() || !desk_.settled(now())) return;
    anything_since_announcement_ = false;
    terminal_.set_title(fmt::format("keydeck idle {}", ++announcements_));
}

// What will be replaced in a moment is not worth hearing.
void Loop::speak() {
    if (desk_.is_about_to_change(now())) return;
    const Occasion occasion = pressed_ ? Occasion::kKey : happened_ ? Occasion::kEvent : Occasion::kTime;
    pressed_ = happened_ = false;
    // First the lines that were asked for: one may be the last, and then the buttons say something else.
    for (const Reading reading : std::exchange(readings_, {})) {
        if (terminal_.read_on(desk_.spoken(now()), reading)) desk_.dialog_was_said();
    }
    if (terminal_.say(desk_.spoken(now()), occasion, now().steady)) desk_.dialog_was_said();
}

int Loop::wait_milliseconds() {
    const Now then = now();
    auto until = desk_.next_deadline(then);
    if (const auto unfinished = terminal_.wait()) until = std::min(until, then.steady + *unfinished);
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - then.steady).count();
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000));
}

void Loop::wait() {
    std::array<pollfd, 4> waiting{{
        {terminal_.input_descriptor(), POLLIN, 0},
        {pool_.descriptor(), POLLIN, 0},
        {signals_.descriptor(), POLLIN, 0},
        {watch_.descriptor(), POLLIN, 0},  // a negative one is passed over
    }};
    const bool key_is_unfinished = terminal_.wait().has_value();
    const int ready = ::poll(waiting.data(), waiting.size(), wait_milliseconds());
    const auto came = [&](std::size_t i) { return ready > 0 && waiting[i].revents != 0; };
    if (came(1) || came(2) || came(3)) happened_ = true;
    if (came(0)) pressed_ = true;
    if (came(2)) take_signals();
    if (came(0)) {
        take_input();
    } else if (ready == 0 && key_is_unfinished) {
        std::vector<Input> inputs;
        terminal_.time_out(inputs);
        pressed_ = true;
        anything_since_announcement_ = true;
        for (const Input& input : inputs) desk_.handle(input, now());
    }
    if (came(1)) take_completions();
    if (came(3) && watch_.collect()) {
        anything_since_announcement_ = true;
        desk_.vault_touched(now());
    }
    desk_.tick(now());
}

void Loop::take_input() {
    std::vector<Input> inputs;
    if (terminal_.read(inputs) == InputState::kClosed) status_ = 128 + SIGHUP;
    anything_since_announcement_ = true;
    for (Input& input : inputs) {
        desk_.handle(input, now());
        if (std::holds_alternative<Key>(input)) input = Key{};  // it may have been a letter of a passphrase
        carry_out();
        if (status_ || desk_.wants_to_quit()) return;
        // What was typed before a dangerous dialog appeared was not meant for it.
        if (desk_.take_flushed()) return;
    }
}

void Loop::take_signals() {
    anything_since_announcement_ = true;
    for (const int signal : signals_.collect()) {
        switch (signal) {
            case SIGWINCH:
                desk_.resize(terminal_.size(), now());
                break;
            case SIGTSTP:
                terminal_.suspend();
                desk_.resize(terminal_.size(), now());
                break;
            case SIGCONT:
                terminal_.resume();
                desk_.resize(terminal_.size(), now());
                break;
            default:
                status_ = 128 + signal;
                break;
        }
    }
}

void Loop::take_completions() {
    anything_since_announcement_ = true;
    for (const Completion& completion : pool_.collect()) desk_.complete(completion.id, completion.outcome, now());
}

void Loop::carry_out() {
    DeskRequests requests = desk_.take_requests();
    for (Task& task : requests.tasks) pool_.submit(std::move(task));
    for (const std::uint64_t id : requests.cancelled) pool_.cancel(id);
    if (requests.flush_input) terminal_.flush_input();
    if (requests.theme) terminal_.set_theme(*requests.theme);
    if (requests.redraw) terminal_.forget();
    if (requests.copy) copy(*requests.copy);
    if (requests.describe) terminal_.describe(desk_.spoken(now()));
    if (requests.reading && terminal_.speaks()) readings_.push_back(*requests.reading);
    if (requests.suspend) {
        terminal_.suspend();
        desk_.resize(terminal_.size(), now());
    }
}

void Loop::copy(const Copy& copy) {
    if (inside_tmux()) {
        desk_.copy_by_task(copy, now());
    } else if (terminal_.copy(copy.value)) {
        desk_.toast(fmt::format("{}: sent to the terminal's clipboard (OSC 52)", copy.what), now());
    } else {
        desk_.show_value(copy, now());
    }
}

}  // namespace keydeck::ui
