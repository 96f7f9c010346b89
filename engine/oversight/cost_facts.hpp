// What the vault knows of keys and wallets that cost.
#pragma once

#include <string_view>
#include <vector>

#include "engine/error.hpp"
#include "engine/oversight/cost.hpp"
#include "engine/sqlite/database.hpp"

namespace keydeck::oversight {

/// The keys the store knows, without whose they are; `key_id` empty: all of them.
[[nodiscard]] Result<std::vector<BilledKey>> read_billed_keys(sqlite::Database& database, std::string_view key_id);

/// All that cost_report() wants. Reads the rows of wallets with signing keys of their own, and counts those with key pairs
/// along an index; not the envelopes, of which there may be a million.
[[nodiscard]] Result<CostFacts> read_cost_facts(sqlite::Database& database);

}  // namespace keydeck::oversight
