// Fresh wallets of custody key-pair. No database.
#pragma once

#include <cstdint>
#include <stop_token>
#include <vector>

#include "engine/custody/key_pool.hpp"
#include "engine/custody/open_vault.hpp"
#include "engine/custody/row_making.hpp"

namespace keydeck::custody {

/// What every wallet of one making has in common.
struct KeyPairPlan {
    std::int64_t user_id = 0;
    std::int64_t first_id = 0;  ///< reserved; wallet i gets first_id + i
    std::int64_t count = 0;
    std::stop_token stop{};  ///< ends KMS calls under way
};

/// Has all of the plan's pairs made, each under a key of the pool, and hands the rows to `take` in order, a batch at a time.
/// The labels are the caller's. AWS makes 25 pairs a second: waiting for its turn is the KMS client's, and no failure.
[[nodiscard]] Status make_key_pairs_in_parallel(OpenVault& vault, KeyPool& pool, const KeyPairPlan& plan, std::int64_t batch,
                                                const TakeRows& take);

}  // namespace keydeck::custody
