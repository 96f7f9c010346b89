// What a copy of keydeck.db tells while no vault is open on it, and what is put right in one that was restored.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/error.hpp"
#include "engine/sqlite/database.hpp"
#include "engine/types.hpp"

namespace keydeck::store {

/// Which vault a file is of. Columns of the first schema only: it reads every version's.
struct VaultIdentity {
    std::string id;
    std::string kms;
    std::string key_file;
};
/// Error: corrupt where the file does not say.
[[nodiscard]] Result<VaultIdentity> vault_identity(sqlite::Database& database);

/// Where the key file is from now on. Inside a DbTransaction, as what follows.
[[nodiscard]] Status set_key_file(sqlite::Database& database, std::string_view key_file);
/// No process works on the jobs of a copy, whatever the one does that it was copied from.
[[nodiscard]] Status release_jobs(sqlite::Database& database);

/// How many secrets hang on KMS keys.
[[nodiscard]] Result<std::int64_t> count_secrets(sqlite::Database& database);

/// Wallets whose rows lack what their custody needs to be opened, by the key they name.
struct WalletsWithoutKey {
    std::string key_id;
    std::int64_t wallets = 0;
    std::vector<AddressBytes> first;  ///< up to `most`
};
[[nodiscard]] Result<std::vector<WalletsWithoutKey>> wallets_without_key(sqlite::Database& database, std::size_t most);

}  // namespace keydeck::store
