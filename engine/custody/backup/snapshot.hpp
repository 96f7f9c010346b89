// Copies of a running vault's databases, each a moment of its own, and both together a vault that opens.
#pragma once

#include <filesystem>

#include "engine/custody/open_vault.hpp"
#include "engine/error.hpp"
#include "engine/sqlite/database.hpp"

namespace keydeck::custody::backup {

/// Copies keydeck.db, and then kms.db where the KMS is the embedded one, into `directory`, while other processes write.
/// In this order, because a key is made before anything is sealed under it, and is only destroyed days after nothing was to
/// be under it any more: every key, and every version of one, that a row of the earlier copy names is in the later one.
/// Neither needs a WAL or anything else beside it. Errors: unavailable (disk full, I/O), corrupt.
[[nodiscard]] Status copy_databases(OpenVault& vault, const std::filesystem::path& directory);

/// keydeck.db alone, under another name.
[[nodiscard]] Status copy_database(OpenVault& vault, const std::filesystem::path& path);

/// A copy that nobody else has, to look at it or (`writing`) to change it; afterwards it needs nothing beside it either.
[[nodiscard]] Result<sqlite::Database> open_copy(const std::filesystem::path& path, std::int32_t application_id,
                                                 bool writing);
/// Takes the database back out of WAL mode, so that the file alone is all of it.
[[nodiscard]] Status make_self_contained(sqlite::Database& database);

}  // namespace keydeck::custody::backup
