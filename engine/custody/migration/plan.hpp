// What a migration is to do, found out before anything is changed.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/crypto/fernet.hpp"
#include "engine/custody/migration/cell.hpp"
#include "engine/custody/migration/columns.hpp"
#include "engine/custody/migration/journal.hpp"
#include "engine/custody/open_vault.hpp"
#include "engine/migration.hpp"

namespace keydeck::custody::migration {

struct MigrationPlan {
    std::filesystem::path database;  ///< absolute
    std::vector<AppColumn> columns;
    std::vector<crypto::FernetKey> keys;
    std::string key_id;
    std::string key_arn;
    bool bind = false;

    /// What a job remembers: the same text is the same job. No Fernet key is in it.
    [[nodiscard]] std::string text() const;
    /// Error: rejected where the row cannot be bound to.
    [[nodiscard]] Result<kms::EncryptionContext> context_of(const Cell& cell) const;
};

/// Opens the application's database. Errors: not_found, denied, corrupt, unavailable.
[[nodiscard]] Result<sqlite::Database> open_app_database(const FernetMigration& request, bool read_only);

/// Errors: invalid_input (a malformed Fernet key, no KMS key named); those of find_columns() and of DescribeKey; rejected
/// where the KMS key cannot be used, where the journal says that another key or another binding was begun with, where rows
/// have no primary key to bind to, and where VACUUM would number anew what the journal calls by its rowid.
[[nodiscard]] Result<MigrationPlan> plan_migration(OpenVault& vault, sqlite::Database& database,
                                                   const FernetMigration& request,
                                                   const std::optional<JournalHead>& journal);

/// What to turn back. Key and binding are the journal's, and no KMS is asked: it may be that there is none any more.
/// Errors: invalid_input (a malformed Fernet key); those of find_columns().
[[nodiscard]] Result<MigrationPlan> plan_rollback(sqlite::Database& database, const FernetMigration& request,
                                                  const JournalHead& journal);

/// Whether a journal still counts: it does not once everything was rolled back.
[[nodiscard]] inline bool is_under_way(const std::optional<JournalHead>& journal) {
    return journal && journal->state != MigrationState::kRolledBack;
}

}  // namespace keydeck::custody::migration
