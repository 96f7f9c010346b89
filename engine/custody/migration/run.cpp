#include "engine/custody/migration/run.hpp"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "engine/custody/access.hpp"
#include "engine/custody/audit_trail.hpp"
#include "engine/custody/migration/passes.hpp"
#include "engine/oversight/detail.hpp"
#include "engine/sqlite/db_transaction.hpp"

namespace keydeck::custody::migration {
namespace {

using sqlite::Database;

std::string job_detail(const store::JobRecord& job) {
    oversight::Detail detail;
    detail.number("job", job.id).raw("request", job.request).number("done", job.done);
    return detail.number("failed", job.failed).number("total", job.total).done();
}

AuditEvent event_of_cell(OpenVault& vault, const Session& session, const RunNames& names, const FernetProblem& problem,
                         const FernetReport& report, std::int64_t job) {
    AuditEvent event = event_of(vault, session, names.cell, problem.column + " " + problem.row);
    event.key_id = report.key_id;
    event.detail = oversight::Detail().number("job", job).done();
    mark_failed(event, Error{ErrorCode::kRejected, problem.reason, {}, {}});
    return event;
}

std::string closing_sentence(const FernetReport& report) {
    std::string sentence;
    if (report.problem_count > 0) sentence = fmt::format("Cells left as they were: {}. ", report.problem_count);
    if (!report.backup.empty()) sentence += "The backup " + report.backup.string() + " holds the old tokens.";
    return sentence;
}

Result<Opened> open_without_plan(OpenVault& vault, const Session& session, const FernetMigration& request) {
    if (Status allowed = require_operator(session, "migrate an application's database"); !allowed) return fail(allowed);
    if (Status writable = vault.require_writable(); !writable) return fail(writable);
    if (const Result<kms::Kms*> kms = vault.unlocked_kms(); !kms) return fail(kms);
    Result<Database> database = open_app_database(request, false);
    if (!database) return fail(database);
    Result<std::optional<JournalHead>> journal = journal_head(*database);
    if (!journal) return fail(journal);
    return Opened{std::move(*database), std::move(*journal), {}};
}

}  // namespace

Result<Opened> open_for_change(OpenVault& vault, const Session& session, const FernetMigration& request) {
    Result<Opened> opened = open_without_plan(vault, session, request);
    if (!opened) return fail(opened);
    Result<MigrationPlan> plan = plan_migration(vault, opened->database, request, opened->journal);
    if (!plan) return fail(plan);
    opened->plan = std::move(*plan);
    return opened;
}

Result<Opened> open_for_rollback(OpenVault& vault, const Session& session, const FernetMigration& request) {
    Result<Opened> opened = open_without_plan(vault, session, request);
    if (!opened) return fail(opened);
    if (!is_under_way(opened->journal)) {
        return fail(ErrorCode::kNotFound,
                    opened->journal ? "The migration of this database was rolled back already."
                                    : "This database has no journal of a migration: there is nothing to roll back.");
    }
    Result<MigrationPlan> plan = plan_rollback(opened->database, request, *opened->journal);
    if (!plan) return fail(plan);
    opened->plan = std::move(*plan);
    return opened;
}

AuditEvent event_of_run(OpenVault& vault, const Session& session, std::string_view action, const FernetMigration& request) {
    return event_of(vault, session, action, request.database.string());
}

Result<bool> is_begun(OpenVault& vault, const Session& session, const RunNames& names, const MigrationPlan& plan) {
    return ask_store(vault, [&](Database& database) -> Result<bool> {
        const auto job = store::unfinished_job(database, names.kind, plan.text(), session.actor());
        if (!job) return fail(job);
        return job->has_value();
    });
}

Result<JobRun> begin_job(OpenVault& vault, const Session& session, const RunNames& names, const MigrationPlan& plan,
                         std::int64_t done, std::int64_t total, AuditEvent event) {
    event.key_id = plan.key_id;
    const std::string request = plan.text();
    Result<JobRun> job = JobRun::begin(
        vault, session, names.kind, request, total, std::move(event),
        [&](const store::JobRecord& record, bool resumed, AuditEvent& begun) {
            if (resumed) begun.action = names.resume;
            begun.detail = job_detail(record);
        },
        [&](Database& database) { return store::unfinished_job(database, names.kind, request, session.actor()); });
    if (job) job->start_at(done);
    return job;
}

Status end_job(OpenVault& vault, const Session& session, const RunNames& names, const FernetMigration& request, JobRun& job,
               const FernetReport& report) {
    if (!report.problems.empty()) {
        std::vector<AuditEvent> events;
        events.reserve(report.problems.size());
        for (const FernetProblem& problem : report.problems)
            events.push_back(event_of_cell(vault, session, names, problem, report, job.id()));
        Status noted = vault.write(
            [&](Database& database) -> Status {
                for (const FernetProblem& problem : report.problems) {
                    const std::string item = problem.column + " " + problem.row;
                    if (Status one = job.note_failure(database, item, problem.reason); !one) return one;
                }
                return job.count(database, 0, report.problem_count, 0);
            },
            events);
        if (!noted) return noted;
        job.committed();
    }
    AuditEvent event = event_of_run(vault, session, names.end, request);
    event.key_id = report.key_id;
    event.detail = job_detail(job.record());
    return job.finish(closing_sentence(report), event);
}

std::unexpected<Error> stop_job(OpenVault& vault, const Session& session, const RunNames& names,
                                const FernetMigration& request, JobRun& job, const Status& stopped) {
    Status placed = with_place(job, stopped);
    AuditEvent event = event_of_run(vault, session, names.end, request);
    event.detail = job_detail(job.record());
    job.pause(placed.error().message);
    record_failure(vault, event, placed.error());
    return std::unexpected(std::move(placed.error()));
}

Status write_app(Database& database, const std::function<Status()>& change) {
    auto transaction = sqlite::DbTransaction::begin_write(database);
    if (!transaction) return fail(transaction);
    if (Status changed = change(); !changed) return changed;
    return transaction->commit();
}

}  // namespace keydeck::custody::migration
