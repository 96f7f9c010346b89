#include <algorithm>

#include "engine/oversight/amount.hpp"
#include "engine/oversight/cost.hpp"
#include "engine/oversight/saturating.hpp"

namespace keydeck::oversight {
namespace {

// What the engine asks of the KMS (a test counts it): a pool key is made and named; a signing key is made, its public key
// read, and one signature proves it; an envelope needs one data key, a key pair is made, and both are opened once as a
// proof.
constexpr std::int64_t kCallsForPoolKey = 2;
constexpr std::int64_t kSymmetricForSigningKey = 1;
constexpr std::int64_t kEccForSigningKey = 2;
constexpr std::int64_t kSymmetricForEnvelope = 2;
constexpr std::int64_t kKeyPairsForKeyPair = 1;
constexpr std::int64_t kSymmetricForKeyPair = 1;

struct Requests {
    std::int64_t symmetric = 0;
    std::int64_t ecc = 0;
    std::int64_t key_pairs = 0;
};

Amount cost_of(const Requests& requests, const Prices& prices) {
    return priced(requests.symmetric, prices.symmetric_10k, kTenThousand)
        .plus(priced(requests.ecc, prices.ecc_10k, kTenThousand))
        .plus(priced(requests.key_pairs, prices.key_pair_10k, kTenThousand));
}

CostEstimate estimate(Custody custody, std::int64_t keys, const Requests& making, const Requests& signs,
                      const Prices& prices) {
    CostEstimate out;
    out.custody = custody;
    out.keys = keys;
    out.making_requests = saturating_add(saturating_add(making.symmetric, making.ecc), making.key_pairs);
    out.making = cost_of(making, prices).rounded();
    out.keys_month = priced(keys, prices.key_month, 1).rounded();
    Requests billed = signs;
    billed.symmetric = std::max<std::int64_t>(billed.symmetric - prices.free_requests, 0);
    out.signs_month = cost_of(billed, prices).rounded();
    return out;
}

}  // namespace

std::vector<CostEstimate> estimate_cost(const CostQuestion& question, const Prices& prices) {
    const std::int64_t users = std::max<std::int64_t>(question.users, 0);
    const std::int64_t signs = std::max<std::int64_t>(question.signs, 0);
    const std::int64_t pool = std::max(question.pool_size, 0);
    const std::int64_t wallets = saturating_multiply(users, std::max<std::int64_t>(question.wallets_per_user, 0));
    const std::int64_t pool_calls = pool * kCallsForPoolKey;
    const auto each = [&](std::int64_t calls) { return saturating_multiply(wallets, calls); };
    const Requests envelopes{.symmetric = saturating_add(pool_calls, each(kSymmetricForEnvelope))};
    const Requests signing_keys{.symmetric = each(kSymmetricForSigningKey), .ecc = each(kEccForSigningKey)};
    const Requests key_pairs{.symmetric = saturating_add(pool_calls, each(kSymmetricForKeyPair)),
                             .key_pairs = each(kKeyPairsForKeyPair)};
    return {estimate(Custody::kEnvelope, pool, envelopes, {.symmetric = signs}, prices),
            estimate(Custody::kKmsKey, wallets, signing_keys, {.symmetric = signs, .ecc = signs}, prices),
            estimate(Custody::kKeyPair, pool, key_pairs, {.symmetric = signs}, prices)};
}

}  // namespace keydeck::oversight
