// What is left of the old tokens once their cells hold ciphertexts.
#pragma once

#include "engine/migration.hpp"
#include "engine/sqlite/database.hpp"

namespace keydeck::custody::migration {

/// Rewrites the database without its free pages (`vacuum`), empties its WAL, and notes in the report what could not be done,
/// and where old tokens still are.
void clear_remains(sqlite::Database& database, bool vacuum, FernetReport& report);

}  // namespace keydeck::custody::migration
