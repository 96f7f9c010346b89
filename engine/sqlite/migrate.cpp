#include <fmt/format.h>

#include "engine/sqlite/db_transaction.hpp"

namespace keydeck::sqlite {
namespace {

namespace fs = std::filesystem;

constexpr int kMostBackups = 100;

/// Copies the database beside itself as it was in `version`. An earlier copy is kept.
Status back_up(Database& database, const fs::path& path, std::int32_t version) {
    for (int copy = 1; copy <= kMostBackups; ++copy) {
        const std::string number = copy == 1 ? std::string() : fmt::format(".{}", copy);
        Status made = database.backup_to(fmt::format("{}.v{}{}.bak", path.string(), version, number));
        if (made || made.error().code != ErrorCode::kAlreadyExists) return made;
    }
    return fail(ErrorCode::kRejected, fmt::format("There are already {} backups of {}.", kMostBackups, path.string()),
                "Move some of them elsewhere.");
}

/// The step and its number in one: killed at any moment, the database has both or neither.
Status apply(Database& database, const Migration& migration) {
    Result<DbTransaction> transaction = DbTransaction::begin_write(database);
    if (!transaction) return fail(transaction);
    const Result<std::int32_t> current = database.user_version();
    if (!current) return fail(current);
    if (*current >= migration.version) return {};  // another process was faster
    if (Status done = database.execute(migration.sql); !done) return done;
    if (Status numbered = database.execute(fmt::format("PRAGMA user_version = {}", migration.version)); !numbered)
        return numbered;
    return transaction->commit();
}

}  // namespace

Status migrate(Database& database, const fs::path& path, std::span<const Migration> migrations) {
    const Result<std::int32_t> current = database.user_version();
    if (!current) return fail(current);
    const std::int32_t newest = migrations.empty() ? 0 : migrations.back().version;
    if (*current > newest) {
        return fail(ErrorCode::kRejected,
                    fmt::format("{} was written by a newer Keydeck (its schema is {}, this one knows up to {}).",
                                path.string(), *current, newest),
                    "Install that version or a later one.");
    }
    if (*current > 0 && *current < newest) {
        if (Status saved = back_up(database, path, *current); !saved) return saved;
    }
    for (const Migration& migration : migrations) {
        if (migration.version <= *current) continue;
        if (Status applied = apply(database, migration); !applied) return applied;
    }
    return {};
}

}  // namespace keydeck::sqlite
