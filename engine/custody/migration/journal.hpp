// The journal of a migration, kept in the database that is being migrated: what was done to each cell is committed with it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/bytes.hpp"
#include "engine/base/clock.hpp"
#include "engine/custody/migration/columns.hpp"
#include "engine/error.hpp"
#include "engine/sqlite/database.hpp"

namespace keydeck::custody::migration {

enum class MigrationState : std::uint8_t { kRunning, kDone, kRollingBack, kRolledBack };

/// One row of keydeck_migrations.
struct JournalHead {
    std::int64_t id = 0;
    std::string vault;    ///< the vault's id
    std::string key_arn;  ///< what its cells are encrypted under
    bool bind = false;
    std::string backup;  ///< the file, absolute
    MigrationState state = MigrationState::kRunning;
    Timestamp started_at{};
};

enum class CellState : std::uint8_t {
    kMigrated,   ///< a token was replaced by a ciphertext
    kFound,      ///< it was a ciphertext under the key already
    kRolledBack  ///< it is a token again
};

/// One row of keydeck_migration_cells.
struct JournalCell {
    CellState state = CellState::kMigrated;
    Hash32 old_hash{};  ///< SHA-256 of what stood there before
    Hash32 new_hash{};  ///< and of what was put there
};

/// The newest migration of this database; empty where there was none.
[[nodiscard]] Result<std::optional<JournalHead>> journal_head(sqlite::Database& database);

// Inside a DbTransaction of the caller's.

/// Makes the tables where they are missing, empties that of the cells, and adds a row; returns its id.
[[nodiscard]] Result<std::int64_t> begin_journal(sqlite::Database& database, const JournalHead& head);
/// Writes `state` and `backup` of the head.
[[nodiscard]] Status update_journal(sqlite::Database& database, const JournalHead& head, Timestamp now);
/// Whether the newest migration is still the run that wrote this head. Error: already_exists where another run has begun or
/// ended one meanwhile.
[[nodiscard]] Status require_own_journal(sqlite::Database& database, const JournalHead& head);
/// A later note of the same cell takes the place of the earlier.
[[nodiscard]] Status note_cell(sqlite::Database& database, const AppColumn& column, std::string_view row,
                               const JournalCell& cell, Timestamp now);

// Precondition of these: there is a journal.

[[nodiscard]] Result<std::optional<JournalCell>> journal_cell(sqlite::Database& database, const AppColumn& column,
                                                              std::string_view row);
/// The names of the columns, TABLE.COLUMN, with cells that were migrated and not turned back.
[[nodiscard]] Result<std::vector<std::string>> migrated_columns(sqlite::Database& database);
/// How many cells of the column have this state.
[[nodiscard]] Result<std::int64_t> count_cells(sqlite::Database& database, const AppColumn& column, CellState state);

}  // namespace keydeck::custody::migration
