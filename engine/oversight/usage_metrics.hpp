// Calls of the KMS as they are kept: minute by minute in `metrics`, month by month in `usage_months`.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/clock.hpp"
#include "engine/error.hpp"
#include "engine/oversight/latency_histogram.hpp"
#include "engine/sqlite/database.hpp"
#include "engine/types.hpp"

namespace keydeck::oversight {

/// Minutes are kept that long.
inline constexpr std::chrono::days kMetricsKept{30};
/// Months are kept that long: last year's is there to compare with.
inline constexpr std::chrono::days kMonthsKept{430};

/// The beginning of its minute.
[[nodiscard]] Timestamp minute_of(Timestamp time);
/// `2026-11`, UTC.
[[nodiscard]] std::string month_of(Timestamp time);

struct UsageKey {
    std::int64_t minute = 0;  ///< its beginning, microseconds; 0 in a total
    std::string key_id;       ///< empty for calls that name none
    std::string operation;
    friend auto operator<=>(const UsageKey&, const UsageKey&) = default;
};

/// What calls came to. Counts stop at their greatest value.
struct UsageBucket {
    std::int64_t calls = 0;  ///< failed ones included
    std::int64_t failures = 0;
    std::int64_t requests = 0;  ///< those that the KMS took: what AWS bills. Not kept by the minute
    std::map<std::string, std::int64_t, std::less<>> errors;
    LatencyHistogram latency;

    void merge(const UsageBucket& other);
    /// Percentiles rounded to microseconds; errors the most frequent first.
    [[nodiscard]] CallStats stats() const;
};

using UsageRows = std::map<UsageKey, UsageBucket>;

/// Whether `query` asks for it.
[[nodiscard]] bool asks_for(const MetricsQuery& query, const UsageKey& key);
/// Adds the rows that `query` asks for, in the minutes or the totals it wants.
void merge_rows(UsageRows& into, const UsageRows& rows, const MetricsQuery& query);
[[nodiscard]] std::vector<Metric> to_metrics(const UsageRows& rows);

/// What the database has, from the minute of `since` up to before `until` (none: from the first, to the last). A row that is
/// not ours (counts that cannot be) is passed over; of one whose histogram or errors do not parse the rest is told. In the
/// order of minute, key, operation. UsageRecorder::read() adds what this process has not written yet.
[[nodiscard]] Result<UsageRows> read_usage(sqlite::Database& database, const MetricsQuery& query);
[[nodiscard]] Result<std::vector<Metric>> read_metrics(sqlite::Database& database, const MetricsQuery& query);

/// Adds rows (each of a minute) to what stands there, inside the caller's DbTransaction, whoever wrote it; and takes some
/// minutes away that are older than kMetricsKept: at most as many as were added, and some more; and months likewise. What
/// does not parse in the database is replaced.
[[nodiscard]] Status write_usage(sqlite::Database& database, const UsageRows& rows, Timestamp now);

/// Requests of a month, by key and operation.
struct MonthUsage {
    std::string key_id;
    std::string operation;
    std::int64_t requests = 0;
};
/// In the order of key, operation. Negative counts are passed over.
[[nodiscard]] Result<std::vector<MonthUsage>> read_month(sqlite::Database& database, std::string_view month);

}  // namespace keydeck::oversight
