// The KMS keys the store knows, as last seen: so that lists of wallets need no KMS call.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/clock.hpp"
#include "engine/error.hpp"
#include "engine/sqlite/database.hpp"

namespace keydeck::store {

/// KeyRecord::state of a key that waits for its destruction.
inline constexpr std::string_view kKeyPendingDeletion = "PendingDeletion";
/// KeyRecord::state besides AWS's Enabled, Disabled and PendingDeletion: the key does not exist any more.
inline constexpr std::string_view kKeyDestroyed = "Destroyed";

/// What a symmetric key's rotation was when the KMS was last asked.
struct KeyRotation {
    std::int64_t version = 1;                ///< 1 and the rotations there were
    int period_days = 0;                     ///< automatic; 0: off
    std::optional<Timestamp> next_rotation;  ///< automatic
    std::optional<Timestamp> rotated_at;     ///< when the newest version began, where it is not the first
    bool operator==(const KeyRotation&) const = default;
};

struct KeyRecord {
    std::string key_id;
    std::string arn;
    std::string alias;  ///< alias/NAME, the first one as last seen; may be empty
    std::string spec;   ///< AWS's names here and below
    std::string usage;
    std::string state;  ///< as last seen: Enabled, Disabled, PendingDeletion, or kKeyDestroyed
    std::string region;
    std::string purpose;          ///< `pool`, `wallet` or empty (made by hand)
    std::string pool_prefix;      ///< alias prefix of its pool; empty where it is in none
    std::int64_t pool_index = 0;  ///< from 1 in its pool; 0 in none
    Timestamp created_at{};
    std::optional<Timestamp> deletion_date;
    std::optional<Timestamp> last_used_at;
    std::int64_t wallets = 0;                ///< that depend on it, hidden ones included; kept, not written by record_key()
    std::int64_t secrets = 0;                ///< likewise
    KeyRotation rotation;                    ///< not written by record_key()
    std::optional<Timestamp> pending_since;  ///< when it was first seen pending deletion
    bool retiring = false;                   ///< nothing new is sealed under it; not written by record_key()
};

/// Inserts the key, or brings the row of that key id up to date. A known `purpose`, pool place, later last use and earlier
/// beginning of a pending deletion are never taken back by empty values; the counts stay. Error: already_exists where
/// another key has that place in the pool.
[[nodiscard]] Status record_key(sqlite::Database& database, const KeyRecord& key);

/// Writes what a KMS call has just shown, at `at`; does nothing for a key that is not known or not different.
[[nodiscard]] Status note_key_state(sqlite::Database& database, std::string_view key_id, std::string_view state,
                                    std::optional<Timestamp> deletion_date, Timestamp at);
/// Moves on with every record_key() and note_key_state(), also one that changed nothing: whoever asks a KMS reads it before,
/// and writes the answer only where it has not moved, so that an older answer never overwrites a newer one.
[[nodiscard]] Result<std::int64_t> key_changes(sqlite::Database& database);

/// An empty alias means none. A key that had it before loses it.
[[nodiscard]] Status note_key_alias(sqlite::Database& database, std::string_view key_id, std::string_view alias);
[[nodiscard]] Status note_key_used(sqlite::Database& database, std::string_view key_id, Timestamp at);

/// Writes what the KMS has just told of the key's rotation. A version that is known is never taken back: what was sealed
/// under it must not seem new. Does nothing for a key that is not known.
[[nodiscard]] Status note_key_rotation(sqlite::Database& database, std::string_view key_id, const KeyRotation& rotation);
/// A retiring key is not drawn from the pool any more. Error: not_found.
[[nodiscard]] Status set_key_retiring(sqlite::Database& database, std::string_view key_id, bool retiring);

/// By key id, exactly. Empty where the store does not know it.
[[nodiscard]] Result<std::optional<KeyRecord>> key_by_id(sqlite::Database& database, std::string_view key_id);
/// By key id, key ARN, or alias/NAME as last seen. Empty where the store does not know it.
[[nodiscard]] Result<std::optional<KeyRecord>> find_key(sqlite::Database& database, std::string_view reference);

/// All of a pool in the order of pool_index, destroyed ones left out; `prefix` empty: of every pool.
[[nodiscard]] Result<std::vector<KeyRecord>> pool_keys(sqlite::Database& database, std::string_view prefix);
/// The number after the largest pool_index ever used with that prefix; 1 for a new pool.
[[nodiscard]] Result<std::int64_t> next_pool_index(sqlite::Database& database, std::string_view prefix);

/// Up to `limit` keys in the order they became known, from the one after `after_key_id` on (empty: the first).
/// Error: invalid_input for an unknown `after_key_id`.
[[nodiscard]] Result<std::vector<KeyRecord>> list_key_records(sqlite::Database& database, std::string_view after_key_id,
                                                              std::int64_t limit);

}  // namespace keydeck::store
