#include "engine/oversight/usage_metrics.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

#include "engine/base/json.hpp"
#include "engine/oversight/saturating.hpp"

namespace keydeck::oversight {
namespace {

using sqlite::Database;
using sqlite::Statement;

// By time, and by key where one is asked for: each has an index of its own.
constexpr std::string_view kReadAll =
    "SELECT minute, key_id, operation, calls, failures, latency, errors FROM metrics"
    " WHERE minute >= ?1 AND minute < ?2 AND (?3 = '' OR operation = ?3)";
constexpr std::string_view kReadKey =
    "SELECT minute, key_id, operation, calls, failures, latency, errors FROM metrics"
    " WHERE minute >= ?1 AND minute < ?2 AND (?3 = '' OR operation = ?3) AND key_id = ?4";

// A write deletes as many old rows as it adds, and these: so the old ones go sooner or later.
constexpr std::int64_t kMoreToDelete = 100;

std::optional<std::int64_t> positive_number(const json::Value& value) {
    if (!value.is(json::Kind::kNumber)) return std::nullopt;
    std::int64_t number = 0;
    const char* const end = value.text.data() + value.text.size();
    const auto [stop, problem] = std::from_chars(value.text.data(), end, number);
    if (problem != std::errc() || stop != end || number <= 0) return std::nullopt;
    return number;
}

/// `{"ThrottlingException":3}`; nothing of it where it is anything else.
std::map<std::string, std::int64_t, std::less<>> parse_errors(std::string_view text) {
    const Result<json::Value> value = json::parse(text, "the errors of a minute");
    if (!value || !value->is(json::Kind::kObject)) return {};
    std::map<std::string, std::int64_t, std::less<>> errors;
    for (const json::Member& member : value->members) {
        const auto count = positive_number(member.second);
        if (!count) return {};
        errors[member.first] = *count;
    }
    return errors;
}

std::string errors_json(const UsageBucket& bucket) {
    std::string out = "{";
    for (const auto& [name, count] : bucket.errors) {
        if (out.size() > 1) out += ',';
        json::append_quoted(out, name);
        out += fmt::format(":{}", count);
    }
    return out + '}';
}

/// A row's columns from `calls` on. Nothing where they cannot be ours.
std::optional<UsageBucket> read_bucket(const Statement& row, int calls_column) {
    UsageBucket bucket;
    bucket.calls = row.integer(calls_column);
    bucket.failures = row.integer(calls_column + 1);
    if (bucket.calls < 0 || bucket.failures < 0 || bucket.failures > bucket.calls) return std::nullopt;
    if (auto latency = LatencyHistogram::decode(row.blob(calls_column + 2)); latency) bucket.latency = std::move(*latency);
    bucket.errors = parse_errors(row.text(calls_column + 3));
    return bucket;
}

Status add_minute(Database& database, const UsageKey& key, UsageBucket bucket) {
    {
        Statement row = database.prepare(
            "SELECT calls, failures, latency, errors FROM metrics WHERE minute = ? AND key_id = ? AND operation = ?");
        const Result<bool> found = row.bind(1, key.minute).bind(2, key.key_id).bind(3, key.operation).step();
        if (!found) return fail(found);
        if (*found) {
            if (const auto before = read_bucket(row, 0); before) bucket.merge(*before);
        }
    }
    Statement insert = database.prepare(
        "INSERT OR REPLACE INTO metrics (minute, key_id, operation, calls, failures, latency, errors)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)");
    insert.bind(1, key.minute).bind(2, key.key_id).bind(3, key.operation);
    insert.bind(4, bucket.calls).bind(5, bucket.failures).bind(6, bucket.latency.encode()).bind(7, errors_json(bucket));
    return insert.run();
}

Status add_to_month(Database& database, const UsageKey& key, std::int64_t requests) {
    if (requests == 0) return {};
    const std::string month = month_of(from_micros(key.minute));
    // Where somebody with the file has put a count that cannot be, ours begins anew.
    Statement add = database.prepare(
        "INSERT INTO usage_months (month, key_id, operation, calls) VALUES (?1, ?2, ?3, ?4)"
        " ON CONFLICT (month, key_id, operation) DO UPDATE SET calls ="
        " CASE WHEN calls BETWEEN 0 AND 1000000000000000000 THEN calls ELSE 0 END + ?4");
    return add.bind(1, month).bind(2, key.key_id).bind(3, key.operation).bind(4, requests).run();
}

Status delete_old(Database& database, Timestamp now, std::int64_t most) {
    Statement old = database.prepare(
        "DELETE FROM metrics WHERE (minute, key_id, operation) IN"
        " (SELECT minute, key_id, operation FROM metrics WHERE minute < ? ORDER BY minute LIMIT ?)");
    if (Status done = old.bind(1, to_micros(minute_of(now - kMetricsKept))).bind(2, most).run(); !done) return done;
    Statement months = database.prepare(
        "DELETE FROM usage_months WHERE (month, key_id, operation) IN"
        " (SELECT month, key_id, operation FROM usage_months WHERE month < ? ORDER BY month LIMIT ?)");
    return months.bind(1, month_of(now - kMonthsKept)).bind(2, most).run();
}

}  // namespace

Timestamp minute_of(Timestamp time) { return std::chrono::floor<std::chrono::minutes>(time); }

std::string month_of(Timestamp time) {
    const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(time));
    return fmt::format("{:04}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()));
}

void UsageBucket::merge(const UsageBucket& other) {
    calls = saturating_add(calls, other.calls);
    failures = saturating_add(failures, other.failures);
    requests = saturating_add(requests, other.requests);
    latency.merge(other.latency);
    for (const auto& [name, count] : other.errors) {
        std::int64_t& sum = errors[name];
        sum = saturating_add(sum, count);
    }
}

CallStats UsageBucket::stats() const {
    CallStats stats;
    stats.calls = calls;
    stats.failures = failures;
    stats.errors.assign(errors.begin(), errors.end());
    std::ranges::stable_sort(stats.errors, std::ranges::greater(), &std::pair<std::string, std::int64_t>::second);
    stats.p50 = std::chrono::round<std::chrono::microseconds>(latency.percentile(50));
    stats.p95 = std::chrono::round<std::chrono::microseconds>(latency.percentile(95));
    stats.p99 = std::chrono::round<std::chrono::microseconds>(latency.percentile(99));
    return stats;
}

bool asks_for(const MetricsQuery& query, const UsageKey& key) {
    if (query.since && key.minute < to_micros(minute_of(*query.since))) return false;
    if (query.until && key.minute >= to_micros(*query.until)) return false;
    return (query.key.empty() || query.key == key.key_id) && (query.operation.empty() || query.operation == key.operation);
}

void merge_rows(UsageRows& into, const UsageRows& rows, const MetricsQuery& query) {
    for (const auto& [key, bucket] : rows) {
        if (asks_for(query, key)) into[{query.by_minute ? key.minute : 0, key.key_id, key.operation}].merge(bucket);
    }
}

std::vector<Metric> to_metrics(const UsageRows& rows) {
    std::vector<Metric> metrics;
    metrics.reserve(rows.size());
    for (const auto& [key, bucket] : rows) {
        Metric& metric = metrics.emplace_back();
        if (key.minute != 0) metric.minute = from_micros(key.minute);
        metric.key_id = key.key_id;
        metric.operation = key.operation;
        metric.stats = bucket.stats();
    }
    return metrics;
}

Result<UsageRows> read_usage(Database& database, const MetricsQuery& query) {
    Statement row = database.prepare(query.key.empty() ? kReadAll : kReadKey);
    row.bind(1, query.since ? to_micros(minute_of(*query.since)) : std::int64_t{0});
    row.bind(2, query.until ? to_micros(*query.until) : std::numeric_limits<std::int64_t>::max());
    row.bind(3, query.operation);
    if (!query.key.empty()) row.bind(4, query.key);
    UsageRows rows;
    while (true) {
        const Result<bool> found = row.step();
        if (!found) return fail(found);
        if (!*found) return rows;
        const auto bucket = read_bucket(row, 3);
        if (!bucket) continue;
        rows[{query.by_minute ? row.integer(0) : 0, std::string(row.text(1)), std::string(row.text(2))}].merge(*bucket);
    }
}

Result<std::vector<Metric>> read_metrics(Database& database, const MetricsQuery& query) {
    const Result<UsageRows> rows = read_usage(database, query);
    if (!rows) return fail(rows);
    return to_metrics(*rows);
}

Status write_usage(Database& database, const UsageRows& rows, Timestamp now) {
    for (const auto& [key, bucket] : rows) {
        if (Status added = add_minute(database, key, bucket); !added) return added;
        if (Status added = add_to_month(database, key, bucket.requests); !added) return added;
    }
    return delete_old(database, now, static_cast<std::int64_t>(rows.size()) + kMoreToDelete);
}

Result<std::vector<MonthUsage>> read_month(Database& database, std::string_view month) {
    Statement row = database.prepare(
        "SELECT key_id, operation, calls FROM usage_months WHERE month = ? AND calls >= 0 ORDER BY key_id, operation");
    row.bind(1, month);
    std::vector<MonthUsage> usage;
    while (true) {
        const Result<bool> found = row.step();
        if (!found) return fail(found);
        if (!*found) return usage;
        usage.push_back({std::string(row.text(0)), std::string(row.text(1)), row.integer(2)});
    }
}

}  // namespace keydeck::oversight
