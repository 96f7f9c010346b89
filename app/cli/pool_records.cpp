// The pool for people: how each key stands, how it is used, and what it costs.
#include <fmt/format.h>

#include "app/cli/counted.hpp"
#include "app/cli/prices.hpp"
#include "app/cli/records.hpp"

namespace keydeck::cli {
namespace {

std::string or_dash(std::string text) { return text.empty() ? "-" : std::move(text); }

std::string state_of(const KeyInfo& key) { return key.retiring ? key.state + ", retiring" : key.state; }

std::string rotation_due(const KeyInfo& key) { return key.rotation_due ? to_rfc3339(*key.rotation_due).substr(0, 10) : "-"; }

std::string latency_of(const CallStats& stats) { return stats.calls == 0 ? "-" : shown_latency(stats.p95); }

}  // namespace

std::string shown_latency(std::chrono::microseconds time) {
    const auto value = static_cast<double>(time.count());
    if (time < std::chrono::milliseconds(1)) return fmt::format("{} µs", time.count());
    if (time < std::chrono::seconds(1)) return fmt::format("{:.3g} ms", value / 1e3);
    return fmt::format("{:.3g} s", value / 1e6);
}

void show(Output& out, const PoolStatus& pool) {
    if (out.json()) return out.line(to_json(pool));
    Table table(out, {{"KEY"},
                      {"ID"},
                      {"STATE"},
                      {"WALLETS", true},
                      {"SECRETS", true},
                      {"LAST USED"},
                      {"CALLS 24H", true},
                      {"FAILED", true},
                      {"P95", true},
                      {"ROTATION DUE"},
                      {"THIS MONTH", true}});
    for (const KeyInfo& key : pool.keys) {
        table.row({key_name(key), key.id, state_of(key), std::to_string(key.wallets), std::to_string(key.secrets),
                   or_dash(shown_time(key.last_used_at)), std::to_string(key.last_day.calls),
                   std::to_string(key.last_day.failures), latency_of(key.last_day), rotation_due(key),
                   key.month_so_far ? "$" + dollars(*key.month_so_far) : "-"});
    }
    table.finish("No keys.");
    out.line(fmt::format("{} in the pool alias/{}-*, {}", counted(std::ssize(pool.keys), "key"), pool.alias_prefix,
                         counted(pool.wallets, "wallet")));
}

}  // namespace keydeck::cli
