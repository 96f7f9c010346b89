#include "engine/oversight/cost.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "engine/oversight/amount.hpp"
#include "engine/oversight/saturating.hpp"

namespace keydeck::oversight {
namespace {

constexpr std::string_view kNobody = "(nobody's)";

std::int64_t begun_hours(Timestamp from, Timestamp to) {
    return to <= from ? 0 : std::chrono::ceil<std::chrono::hours>(to - from).count();
}

/// What requests grow by to the month's end: `whole` divided by `so_far`.
struct Growth {
    std::int64_t whole = 1;
    std::int64_t so_far = 1;
};

Growth growth_of(const BillingMonth& month) {
    const auto seconds = [](auto duration) { return std::chrono::floor<std::chrono::seconds>(duration).count(); };
    constexpr std::int64_t kDay = 86'400;  // a rate of less would make much of little
    const std::int64_t so_far = std::max(seconds(month.now - month.counted_since), kDay);
    return {so_far + std::max<std::int64_t>(seconds(month.end - month.now), 0), so_far};
}

/// Prices tallies: those of one month, which share its free requests.
class Pricing {
public:
    Pricing(const Prices& prices, const BillingMonth& month, std::int64_t all_symmetric, Growth growth, bool is_forecast)
        : prices_(prices), hours_(month.hours()), all_(all_symmetric), growth_(growth), forecast_(is_forecast) {}

