// Costs against calculations by hand, which stand beside each figure. Prices: $1 a key-month by the hour, $0.03, $0.15 and
// $0.10 per 10,000 requests, 20,000 symmetric ones free: https://aws.amazon.com/kms/pricing/
#include "engine/oversight/cost.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "engine/oversight/cost_facts.hpp"
#include "tests/oversight/usage_fixture.hpp"

namespace keydeck::oversight {
namespace {

Timestamp at(const char* text) { return *from_rfc3339(text); }

// November 2026 has 30 days: 720 hours. The 11th, midnight: 240 hours have passed.
const Timestamp kNoon = at("2026-11-11T00:00:00Z");
const Timestamp kLongAgo = at("2026-01-05T10:00:00Z");
const Prices kPrices;

BilledKey key(std::string id, Timestamp created_at = kLongAgo) {
    BilledKey out;
    out.key_id = std::move(id);
    out.created_at = created_at;
    return out;
}
BillingMonth november(Timestamp now = kNoon) { return BillingMonth::of(now, kLongAgo); }

MicroDollars so_far(const BilledKey& key, Timestamp now = kNoon) {
    return month_so_far(tally_of(key, november(now), kPrices), 0, november(now), kPrices);
}

TEST(CostMonth, KnowsItsHours) {
    EXPECT_EQ(november().name, "2026-11");
    EXPECT_EQ(november().hours(), 720);
    EXPECT_EQ(BillingMonth::of(at("2027-02-28T23:59:59Z"), kLongAgo).hours(), 672);
    EXPECT_EQ(BillingMonth::of(at("2028-02-01T00:00:00Z"), kLongAgo).hours(), 696);  // a leap year
    EXPECT_EQ(BillingMonth::of(at("2026-12-31T23:00:00Z"), kLongAgo).end, at("2027-01-01T00:00:00Z"));
    EXPECT_EQ(november().counted_since, at("2026-11-01T00:00:00Z"));
    EXPECT_EQ(BillingMonth::of(kNoon, at("2026-11-05T00:00:00Z")).counted_since, at("2026-11-05T00:00:00Z"));
}

TEST(CostOfAKey, GoesByTheHour) {
    EXPECT_EQ(so_far(key("a")), 333'333);  // 240/720 of $1 = $0.333333…
    // Made on the 10th at 22:30: an hour and a half, two begun hours: 2/720 = $0.002777…
    EXPECT_EQ(so_far(key("a", at("2026-11-10T22:30:00Z"))), 2'778);
    EXPECT_EQ(so_far(key("a", kNoon)), 0);
    EXPECT_EQ(so_far(key("a", at("2026-11-12T00:00:00Z"))), 0) << "made by a clock that is ahead";
    EXPECT_EQ(so_far(key("a"), at("2026-11-30T23:59:59Z")), 1'000'000);
    EXPECT_EQ(so_far(key("a"), at("2026-11-01T00:00:00Z")), 0);
}

TEST(CostOfAKey, RotatedVersionsCostUpToTwo) {
    BilledKey once = key("a");
    once.rotations = 1;
    once.rotated_at = at("2026-11-06T00:00:00Z");
    // The key 240/720, its version 120/720: 360/720.
    EXPECT_EQ(so_far(once), 500'000);
    BilledKey twice = key("a");
    twice.rotations = 2;
    twice.rotated_at = at("2026-11-08T00:00:00Z");
    // 240 + 240 (the first rotation, of before) + 72: 552/720 = 0.766666…
    EXPECT_EQ(so_far(twice), 766'667);
    BilledKey often = key("a");
    often.rotations = 9;
    often.rotated_at = at("2026-11-10T00:00:00Z");
    EXPECT_EQ(so_far(often), 1'000'000) << "240 each for the key and two versions; seven cost nothing";
    Prices free = kPrices;
    free.paid_rotations = 0;
    EXPECT_EQ(month_so_far(tally_of(often, november(), free), 0, november(), free), 333'333);
}

TEST(CostOfAKey, PendingDeletionCostsNothingAndDisabledDoes) {
    BilledKey pending = key("a");
    pending.pending_since = at("2026-11-04T00:00:00Z");
    EXPECT_EQ(so_far(pending), 100'000);  // 72/720
    pending.pending_since = at("2026-10-30T00:00:00Z");
    EXPECT_EQ(so_far(pending), 0);
    // Destroyed this month: as pending; since when unknown: nothing.
    pending.is_destroyed = true;
    EXPECT_EQ(so_far(pending), 0);
    BilledKey gone = key("a");
    gone.is_destroyed = true;
    EXPECT_EQ(so_far(gone), 0);
    // A cancelled deletion has no pending_since any more: charged back as though it had never been.
    pending = key("a");
    EXPECT_EQ(so_far(pending), 333'333);
}

TEST(CostOfRequests, AreOfThreeKinds) {
    for (const char* symmetric : {"Encrypt", "Decrypt", "ReEncrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext",
                                  "DescribeKey", "ListKeys", "CreateKey", "TagResource", "GenerateRandom"})
        EXPECT_EQ(kind_of_request(symmetric), RequestKind::kSymmetric) << symmetric;
    for (const char* ecc : {"Sign", "Verify", "GetPublicKey"}) EXPECT_EQ(kind_of_request(ecc), RequestKind::kEcc) << ecc;
    for (const char* pair : {"GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext"})
        EXPECT_EQ(kind_of_request(pair), RequestKind::kKeyPair) << pair;
}

TEST(CostOfRequests, OnlySymmetricOnesHaveAFreeTier) {
    CostFacts facts;
    facts.vault_created_at = kLongAgo;
    const auto of = [&](std::vector<MonthUsage> usage) { return cost_report(facts, usage, kNoon, kPrices); };
    EXPECT_EQ(of({{"", "Decrypt", 20'000}}).total.month_so_far, 0);
    EXPECT_EQ(of({{"", "Decrypt", 30'000}}).total.month_so_far, 30'000);     // 10,000 at $0.03
    EXPECT_EQ(of({{"", "Sign", 10'000}}).total.month_so_far, 150'000);       // $0.15
    EXPECT_EQ(of({{"", "GenerateDataKeyPair", 1}}).total.month_so_far, 10);  // $0.10 / 10,000
    // 90,000 Decrypt and 10,000 ListKeys: 80,000 beyond the free ones, $0.24.
    EXPECT_EQ(of({{"", "Decrypt", 90'000}, {"", "ListKeys", 10'000}}).total.month_so_far, 240'000);
}

TEST(CostOfRequests, AreRoundedHalfUpOnceAtTheEnd) {
    CostFacts facts;
    facts.vault_created_at = kLongAgo;
    Prices prices = kPrices;
    prices.symmetric_10k = 10'000;  // a micro-dollar a request
    prices.ecc_10k = 5'000;         // half a one
    prices.free_requests = 0;
    const auto of = [&](std::int64_t ecc) {
        return cost_report(facts, std::vector<MonthUsage>{{"", "Sign", ecc}}, kNoon, prices).total.month_so_far;
    };
    EXPECT_EQ(of(1), 1);  // 0.5
    EXPECT_EQ(of(2), 1);
    EXPECT_EQ(of(3), 2);  // 1.5
    // A hundred keys, each with a third of a micro-dollar: 33.33…, where rounding each would have said 0.
    prices.key_month = 1;
    for (int i = 0; i < 100; ++i) facts.keys.push_back(key("k" + std::to_string(i)));
    EXPECT_EQ(cost_report(facts, {}, kNoon, prices).total.month_so_far, 33);
}

/// alice has a signing key; bob two wallets in the pool of two keys, charlie one; a key was made by hand.
CostFacts three_users() {
    CostFacts facts;
    facts.vault_created_at = kLongAgo;
    facts.keys = {key("alices"), key("pool-1"), key("pool-2"), key("by-hand", at("2026-11-10T00:00:00Z"))};
    facts.keys[0].user = "alice";
    facts.keys[1].is_in_pool = true;
    facts.keys[2].is_in_pool = true;
    facts.users = {{"alice", 0, 1}, {"bob", 2, 2}, {"charlie", 1, 1}};
    facts.kms_key_wallets = 1;
    facts.envelope_wallets = 2;
    facts.key_pair_wallets = 1;
    return facts;
}

const CostLine& line(const std::vector<CostLine>& lines, std::string_view name) {
    static const CostLine kNone{"none", -1, -1, -1};
    const auto found = std::ranges::find(lines, name, &CostLine::name);
    EXPECT_NE(found, lines.end()) << name;
    return found == lines.end() ? kNone : *found;
}

TEST(CostReport, TellsByKindUserAndCustody) {
    const std::vector<MonthUsage> usage{
        {"alices", "Sign", 4'000}, {"alices", "DescribeKey", 1'000}, {"pool-1", "Decrypt", 39'000}, {"", "ListKeys", 0}};
    const CostReport report = cost_report(three_users(), usage, kNoon, kPrices);
    EXPECT_EQ(report.month, "2026-11");
    // Keys: 3 x 240 + 24 hours = 744/720 = $1.033333. Symmetric: 40,000, half of them free: 20,000 at 0.03 = $0.06. ECC:
    // 4,000 at 0.15 = $0.06.
    EXPECT_EQ(line(report.by_kind, "keys").month_so_far, 1'033'333);
    EXPECT_EQ(line(report.by_kind, "keys").count, 4);
    EXPECT_EQ(line(report.by_kind, "symmetric requests").month_so_far, 60'000);
    EXPECT_EQ(line(report.by_kind, "symmetric requests").count, 40'000);
    EXPECT_EQ(line(report.by_kind, "ECC requests").month_so_far, 60'000);
    EXPECT_EQ(line(report.by_kind, "key pair requests").month_so_far, 0);
    EXPECT_EQ(report.total.month_so_far, 1'153'333);
    // alice: her key 1/3, her signatures 0.06, and half of her 1,000 requests: 500 at 0.03/10,000 = 0.0015.
    EXPECT_EQ(line(report.by_user, "alice").month_so_far, 333'333 + 60'000 + 1'500);
    // The pool: two keys 480/720 = 0.666667, and 19,500 requests = 0.0585: 0.725166…; two thirds bob's, one charlie's.
    EXPECT_EQ(line(report.by_user, "bob").month_so_far, 483'444);
    EXPECT_EQ(line(report.by_user, "charlie").month_so_far, 241'722);
    EXPECT_EQ(line(report.by_user, "(nobody's)").month_so_far, 33'333);  // 24/720
    EXPECT_EQ(report.by_user.front().name, "bob") << "the largest first";
    EXPECT_EQ(line(report.by_custody, "kms-key").month_so_far, 394'833);
    EXPECT_EQ(line(report.by_custody, "envelope").month_so_far, 483'444);
    EXPECT_EQ(line(report.by_custody, "key-pair").month_so_far, 241'722);
    EXPECT_EQ(line(report.by_custody, "(nobody's)").month_so_far, 33'333);
    // Nothing is lost on the way: the lines add up but for their rounding.
    std::int64_t users = 0;
    for (const CostLine& user : report.by_user) users += user.month_so_far;
    EXPECT_NEAR(static_cast<double>(users), static_cast<double>(report.total.month_so_far), 2);
}

TEST(CostReport, ForecastKeepsKeysAndGoesOnAtTheRate) {
    const std::vector<MonthUsage> usage{{"alices", "Sign", 4'000}, {"pool-1", "Decrypt", 40'000}};
    const CostReport report = cost_report(three_users(), usage, kNoon, kPrices);
    // A third of the month has passed: three times the requests. Keys: three whole, and one from the 10th on: 504/720 = 0.7.
    EXPECT_EQ(line(report.by_kind, "keys").forecast, 3'700'000);
    EXPECT_EQ(line(report.by_kind, "ECC requests").forecast, 180'000);        // 12,000
    EXPECT_EQ(line(report.by_kind, "symmetric requests").forecast, 300'000);  // 120,000 - 20,000
    EXPECT_EQ(report.total.forecast, 4'180'000);
    // A key on its way out is not kept.
    CostFacts facts = three_users();
    facts.keys[3].pending_since = at("2026-11-10T12:00:00Z");
    EXPECT_EQ(line(cost_report(facts, usage, kNoon, kPrices).by_kind, "keys").forecast, 3'016'667);  // 12/720
}

TEST(CostReport, ARateIsOfADayAtLeast) {
    CostFacts facts;
    facts.vault_created_at = kNoon - std::chrono::minutes(1);
    const std::vector<MonthUsage> usage{{"", "Sign", 1'000}};
    // 1,000 in a minute are taken for a day's: 20 more days, 21,000 at 0.15/10,000.
    EXPECT_EQ(cost_report(facts, usage, kNoon, kPrices).total.forecast, 315'000);
    // A vault of the 6th has counted five days: 1,000 are 200 a day, 20 more days: 5,000.
    facts.vault_created_at = at("2026-11-06T00:00:00Z");
    EXPECT_EQ(cost_report(facts, usage, kNoon, kPrices).total.forecast, 75'000);
}

TEST(CostReport, HoldsWhateverTheFileSays) {
    CostFacts facts = three_users();
    facts.keys[0].created_at = from_micros(std::numeric_limits<std::int64_t>::min() / 2);
    facts.keys[1].rotations = std::numeric_limits<std::int64_t>::max();
    facts.keys[2].pending_since = from_micros(-1);
    facts.users[1].in_pool = 0;
    facts.users[2].in_pool = 0;
    const std::int64_t most = std::numeric_limits<std::int64_t>::max();
    const CostReport report = cost_report(
        facts, std::vector<MonthUsage>{{"alices", "Sign", most}, {"alices", "Verify", most}, {"pool-1", "Decrypt", most}},
        kNoon, kPrices);
    EXPECT_GT(report.total.month_so_far, 0);
    EXPECT_GE(report.total.forecast, report.total.month_so_far);
    EXPECT_GE(line(report.by_user, "(nobody's)").month_so_far, 0) << "a pool without wallets";
}

TEST(CostWhatIf, ComparesTheCustodies) {
    // keydeck cost --users 1000 --signs 10000
    const auto small = estimate_cost({.users = 1000, .wallets_per_user = 1, .signs = 10'000, .pool_size = 10}, kPrices);
    ASSERT_EQ(small.size(), 3U);
    // envelope: ten keys; to make them 10 CreateKey and 10 CreateAlias, 1,000 GenerateDataKey and 1,000 Decrypt: 2,020 at
    // 0.03/10,000 = $0.00606. 10,000 Decrypt a month are free.
    EXPECT_EQ(small[0].custody, Custody::kEnvelope);
    EXPECT_EQ(small[0].keys, 10);
    EXPECT_EQ(small[0].making_requests, 2'020);
    EXPECT_EQ(small[0].making, 6'060);
    EXPECT_EQ(small[0].keys_month, 10'000'000);
    EXPECT_EQ(small[0].signs_month, 0);
    EXPECT_EQ(small[0].month(), 10'000'000);
    // kms-key: 1,000 keys; 1,000 CreateKey at 0.03 = $0.003, 1,000 GetPublicKey and 1,000 Sign at 0.15 = $0.03. 10,000 Sign
    // at 0.15 = $0.15, and 10,000 ListResourceTags, free.
    EXPECT_EQ(small[1].custody, Custody::kKmsKey);
    EXPECT_EQ(small[1].keys, 1'000);
    EXPECT_EQ(small[1].making_requests, 3'000);
    EXPECT_EQ(small[1].making, 33'000);
    EXPECT_EQ(small[1].month(), 1'000'150'000);
    // key-pair: 20 for the pool and 1,000 Decrypt at 0.03 = $0.00306, 1,000 pairs at 0.10 = $0.01.
    EXPECT_EQ(small[2].custody, Custody::kKeyPair);
    EXPECT_EQ(small[2].making_requests, 2'020);
    EXPECT_EQ(small[2].making, 13'060);
    EXPECT_EQ(small[2].month(), 10'000'000);

    // A million signatures: 980,000 beyond the free ones at 0.03 = $2.94, against as many looks at
    // tags, and 1,000,000 Sign at 0.15 = $15.
    const auto large = estimate_cost({.users = 10, .wallets_per_user = 2, .signs = 1'000'000, .pool_size = 3}, kPrices);
    EXPECT_EQ(large[0].month(), 3'000'000 + 2'940'000);
    EXPECT_EQ(large[1].month(), 20'000'000 + 2'940'000 + 15'000'000);
    EXPECT_EQ(large[2].month(), 3'000'000 + 2'940'000);
    const std::int64_t most = std::numeric_limits<std::int64_t>::max();
    for (const CostEstimate& estimate : estimate_cost({most, most, most, std::numeric_limits<int>::max()}, kPrices))
        EXPECT_GT(estimate.keys_month, 0);
    for (const CostEstimate& estimate : estimate_cost({-1, -1, -1, -1}, kPrices)) EXPECT_EQ(estimate.month(), 0);
}

TEST_F(UsageTest, FactsComeFromTheStore) {
    sql("INSERT INTO users (id, name, created_at, wallets) VALUES (1, 'alice', 1, 2), (2, 'bob', 1, 1)");
    sql("INSERT INTO keys (id, key_id, arn, alias, spec, usage, state, region, purpose, pool_prefix, pool_index, created_at,"
        " version, rotated_at, pending_since) VALUES"
        " (1, 'own', '', '', '', '', 'Enabled', '', 'wallet', '', 0, 100, 1, NULL, NULL),"
        " (2, 'pool', '', '', '', '', 'Disabled', '', 'pool', 'p', 1, 200, 3, 250, NULL),"
        " (3, 'gone', '', '', '', '', 'Destroyed', '', '', '', 0, 300, 1, NULL, 350)");
    sql("INSERT INTO wallets (id, user_id, key_ref, label, address, custody, region, path, has_mnemonic, imported, "
        "created_at,"
        " removed_at, public_key, sealed_data_key, sealed_secret) VALUES"
        " (1, 1, 1, '', x'01', 'kms-key', '', '', 0, 0, 1, NULL, x'', x'', x''),"
        " (2, 1, 2, '', x'02', 'envelope', '', '', 1, 0, 1, NULL, x'', x'', x''),"
        " (3, 2, 2, '', x'03', 'key-pair', '', '', 0, 0, 1, NULL, x'', x'', x''),"
        " (4, 2, 2, '', x'04', 'envelope', '', '', 0, 0, 1, 5, x'', x'', x'')");
    sql("UPDATE counters SET value = 3 WHERE name = 'wallets'");
    const auto facts = read_cost_facts(db());
    ASSERT_TRUE(facts) << facts.error().message;
    EXPECT_EQ(facts->vault_created_at, clock_.now());
    ASSERT_EQ(facts->keys.size(), 3U);
    EXPECT_EQ(facts->keys[0].user, "alice");
    EXPECT_TRUE(facts->keys[1].is_in_pool);
    EXPECT_EQ(facts->keys[1].rotations, 2);
    EXPECT_EQ(facts->keys[1].rotated_at, from_micros(250));
    EXPECT_TRUE(facts->keys[2].is_destroyed);
    EXPECT_EQ(facts->keys[2].pending_since, from_micros(350));
    EXPECT_EQ(facts->kms_key_wallets, 1);
    EXPECT_EQ(facts->envelope_wallets, 1);
    EXPECT_EQ(facts->key_pair_wallets, 1);
    ASSERT_EQ(facts->users.size(), 2U);
    EXPECT_EQ(facts->users[0].in_pool, 1);
    EXPECT_EQ(facts->users[1].in_pool, 1);
    EXPECT_EQ(read_billed_keys(db(), "pool")->size(), 1U);
    EXPECT_TRUE(read_billed_keys(db(), "nobody")->empty());
}

TEST_F(UsageTest, BeyondTenThousandUsersTheOthersAreOne) {
    sql("INSERT INTO keys (id, key_id, arn, alias, spec, usage, state, region, purpose, pool_prefix, pool_index, created_at)"
        " VALUES (1, 'pool', '', '', '', '', 'Enabled', '', 'pool', 'p', 1, 200)");
    sql("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10003)"
        " INSERT INTO users (id, name, created_at, wallets) SELECT i, 'u' || i, 1, 1 FROM n");
    sql("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10003)"
        " INSERT INTO wallets (id, user_id, key_ref, label, address, custody, region, path, has_mnemonic, imported,"
        " created_at, public_key, sealed_data_key, sealed_secret)"
        " SELECT i, i, 1, '', CAST('a' || i AS BLOB), 'envelope', '', '', 1, 0, 1, x'', x'', x'' FROM n");
    sql("UPDATE counters SET value = 10003 WHERE name = 'wallets'");
    const auto facts = read_cost_facts(db());
    ASSERT_TRUE(facts) << facts.error().message;
    ASSERT_EQ(facts->users.size(), 10'001U);
    EXPECT_EQ(facts->users.back().user, "(all others)");
    EXPECT_EQ(facts->users.back().in_pool, 3);
    EXPECT_EQ(facts->users.back().all, 3);
    EXPECT_EQ(facts->envelope_wallets, 10'003);
}

}  // namespace
}  // namespace keydeck::oversight
