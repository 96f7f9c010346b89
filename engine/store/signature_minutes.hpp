// How many signatures were made in each minute.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "engine/base/clock.hpp"
#include "engine/error.hpp"
#include "engine/sqlite/database.hpp"

namespace keydeck::store {

/// Minutes are kept that long.
inline constexpr std::chrono::days kSignatureMinutesKept{30};

/// Adds `count` signatures to the minute of `at`, inside the caller's DbTransaction: the one that records them, so that none
/// is counted that was not made. The first of a minute takes away the minutes that are older than kSignatureMinutesKept.
[[nodiscard]] Status count_signatures(sqlite::Database& database, std::int64_t count, Timestamp at);

/// The minutes from that of `since` on, by their beginnings, the oldest first; those without a signature are not there. A
/// count that cannot be (somebody has written into the file) is passed over.
[[nodiscard]] Result<std::vector<std::pair<Timestamp, std::int64_t>>> signatures_since(sqlite::Database& database,
                                                                                       Timestamp since);

}  // namespace keydeck::store
