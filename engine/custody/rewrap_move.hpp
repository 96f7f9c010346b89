// One ciphertext moved to a key that takes it: which key, and what a refusal means.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/custody/rewrap_walk.hpp"
#include "engine/error.hpp"
#include "engine/store/sealed_rows.hpp"

namespace keydeck::custody {

/// Where a ciphertext went, or why it did not.
struct RewrapMove {
    std::string key_id;            ///< what it is sealed under now
    std::int64_t key_version = 1;  ///< of that key
    Status done;
    bool stops = false;  ///< the failure is not this ciphertext's: nothing more is begun
};

/// Calls `seal` with a key for what is under `own` until one takes it. A drawn key that is closed is left out from then on
/// and another is drawn; a damaged ciphertext, and one whose own key is closed, fail by themselves; what else fails stops
/// the walk. `versions` are the keys' as known before. Thread-safe.
[[nodiscard]] RewrapMove move_to_a_key(RewrapWalk& walk, std::string_view own, const store::KeyVersions& versions,
                                       const std::function<Status(const std::string& key_id)>& seal);

/// Whether the store, in this DbTransaction, knows of nothing against sealing under `key_id` what is under `own` now. Error:
/// rejected where it does and there is no other.
[[nodiscard]] Result<bool> takes_new(const RewrapWalk& walk, sqlite::Database& database, std::string_view key_id,
                                     std::string_view own);

/// What the rows are noted with where they get new data keys: never less than what the plan looks for, though the clock be
/// put back.
[[nodiscard]] std::optional<Timestamp> fresh_since(const RewrapWalk& walk);

/// Error: cancelled, once that was asked for, here or by another process.
[[nodiscard]] Status may_go_on(const RewrapWalk& walk);

}  // namespace keydeck::custody
