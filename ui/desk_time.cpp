// What the desk does as time passes, and when others change the vault.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "ui/desk.hpp"
#include "ui/format.hpp"

namespace keydeck::ui {
namespace {

// Jobs that run are among the newest; a job that has been running since a hundred others began is counted no more.
constexpr std::int64_t kJobsLookedAt = 100;

std::int64_t loud(const std::vector<Alert>& alerts, Timestamp now) {
    return std::ranges::count_if(alerts, [now](const Alert& alert) {
        return alert.firing() && !(alert.silenced_until && *alert.silenced_until > now);
    });
}

// What cannot be read counts as nothing here: the screens of their own say why.
Standing read_standing(Engine& engine, const Session& session, Timestamp now) {
    Standing out;
    if (!session.is_operator()) return out;
    if (const auto alerts = engine.list_alerts(session, false)) out.alerts = loud(*alerts, now);
    if (const auto jobs = engine.list_jobs(session, 0, kJobsLookedAt)) {
        out.jobs = std::ranges::count_if(*jobs, [](const JobInfo& job) {
            return job.state == "running" || job.state == "pausing" || job.state == "cancelling";
        });
    }
    return out;
}

}  // namespace

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
    struct Answer {
        std::int64_t counter = 0;
        VaultInfo vault;
        Standing standing;
    };
    Task task = data_task(
        "look for changes",
        [session = scene_.session, now = scene_.now.wall](Engine& engine, const TaskContext&) -> Result<Answer> {
            const auto counter = engine.change_counter();
            if (!counter) return fail(counter);
            auto vault = engine.vault();
            if (!vault) return fail(vault);
            return Answer{*counter, std::move(*vault), read_standing(engine, session, now)};
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
            standing_ = answer->standing;
            took_vault(answer->vault, answer->counter, std::exchange(force_refresh_, false));
        });
    task.outlives_dialog = true;
    submit(std::move(task), 0);
}

void Desk::took_vault(const VaultInfo& vault, std::int64_t counter, bool changed_by_us) {
    const bool is_first = !counter_;
    const bool moved = counter_ != counter;
    scene_.vault = vault;
    scene_.read_only = scene_.read_only || (vault.read_only && !engine_only_looks_);
    counter_ = counter;
    if (!moved && !changed_by_us) return;
    tell_tour();
    if (is_first) return;  // the first screen is being read anyway
    Effects effects;
    if (changed_by_us) {
        current().refresh(scene_, effects);
    } else {
        current().follow(scene_, effects);
    }
    apply(effects, 0);
    std::vector<std::uint64_t> open;
    open.reserve(dialogs_.size());
    for (const auto& dialog : dialogs_) open.push_back(dialog->id);
    for (const std::uint64_t id : open) {
        Dialog* dialog = find_dialog(id);
        Effects more;
        if (dialog != nullptr) dialog->on_change(scene_, more);
        apply(more, id);
    }
}

// Once a minute, with the clock that wakes the program anyway. Looking writes down what it finds where that is possible; it
// is nobody's wish, so it never asks for a passphrase, and it says only once that it failed.
void Desk::look_for_alerts() {
    if (looking_for_alerts_ || !scene_.session.is_operator()) return;
    looking_for_alerts_ = true;
    Task task = make_task(
        "look for alerts", Lane::kKms, false,
        [session = scene_.session, read_only = scene_.read_only || engine_only_looks_](Engine& engine, const TaskContext&) {
            return engine.check_alerts(session, !read_only && !engine.needs_unlock());
        },
        [this](const Result<std::vector<Alert>>& alerts, const Scene& scene, Effects& effects) {
            looking_for_alerts_ = false;
            if (alerts) {
                standing_.alerts = loud(*alerts, scene.now.wall);
            } else if (!alerts_failed_) {
                effects.messages.push_back({scene.now.wall,
                                            true,
                                            "The alerts could not be looked for: " + alerts.error().message,
                                            {alerts.error().hint}});
            }
            alerts_failed_ = !alerts;
            current().on_minute(scene, effects);
        });
    task.outlives_dialog = true;
    task.in_background = true;
    submit(std::move(task), 0);
}

void Desk::tick(Now now) {
    begin(now);
    if (minute_ != clock_of(now.wall)) {
        minute_ = clock_of(now.wall);
        look_for_alerts();
    }
    if (drawn_clock_ != clock_of(now.wall)) dirty_ = true;
    if (!toast_.empty() && now.steady >= toast_until_) {
        toast_.clear();
        dirty_ = true;
    }
    if (slow_task(now)) dirty_ = true;
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
    if (forget_at_) at(*forget_at_);
    if (check_again_ && !checking_) at(next_check_);
    if (!dialogs_.empty()) {
        if (const auto ready = dialogs_.back()->ready_at(scene_)) at(*ready);
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
    return !dialogs_.back()->ready_at(then);
}

std::optional<std::uint64_t> Desk::slow_task(Now now) const {
    std::optional<std::uint64_t> job;  // the least urgent to be told: a screen of its own shows it
    for (const auto& [id, running] : running_) {
        if (now.steady - running.started < kSlow || running.task.in_background) continue;
        if (running.task.lane != Lane::kJobs) return id;
        if (!job) job = id;
    }
    return job;
}

void Desk::set_progress(std::uint64_t task, std::int64_t done, std::int64_t total) {
    const auto found = running_.find(task);
    if (found == running_.end()) return;
    found->second.done = done;
    found->second.total = total;
}

}  // namespace keydeck::ui
