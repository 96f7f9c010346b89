// How the keys stand altogether, without reading them all.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/clock.hpp"
#include "engine/error.hpp"
#include "engine/sqlite/database.hpp"

namespace keydeck::store {

/// From counters that are kept with each change of a state.
struct KeyCounts {
    std::int64_t enabled = 0;
    std::int64_t disabled = 0;
    std::int64_t pending = 0;  ///< pending deletion
};
[[nodiscard]] Result<KeyCounts> key_counts(sqlite::Database& database);

struct EndingKeyRecord {
    std::string key_id;
    std::string alias;  ///< alias/NAME; may be empty
    Timestamp deletion_date{};
    std::int64_t wallets = 0;
    std::int64_t secrets = 0;
};
/// Up to `limit` keys that are pending deletion, the first to end first.
[[nodiscard]] Result<std::vector<EndingKeyRecord>> ending_keys(sqlite::Database& database, std::int64_t limit);

}  // namespace keydeck::store
