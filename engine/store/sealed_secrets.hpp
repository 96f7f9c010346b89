// Versions of secrets as rewrapping walks over them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/error.hpp"
#include "engine/sqlite/database.hpp"
#include "engine/store/sealed_rows.hpp"
#include "engine/store/secrets.hpp"

namespace keydeck::store {

/// One version of a secret, hidden ones too.
struct SealedSecretRow {
    std::int64_t id = 0;  ///< of the version's row
    std::int64_t secret_id = 0;
    std::int64_t user_id = 0;  ///< 0: the vault itself
    std::string user;
    std::string name;
    std::string environment;
    SecretVersion version;
    SealedSecret sealed;
};

/// SealedRowQuery::ids are ids of versions' rows here. Fewer than `limit` follow where they are large, never none.
[[nodiscard]] Result<std::int64_t> count_sealed_secrets(sqlite::Database& database, const SealedRowQuery& query);
[[nodiscard]] Result<std::vector<SealedSecretRow>> sealed_secrets(sqlite::Database& database, const SealedRowQuery& query,
                                                                  std::int64_t after, std::int64_t limit);

struct SecretResealing {
    const SealedSecretRow* before = nullptr;
    std::string_view key_id;
    std::int64_t key_version = 1;
    const SealedSecret* sealed = nullptr;
};

/// `fresh_since`: new data keys (or values that the KMS encrypted anew), as reseal_rows() has it; answers the places of the
/// rows that are not as they were read.
[[nodiscard]] Result<std::vector<std::size_t>> reseal_secrets(sqlite::Database& database,
                                                              std::span<const SecretResealing> changes,
                                                              std::optional<Timestamp> fresh_since);

}  // namespace keydeck::store
