// Looking at all cells without changing any.
#pragma once

#include "engine/custody/migration/cell_work.hpp"
#include "engine/custody/migration/plan.hpp"
#include "engine/custody/open_vault.hpp"
#include "engine/migration.hpp"

namespace keydeck::custody::migration {

/// Fills in the report's columns and problems. Errors: cancelled, the database's, the KMS's.
[[nodiscard]] Status survey(OpenVault& vault, sqlite::Database& database, const MigrationPlan& plan, CellWork::Task task,
                            bool journaled, const Progress& progress, FernetReport& report);

/// How many tokens one of the keys opens; no KMS is asked. Error: cancelled.
[[nodiscard]] Result<std::int64_t> count_tokens(sqlite::Database& database, const MigrationPlan& plan,
                                                const std::stop_token& stop);

/// How many rows the columns have.
[[nodiscard]] Result<std::int64_t> count_rows(sqlite::Database& database, const std::vector<AppColumn>& columns);

}  // namespace keydeck::custody::migration
