// Fresh rows of wallets, made by several threads and taken by one, in order.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <vector>

#include "engine/custody/open_vault.hpp"
#include "engine/store/wallets.hpp"

namespace keydeck::custody {

/// The rows from `begin` to before `end`; called from several threads.
using MakeRows = std::function<Result<std::vector<store::NewWallet>>(std::int64_t begin, std::int64_t end)>;
using TakeRows = std::function<Status(std::vector<store::NewWallet>)>;

struct RowPlan {
    std::int64_t count = 0;
    std::int64_t piece = 1;  ///< rows made at a time by one thread
    std::int64_t batch = 1;  ///< rows handed over at a time, or a little more
    std::stop_token stop{};  ///< ends KMS calls under way
};

/// Makes all rows on as many threads as pay (parallel.hpp) and hands them to `take` in order, on the calling thread, a batch
/// at a time, while the next ones are being made. Stops at the first error, of making or of `take`; what was made before an
/// error is handed over all the same, unless it is `cancelled`.
[[nodiscard]] Status make_rows_in_parallel(OpenVault& vault, const RowPlan& plan, const MakeRows& make,
                                           const TakeRows& take);

}  // namespace keydeck::custody
