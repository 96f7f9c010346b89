#include "engine/custody/migration/journal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace keydeck::custody::migration {
namespace {

using sqlite::Database;

constexpr std::string_view kTables =
    "CREATE TABLE IF NOT EXISTS main.keydeck_migrations (id INTEGER PRIMARY KEY, vault TEXT NOT NULL, key_arn TEXT NOT NULL,"
    " bound INTEGER NOT NULL, backup TEXT NOT NULL, state TEXT NOT NULL, started_at INTEGER NOT NULL,"
    " updated_at INTEGER NOT NULL);"
    "CREATE TABLE IF NOT EXISTS main.keydeck_migration_cells (table_name TEXT NOT NULL, column_name TEXT NOT NULL,"
    " row TEXT NOT NULL, state TEXT NOT NULL, old_sha256 BLOB NOT NULL, new_sha256 BLOB NOT NULL, at INTEGER NOT NULL,"
    " PRIMARY KEY (table_name, column_name, row)) WITHOUT ROWID";

constexpr std::array<std::pair<CellState, std::string_view>, 3> kStates{
    {{CellState::kMigrated, "migrated"}, {CellState::kFound, "found"}, {CellState::kRolledBack, "rolled back"}}};

constexpr std::array<std::pair<MigrationState, std::string_view>, 4> kMigrationStates{
    {{MigrationState::kRunning, "running"},
     {MigrationState::kDone, "done"},
     {MigrationState::kRollingBack, "rolling back"},
     {MigrationState::kRolledBack, "rolled back"}}};

template <class State, std::size_t N>
std::string_view word_of(const std::array<std::pair<State, std::string_view>, N>& words, State state) {
    for (const auto& [value, word] : words) {
        if (value == state) return word;
    }
    return "";
}

template <class State, std::size_t N>
Result<State> state_of(const std::array<std::pair<State, std::string_view>, N>& words, std::string_view text) {
    for (const auto& [value, word] : words) {
        if (word == text) return value;
    }
    return fail(ErrorCode::kCorrupt, "The journal of the migration has a state that does not exist.");
}

Result<Hash32> hash_of(ByteView bytes) {
    Hash32 hash{};
    if (bytes.size() != hash.size()) return fail(ErrorCode::kCorrupt, "The journal of the migration is damaged.");
    std::ranges::copy(bytes, hash.begin());
    return hash;
}

}  // namespace

Result<std::optional<JournalHead>> journal_head(Database& database) {
    auto there =
        database.prepare("SELECT count(*) FROM main.sqlite_schema WHERE type = 'table' AND name = 'keydeck_migrations'");
    const auto counted = there.step();
    if (!counted) return fail(counted);
    if (there.integer(0) == 0) return std::optional<JournalHead>();
    auto row = database.prepare(
        "SELECT id, vault, key_arn, bound, backup, state, started_at FROM main.keydeck_migrations ORDER BY id DESC LIMIT 1");
    const auto found = row.step();
    if (!found) return fail(found);
    if (!*found) return std::optional<JournalHead>();
    JournalHead head;
    head.id = row.integer(0);
    head.vault = row.text(1);
    head.key_arn = row.text(2);
    head.bind = row.integer(3) != 0;
    head.backup = row.text(4);
    const Result<MigrationState> state = state_of(kMigrationStates, row.text(5));
    if (!state) return fail(state);
    head.state = *state;
    head.started_at = from_micros(row.integer(6));
    return std::optional(std::move(head));
}

Result<std::int64_t> begin_journal(Database& database, const JournalHead& head) {
    if (Status made = database.execute(kTables); !made) return fail(made);
    // Of a migration that was rolled back.
    if (Status emptied = database.execute("DELETE FROM main.keydeck_migration_cells"); !emptied) return fail(emptied);
    auto insert = database.prepare(
        "INSERT INTO main.keydeck_migrations (vault, key_arn, bound, backup, state, started_at, updated_at)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)");
    insert.bind(1, head.vault).bind(2, head.key_arn).bind(3, std::int64_t{head.bind}).bind(4, head.backup);
    insert.bind(5, word_of(kMigrationStates, head.state)).bind(6, to_micros(head.started_at));
    if (Status inserted = insert.run(); !inserted) return fail(inserted);
    return database.last_insert_rowid();
}

Status update_journal(Database& database, const JournalHead& head, Timestamp now) {
    auto update = database.prepare("UPDATE main.keydeck_migrations SET state = ?, backup = ?, updated_at = ? WHERE id = ?");
    return update.bind(1, word_of(kMigrationStates, head.state))
        .bind(2, head.backup)
        .bind(3, to_micros(now))
        .bind(4, head.id)
        .run();
}

Status require_own_journal(Database& database, const JournalHead& head) {
    const Result<std::optional<JournalHead>> now = journal_head(database);
    if (!now) return fail(now);
    if (*now && (*now)->id == head.id && (*now)->state == head.state) return {};
    return fail(ErrorCode::kAlreadyExists,
                "Meanwhile another run has taken over the migration of this database, or its way back.",
                "Wait until that has ended");
}

Status note_cell(Database& database, const AppColumn& column, std::string_view row, const JournalCell& cell, Timestamp now) {
    auto insert = database.prepare(
        "INSERT OR REPLACE INTO main.keydeck_migration_cells (table_name, column_name, row, state, old_sha256, new_sha256, "
        "at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)");
    insert.bind(1, column.table).bind(2, column.column).bind(3, row).bind(4, word_of(kStates, cell.state));
    insert.bind(5, ByteView(cell.old_hash)).bind(6, ByteView(cell.new_hash)).bind(7, to_micros(now));
    return insert.run();
}

Result<std::optional<JournalCell>> journal_cell(Database& database, const AppColumn& column, std::string_view row) {
    auto select = database.prepare(
        "SELECT state, old_sha256, new_sha256 FROM main.keydeck_migration_cells WHERE table_name = ? AND column_name = ?"
        " AND row = ?");
    const auto found = select.bind(1, column.table).bind(2, column.column).bind(3, row).step();
    if (!found) return fail(found);
    if (!*found) return std::optional<JournalCell>();
    const Result<Hash32> before = hash_of(select.blob(1));
    const Result<Hash32> after = hash_of(select.blob(2));
    if (!before) return fail(before);
    if (!after) return fail(after);
    const Result<CellState> state = state_of(kStates, select.text(0));
    if (!state) return fail(state);
    return std::optional(JournalCell{*state, *before, *after});
}

Result<std::vector<std::string>> migrated_columns(Database& database) {
    auto row = database.prepare(
        "SELECT DISTINCT table_name || '.' || column_name FROM main.keydeck_migration_cells WHERE state = 'migrated'");
    std::vector<std::string> names;
    auto more = row.step();
    for (; more && *more; more = row.step()) names.emplace_back(row.text(0));
    if (!more) return fail(more);
    return names;
}

Result<std::int64_t> count_cells(Database& database, const AppColumn& column, CellState state) {
    auto select = database.prepare(
        "SELECT count(*) FROM main.keydeck_migration_cells WHERE table_name = ? AND column_name = ? AND state = ?");
    const auto found = select.bind(1, column.table).bind(2, column.column).bind(3, word_of(kStates, state)).step();
    if (!found) return fail(found);
    return select.integer(0);
}

}  // namespace keydeck::custody::migration
