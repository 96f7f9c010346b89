#include "engine/custody/usage.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

#include "engine/custody/access.hpp"
#include "engine/custody/vault_files.hpp"
#include "engine/oversight/cost.hpp"
#include "engine/oversight/cost_facts.hpp"
#include "engine/oversight/prometheus.hpp"

namespace keydeck::custody {
namespace {

constexpr std::chrono::hours kDay{24};

/// Requests of the month that `now` is in: those in the database, and the pending ones that belong to it.
Result<std::vector<oversight::MonthUsage>> month_usage(sqlite::Database& database, const oversight::UsageRows& pending,
                                                       Timestamp now) {
    const std::string month = oversight::month_of(now);
    Result<std::vector<oversight::MonthUsage>> usage = oversight::read_month(database, month);
    if (!usage) return usage;
    for (const auto& [key, bucket] : pending) {
        if (oversight::month_of(from_micros(key.minute)) == month)
            usage->push_back({key.key_id, key.operation, bucket.requests});
    }
    return usage;
}

/// All that the usage of some keys is made of, as of one moment.
struct Usage {
    oversight::UsageRows day;
    std::vector<oversight::MonthUsage> month;
    std::vector<oversight::BilledKey> billed;
};

Result<Usage> read_usage_of(OpenVault& vault, std::string_view key_id) {
    return ask_store(vault, [&](sqlite::Database& database) -> Result<Usage> {
        const auto moment = vault.usage().moment(database);
        if (!moment) return fail(moment);
        MetricsQuery query;
        query.since = vault.now() - kDay;
        query.key = key_id;
        Usage usage;
        Result<oversight::UsageRows> day = oversight::read_usage(database, query);
        if (!day) return fail(day);
        usage.day = std::move(*day);
        oversight::merge_rows(usage.day, moment->pending, query);
        Result<std::vector<oversight::MonthUsage>> month = month_usage(database, moment->pending, vault.now());
        if (!month) return fail(month);
        usage.month = std::move(*month);
        Result<std::vector<oversight::BilledKey>> billed = oversight::read_billed_keys(database, key_id);
        if (!billed) return fail(billed);
        usage.billed = std::move(*billed);
        return usage;
    });
}

/// Whether a call uses the key itself; to look at it (DescribeKey) says nothing about who still needs it.
/// https://docs.aws.amazon.com/kms/latest/developerguide/kms-cryptography.html#cryptographic-operations
bool is_cryptographic(std::string_view operation) {
    static constexpr std::array<std::string_view, 12> kOperations{"Decrypt",     "DeriveSharedSecret",
                                                                  "Encrypt",     "GenerateDataKey",
                                                                  "GenerateMac", "GenerateDataKeyPair",
                                                                  "ReEncrypt",   "GenerateDataKeyWithoutPlaintext",
                                                                  "Sign",        "Verify",
                                                                  "VerifyMac",   "GenerateDataKeyPairWithoutPlaintext"};
    return std::ranges::find(kOperations, operation) != kOperations.end();
}

void add_last_day(const oversight::UsageRows& day, std::span<KeyInfo> keys) {
    std::unordered_map<std::string_view, oversight::UsageBucket> by_key;
    for (const auto& [key, bucket] : day) {
        if (is_cryptographic(key.operation)) by_key[key.key_id].merge(bucket);
    }
    for (KeyInfo& info : keys) {
        if (const auto used = by_key.find(info.id); used != by_key.end()) info.last_day = used->second.stats();
    }
}

/// A key that the store does not know (one of the account's others) is billed by what the KMS says of it.
oversight::BilledKey billed_key_of(const KeyInfo& info) {
    oversight::BilledKey key;
    key.key_id = info.id;
    key.created_at = info.created_at;
    key.rotations = info.versions - 1;
    key.rotated_at = info.rotated_at;
    if (info.deletion_date) key.pending_since = info.created_at;  // since when is not known: nothing is billed
    return key;
}

void add_month(const Usage& usage, const OpenVault& vault, std::span<KeyInfo> keys) {
    const oversight::BillingMonth month = oversight::BillingMonth::of(vault.now(), vault.record().created_at);
    std::unordered_map<std::string_view, oversight::Tally> requests;
    oversight::Tally all;
    for (const oversight::MonthUsage& used : usage.month) {
        requests[used.key_id].add(used);
        all.add(used);
    }
    std::unordered_map<std::string_view, const oversight::BilledKey*> billed;
    for (const oversight::BilledKey& key : usage.billed) billed[key.key_id] = &key;
    const Prices& prices = vault.options().prices;
    for (KeyInfo& info : keys) {
        const auto known = billed.find(info.id);
        oversight::Tally tally =
            oversight::tally_of(known == billed.end() ? billed_key_of(info) : *known->second, month, prices);
        if (const auto used = requests.find(info.id); used != requests.end()) tally.add(used->second);
        info.month_so_far = oversight::month_so_far(tally, all.symmetric, month, prices);
    }
}

}  // namespace

void add_usage(OpenVault& vault, std::span<KeyInfo> keys) {
    if (keys.empty()) return;
    const Result<Usage> usage = read_usage_of(vault, keys.size() == 1 ? std::string_view(keys.front().id) : "");
    if (!usage) return;
    add_last_day(usage->day, keys);
    if (vault.record().kms == kKmsAws) add_month(*usage, vault, keys);
}

Result<std::vector<Metric>> metrics_of(OpenVault& vault, const MetricsQuery& query) {
    MetricsQuery asked = query;
    if (!asked.since) asked.since = vault.now() - kDay;
    if (asked.until && *asked.until <= *asked.since) {
        return fail(ErrorCode::kInvalidInput, "The metrics' end must come after their beginning.");
    }
    return ask_store(vault, [&](sqlite::Database& database) -> Result<std::vector<Metric>> {
        const Result<oversight::UsageRows> rows = vault.usage().read(database, asked);
        if (!rows) return fail(rows);
        return oversight::to_metrics(*rows);
    });
}

Result<std::vector<Metric>> metrics(OpenVault& vault, const Session& session, const MetricsQuery& query) {
    if (Status allowed = require_operator(session, "see the metrics"); !allowed) return fail(allowed);
    return metrics_of(vault, query);
}

Result<std::string> metrics_text(OpenVault& vault, const Session& session) {
    if (Status allowed = require_operator(session, "see the metrics"); !allowed) return fail(allowed);
    return ask_store(vault, [&](sqlite::Database& database) -> Result<std::string> {
        const auto moment = vault.usage().moment(database);
        if (!moment) return fail(moment);
        const auto since = [&](Timestamp time) -> Result<oversight::UsageRows> {
            MetricsQuery query;
            query.since = time;
            Result<oversight::UsageRows> rows = oversight::read_usage(database, query);
            if (rows) oversight::merge_rows(*rows, moment->pending, query);
            return rows;
        };
        const Timestamp now = vault.now();
        const Result<oversight::UsageRows> today = since(std::chrono::floor<std::chrono::days>(now));
        if (!today) return fail(today);
        const Result<oversight::UsageRows> last_day = since(now - kDay);
        if (!last_day) return fail(last_day);
        const Result<oversight::Gauges> gauges = oversight::read_gauges(database, now);
        if (!gauges) return fail(gauges);
        return oversight::prometheus_text(*today, *last_day, *gauges);
    });
}

Result<CostReport> cost_of(OpenVault& vault) {
    return ask_store(vault, [&](sqlite::Database& database) -> Result<CostReport> {
        const auto moment = vault.usage().moment(database);
        if (!moment) return fail(moment);
        const Result<std::vector<oversight::MonthUsage>> usage = month_usage(database, moment->pending, vault.now());
        if (!usage) return fail(usage);
        const Result<oversight::CostFacts> facts = oversight::read_cost_facts(database);
        if (!facts) return fail(facts);
        CostReport report = oversight::cost_report(*facts, *usage, vault.now(), vault.options().prices);
        report.is_billed = vault.record().kms == kKmsAws;
        return report;
    });
}

Result<CostReport> cost(OpenVault& vault, const Session& session) {
    if (Status allowed = require_operator(session, "see the costs"); !allowed) return fail(allowed);
    return cost_of(vault);
}

}  // namespace keydeck::custody
