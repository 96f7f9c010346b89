// Fresh envelope wallets: mnemonic, key, seal. No database.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string_view>
#include <vector>

#include "engine/custody/key_pool.hpp"
#include "engine/custody/open_vault.hpp"
#include "engine/custody/row_making.hpp"
#include "engine/store/wallets.hpp"

namespace keydeck::custody {

/// What every wallet of one making has in common.
struct EnvelopePlan {
    std::int64_t user_id = 0;
    unsigned words = 12;
    std::int64_t first_id = 0;  ///< reserved; wallet i gets first_id + i
    std::int64_t count = 0;
    std::stop_token stop{};  ///< ends KMS calls under way
};

/// Makes and seals the wallets from `begin` to before `end` of the plan, on this thread: mnemonics, seeds in SIMD lanes, the
/// key of m/44'/60'/0'/0/0, the envelope. Labels are the caller's.
[[nodiscard]] Result<std::vector<store::NewWallet>> make_envelopes(OpenVault& vault, KeyPool& pool, const EnvelopePlan& plan,
                                                                   std::int64_t begin, std::int64_t end);

/// Makes all of the plan on as many threads as pay (parallel.hpp) and hands them to `take` in order, on the calling thread,
/// a batch at a time, while the next ones are being made. Stops at the first error, of making or of `take`.
[[nodiscard]] Status make_envelopes_in_parallel(OpenVault& vault, KeyPool& pool, const EnvelopePlan& plan,
                                                std::int64_t batch, const TakeRows& take);

/// Seals a secret into a row with this id: what an import and a fresh wallet share. The row lacks its label.
[[nodiscard]] Result<store::NewWallet> seal_into_row(OpenVault& vault, KeyPool& pool, std::int64_t user_id,
                                                     std::int64_t wallet_id, const WalletSecret& secret);

}  // namespace keydeck::custody