    [[nodiscard]] Amount keys(const Tally& tally) const {
        return priced(forecast_ ? tally.key_hours_forecast : tally.key_hours, prices_.key_month, hours_);
    }
    [[nodiscard]] Amount versions(const Tally& tally) const {
        return priced(forecast_ ? tally.version_hours_forecast : tally.version_hours, prices_.key_month, hours_);
    }
    /// Of all symmetric requests those beyond the free ones cost, each its share.
    [[nodiscard]] Amount symmetric(const Tally& tally) const {
        if (all_ <= 0) return {};
        const Uint256 all = to_uint(all_) * to_uint(growth_.whole);
        const Uint256 free = to_uint(prices_.free_requests) * to_uint(growth_.so_far);
        if (all <= free) return {};
        return Amount{all - free, to_uint(growth_.so_far)}
            .times(tally.symmetric, all_)
            .times(prices_.symmetric_10k, kTenThousand);
    }
    [[nodiscard]] Amount ecc(const Tally& tally) const { return requests(tally.ecc, prices_.ecc_10k); }
    [[nodiscard]] Amount key_pairs(const Tally& tally) const { return requests(tally.key_pairs, prices_.key_pair_10k); }
    [[nodiscard]] Amount all(const Tally& tally) const {
        return keys(tally).plus(versions(tally)).plus(symmetric(tally)).plus(ecc(tally)).plus(key_pairs(tally));
    }

private:
    [[nodiscard]] Amount requests(std::int64_t count, MicroDollars price) const {
        return priced(count, price, kTenThousand).times(growth_.whole, growth_.so_far);
    }
    const Prices& prices_;
    std::int64_t hours_;
    std::int64_t all_;
    Growth growth_;
    bool forecast_;
};

/// The tallies of a month by who pays them.
struct Shares {
    std::map<std::string, Tally, std::less<>> users;  ///< of their own signing keys
    Tally pool;
    Tally nobody;
    Tally all;
};

Shares share_out(const CostFacts& facts, std::span<const MonthUsage> usage, const BillingMonth& month,
                 const Prices& prices) {
    Shares shares;
    std::map<std::string_view, Tally*> payers;
    for (const BilledKey& key : facts.keys) {
        Tally& payer = !key.user.empty() ? shares.users[key.user] : key.is_in_pool ? shares.pool : shares.nobody;
        payer.add(tally_of(key, month, prices));
        payers[key.key_id] = &payer;  // a map's elements stay where they are
    }
    for (const MonthUsage& used : usage) {
        const auto payer = payers.find(used.key_id);
        (payer == payers.end() ? shares.nobody : *payer->second).add(used);
    }
    for (const auto& [name, tally] : shares.users) shares.all.add(tally);
    shares.all.add(shares.pool);
    shares.all.add(shares.nobody);
    return shares;
}

CostLine line_of(std::string name, std::int64_t count, const Amount& so_far, const Amount& forecast) {
    return {std::move(name), count, so_far.rounded(), forecast.rounded()};
}

std::vector<CostLine> lines_by_kind(const Tally& all, const Pricing& now, const Pricing& then) {
    return {line_of("keys", all.keys, now.keys(all), then.keys(all)),
            line_of("rotated versions", all.versions, now.versions(all), then.versions(all)),
            line_of("symmetric requests", all.symmetric, now.symmetric(all), then.symmetric(all)),
            line_of("ECC requests", all.ecc, now.ecc(all), then.ecc(all)),
            line_of("key pair requests", all.key_pairs, now.key_pairs(all), then.key_pairs(all))};
}

/// What is left when the payers have paid: keys made by hand, calls that name no key, a pool without wallets.
void add_nobodys(std::vector<CostLine>& lines, const Shares& shares, bool with_pool, const Pricing& now,
                 const Pricing& then) {
    Tally rest = shares.nobody;
    if (with_pool) rest.add(shares.pool);
    const CostLine line = line_of(std::string(kNobody), 0, now.all(rest), then.all(rest));
    if (line.month_so_far != 0 || line.forecast != 0) lines.push_back(line);
}

std::vector<CostLine> lines_by_user(const CostFacts& facts, const Shares& shares, const Pricing& now, const Pricing& then) {
    std::int64_t sharers = 0;
    for (const UserWallets& user : facts.users) sharers += user.in_pool;
    const Amount pool_now = now.all(shares.pool);
    const Amount pool_then = then.all(shares.pool);
    std::vector<CostLine> lines;
    std::map<std::string_view, bool> told;
    const auto add = [&](const std::string& name, std::int64_t in_pool, std::int64_t wallets) {
        const auto own = shares.users.find(name);
        const Tally tally = own == shares.users.end() ? Tally() : own->second;
        lines.push_back(line_of(name, wallets, now.all(tally).plus(pool_now.times(in_pool, sharers)),
                                then.all(tally).plus(pool_then.times(in_pool, sharers))));
    };
    for (const UserWallets& user : facts.users) {
        add(user.user, user.in_pool, user.all);
        told[user.user] = true;
    }
    for (const auto& [name, tally] : shares.users) {
        if (!told.contains(name)) add(name, 0, 0);
    }
    add_nobodys(lines, shares, sharers == 0, now, then);
    std::ranges::stable_sort(lines, std::ranges::greater(),
                             [](const CostLine& line) { return std::pair(line.month_so_far, line.forecast); });
    return lines;
}

std::vector<CostLine> lines_by_custody(const CostFacts& facts, const Shares& shares, const Pricing& now,
                                       const Pricing& then) {
    Tally signing;
    for (const auto& [name, tally] : shares.users) signing.add(tally);
    const std::int64_t sealed = facts.envelope_wallets + facts.key_pair_wallets;
    const auto pooled = [&](std::string_view custody, std::int64_t wallets) {
        return line_of(std::string(custody), wallets, now.all(shares.pool).times(wallets, sealed),
                       then.all(shares.pool).times(wallets, sealed));
    };
    std::vector<CostLine> lines{pooled("envelope", facts.envelope_wallets),
                                line_of("kms-key", facts.kms_key_wallets, now.all(signing), then.all(signing)),
                                pooled("key-pair", facts.key_pair_wallets)};
    add_nobodys(lines, shares, sealed == 0, now, then);
    return lines;
}

}  // namespace

RequestKind kind_of_request(std::string_view operation) {
    if (operation.starts_with("GenerateDataKeyPair")) return RequestKind::kKeyPair;
    // Only asymmetric keys answer these, and Keydeck's are ECC ones.
    constexpr std::array<std::string_view, 4> kAsymmetric{"Sign", "Verify", "GetPublicKey", "DeriveSharedSecret"};
    return std::ranges::find(kAsymmetric, operation) != kAsymmetric.end() ? RequestKind::kEcc : RequestKind::kSymmetric;
}

BillingMonth BillingMonth::of(Timestamp now, Timestamp vault_created_at) {
    const std::chrono::year_month_day today(std::chrono::floor<std::chrono::days>(now));
    const std::chrono::year_month month = today.year() / today.month();
    BillingMonth out;
    out.name = month_of(now);
    out.begin = std::chrono::sys_days(month / 1);
    out.end = std::chrono::sys_days((month + std::chrono::months(1)) / 1);
    out.now = now;
    out.counted_since = std::clamp(vault_created_at, out.begin, now);
    return out;
}

std::int64_t BillingMonth::hours() const { return std::chrono::floor<std::chrono::hours>(end - begin).count(); }

void Tally::add(const Tally& other) {
    keys += other.keys;
    key_hours += other.key_hours;
    key_hours_forecast += other.key_hours_forecast;
    versions += other.versions;
    version_hours += other.version_hours;
    version_hours_forecast += other.version_hours_forecast;
    symmetric = saturating_add(symmetric, other.symmetric);
    ecc = saturating_add(ecc, other.ecc);
    key_pairs = saturating_add(key_pairs, other.key_pairs);
}

void Tally::add(const MonthUsage& usage) {
    const RequestKind kind = kind_of_request(usage.operation);
    std::int64_t& sum = kind == RequestKind::kSymmetric ? symmetric : kind == RequestKind::kEcc ? ecc : key_pairs;
    sum = saturating_add(sum, usage.requests);
}

Tally tally_of(const BilledKey& key, const BillingMonth& month, const Prices& prices) {
    Tally tally;
    if (key.is_destroyed && !key.pending_since) return tally;
    const Timestamp end = key.pending_since ? std::min(*key.pending_since, month.end) : month.end;
    const auto hours_since = [&](Timestamp begin, Timestamp until) {
        return begun_hours(std::max(begin, month.begin), std::min(until, end));
    };
    tally.key_hours = hours_since(key.created_at, month.now);
    tally.key_hours_forecast = hours_since(key.created_at, month.end);
    tally.keys = tally.key_hours_forecast > 0 ? 1 : 0;
    const std::int64_t paid = std::min<std::int64_t>(key.rotations, std::max(prices.paid_rotations, 0));
    for (std::int64_t version = 1; version <= paid; ++version) {
        const bool is_newest = version == key.rotations && key.rotated_at;
        const Timestamp begin = is_newest ? *key.rotated_at : key.created_at;
        tally.version_hours += hours_since(begin, month.now);
        tally.version_hours_forecast += hours_since(begin, month.end);
        if (hours_since(begin, month.end) > 0) ++tally.versions;
    }
    return tally;
}

MicroDollars month_so_far(const Tally& tally, std::int64_t all_symmetric, const BillingMonth& month, const Prices& prices) {
    return Pricing(prices, month, all_symmetric, {}, false).all(tally).rounded();
}

CostReport cost_report(const CostFacts& facts, std::span<const MonthUsage> usage, Timestamp now, const Prices& prices) {
    const BillingMonth month = BillingMonth::of(now, facts.vault_created_at);
    const Shares shares = share_out(facts, usage, month, prices);
    const Pricing so_far(prices, month, shares.all.symmetric, {}, false);
    const Pricing forecast(prices, month, shares.all.symmetric, growth_of(month), true);
    CostReport report;
    report.month = month.name;
    report.total = line_of("total", shares.all.keys, so_far.all(shares.all), forecast.all(shares.all));
    report.by_kind = lines_by_kind(shares.all, so_far, forecast);
    report.by_user = lines_by_user(facts, shares, so_far, forecast);
    report.by_custody = lines_by_custody(facts, shares, so_far, forecast);
    return report;
}

}  // namespace keydeck::oversight
