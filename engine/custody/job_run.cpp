#include "engine/custody/job_run.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "engine/custody/process.hpp"

namespace keydeck::custody {
namespace {

using sqlite::Database;
using store::JobRecord;
using store::JobState;

// Whoever works on a job counts at least that often, unless a KMS keeps it waiting for longer than any call may take.
constexpr std::chrono::minutes kSignOfLife{5};

/// Makes this process the one that works on the job; the caller writes it. Errors: rejected, already_exists.
Status claim(OpenVault& vault, JobRecord& job) {
    if (job.state == JobState::kDone || job.state == JobState::kCancelled) {
        return fail(ErrorCode::kRejected,
                    "Job " + std::to_string(job.id) +
                        (job.state == JobState::kCancelled ? " was cancelled." : " has ended: it is done."),
                    "Ask for the same again: that is a new job.");
    }
    if (is_at_work(vault, job)) {
        return fail(
            ErrorCode::kAlreadyExists,
            "Another process is at this very job: " + std::to_string(job.done) + " of " + std::to_string(job.total) +
                " are done.",
            "Wait for it, or stop it (keydeck job pause " + std::to_string(job.id) + "); then the same command resumes it.");
    }
    job.state = JobState::kRunning;
    job.owner = this_process();
    job.error.clear();
    job.updated_at = vault.now();
    return {};
}

Status write_claim(Database& database, const JobRecord& job) {
    if (Status updated = store::update_job(database, job); !updated) return updated;
    return store::set_job_wish(database, job.id, store::JobWish::kNone);
}

/// Runs `change` with an event that it may complete, or without one.
Status write_with(OpenVault& vault, std::optional<AuditEvent>& event, const std::function<Status(Database&)>& change) {
    if (!event) return vault.write(change);
    return vault.write(change, std::span(&*event, 1));
}

/// A job that was to be cancelled when its process died is cancelled: nobody goes on with it.
Status settle_cancelled(OpenVault& vault, const JobRun::Find& find) {
    const auto is_meant = [&](const Result<std::optional<JobRecord>>& job) {
        return job && *job && (*job)->state == JobState::kRunning && (*job)->wish == store::JobWish::kCancel &&
               !is_at_work(vault, **job);
    };
    const auto seen = ask_store(vault, find);
    if (!seen) return fail(seen);
    if (!is_meant(seen)) return {};
    return vault.write([&](Database& database) -> Status {
        Result<std::optional<JobRecord>> job = find(database);
        if (!job) return fail(job);
        if (!is_meant(job)) return {};
        (*job)->state = JobState::kCancelled;
        (*job)->owner.clear();
        (*job)->updated_at = vault.now();
        return store::update_job(database, **job);
    });
}

struct Wanted {
    JobRecord job;
    std::span<const std::string> items{};  ///< a new job's; may be empty
};

struct Claimed {
    JobRecord job;
    bool resumed = false;
};

/// A job that goes on takes a wider request on.
Status take_on(Database& database, JobRecord& job, const JobRecord& wanted) {
    if (job.request == wanted.request) return {};
    job.request = wanted.request;
    job.total = wanted.total;
    job.done = job.failed = 0;
    return store::renew_job(database, job);
}

/// Returns the id.
Result<std::int64_t> insert(Database& database, const JobRecord& job, std::span<const std::string> items) {
    Result<std::int64_t> id = store::insert_job(database, job);
    if (!id) return id;
    if (Status kept = store::insert_job_items(database, *id, items); !kept) return fail(kept);
    return id;
}

Result<Claimed> begin_or_claim(OpenVault& vault, const Wanted& wanted, std::optional<AuditEvent> event,
                               const JobRun::Begun& begun, const JobRun::Find& find) {
    if (Status settled = settle_cancelled(vault, find); !settled) return fail(settled);
    Claimed claimed;
    const Status written = write_with(vault, event, [&](Database& database) -> Status {
        Result<std::optional<JobRecord>> known = find(database);
        if (!known) return fail(known);
        claimed.resumed = known->has_value();
        if (claimed.resumed) {
            claimed.job = std::move(**known);
        } else {
            claimed.job = wanted.job;
            claimed.job.state = JobState::kPaused;  // a new one is claimed like one whose process is gone
        }
        if (Status free = claim(vault, claimed.job); !free) return free;
        if (claimed.resumed) {
            if (Status taken = take_on(database, claimed.job, wanted.job); !taken) return taken;
            if (Status updated = write_claim(database, claimed.job); !updated) return updated;
        } else {
            const Result<std::int64_t> id = insert(database, claimed.job, wanted.items);
            if (!id) return fail(id);
            claimed.job.id = *id;
        }
        if (event && begun) begun(claimed.job, claimed.resumed, *event);
        return {};
    });
    if (!written) return fail(written);
    return claimed;
}

Result<JobRecord> claim_by_id(OpenVault& vault, std::int64_t id, std::optional<AuditEvent> event,
                              const JobRun::Begun& begun) {
    const auto find = [&](Database& database) { return store::job(database, id); };
    if (Status settled = settle_cancelled(vault, find); !settled) return fail(settled);
    JobRecord job;
    const Status written = write_with(vault, event, [&](Database& database) -> Status {
        Result<std::optional<JobRecord>> known = find(database);
        if (!known) return fail(known);
        if (!*known) return fail(ErrorCode::kNotFound, "There is no job " + std::to_string(id) + ".");
        job = std::move(**known);
        if (Status free = claim(vault, job); !free) return free;
        if (event && begun) begun(job, true, *event);
        return write_claim(database, job);
    });
    if (!written) return fail(written);
    return job;
}

JobRecord wanted_job(OpenVault& vault, const Session& session, std::string_view kind, std::string_view request,
                     std::int64_t total) {
    JobRecord job;
    job.kind = kind;
    job.request = request;
    job.actor = session.actor();
    job.total = total;
    job.created_at = vault.now();
    return job;
}

}  // namespace

bool is_at_work(const OpenVault& vault, const JobRecord& job) {
    if (job.state != JobState::kRunning) return false;
    if (is_elsewhere(job.owner)) return vault.now() - job.updated_at < kSignOfLife;
    return is_running(job.owner);
}

Result<JobRun> JobRun::begin(OpenVault& vault, const Session& session, std::string_view kind, std::string_view request,
                             std::int64_t total) {
    const auto same = [&](Database& database) { return store::unfinished_job(database, kind, request, session.actor()); };
    Result<Claimed> claimed =
        begin_or_claim(vault, {wanted_job(vault, session, kind, request, total)}, std::nullopt, {}, same);
    if (!claimed) return fail(claimed);
    return JobRun(vault, std::move(claimed->job), claimed->resumed);
}

Result<JobRun> JobRun::begin(OpenVault& vault, const Session& session, std::string_view kind, std::string_view request,
                             std::int64_t total, AuditEvent event, const Begun& begun, const Find& find) {
    Result<Claimed> claimed =
        begin_or_claim(vault, {wanted_job(vault, session, kind, request, total)}, std::move(event), begun, find);
    if (!claimed) return fail(claimed);
    return JobRun(vault, std::move(claimed->job), claimed->resumed);
}

Result<JobRun> JobRun::begin_new(OpenVault& vault, const Session& session, std::string_view kind, std::string_view request,
                                 std::span<const std::string> items, AuditEvent event, const Begun& begun) {
    const Wanted wanted{wanted_job(vault, session, kind, request, std::ssize(items)), items};
    const auto none = [](Database&) -> Result<std::optional<JobRecord>> { return std::optional<JobRecord>(); };
    Result<Claimed> claimed = begin_or_claim(vault, wanted, std::move(event), begun, none);
    if (!claimed) return fail(claimed);
    return JobRun(vault, std::move(claimed->job), false);
}

Result<JobRun> JobRun::take_up(OpenVault& vault, std::int64_t id) {
    Result<JobRecord> job = claim_by_id(vault, id, std::nullopt, {});
    if (!job) return fail(job);
    return JobRun(vault, std::move(*job), true);
}

Result<JobRun> JobRun::take_up(OpenVault& vault, std::int64_t id, AuditEvent event, const Begun& begun) {
    Result<JobRecord> job = claim_by_id(vault, id, std::move(event), begun);
    if (!job) return fail(job);
    return JobRun(vault, std::move(*job), true);
}

JobRun::JobRun(JobRun&& other) noexcept
    : vault_(other.vault_),
      job_(std::move(other.job_)),
      owner_(std::move(other.owner_)),
      before_(other.before_),
      counted_(other.counted_),
      wish_(other.wish_),
      resumed_(other.resumed_),
      left_(std::exchange(other.left_, true)) {}

JobRun::~JobRun() {
    if (left_) return;
    const Status saved = save(JobState::kPaused, {});
    (void)saved;  // then it stands as running by a process that is gone: resumable too
}

Status JobRun::count(Database& database, std::int64_t more) { return count(database, more, 0, counted_.position); }

Status JobRun::count(Database& database, std::int64_t more, std::int64_t more_failed, std::int64_t position) {
    job_.done = counted_.done + more;
    job_.failed = counted_.failed + more_failed;
    job_.position = position;
    job_.total = std::max(counted_.total, job_.done + job_.failed);
    job_.updated_at = vault_->now();
    if (Status updated = store::update_own_job(database, job_, owner_); !updated) return updated;
    const Result<store::JobWish> wish = store::job_wish(database, job_.id);
    if (!wish) return fail(wish);
    wish_ = *wish;
    return {};
}

Status JobRun::note_failure(Database& database, std::string_view item, std::string_view error) {
    return store::note_job_failure(database, job_.id, {std::string(item), std::string(error), vault_->now()});
}

Status JobRun::asked_to_stop() const {
    if (wish_ == store::JobWish::kNone) return {};
    const std::string id = std::to_string(job_.id);
    const std::string place =
        std::to_string(counted_.done) + " of " + std::to_string(counted_.total) + " are done, and those are complete.";
    if (wish_ == store::JobWish::kCancel) return fail(ErrorCode::kCancelled, "Job " + id + " was cancelled: " + place);
    return fail(ErrorCode::kCancelled, "Job " + id + " was paused: " + place, "Go on: keydeck job resume " + id);
}

Status JobRun::save(JobState state, std::span<AuditEvent> events) {
    job_.done = counted_.done;
    job_.failed = counted_.failed;
    job_.position = counted_.position;
    job_.total = counted_.total;
    job_.owner.clear();
    job_.updated_at = vault_->now();
    return vault_->write(
        [&](Database& database) -> Status {
            job_.state = state;
            if (state == JobState::kPaused) {
                // Read again: it may have been cancelled since the last count.
                const Result<store::JobWish> wish = store::job_wish(database, job_.id);
                if (!wish) return fail(wish);
                if (*wish == store::JobWish::kCancel) job_.state = JobState::kCancelled;
            }
            return store::update_own_job(database, job_, owner_);
        },
        events);
}

Status JobRun::finish(std::string sentence) {
    job_.error = std::move(sentence);
    Status saved = save(JobState::kDone, {});
    left_ = saved.has_value();  // what could not be finished is left paused
    return saved;
}

Status JobRun::finish(std::string sentence, AuditEvent event) {
    job_.error = std::move(sentence);
    counted_.total = counted_.done + counted_.failed;
    Status saved = save(JobState::kDone, std::span(&event, 1));
    left_ = saved.has_value();
    return saved;
}

}  // namespace keydeck::custody
