#include "engine/custody/migration/passes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/crypto/hash.hpp"
#include "engine/custody/migration/walk.hpp"
#include "engine/sqlite/db_transaction.hpp"

namespace keydeck::custody::migration {
namespace {

using sqlite::Database;
using sqlite::DbTransaction;

// An application that goes on writing tokens would be followed for ever.
constexpr int kMostPasses = 20;
constexpr std::string_view kGoOn = "Go on: give the same command again.";

/// Whether the application's own rules refuse this one row: the others go on.
bool is_of_the_row(const Error& error) {
    return error.code == ErrorCode::kRejected || error.code == ErrorCode::kInternal ||
           error.code == ErrorCode::kAlreadyExists || error.code == ErrorCode::kInvalidInput;
}

std::pair<const AppColumn*, std::string> identity(const Outcome& outcome) {
    return {outcome.cell.column, outcome.cell.journal_row()};
}

bool has_work(const Outcome& outcome) { return !outcome.content.empty() || outcome.is_found; }

}  // namespace

Status with_place(const JobRun& job, Status stopped) {
    if (stopped) return stopped;
    Error& error = stopped.error();
    if (error.code != ErrorCode::kCancelled || !error.message.starts_with("Job "))
        error.message += fmt::format(" {} of {} are done, and those are complete.", job.done(), job.total());
    if (job.is_to_be_cancelled()) return stopped;
    while (error.hint.ends_with('.')) error.hint.pop_back();
    if (error.code == ErrorCode::kCancelled) error.hint.clear();
    error.hint += error.hint.empty() ? std::string(kGoOn) : "; then give the same command again: it goes on.";
    return stopped;
}

Status Passes::run(FernetReport& report) {
    for (int nth = 1; nth <= kMostPasses; ++nth) {
        const Result<std::int64_t> version = run_.database.data_version();
        if (!version) return fail(version);
        Tally tally(run_.plan.columns);
        Status passed = pass(tally);
        report.changed = changed_;
        report.migrated_again = again_;
        if (!passed) return passed;
        tally.move_into(report);
        if (changed_in_pass_ != 0 || stale_in_pass_ != 0) continue;
        const Result<bool> overtaken = is_overtaken(*version, report);
        if (!overtaken) return fail(overtaken);
        if (!*overtaken) return {};
    }
    report.notices.push_back(
        fmt::format("The application goes on writing: {} cells were still new in the last of {} passes.",
                    changed_in_pass_ + stale_in_pass_, kMostPasses));
    ++report.problem_count;
    report.problems.push_back(
        {"", "", "The application still writes the old form. Stop that, and give the same command again."});
    return {};
}

/// Whether somebody has written more of the old form than the pass since that version has seen.
Result<bool> Passes::is_overtaken(std::int64_t version, const FernetReport& report) {
    if (!count_old_) return false;
    const Result<std::int64_t> now = run_.database.data_version();
    if (!now) return fail(now);
    if (*now == version) return false;
    const Result<std::int64_t> old = count_old_();
    if (!old) return fail(old);
    std::int64_t seen = 0;
    for (const FernetColumnReport& column : report.columns) seen += column.tokens;
    return *old > seen;
}

Status Passes::pass(Tally& tally) {
    changed_in_pass_ = 0;
    stale_in_pass_ = 0;
    const CellWalk walk{run_.vault,
                        run_.database,
                        run_.plan.columns,
                        run_.progress.stop,
                        true,
                        complete_,
                        work_,
                        [&](std::vector<Outcome>& batch) -> Status {
                            if (Status settled = settle(batch); !settled) return settled;
                            for (const Outcome& outcome : batch) tally.add(outcome);
                            return run_.job.asked_to_stop();
                        }};
    Status walked = walk_cells(walk);
    if (walked || walked.error().code != ErrorCode::kCancelled) return walked;
    // A call that was cut short says so in the KMS's words.
    if (Status wished = run_.job.asked_to_stop(); !wished) return wished;
    return fail(ErrorCode::kCancelled, "Stopped:");
}

Status Passes::settle(std::vector<Outcome>& batch) {
    if (std::ranges::none_of(batch, has_work)) return {};
    careful_ = false;
    while (true) {
        const Result<bool> written = write(batch);
        if (!written) return fail(written);
        if (*written) break;
    }
    for (Outcome& outcome : batch) {
        if (outcome.is_stale) stale_.insert(identity(outcome));
        if (!outcome.is_replaced) continue;
        outcome.verdict = replaced_;
        const bool was_turned = outcome.cell.journal && outcome.cell.journal->state == state_;
        if (was_turned || stale_.erase(identity(outcome)) > 0) ++again_;
    }
    return count(batch);
}

/// One DbTransaction; false: it has to be tried again, without what is left alone by now.
Result<bool> Passes::write(std::vector<Outcome>& batch) {
    Result<DbTransaction> transaction = DbTransaction::begin_write(run_.database);
    if (!transaction) return fail(transaction);
    if (Status own = require_own_journal(run_.database, run_.head); !own) return fail(own);
    for (Outcome& outcome : batch) {
        outcome.is_replaced = outcome.is_stale = false;
        if (!has_work(outcome)) continue;
        const Result<bool> written = write_one(outcome);
        if (!written) return fail(written);
        if (!*written) return false;
    }
    if (Status committed = transaction->commit(); !committed) return fail(committed);
    return true;
}

/// As replace(); where that fails, what it and triggers have done is undone to the last row.
Result<Replaced> Passes::replace_carefully(const Outcome& outcome) {
    if (!careful_) return replace(run_.database, outcome.cell, outcome.content);
    if (Status saved = run_.database.execute("SAVEPOINT keydeck_cell"); !saved) return fail(saved);
    Result<Replaced> replaced = replace(run_.database, outcome.cell, outcome.content);
    if (!run_.database.in_transaction()) return replaced;
    const bool good = replaced && *replaced != Replaced::kUndone;
    const std::string_view end = good ? "RELEASE keydeck_cell" : "ROLLBACK TO keydeck_cell; RELEASE keydeck_cell";
    if (Status ended = run_.database.execute(end); !ended) return fail(ended);
    return replaced;
}

/// False: the DbTransaction must be given up, and the cell is left alone.
Result<bool> Passes::write_one(Outcome& outcome) {
    const Cell& cell = outcome.cell;
    const bool had_savepoint = careful_;
    const auto leave_alone = [&](std::string reason) {
        left_alone_.add(cell, reason);
        outcome.content.clear();
        outcome.reason = std::move(reason);
        careful_ = true;
        return had_savepoint && run_.database.in_transaction();
    };
    if (outcome.content.empty()) {  // found: only noted
        const JournalCell note{CellState::kFound, cell.hash(), cell.hash()};
        if (Status noted = note_cell(run_.database, *cell.column, cell.journal_row(), note, run_.vault.now()); !noted)
            return fail(noted);
        return true;
    }
    const Result<Replaced> replaced = replace_carefully(outcome);
    if (!replaced) {
        // RAISE(FAIL) would leave the row changed, and what triggers wrote.
        if (!is_of_the_row(replaced.error())) return fail(replaced);
        return leave_alone(replaced.error().message);
    }
    if (*replaced == Replaced::kUndone)
        return leave_alone("The application's database undid the change (a trigger?); the cell was left as it is.");
    outcome.is_stale = *replaced == Replaced::kChanged;
    if (outcome.is_stale) return true;
    const JournalCell note{state_, cell.hash(), crypto::sha256(as_bytes(outcome.content))};
    if (Status noted = note_cell(run_.database, *cell.column, cell.journal_row(), note, run_.vault.now()); !noted)
        return fail(noted);
    outcome.is_replaced = true;
    return true;
}

/// The application's database is durable by now; the job's count follows.
Status Passes::count(const std::vector<Outcome>& batch) {
    const auto changed = std::ranges::count_if(batch, &Outcome::is_replaced);
    changed_in_pass_ += changed;
    changed_ += changed;
    stale_in_pass_ += std::ranges::count_if(batch, &Outcome::is_stale);
    Status counted = run_.vault.write([&](Database& database) { return run_.job.count(database, changed); });
    if (!counted) return counted;
    run_.job.committed();
    if (run_.progress.report) run_.progress.report(run_.job.done(), run_.job.total());
    return {};
}

}  // namespace keydeck::custody::migration
