// What Keydeck has measured, for Prometheus.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "engine/base/clock.hpp"
#include "engine/error.hpp"
#include "engine/oversight/usage_metrics.hpp"
#include "engine/sqlite/database.hpp"

namespace keydeck::oversight {

/// What stands in the vault now.
struct Gauges {
    std::int64_t users = 0;
    std::int64_t wallets = 0;
    std::int64_t audit_events = 0;
    std::map<std::string, std::int64_t> keys_by_state;     ///< AWS's words, and `Destroyed`
    std::map<std::string, std::int64_t> alerts_by_rule;    ///< that fire
    std::map<std::string, std::int64_t> deletion_seconds;  ///< key id, and how long until it is destroyed; 0: any moment
};
[[nodiscard]] Result<Gauges> read_gauges(sqlite::Database& database, Timestamp now);

/// Text format 0.0.4. Counters count from midnight UTC (`today`), when they begin anew; quantiles are of `last_day`; times
/// are in seconds. Both are totals (minute 0).
/// https://prometheus.io/docs/instrumenting/exposition_formats/
[[nodiscard]] std::string prometheus_text(const UsageRows& today, const UsageRows& last_day, const Gauges& gauges);

}  // namespace keydeck::oversight
