// What the desk does as time passes, and when others change the vault.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "ui/desk.hpp"
#include "ui/format.hpp"

namespace keydeck::ui {

void Desk::vault_touched(Now now) {
    begin(now);
    check_again_ = true;
    if (now.steady >= next_check_ && !checking_) check_vault();
}

// Reads the change counter and, where it moved, the vault's figures; then what is shown is read again. Never twice at once,
// and no more often than kCheckEvery, however fast others write.
void Desk::check_vault() {
    if (checking_) {
        check_again_ = true;
        return;
    }
    checking_ = true;
    check_again_ = false;
    next_check_ = scene_.now.steady + kCheckEvery;
    using Answer = std::pair<std::int64_t, VaultInfo>;
    Task task = data_task(
        "look for changes",
        [](Engine& engine, const TaskContext&) -> Result<Answer> {
            const auto counter = engine.change_counter();
            if (!counter) return fail(counter);
            auto vault = engine.vault();
            if (!vault) return fail(vault);
            return Answer{*counter, std::move(*vault)};
        },
        [this](const Result<Answer>& answer, const Scene&, Effects& effects) {
            checking_ = false;
            if (!answer) {
                effects.messages.push_back({scene_.now.wall,
                                            true,
                                            "The vault could not be read: " + answer.error().message,
                                            {answer.error().hint}});
                return;
            }
            took_vault(answer->second, answer->first, std::exchange(force_refresh_, false));
        });
    task.outlives_dialog = true;
    submit(std::move(task), 0);
}

void Desk::took_vault(const VaultInfo& vault, std::int64_t counter, bool changed_by_us) {
    const bool is_first = !counter_;
    const bool moved = counter_ != counter;
    scene_.vault = vault;
    scene_.read_only = scene_.read_only || vault.read_only;
    counter_ = counter;
    if (!moved && !changed_by_us) return;
    if (is_first) return;  // the first screen is being read anyway
    Effects effects;
    current().refresh(scene_, effects);
    apply(effects, 0);
}

void Desk::tick(Now now) {
    begin(now);
    if (drawn_clock_ != clock_of(now.wall)) dirty_ = true;
    if (!toast_.empty() && now.steady >= toast_until_) {
        toast_.clear();
        dirty_ = true;
    }
    if (slow_task(now)) dirty_ = true;
    if (undo_ && now.steady >= undo_until_) undo_.reset();
    if (check_again_ && !checking_ && now.steady >= next_check_) check_vault();
    if (forget_at_ && now.steady >= *forget_at_) {
        forget_at_.reset();
        Task task = make_task(
            "forget idle wallets", Lane::kData, false,
            [](Engine& engine, const TaskContext&) -> Status {
                engine.forget_idle_wallets(kForgetAfter);
                return {};
            },
            [](const Status&, const Scene&, Effects&) {});
        submit(std::move(task), 0);
    }
}

SteadyTime Desk::next_deadline(Now now) const {
    using std::chrono::microseconds;
    constexpr std::int64_t kMinute = 60'000'000;
    SteadyTime next = now.steady + microseconds(kMinute - to_micros(now.wall) % kMinute);
    const auto at = [&](SteadyTime time) { next = std::min(next, std::max(time, now.steady)); };
    if (!toast_.empty()) at(toast_until_);
    if (undo_) at(undo_until_);
    if (forget_at_) at(*forget_at_);
    if (check_again_ && !checking_) at(next_check_);
    if (!dialogs_.empty()) {
        if (const auto guard = dialogs_.back()->guarded_until(scene_)) at(*guard);
    }
    for (const auto& [id, running] : running_) {
        const auto age = now.steady - running.started;
        at(running.started +
           (age < kSlow ? SteadyTime::duration(kSlow) : std::chrono::floor<std::chrono::seconds>(age) + kSlow));
    }
    return next;
}

bool Desk::settled(Now now) const {
    if (!running_.empty() || checking_ || check_again_) return false;
    if (dialogs_.empty()) return true;
    Scene then = scene_;
    then.now = now;
    return !dialogs_.back()->guarded_until(then);
}

std::optional<std::uint64_t> Desk::slow_task(Now now) const {
    for (const auto& [id, running] : running_) {
        if (now.steady - running.started >= kSlow) return id;
    }
    return std::nullopt;
}

void Desk::set_progress(std::uint64_t task, std::int64_t done, std::int64_t total) {
    const auto found = running_.find(task);
    if (found == running_.end()) return;
    found->second.done = done;
    found->second.total = total;
}

}  // namespace keydeck::ui
