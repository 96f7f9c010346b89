// The part of a rewrap that is about secrets; it follows the wallets'.
#pragma once

#include <cstdint>

#include "engine/custody/rewrap_walk.hpp"

namespace keydeck::custody {

/// How many versions of secrets fit. Chosen wallets mean no secrets.
[[nodiscard]] Result<std::int64_t> count_secrets_to_rewrap(sqlite::Database& database, const RewrapPlan& plan);

/// As walk_rows(), over versions of secrets. In the job's position they come after every wallet.
[[nodiscard]] Status walk_secrets(RewrapWalk& walk);

}  // namespace keydeck::custody
