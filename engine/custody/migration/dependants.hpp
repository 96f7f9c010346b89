// What stands under a key outside the vault: values that were migrated to it, in applications' databases.
#pragma once

#include <string_view>
#include <vector>

#include "engine/error.hpp"
#include "engine/sqlite/database.hpp"
#include "engine/types.hpp"

namespace keydeck::custody::migration {

/// By the jobs of this vault, database by database: what was migrated to the key and not rolled back. A migration that has
/// not ended counts with all that it may have migrated. What is written with the key since, by whoever uses the database, is
/// not counted: the vault does not see it.
[[nodiscard]] Result<std::vector<MigratedDatabase>> migrated_to(sqlite::Database& database, std::string_view key_id);

}  // namespace keydeck::custody::migration
