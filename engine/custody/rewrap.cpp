#include "engine/custody/rewrap.hpp"

#include <optional>
#include <utility>

#include "engine/custody/access.hpp"
#include "engine/custody/audit_trail.hpp"
#include "engine/custody/backup/automatic.hpp"
#include "engine/custody/job_run.hpp"
#include "engine/custody/jobs.hpp"
#include "engine/custody/rewrap_plan.hpp"
#include "engine/custody/rewrap_secrets.hpp"
#include "engine/custody/rewrap_targets.hpp"
#include "engine/custody/rewrap_walk.hpp"
#include "engine/oversight/detail.hpp"

namespace keydeck::custody {
namespace {

using sqlite::Database;

Status may_rewrap(OpenVault& vault, const Session& session) {
    if (Status allowed = require_operator(session, "rewrap wallets"); !allowed) return allowed;
    if (Status writable = vault.require_writable(); !writable) return writable;
    const Result<kms::Kms*> kms = vault.unlocked_kms();
    return kms ? Status{} : fail(kms);
}

AuditEvent begin_event(OpenVault& vault, const Session& session, const RewrapPlan& plan) {
    AuditEvent event = event_of(vault, session, "BeginRewrap", plan.from.empty() ? plan.to : plan.from);
    event.key_id = event.target;
    return event;
}

/// Completes an event of a job: which one, what it is to do, how far it is.
std::string job_detail(const store::JobRecord& job) {
    oversight::Detail detail;
    detail.number("job", job.id).raw("request", job.request).number("done", job.done).number("failed", job.failed);
    return detail.number("total", job.total).done();
}

JobRun::Begun tell_begin() {
    return [](const store::JobRecord& job, bool resumed, AuditEvent& event) {
        if (resumed) event.action = "ResumeRewrap";
        event.detail = job_detail(job);
    };
}

std::string closing_sentence(std::int64_t failed, std::int64_t key_pairs, const std::string& copies, const Status& purged) {
    std::string sentence;
    const auto add = [&](const std::string& text) { sentence += (sentence.empty() ? "" : " ") + text; };
    if (failed > 0) add(std::to_string(failed) + " could not be moved and are as they were.");
    if (key_pairs > 0) {
        add(std::to_string(key_pairs) +
            " key-pair wallets have no data key and were re-encrypted only: if the private key of one has leaked, only a "
            "new "
            "wallet cures that.");
    }
    if (!copies.empty()) add(copies);
    if (!purged) add("The old ciphertexts stay in keydeck.db-wal until nobody reads an older state of the vault.");
    return sentence;
}

Result<JobInfo> job_now(OpenVault& vault, std::int64_t id) {
    return ask_store(vault, [&](Database& database) -> Result<JobInfo> {
        const Result<std::optional<store::JobRecord>> job = store::job(database, id);
        if (!job) return fail(job);
        if (!*job) return fail(ErrorCode::kNotFound, "There is no job " + std::to_string(id) + ".");
        return to_job_info(vault, database, **job);
    });
}

/// What stopped it, for whoever looks at the job or reads the error.
Status with_place(const JobRun& job, Status walked) {
    if (walked || walked.error().code == ErrorCode::kCancelled) return walked;
    walked.error().message += " " + std::to_string(job.done()) + " of " + std::to_string(job.total()) + " are done.";
    std::string& hint = walked.error().hint;
    while (hint.ends_with('.')) hint.pop_back();
    hint += (hint.empty() ? "Go on: keydeck job resume " : "; then go on: keydeck job resume ") + std::to_string(job.id());
    return walked;
}

/// Works on a job to its end. Its end, however it comes, is in the audit log.
Result<JobInfo> run_job(OpenVault& vault, const Session& session, const RewrapPlan& plan, JobRun job,
                        const Progress& progress) {
    AuditEvent event = begin_event(vault, session, plan);
    event.action = "EndRewrap";
    Result<RewrapTargets> targets = RewrapTargets::of(vault, plan);
    if (!targets) return fail(targets);
    if (progress.report) progress.report(job.done() + job.failed(), job.total());
    RewrapWalk walk{vault, session, plan, *targets, job, progress, 0};
    const std::int64_t id = job.id();
    Status walked = walk_rows(walk);
    if (walked) walked = walk_secrets(walk);
    walked = with_place(job, std::move(walked));
    const Status purged = vault.store().purge();  // the old ciphertexts, out of the WAL too
    event.detail = job_detail(job.record());
    if (!walked) {
        job.pause(walked.error().message);
        record_failure(vault, event, walked.error());
        return fail(walked);
    }
    const std::int64_t key_pairs = plan.fresh_data_keys ? walk.key_pairs_moved : 0;
    const std::string copies = plan.fresh_data_keys ? warn_of_old_copies(vault.options().directory) : std::string();
    if (Status finished = job.finish(closing_sentence(job.failed(), key_pairs, copies, purged), event); !finished)
        return fail(finished);
    return job_now(vault, id);
}

JobInfo nothing_to_do(OpenVault& vault, const Session& session, const std::string& title) {
    JobInfo info;
    info.kind = kRewrapKind;
    info.title = title;
    info.actor = session.actor();
    info.state = "done";
    info.created_at = info.updated_at = vault.now();
    return info;
}

/// The unfinished job that a plan goes on with: one that was to do just this, or less. Its place is kept, so that what it
/// left comes first, however often this is stopped; then what it did, of which newer data keys were asked for since.
Result<std::optional<store::JobRecord>> job_to_go_on_with(Database& database, const Session& session,
                                                          const RewrapPlan& plan) {
    auto same = store::unfinished_job(database, kRewrapKind, plan.text(), session.actor());
    if (!same || *same || !plan.older_than) return same;
    Result<std::vector<store::JobRecord>> jobs = store::unfinished_jobs(database, kRewrapKind, session.actor());
    if (!jobs) return fail(jobs);
    for (store::JobRecord& job : *jobs) {
        const Result<RewrapPlan> other = RewrapPlan::parse(job.request);
        if (other && plan.covers(*other)) return std::optional(std::move(job));
    }
    return std::optional<store::JobRecord>();
}

/// What there is to be done, and whether it was begun before.
struct Extent {
    std::int64_t rows = 0;
    bool is_begun = false;
    std::string title;
};

Result<Extent> extent_of(OpenVault& vault, const Session& session, const RewrapPlan& plan) {
    return ask_store(vault, [&](Database& database) -> Result<Extent> {
        const Result<std::int64_t> rows = store::count_sealed_rows(database, plan.query());
        if (!rows) return fail(rows);
        const Result<std::int64_t> secrets = count_secrets_to_rewrap(database, plan);
        if (!secrets) return fail(secrets);
        const auto begun = job_to_go_on_with(database, session, plan);
        if (!begun) return fail(begun);
        return Extent{*rows + *secrets, begun->has_value(), plan.title(database)};
    });
}

/// Before a job is begun: whether there is anywhere to move to.
Status check_targets(OpenVault& vault, const RewrapPlan& plan) {
    Result<RewrapTargets> targets = RewrapTargets::of(vault, plan);
    if (!targets) return fail(targets);
    if (plan.from.empty()) return {};
    const Result<std::string> key = targets->choose(plan.from, {});
    return key ? Status{} : fail(key);
}

}  // namespace

Result<JobInfo> rewrap(OpenVault& vault, const Session& session, const Rewrap& request, const Progress& progress) {
    AuditEvent event = event_of(vault, session, "BeginRewrap", request.from.empty() ? request.to : request.from);
    Result<RewrapPlan> plan;
    std::string title;
    Result<std::optional<JobRun>> job = audited(vault, event, [&]() -> Result<std::optional<JobRun>> {
        if (Status allowed = may_rewrap(vault, session); !allowed) return fail(allowed);
        plan = plan_rewrap(vault, session, request);
        if (!plan) return fail(plan);
        Result<Extent> extent = extent_of(vault, session, *plan);
        if (!extent) return fail(extent);
        title = std::move(extent->title);
        if (extent->rows == 0 && !extent->is_begun) return std::optional<JobRun>();
        if (Status somewhere = check_targets(vault, *plan); !somewhere) return fail(somewhere);
        const auto find = [&](Database& database) { return job_to_go_on_with(database, session, *plan); };
        if (Status kept = extent->is_begun ? Status{} : back_up_before(vault, "rewrap"); !kept) return fail(kept);
        Result<JobRun> run = JobRun::begin(vault, session, kRewrapKind, plan->text(), extent->rows,
                                           begin_event(vault, session, *plan), tell_begin(), find);
        if (!run) return fail(run);
        return std::optional(std::move(*run));
    });
    if (!job) return fail(job);
    if (!*job) return nothing_to_do(vault, session, title);
    return run_job(vault, session, *plan, std::move(**job), progress);
}

Result<JobInfo> resume_rewrap(OpenVault& vault, const Session& session, const store::JobRecord& record,
                              const Progress& progress) {
    const Result<RewrapPlan> seen_plan = RewrapPlan::parse(record.request);
    if (!seen_plan) return fail(seen_plan);
    AuditEvent event = begin_event(vault, session, *seen_plan);
    event.action = "ResumeRewrap";
    Result<JobRun> job = audited(vault, event, [&]() -> Result<JobRun> {
        if (Status allowed = may_rewrap(vault, session); !allowed) return fail(allowed);
        if (Status seen = refresh_pool(vault); !seen) return fail(seen);
        if (Status somewhere = check_targets(vault, *seen_plan); !somewhere) return fail(somewhere);
        return JobRun::take_up(vault, record.id, event, tell_begin());
    });
    if (!job) return fail(job);
    // Somebody may have had it do more since it was looked at: newer data keys as well.
    const Result<RewrapPlan> plan = RewrapPlan::parse(job->record().request);
    if (!plan) return fail(plan);
    return run_job(vault, session, *plan, std::move(*job), progress);
}

}  // namespace keydeck::custody
