// Rows as rewrapping walks over them: what is sealed, under which key, and where it belongs.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/base/clock.hpp"
#include "engine/error.hpp"
#include "engine/sqlite/database.hpp"
#include "engine/store/wallets.hpp"
#include "engine/types.hpp"

namespace keydeck::store {

/// A wallet that a pool key seals, hidden ones too. Wallets with a KMS key of their own have nothing sealed and are none.
struct SealedRow {
    std::int64_t id = 0;
    std::int64_t user_id = 0;
    std::string user;
    AddressBytes address{};
    Custody custody = Custody::kEnvelope;
    std::string key_id;
    std::int64_t key_version = 1;
    Bytes public_key;  ///< 65 bytes, 0x04 ‖ X ‖ Y
    SealedColumns sealed;
};

/// Which rows: all conditions that are set must hold. Where neither a key nor ids are named, rows of destroyed keys are left
/// out.
struct SealedRowQuery {
    std::string key_id;             ///< sealed under this key; empty: under any
    std::vector<std::int64_t> ids;  ///< these; empty: any
    bool old_only = false;          ///< under an older version of their key than the newest that is known
    std::optional<Timestamp> sealed_before = std::nullopt;  ///< with a data key from before; empty: any
    bool pool_only = false;                                 ///< of secrets: under keys of the pool
};

[[nodiscard]] Result<std::int64_t> count_sealed_rows(sqlite::Database& database, const SealedRowQuery& query);
/// Up to `limit` of them with ids above `after`, in the order of the ids.
[[nodiscard]] Result<std::vector<SealedRow>> sealed_rows(sqlite::Database& database, const SealedRowQuery& query,
                                                         std::int64_t after, std::int64_t limit);

/// When the newest data key of any row was made, by the clock of then; the epoch where there is no row.
[[nodiscard]] Result<Timestamp> newest_seal(sqlite::Database& database);

/// The newest version that is known of each key that has had more than one.
using KeyVersions = std::map<std::string, std::int64_t, std::less<>>;
[[nodiscard]] Result<KeyVersions> key_versions(sqlite::Database& database);

/// New sealed columns for a row.
struct Resealing {
    const SealedRow* before = nullptr;  ///< as it was read
    std::string_view key_id;            ///< what seals it now; must be known to keys.hpp
    std::int64_t key_version = 1;       ///< of that key, or an older one
    const SealedColumns* sealed = nullptr;
};

/// Puts them into the rows, and moves the keys' counts of wallets along. A row that is not as it was read (another key,
/// other ciphertexts, gone) stays as it is: answers the places of such rows in `changes`. Data keys that are new are noted
/// as made at `fresh_since`; empty: they are the old ones, under another key. Error: not_found for a key.
[[nodiscard]] Result<std::vector<std::size_t>> reseal_rows(sqlite::Database& database, std::span<const Resealing> changes,
                                                           std::optional<Timestamp> fresh_since);

}  // namespace keydeck::store
