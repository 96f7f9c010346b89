#include "engine/custody/job_run.hpp"

#include <utility>

#include "engine/custody/process.hpp"

namespace keydeck::custody {

using store::JobRecord;
using store::JobState;

Result<JobRun> JobRun::begin(OpenVault& vault, const Session& session, std::string_view kind, std::string_view request,
                             std::int64_t total) {
    JobRecord job;
    bool resumed = false;
    const Status begun = vault.write([&](sqlite::Database& database) -> Status {
        Result<std::optional<JobRecord>> known = store::unfinished_job(database, kind, request, session.actor());
        if (!known) return fail(known);
        resumed = known->has_value();
        if (resumed) job = std::move(**known);
        if (job.state == JobState::kRunning && is_running(job.owner)) {
            return fail(ErrorCode::kAlreadyExists,
                        "Another process is at this very job: " + std::to_string(job.done) + " of " +
                            std::to_string(job.total) + " are done.",
                        "Wait for it, or stop it; then the same command resumes it.");
        }
        job.state = JobState::kRunning;
        job.owner = this_process();
        job.error.clear();
        job.updated_at = vault.now();
        if (resumed) return store::update_job(database, job);
        job.kind = kind;
        job.request = request;
        job.actor = session.actor();
        job.total = total;
        job.created_at = vault.now();
        const Result<std::int64_t> id = store::insert_job(database, job);
        if (!id) return fail(id);
        job.id = *id;
        return {};
    });
    if (!begun) return fail(begun);
    return JobRun(vault, std::move(job), resumed);
}

JobRun::JobRun(JobRun&& other) noexcept
    : vault_(other.vault_),
      job_(std::move(other.job_)),
      before_(other.before_),
      counted_(other.counted_),
      resumed_(other.resumed_),
      left_(std::exchange(other.left_, true)) {}

JobRun::~JobRun() {
    if (left_) return;
    const Status saved = save(JobState::kPaused);
    (void)saved;  // then it stands as running by a process that is gone: resumable too
}

Status JobRun::count(sqlite::Database& database, std::int64_t more) {
    job_.done = counted_ + more;
    job_.updated_at = vault_->now();
    return store::update_job(database, job_);
}

Status JobRun::save(JobState state) {
    job_.done = counted_;
    job_.state = state;
    job_.owner.clear();
    job_.updated_at = vault_->now();
    return vault_->write([&](sqlite::Database& database) { return store::update_job(database, job_); });
}

Status JobRun::finish() {
    left_ = true;
    return save(JobState::kDone);
}

}  // namespace keydeck::custody
