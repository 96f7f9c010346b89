// What AWS bills for keys and requests: arithmetic over values. https://aws.amazon.com/kms/pricing/
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/clock.hpp"
#include "engine/oversight/usage_metrics.hpp"
#include "engine/types.hpp"

namespace keydeck::oversight {

/// AWS bills every request, management ones too: "$0.03 per 10,000 requests", but those that asymmetric keys answer, and
/// those for key pairs, which cost more and are left out of the free tier.
enum class RequestKind : std::uint8_t { kSymmetric, kEcc, kKeyPair };
[[nodiscard]] RequestKind kind_of_request(std::string_view operation);

/// A month in UTC, and how far it has come.
struct BillingMonth {
    std::string name;  ///< 2026-11
    Timestamp begin{};
    Timestamp end{};
    Timestamp now{};
    Timestamp counted_since{};  ///< when counting began: the month's beginning, or the vault's where that is later
    [[nodiscard]] static BillingMonth of(Timestamp now, Timestamp vault_created_at);
    [[nodiscard]] std::int64_t hours() const;
};

/// A KMS key, as far as it costs.
struct BilledKey {
    std::string key_id;
    Timestamp created_at{};
    std::optional<Timestamp> pending_since;  ///< costs nothing from then on; none after a cancelled deletion
    bool is_destroyed = false;               ///< without pending_since: when is not known, and nothing is billed
    std::int64_t rotations = 0;
    std::optional<Timestamp> rotated_at;  ///< the newest version's beginning; the ones before count as older than the month
    bool is_in_pool = false;
    std::string user;  ///< whose signing key it is; empty: nobody's
};

/// What is billed, before prices: hours of keys and of their rotated versions, and requests. Linear: tallies add up.
struct Tally {
    std::int64_t keys = 0;
    std::int64_t key_hours = 0;
    std::int64_t key_hours_forecast = 0;  ///< of the whole month, the key kept to its end
    std::int64_t versions = 0;            ///< rotated ones that cost
    std::int64_t version_hours = 0;
    std::int64_t version_hours_forecast = 0;
    std::int64_t symmetric = 0;
    std::int64_t ecc = 0;
    std::int64_t key_pairs = 0;
    void add(const Tally& other);
    void add(const MonthUsage& usage);
};
/// A key's hours in the month, each begun hour counted.
[[nodiscard]] Tally tally_of(const BilledKey& key, const BillingMonth& month, const Prices& prices);

/// What one key and its requests cost so far. The month's free requests are shared out to all symmetric ones alike;
/// `all_symmetric` is how many there were.
[[nodiscard]] MicroDollars month_so_far(const Tally& tally, std::int64_t all_symmetric, const BillingMonth& month,
                                        const Prices& prices);

struct UserWallets {
    std::string user;
    std::int64_t in_pool = 0;  ///< wallets sealed under the pool's keys
    std::int64_t all = 0;
};

struct CostFacts {
    Timestamp vault_created_at{};
    std::vector<BilledKey> keys;
    std::vector<UserWallets> users;
    std::int64_t kms_key_wallets = 0;
    std::int64_t envelope_wallets = 0;
    std::int64_t key_pair_wallets = 0;
};

/// The report of the month that `now` is in. Keys are forecast as kept to the month's end, requests at the rate so far (of
/// one day at least). A signing key and its calls are its user's; the pool's are shared by wallets; the rest is told as
/// `(nobody's)`, and what falls to users beyond the ten thousand with the most wallets as `(all others)`. In by_user and
/// by_custody `count` is wallets. Rounded half up at the end only, each line by itself.
[[nodiscard]] CostReport cost_report(const CostFacts& facts, std::span<const MonthUsage> usage, Timestamp now,
                                     const Prices& prices);

/// The three custodies side by side. Making: what making the wallets (and the pool) takes, without the free tier. Signs: a
/// wallet opened for each, by one Decrypt, or, with kms-key, by one look at the key's tags and a Sign (a batch opens once);
/// the free tier is the month's.
[[nodiscard]] std::vector<CostEstimate> estimate_cost(const CostQuestion& question, const Prices& prices);

}  // namespace keydeck::oversight
