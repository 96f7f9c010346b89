#include "engine/custody/jobs.hpp"

#include <span>
#include <string>
#include <utility>

#include "engine/base/json.hpp"
#include "engine/custody/access.hpp"
#include "engine/custody/audit_trail.hpp"
#include "engine/custody/bulk.hpp"
#include "engine/custody/job_run.hpp"
#include "engine/custody/migration/migrate.hpp"
#include "engine/custody/rewrap.hpp"
#include "engine/custody/rewrap_plan.hpp"
#include "engine/custody/wallets.hpp"
#include "engine/oversight/detail.hpp"

namespace keydeck::custody {
namespace {

using sqlite::Database;
using store::JobRecord;
using store::JobState;
using store::JobWish;

constexpr std::string_view kSeeJobs = "see jobs";
constexpr std::string_view kManageJobs = "pause, resume or cancel jobs";

std::string state_of(const OpenVault& vault, const JobRecord& job) {
    if (job.state != JobState::kRunning) return std::string(to_string(job.state));
    if (!is_at_work(vault, job)) return job.wish == JobWish::kCancel ? "cancelled" : "interrupted";
    if (job.wish == JobWish::kPause) return "pausing";
    if (job.wish == JobWish::kCancel) return "cancelling";
    return "running";
}

std::string text_of(const json::Value& request, std::string_view name) {
    const json::Value* found = request.find(name);
    return found == nullptr ? std::string() : found->text;
}

/// "create 100 envelope wallets for alice, hot-1 …"
std::string wallets_title(Database& database, const std::string& request) {
    const Result<json::Value> value = json::parse(request, "a job's request");
    if (!value) return "create wallets";
    std::string title = "create " + text_of(*value, "count") + " " + text_of(*value, "custody") + " wallets";
    auto row = database.prepare("SELECT name FROM users WHERE id = ?");
    const auto found = row.bind(1, text_of(*value, "user")).step();
    if (found && *found) title += " for " + std::string(row.text(0));
    if (const std::string label = text_of(*value, "label"); !label.empty()) title += ", " + label + "-…";
    return title;
}

bool is_of_fernet(const JobRecord& job) {
    return job.kind == migration::kMigrateFernetKind || job.kind == migration::kRollBackFernetKind;
}

/// "migrate app.db from Fernet"
std::string fernet_title(const JobRecord& job) {
    const Result<json::Value> value = json::parse(job.request, "a job's request");
    const std::string file = value ? std::filesystem::path(text_of(*value, "database")).filename().string() : "a database";
    return job.kind == migration::kMigrateFernetKind ? "migrate " + file + " from Fernet"
                                                     : "roll " + file + " back to Fernet";
}

std::string title_of(Database& database, const JobRecord& job) {
    if (job.kind == kCreateWalletsKind) return wallets_title(database, job.request);
    if (job.kind == kRewrapKind) {
        const Result<RewrapPlan> plan = RewrapPlan::parse(job.request);
        if (plan) return plan->title(database);
    }
    if (is_of_fernet(job)) return fernet_title(job);
    if (job.kind == kBulkKind) return bulk_title(job);
    return job.kind;
}

Result<JobRecord> job_record(Database& database, std::int64_t id) {
    Result<std::optional<JobRecord>> job = store::job(database, id);
    if (!job) return fail(job);
    if (!*job) {
        return fail(ErrorCode::kNotFound, "There is no job " + std::to_string(id) + ".", "keydeck job list shows them.");
    }
    return std::move(**job);
}

std::unexpected<Error> has_ended(const JobRecord& job) {
    return fail(ErrorCode::kRejected,
                "Job " + std::to_string(job.id) + " has ended: it is " + std::string(to_string(job.state)) + ".");
}

/// Asks the process at work to stop; without one the job is stopped at once. A job that is to be cancelled stays so.
Status ask_to_stop(OpenVault& vault, Database& database, JobRecord& job, JobWish wish) {
    if (job.state == JobState::kDone || job.state == JobState::kCancelled) return has_ended(job);
    if (is_at_work(vault, job)) {
        if (job.wish != JobWish::kCancel) job.wish = wish;
        return store::set_job_wish(database, job.id, job.wish);
    }
    const bool is_cancelled = wish == JobWish::kCancel || job.wish == JobWish::kCancel;
    job.state = is_cancelled ? JobState::kCancelled : JobState::kPaused;
    job.owner.clear();
    job.updated_at = vault.now();
    return store::update_job(database, job);
}

Result<JobInfo> stop_job(OpenVault& vault, const Session& session, std::string_view action, std::int64_t id, JobWish wish) {
    AuditEvent event = event_of(vault, session, action, std::to_string(id));
    return audited(vault, event, [&]() -> Result<JobInfo> {
        if (Status allowed = require_operator(session, kManageJobs); !allowed) return fail(allowed);
        if (Status writable = vault.require_writable(); !writable) return fail(writable);
        JobInfo info;
        Status written = vault.write(
            [&](Database& database) -> Status {
                Result<JobRecord> job = job_record(database, id);
                if (!job) return fail(job);
                if (Status asked = ask_to_stop(vault, database, *job, wish); !asked) return asked;
                info = to_job_info(vault, database, *job);
                event.detail = oversight::Detail().text("kind", job->kind).text("title", info.title).done();
                return {};
            },
            std::span(&event, 1));
        if (!written) return fail(written);
        return info;
    });
}

}  // namespace

JobInfo to_job_info(const OpenVault& vault, Database& database, const JobRecord& job) {
    JobInfo info;
    info.id = job.id;
    info.kind = job.kind;
    info.title = title_of(database, job);
    info.actor = job.actor;
    info.total = job.total;
    info.done = job.done;
    info.failed = job.failed;
    info.state = state_of(vault, job);
    info.error = job.error;
    info.created_at = job.created_at;
    info.updated_at = job.updated_at;
    return info;
}

Result<std::vector<JobInfo>> list_jobs(OpenVault& vault, const Session& session, std::int64_t before, std::int64_t limit) {
    if (Status allowed = require_operator(session, kSeeJobs); !allowed) return fail(allowed);
    if (limit < 1 || before < 0) return fail(ErrorCode::kInvalidInput, "At least one job must be asked for.");
    return ask_store(vault, [&](Database& database) -> Result<std::vector<JobInfo>> {
        const Result<std::vector<JobRecord>> jobs = store::list_jobs(database, before, limit);
        if (!jobs) return fail(jobs);
        std::vector<JobInfo> infos;
        infos.reserve(jobs->size());
        for (const JobRecord& job : *jobs) infos.push_back(to_job_info(vault, database, job));
        return infos;
    });
}

Result<JobInfo> show_job(OpenVault& vault, const Session& session, std::int64_t id) {
    if (Status allowed = require_operator(session, kSeeJobs); !allowed) return fail(allowed);
    return ask_store(vault, [&](Database& database) -> Result<JobInfo> {
        const Result<JobRecord> job = job_record(database, id);
        if (!job) return fail(job);
        return to_job_info(vault, database, *job);
    });
}

Result<std::vector<JobFailure>> job_failures(OpenVault& vault, const Session& session, std::int64_t id, std::int64_t limit) {
    if (Status allowed = require_operator(session, kSeeJobs); !allowed) return fail(allowed);
    return ask_store(vault, [&](Database& database) -> Result<std::vector<JobFailure>> {
        if (const Result<JobRecord> job = job_record(database, id); !job) return fail(job);
        return store::job_failures(database, id, limit);
    });
}

Result<JobInfo> pause_job(OpenVault& vault, const Session& session, std::int64_t id) {
    return stop_job(vault, session, "PauseJob", id, JobWish::kPause);
}

Result<JobInfo> cancel_job(OpenVault& vault, const Session& session, std::int64_t id) {
    return stop_job(vault, session, "CancelJob", id, JobWish::kCancel);
}

Result<JobInfo> resume_job(OpenVault& vault, const Session& session, std::int64_t id, const Progress& progress) {
    if (Status allowed = require_operator(session, kManageJobs); !allowed) return fail(allowed);
    const Result<JobRecord> job = ask_store(vault, [&](Database& database) { return job_record(database, id); });
    if (!job) return fail(job);
    if (job->state == JobState::kDone || job->state == JobState::kCancelled) return has_ended(*job);
    if (job->kind == kRewrapKind) return resume_rewrap(vault, session, *job, progress);
    if (job->kind == kBulkKind) {
        Result<BulkRun> run = resume_bulk(vault, session, id, progress);
        if (!run) return fail(run);
        if (run->stopped) return std::unexpected(std::move(*run->stopped));
        return std::move(run->job);
    }
    if (job->kind == kCreateWalletsKind) {
        if (const auto made = resume_wallets(vault, session, *job, progress); !made) return fail(made);
        return show_job(vault, session, id);
    }
    if (is_of_fernet(*job)) {
        return fail(ErrorCode::kRejected, "A migration needs its Fernet keys, which are kept nowhere.",
                    "Go on with it: give the command that began it again.");
    }
    return fail(ErrorCode::kRejected, "This version of Keydeck does not know jobs of the kind \"" + job->kind + "\".");
}

}  // namespace keydeck::custody
