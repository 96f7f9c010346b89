#include "engine/custody/migration/survey.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/text.hpp"
#include "engine/custody/access.hpp"
#include "engine/custody/migration/migrate.hpp"
#include "engine/custody/migration/walk.hpp"

namespace keydeck::custody::migration {
namespace {

using sqlite::Database;

/// What a verb that only looks begins with.
struct Looking {
    Database database;
    std::optional<JournalHead> journal;
    MigrationPlan plan;
};

Result<Looking> begin_to_look(OpenVault& vault, const Session& session, const FernetMigration& request) {
    if (Status allowed = require_operator(session, "see what a migration would do"); !allowed) return fail(allowed);
    Result<Database> database = open_app_database(request, true);
    if (!database) return fail(database);
    Result<std::optional<JournalHead>> journal = journal_head(*database);
    if (!journal) return fail(journal);
    Result<MigrationPlan> plan = plan_migration(vault, *database, request, *journal);
    if (!plan) return fail(plan);
    return Looking{std::move(*database), std::move(*journal), std::move(*plan)};
}

Result<FernetReport> look(OpenVault& vault, const Session& session, const FernetMigration& request, CellWork::Task task,
                          const Progress& progress) {
    const auto begun = std::chrono::steady_clock::now();
    Result<Looking> looking = begin_to_look(vault, session, request);
    if (!looking) return fail(looking);
    FernetReport report;
    report.key_id = looking->plan.key_id;
    const std::optional<JournalHead>& journal = looking->journal;
    if (is_under_way(journal)) report.backup = journal->backup;
    const Status looked = survey(vault, looking->database, looking->plan, task, is_under_way(journal), progress, report);
    if (!looked) return fail(looked);
    report.time = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begun);
    return report;
}

}  // namespace

Result<std::int64_t> count_rows(Database& database, const std::vector<AppColumn>& columns) {
    std::int64_t rows = 0;
    for (const AppColumn& column : columns) {
        auto row = database.prepare(sql_of_row_count(column));
        const auto found = row.step();
        if (!found) return fail(found);
        rows += row.integer(0);
    }
    return rows;
}

Status survey(OpenVault& vault, Database& database, const MigrationPlan& plan, CellWork::Task task, bool journaled,
              const Progress& progress, FernetReport& report) {
    const Result<kms::Kms*> kms = vault.unlocked_kms();
    if (!kms) return fail(kms);
    const Result<std::int64_t> rows = count_rows(database, plan.columns);
    if (!rows) return fail(rows);
    if (progress.report) progress.report(0, *rows);
    std::int64_t done = 0;
    std::int64_t untouched = 0;
    std::int64_t written = 0;
    Tally tally(plan.columns);
    const CellWalk walk{vault,
                        database,
                        plan.columns,
                        progress.stop,
                        journaled,
                        {},
                        CellWork(plan, **kms, task),
                        [&](std::vector<Outcome>& batch) -> Status {
                            for (const Outcome& outcome : batch) {
                                tally.add(outcome);
                                const bool opens = outcome.verdict == Verdict::kMigrated && outcome.reason.empty();
                                if (opens) ++(outcome.is_found ? written : untouched);
                            }
                            done += static_cast<std::int64_t>(batch.size());
                            if (progress.report) progress.report(done, std::max(done, *rows));
                            return {};
                        }};
    Status walked = walk_cells(walk);
    if (!walked && progress.stop.stop_requested())
        return fail(ErrorCode::kCancelled, "Stopped: not every cell was looked at, and nothing was changed.");
    if (!walked) return walked;
    tally.move_into(report);
    if (task == CellWork::Task::kVerify && journaled) {
        report.notices.push_back(
            fmt::format("{} cells are as the migration left them; {} that open were written since.", untouched, written));
    }
    return {};
}

Result<std::int64_t> count_tokens(Database& database, const MigrationPlan& plan, const std::stop_token& stop) {
    constexpr std::int64_t kPage = 1000;
    std::int64_t tokens = 0;
    for (const AppColumn& column : plan.columns) {
        Cell last;
        for (bool first = true;; first = false) {
            if (stop.stop_requested()) return fail(ErrorCode::kCancelled, "Stopped:");
            Result<std::vector<Cell>> cells = read_cells(database, column, first ? nullptr : &last, kPage, false);
            if (!cells) return fail(cells);
            if (cells->empty()) break;
            tokens += std::ranges::count_if(*cells, [&](const Cell& cell) {
                const Look look = look_at(cell);
                return look.token && crypto::key_of(*look.token, plan.keys) != nullptr;
            });
            last = std::move(cells->back());
        }
    }
    return tokens;
}

Result<FernetReport> check_fernet(OpenVault& vault, const Session& session, const FernetMigration& request,
                                  const Progress& progress) {
    return look(vault, session, request, CellWork::Task::kLook, progress);
}

Result<FernetReport> verify_fernet(OpenVault& vault, const Session& session, const FernetMigration& request,
                                   const Progress& progress) {
    return look(vault, session, request, CellWork::Task::kVerify, progress);
}

Result<std::vector<FernetColumn>> discover_fernet(const Session& session, const std::filesystem::path& file) {
    if (Status allowed = require_operator(session, "look for Fernet tokens"); !allowed) return fail(allowed);
    FernetMigration request;
    request.database = file;
    Result<Database> database = open_app_database(request, true);
    if (!database) return fail(database);
    const Result<std::vector<AppColumn>> columns = all_columns(*database);
    if (!columns) return fail(columns);
    std::vector<FernetColumn> found;
    for (const AppColumn& column : *columns) {
        std::int64_t tokens = 0;
        auto row = database->prepare(sql_of_likely_tokens(column));
        auto more = row.step();
        for (; more && *more; more = row.step())
            tokens += static_cast<std::int64_t>(crypto::FernetToken::parse(trimmed(row.text(0))).has_value());
        if (!more) return fail(more);
        if (tokens == 0) continue;
        const Result<std::int64_t> rows = count_rows(*database, {column});
        if (!rows) return fail(rows);
        found.push_back({column.table, column.column, *rows, tokens});
    }
    return found;
}

}  // namespace keydeck::custody::migration
