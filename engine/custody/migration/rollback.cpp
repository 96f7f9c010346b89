// Back to Fernet: what the backup holds where nothing was written since, and where something was, that value as a new token.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <span>
#include <utility>

#include "engine/crypto/hash.hpp"
#include "engine/custody/audit_trail.hpp"
#include "engine/custody/migration/backup.hpp"
#include "engine/custody/migration/migrate.hpp"
#include "engine/custody/migration/passes.hpp"
#include "engine/custody/migration/run.hpp"
#include "engine/custody/migration/walk.hpp"

namespace keydeck::custody::migration {
namespace {

using sqlite::Database;
namespace fs = std::filesystem;

constexpr std::size_t kMostListed = 10;

/// Whether it was this very value before the migration: then there is nothing to turn back. What the migration itself made
/// was none, wherever else it stands too.
bool is_as_backed_up(const Cell& cell) {
    const bool migrated = cell.journal && cell.journal->state == CellState::kMigrated;
    return !migrated && cell.backup && *cell.backup == cell.text();
}

/// The work of one thread on one cell. Thread-safe.
class RollbackWork {
public:
    /// `is_key_proven`: the first Fernet key is one that the application's tokens open with.
    RollbackWork(OpenVault& vault, const MigrationPlan& plan, kms::Kms& kms, bool force, bool is_key_proven,
                 const CellsLeftAlone& left_alone)
        : vault_(vault), plan_(plan), kms_(kms), force_(force), is_key_proven_(is_key_proven), left_alone_(left_alone) {}

    Outcome operator()(Cell cell) const {
        Outcome outcome;
        outcome.cell = std::move(cell);
        const Look look = look_at(outcome.cell);
        if (look.kind == CellKind::kEmpty) outcome.verdict = Verdict::kEmpty;
        if (look.kind == CellKind::kToken) outcome.verdict = Verdict::kToken;
        if (look.kind == CellKind::kKmsCiphertext) turn_back(outcome, look.ciphertext);
        if (look.kind == CellKind::kBrokenToken) leave(outcome, Verdict::kUndecryptable, look.why);
        if (look.kind == CellKind::kOther)
            leave(outcome, Verdict::kOther, "It is neither a Fernet token nor a KMS ciphertext; it was left alone.");
        return outcome;
    }

private:
    /// What was there before the migration, and was a problem then, is none of the way back.
    static void leave(Outcome& outcome, Verdict verdict, std::string_view reason) {
        outcome.verdict = verdict;
        if (!is_as_backed_up(outcome.cell)) outcome.reason = reason;
    }

    void turn_back(Outcome& outcome, ByteView ciphertext) const {
        const Cell& cell = outcome.cell;
        outcome.verdict = Verdict::kMigrated;
        const bool as_journaled = cell.is_as_journaled();
        if (is_as_backed_up(cell)) return;
        if (const auto reason = left_alone_.reason(cell)) {
            outcome.reason = *reason;
            return;
        }
        const bool migrated = as_journaled && cell.journal->state == CellState::kMigrated;
        if (migrated && cell.backup && crypto::sha256(as_bytes(*cell.backup)) == cell.journal->old_hash) {
            outcome.content = *cell.backup;
            return;
        }
        if (!migrated && !force_) {
            outcome.reason = "It was written since the migration; it was left as it is.";
            return;
        }
        seal_anew(outcome, ciphertext);
    }

    void seal_anew(Outcome& outcome, ByteView ciphertext) const {
        const std::optional<SecretBytes> value = open_ciphertext(plan_, kms_, ciphertext, outcome);
        if (!value) return;
        if (plan_.keys.empty()) {
            outcome.stop = Error{ErrorCode::kInvalidInput, "Some values are not in the backup, and no Fernet key was given.",
                                 "Name a file that holds it with --key-file, or set ENCRYPTION_KEY.", ""};
            return;
        }
        if (!is_key_proven_ && !force_) {
            outcome.stop = Error{ErrorCode::kRejected,
                                 "Some values are not in the backup, and the first Fernet key opens no token of the backup: "
                                 "the application could not read what is made with it.",
                                 "Name the application's key first, or add --force", ""};
            return;
        }
        std::string token = crypto::FernetToken::seal(plan_.keys.front(), value->view(), vault_.now(), vault_.random());
        const auto parsed = crypto::FernetToken::parse(token);
        const auto back = parsed ? parsed->open(plan_.keys.front()) : fail(parsed);
        if (back && equal_in_constant_time(back->view(), value->view())) {
            outcome.content = std::move(token);
        } else {
            outcome.reason = "The token made of it did not open again; it was left as it is.";
        }
    }

