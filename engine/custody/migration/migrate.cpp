#include "engine/custody/migration/migrate.hpp"

#include <chrono>
#include <utility>

#include "engine/custody/audit_trail.hpp"
#include "engine/custody/migration/backup.hpp"
#include "engine/custody/migration/passes.hpp"
#include "engine/custody/migration/remains.hpp"
#include "engine/custody/migration/run.hpp"
#include "engine/custody/migration/survey.hpp"
#include "engine/sqlite/db_transaction.hpp"

namespace keydeck::custody::migration {
namespace {

using sqlite::Database;
namespace fs = std::filesystem;

struct Begun {
    Opened opened;
    std::optional<JobRun> job;  ///< none: there is nothing to do
};

std::int64_t cells_done(Database& database, const Opened& opened) {
    std::int64_t done = 0;
    if (!is_under_way(opened.journal)) return done;
    for (const AppColumn& column : opened.plan.columns)
        done += count_cells(database, column, CellState::kMigrated).value_or(0);
    return done;
}

Result<Begun> begin(OpenVault& vault, const Session& session, const FernetMigration& request, const AuditEvent& event,
                    const std::stop_token& stop) {
    Result<Opened> opened = open_for_change(vault, session, request);
    if (!opened) return fail(opened);
    if (opened->plan.keys.empty()) {
        return fail(ErrorCode::kInvalidInput, "No Fernet key was given.",
                    "Name a file that holds it with --key-file, or set ENCRYPTION_KEY.");
    }
    const Result<std::int64_t> tokens = count_tokens(opened->database, opened->plan, stop);
    if (!tokens && tokens.error().code == ErrorCode::kCancelled)
        return fail(ErrorCode::kCancelled, "Stopped: nothing was changed.");
    if (!tokens) return fail(tokens);
    const Result<bool> was_begun = is_begun(vault, session, kMigrating, opened->plan);
    if (!was_begun) return fail(was_begun);
    Begun begun{std::move(*opened), std::nullopt};
    const bool unfinished = begun.opened.journal && begun.opened.journal->state == MigrationState::kRunning;
    if (*tokens == 0 && !*was_begun && !unfinished) return begun;
    const std::int64_t done = cells_done(begun.opened.database, begun.opened);
    Result<JobRun> job = begin_job(vault, session, kMigrating, begun.opened.plan, done, done + *tokens, event);
    if (!job) return fail(job);
    begun.job.emplace(std::move(*job));
    return begun;
}

/// The backup of the first run, or a new one where that is gone; then the journal, which names it.
Result<JournalHead> prepare(OpenVault& vault, Opened& opened) {
    std::error_code ignored;
    const bool goes_on = is_under_way(opened.journal);
    JournalHead head = goes_on ? *opened.journal : JournalHead{};
    if (head.backup.empty() || !fs::exists(head.backup, ignored)) {
        const Result<fs::path> made = back_up(opened.database, vault.now());
        if (!made) return fail(made);
        head.backup = made->string();
    }
    head.state = MigrationState::kRunning;
    head.vault = vault.record().id;
    head.key_arn = opened.plan.key_arn;
    head.bind = opened.plan.bind;
    Status written = write_app(opened.database, [&]() -> Status {
        if (goes_on) {
            if (Status own = require_own_journal(opened.database, *opened.journal); !own) return own;
            return update_journal(opened.database, head, vault.now());
        }
        const Result<std::optional<JournalHead>> now = journal_head(opened.database);
        if (!now) return fail(now);
        if (is_under_way(*now)) {
            return fail(ErrorCode::kAlreadyExists, "Another process has just begun to migrate this database.",
                        "Give the same command again.");
        }
        head.started_at = vault.now();
        const Result<std::int64_t> id = begin_journal(opened.database, head);
        if (!id) return fail(id);
        head.id = *id;
        return {};
    });
    if (!written) return fail(written);
    return head;
}

Status work(OpenVault& vault, const FernetMigration& request, Opened& opened, JobRun& job, const Progress& progress,
            FernetReport& report) {
    const Result<kms::Kms*> kms = vault.unlocked_kms();
    if (!kms) return fail(kms);
    Result<JournalHead> head = prepare(vault, opened);
    if (!head) return fail(head);
    report.backup = head->backup;
    if (is_under_way(opened.journal) && opened.journal->backup != head->backup) {
        report.notices.push_back(
            "The backup " + opened.journal->backup +
            " is gone. The new one is of the database as it was now, migrated in part: rolled back, what was migrated "
            "before becomes new tokens.");
    }
    if (progress.report) progress.report(job.done(), job.total());
    CellsLeftAlone left_alone;
    const JournalHead running = *head;
    MigrationRun run{vault, opened.database, opened.plan, job, progress, running};
    Passes passes(run, CellWork(opened.plan, **kms, CellWork::Task::kMigrate, &left_alone), left_alone, CellState::kMigrated,
                  Verdict::kMigrated);
    passes.count_old_with([&]() -> Result<std::int64_t> {
        const Result<sqlite::DbTransaction> snapshot = sqlite::DbTransaction::begin_read(opened.database);
        if (!snapshot) return fail(snapshot);
        return count_tokens(opened.database, opened.plan, progress.stop);
    });
    if (Status passed = passes.run(report); !passed) return passed;
    head->state = MigrationState::kDone;
    Status ended = write_app(opened.database, [&]() -> Status {
        if (Status own = require_own_journal(opened.database, running); !own) return own;
        return update_journal(opened.database, *head, vault.now());
    });
    if (!ended) return ended;
    clear_remains(opened.database, request.vacuum, report);
    return {};
}

/// Nothing is left to migrate, and nothing was begun.
Result<FernetReport> look_only(OpenVault& vault, const FernetMigration& request, Opened& opened, const Progress& progress) {
    FernetReport report;
    report.key_id = opened.plan.key_id;
    const bool journaled = is_under_way(opened.journal);
    if (journaled) report.backup = opened.journal->backup;
    const Status looked = survey(vault, opened.database, opened.plan, CellWork::Task::kLook, journaled, progress, report);
    if (!looked) return fail(looked);
    if (journaled) clear_remains(opened.database, request.vacuum, report);
    return report;
}

}  // namespace

Result<FernetReport> migrate_fernet(OpenVault& vault, const Session& session, const FernetMigration& request,
                                    const Progress& progress) {
    const auto started = std::chrono::steady_clock::now();
    const auto time = [&] {
        return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - started);
    };
    AuditEvent event = event_of_run(vault, session, kMigrating.begin, request);
    Result<Begun> begun = audited(vault, event, [&] { return begin(vault, session, request, event, progress.stop); });
    if (!begun) return fail(begun);
    if (!begun->job) {
        Result<FernetReport> report = look_only(vault, request, begun->opened, progress);
        if (report) report->time = time();
        return report;
    }
    FernetReport report;
    report.key_id = begun->opened.plan.key_id;
    JobRun& job = *begun->job;
    if (Status worked = work(vault, request, begun->opened, job, progress, report); !worked)
        return stop_job(vault, session, kMigrating, request, job, worked);
    if (Status ended = end_job(vault, session, kMigrating, request, job, report); !ended) return fail(ended);
    report.time = time();
    return report;
}

}  // namespace keydeck::custody::migration
