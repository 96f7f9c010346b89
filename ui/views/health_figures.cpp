#include "ui/views/health_figures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "ui/figures.hpp"
#include "ui/format.hpp"
#include "ui/widgets/sparkline.hpp"
#include "ui/widgets/table.hpp"

namespace keydeck::ui {
namespace {

using std::chrono::minutes;

Timestamp minute_before(Timestamp time) { return std::chrono::floor<minutes>(time); }

// Of the minutes that are over and the one that runs: index 59 is the newest.
std::optional<std::size_t> index_of(const Metric& metric, Timestamp now) {
    if (!metric.minute) return std::nullopt;
    const auto ago = std::chrono::duration_cast<minutes>(minute_before(now) - minute_before(*metric.minute)).count();
    if (ago < 0 || ago >= static_cast<std::int64_t>(CallFigures::kMinutes)) return std::nullopt;
    return CallFigures::kMinutes - 1 - static_cast<std::size_t>(ago);
}

std::string per_minute(std::int64_t calls) {
    const double rate = static_cast<double>(calls) / CallFigures::kMinutes;
    return rate < 10 ? fmt::format("{:.2f}", rate) : fmt::format("{:.0f}", rate);
}

void draw_operations(Frame& frame, Area area, const CallFigures& calls) {
    const std::array<Column, 7> columns{{{"OPERATION", 16, 34, 0, Align::kLeft},
                                         {"CALLS/MIN", 9, 10, 0, Align::kRight},
                                         {"P50", 6, 8, 3, Align::kRight},
                                         {"P95", 6, 8, 1, Align::kRight},
                                         {"P99", 6, 8, 2, Align::kRight},
                                         {"ERR", 5, 7, 0, Align::kRight},
                                         {"THROTTLED", 9, 10, 4, Align::kRight}}};
    std::vector<TableRow> rows;
    for (const OperationFigures& each : calls.operations) {
        const bool measured = each.calls > each.failures;
        const auto latency = [&](std::chrono::microseconds time) { return TableCell{measured ? latency_of(time) : "—"}; };
        rows.push_back({{{each.operation},
                         {per_minute(each.calls)},
                         latency(each.p50),
                         latency(each.p95),
                         latency(each.p99),
                         {share_of(each.failures, each.calls), each.failures > 0 ? Role::kDanger : Role::kMuted},
                         {share_of(each.throttled, each.calls), each.throttled > 0 ? Role::kWarn : Role::kMuted}},
                        false});
    }
    draw_table(frame, area, columns, rows, false);
    if (rows.empty() && area.rows > 1)
        frame.put_fitted(area.row + 1, area.col + 2, area.cols - 2, "no calls in the last hour", {Role::kMuted});
}

}  // namespace

CallFigures call_figures(const std::vector<Metric>& totals, const std::vector<Metric>& by_minute, Timestamp now) {
    CallFigures out;
    for (const Metric& metric : totals) {
        auto found = std::ranges::find(out.operations, metric.operation, &OperationFigures::operation);
        if (found == out.operations.end()) {
            out.operations.push_back({});
            found = out.operations.end() - 1;
            found->operation = metric.operation;
        }
        found->calls += metric.stats.calls;
        found->failures += metric.stats.failures;
        found->throttled += throttled_in(metric.stats);
        found->p50 = std::max(found->p50, metric.stats.p50);
        found->p95 = std::max(found->p95, metric.stats.p95);
        found->p99 = std::max(found->p99, metric.stats.p99);
    }
    std::ranges::sort(out.operations, [](const OperationFigures& a, const OperationFigures& b) {
        return a.calls != b.calls ? a.calls > b.calls : a.operation < b.operation;
    });
    for (const Metric& metric : by_minute) {
        const auto at = index_of(metric, now);
        if (!at) continue;
        out.calls_per_minute[*at] += metric.stats.calls;
        out.slowest_p95[*at] = std::max<std::int64_t>(out.slowest_p95[*at], metric.stats.p95.count());
    }
    return out;
}

Result<CallFigures> read_call_figures(Engine& engine, const Session& session, Timestamp now) {
    MetricsQuery query;
    query.since = minute_before(now) - minutes(CallFigures::kMinutes - 1);
    const auto totals = engine.metrics(session, query);
    if (!totals) return fail(totals);
    query.by_minute = true;
    const auto by_minute = engine.metrics(session, query);
    if (!by_minute) return fail(by_minute);
    return call_figures(*totals, *by_minute, now);
}

std::string cost_line(const CostReport& report) {
    const std::string whose = report.is_billed ? "" : " (AWS's prices, not billed)";
    return fmt::format("Cost  {}: {} so far, forecast {}{}", report.month, money_of(report.total.month_so_far),
                       money_of(report.total.forecast), whose);
}

void draw_figures(Frame& frame, Area area, const CallFigures* calls, const std::string& cost) {
    constexpr int kSparkRows = 2;   // a rule and the line
    constexpr int kLeastTable = 3;  // titles, two operations
    constexpr int kWithLatency = 14;
    if (area.rows < 2) return;
    int end = area.row + area.rows;
    frame.put_fitted(--end, area.col + 1, area.cols - 2, cost);
    if (calls == nullptr) {
        frame.rule(area.row, area.col, area.cols, "KMS calls");
        if (area.row + 1 < end) frame.put(area.row + 1, area.col + 2, "Reading…", {Role::kMuted});
        return;
    }
    const auto spark = [&](std::string_view title, std::span<const std::int64_t> values) {
        end -= kSparkRows;
        frame.rule(end, area.col, area.cols, title);
        draw_sparkline(frame, end + 1, area.col + 2, area.cols - 2, values);
    };
    if (area.rows >= kWithLatency) {
        const std::int64_t most = *std::ranges::max_element(calls->slowest_p95);
        spark(fmt::format("Slowest p95, 60 min (max {})", latency_of(std::chrono::microseconds(most))), calls->slowest_p95);
    }
    if (end - area.row >= 1 + kLeastTable + kSparkRows) {
        const std::int64_t most = *std::ranges::max_element(calls->calls_per_minute);
        spark(fmt::format("KMS calls per minute, 60 min (max {})", grouped(most)), calls->calls_per_minute);
    }
    frame.rule(area.row, area.col, area.cols, "KMS calls, last 60 min (latency: of the slowest key)");
    if (end - area.row > 1) draw_operations(frame, {area.row + 1, area.col, end - area.row - 1, area.cols}, *calls);
}

}  // namespace keydeck::ui