    OpenVault& vault_;
    const MigrationPlan& plan_;
    kms::Kms& kms_;
    bool force_;
    bool is_key_proven_;
    const CellsLeftAlone& left_alone_;
};

/// The copy from before. Where the first was gone, it is one of a database that was migrated in part: then it tells the
/// token that a cell had, and not that a ciphertext was there before.
struct Backup {
    Database database;
    bool is_of_before = true;
};

Result<Backup> open_backup_of(const JournalHead& head) {
    Result<Database> database = open_backup(head.backup);
    if (!database) return fail(database);
    const Result<std::optional<JournalHead>> inside = journal_head(*database);
    if (!inside) return fail(inside);
    const bool is_of_before = !*inside || (*inside)->id != head.id;
    return Backup{std::move(*database), is_of_before};
}

/// Reads what the backup has in the place of each cell. A table or column it does not have, it has no token of.
Status complete(Backup& backup, std::vector<Cell>& cells) {
    for (Cell& cell : cells) {
        const bool migrated = cell.journal && cell.journal->state == CellState::kMigrated;
        if (migrated ? !cell.is_as_journaled() : !backup.is_of_before) continue;
        const auto value = read_again(backup.database, cell);
        if (!value && value.error().code == ErrorCode::kInternal) continue;
        if (!value) return fail(value);
        if (!*value) continue;
        Cell there;
        there.value = **value;
        cell.backup = std::string(there.text());
    }
    return {};
}

/// Whether the first of the Fernet keys opens a token of these columns.
bool opens_one(Database& backup, const MigrationPlan& plan) {
    constexpr std::int64_t kPage = 500;
    if (plan.keys.empty()) return false;
    const std::span first_key(plan.keys.data(), 1);
    const auto opens = [&](const Cell& cell) {
        const Look look = look_at(cell);
        return look.token && crypto::key_of(*look.token, first_key) != nullptr;
    };
    for (const AppColumn& column : plan.columns) {
        Cell last;
        for (bool first = true;; first = false) {
            Result<std::vector<Cell>> cells = read_cells(backup, column, first ? nullptr : &last, kPage, false);
            if (!cells || cells->empty()) break;
            if (std::ranges::any_of(*cells, opens)) return true;
            last = std::move(cells->back());
        }
    }
    return false;
}

/// Whether the application has written over a cell that was migrated, or a ciphertext of its own.
bool is_written_since(const Cell& cell) {
    const CellKind kind = look_at(cell).kind;
    if (kind == CellKind::kToken) return false;  // it is what it would become
    if (is_as_backed_up(cell)) return false;
    if (cell.journal && cell.journal->state == CellState::kMigrated) return !cell.is_as_journaled();
    return kind == CellKind::kKmsCiphertext || (cell.journal && !cell.is_as_journaled());
}

/// Error: rejected, with the first of them, where cells were written since the migration.
Status require_untouched(Database& database, Backup& backup, const MigrationPlan& plan, const std::stop_token& stop) {
    constexpr std::int64_t kPage = 500;
    std::size_t written = 0;
    std::string list;
    for (const AppColumn& column : plan.columns) {
        Cell last;
        for (bool first = true;; first = false) {
            if (stop.stop_requested()) return fail(ErrorCode::kCancelled, "Stopped: nothing was changed.");
            Result<std::vector<Cell>> cells = read_cells(database, column, first ? nullptr : &last, kPage, true);
            if (!cells) return fail(cells);
            if (cells->empty()) break;
            if (Status completed = complete(backup, *cells); !completed) return completed;
            for (const Cell& cell : *cells) {
                if (!is_written_since(cell) || ++written > kMostListed) continue;
                list += fmt::format("{}{} {}", list.empty() ? "" : ", ", column.name(), cell.shown_row());
            }
            last = std::move(cells->back());
        }
    }
    if (written == 0) return {};
    return fail(ErrorCode::kRejected,
                fmt::format("{} cells were written since the migration ({}{}); nothing was changed.", written, list,
                            written > kMostListed ? ", …" : ""),
                "--force turns them back too: their values of now become new Fernet tokens.");
}

struct Begun {
    Opened opened;
    std::optional<Backup> backup;
    std::optional<JobRun> job;
};

Result<Begun> begin(OpenVault& vault, const Session& session, const FernetMigration& request, const AuditEvent& event,
                    const std::stop_token& stop) {
    Result<Opened> opened = open_for_rollback(vault, session, request);
    if (!opened) return fail(opened);
    Begun begun{std::move(*opened), std::nullopt, std::nullopt};
    Result<Backup> backup = open_backup_of(*begun.opened.journal);
    if (!backup && !request.force) {
        return fail(ErrorCode::kNotFound, "The backup does not open. " + backup.error().message,
                    "Put it back, or add --force: every value then becomes a new Fernet token.");
    }
    if (backup) begun.backup.emplace(std::move(*backup));
    if (!request.force) {
        Status untouched = require_untouched(begun.opened.database, *begun.backup, begun.opened.plan, stop);
        if (!untouched) return fail(untouched);
    }
    std::int64_t done = 0;
    std::int64_t left = 0;
    for (const AppColumn& column : begun.opened.plan.columns) {
        done += count_cells(begun.opened.database, column, CellState::kRolledBack).value_or(0);
        left += count_cells(begun.opened.database, column, CellState::kMigrated).value_or(0);
    }
    Result<JobRun> job = begin_job(vault, session, kRollingBackNames, begun.opened.plan, done, done + left, event);
    if (!job) return fail(job);
    begun.job.emplace(std::move(*job));
    return begun;
}

/// Whether every column that was migrated is among those that were turned back.
Result<bool> is_all_back(Database& database, const MigrationPlan& plan) {
    const Result<std::vector<std::string>> names = migrated_columns(database);
    if (!names) return fail(names);
    return std::ranges::all_of(*names, [&](const std::string& name) {
        return std::ranges::any_of(plan.columns, [&](const AppColumn& column) { return column.name() == name; });
    });
}

Status work(OpenVault& vault, const FernetMigration& request, Begun& begun, const Progress& progress, FernetReport& report) {
    const Result<kms::Kms*> kms = vault.unlocked_kms();
    if (!kms) return fail(kms);
    Opened& opened = begun.opened;
    JournalHead head = *opened.journal;
    head.state = MigrationState::kRollingBack;
    // From the journal as it was read to `head`, if it is so still.
    const auto write_head = [&](const JournalHead& from) {
        return write_app(opened.database, [&]() -> Status {
            if (Status own = require_own_journal(opened.database, from); !own) return own;
            return update_journal(opened.database, head, vault.now());
        });
    };
    if (Status written = write_head(*opened.journal); !written) return written;
    const JournalHead running = head;
    if (progress.report) progress.report(begun.job->done(), begun.job->total());
    CellsLeftAlone left_alone;
    MigrationRun run{vault, opened.database, opened.plan, *begun.job, progress, running};
    const bool is_key_proven = begun.backup && opens_one(begun.backup->database, opened.plan);
    Passes passes(run, RollbackWork(vault, opened.plan, **kms, request.force, is_key_proven, left_alone), left_alone,
                  CellState::kRolledBack, Verdict::kToken);
    if (begun.backup) passes.complete_with([&](std::vector<Cell>& cells) { return complete(*begun.backup, cells); });
    if (Status passed = passes.run(report); !passed) return passed;
    const Result<bool> all = is_all_back(opened.database, opened.plan);
    if (!all) return fail(all);
    head.state = *all && report.is_complete() ? MigrationState::kRolledBack : MigrationState::kDone;
    return write_head(running);
}

}  // namespace

Result<FernetReport> roll_back_fernet(OpenVault& vault, const Session& session, const FernetMigration& request,
                                      const Progress& progress) {
    const auto started = std::chrono::steady_clock::now();
    AuditEvent event = event_of_run(vault, session, kRollingBackNames.begin, request);
    Result<Begun> begun = audited(vault, event, [&] { return begin(vault, session, request, event, progress.stop); });
    if (!begun) return fail(begun);
    FernetReport report;
    report.key_id = begun->opened.plan.key_id;
    report.backup = begun->opened.journal->backup;
    JobRun& job = *begun->job;
    if (Status worked = work(vault, request, *begun, progress, report); !worked)
        return stop_job(vault, session, kRollingBackNames, request, job, worked);
    if (Status ended = end_job(vault, session, kRollingBackNames, request, job, report); !ended) return fail(ended);
    report.time = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - started);
    return report;
}

}  // namespace keydeck::custody::migration
