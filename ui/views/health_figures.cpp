#include "ui/views/health_figures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <span>
#include <utility>

#include "ui/figures.hpp"
#include "ui/format.hpp"
#include "ui/widgets/bar.hpp"
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

constexpr std::size_t kFastBar = 4;  // columns of the table
constexpr std::size_t kSlowBar = 6;

// Both bars of an operation have the same length for the same time, so that p50 can be held against p95.
std::vector<TableCell> cells_of(const OperationFigures& each, std::span<const int> widths, std::chrono::microseconds slowest,
                                Charset charset) {
    const bool measured = each.calls > each.failures;
    const auto latency = [&](std::chrono::microseconds time) { return TableCell{measured ? latency_of(time) : "—"}; };
    const auto bar = [&](std::chrono::microseconds time, std::size_t column) {
        const bool drawn = measured && widths[column] > 0;
        return TableCell{drawn ? bar_of(time.count(), slowest.count(), widths[column], charset) : "", Role::kAccent};
    };
    return {{each.operation},
            {per_minute(each.calls)},
            {share_of(each.failures, each.calls), each.failures > 0 ? Role::kDanger : Role::kMuted},
            latency(each.p50),
            bar(each.p50, kFastBar),
            latency(each.p95),
            bar(each.p95, kSlowBar),
            latency(each.p99),
            {share_of(each.throttled, each.calls), each.throttled > 0 ? Role::kWarn : Role::kMuted}};
}

void draw_operations(Frame& frame, Area area, const CallFigures& calls) {
    std::chrono::microseconds slowest{};
    for (const OperationFigures& each : calls.operations) slowest = std::max(slowest, each.p95);
    const std::string scale = slowest.count() > 0 ? "0 to " + latency_of(slowest) : "";
    const std::array<Column, 9> columns{{{"OPERATION", 16, 32, 0, Align::kLeft},
                                         {"CALLS/MIN", 9, 9, 0, Align::kRight},
                                         {"ERR", 5, 6, 0, Align::kRight},
                                         {"P50", 6, 7, 3, Align::kRight},
                                         {scale, 10, 20, 6, Align::kLeft},
                                         {"P95", 6, 7, 1, Align::kRight},
                                         {scale, 10, 40, 2, Align::kLeft},
                                         {"P99", 6, 7, 5, Align::kRight},
                                         {"THROTTLED", 9, 9, 4, Align::kRight}}};
    const std::vector<int> widths = column_widths(columns, area.cols);
    std::vector<TableRow> rows;
    rows.reserve(calls.operations.size());
    for (const OperationFigures& each : calls.operations)
        rows.push_back({cells_of(each, widths, slowest, frame.charset()), false});
    draw_table(frame, area, columns, rows, false);
    if (rows.empty() && area.rows > 1)
        frame.put_fitted(area.row + 1, area.col + 2, area.cols - 2, "no calls in the last hour", {Role::kMuted});
}

/// One of the two lines of blocks.
struct Curve {
    std::string_view what;
    std::span<const std::int64_t> values;
    std::string (*shown)(std::int64_t);
};

std::string latency_shown(std::int64_t micros) { return latency_of(std::chrono::microseconds(micros)); }

// In `row` its title on the rule, below it the newest minutes.
void draw_curve(Frame& frame, int row, int col, int cols, const Curve& curve) {
    const auto minutes_shown = std::min(curve.values.size(), static_cast<std::size_t>(std::max(cols, 1)));
    const std::int64_t most = *std::ranges::max_element(curve.values.last(minutes_shown));
    const std::string title = fmt::format(" {}, {} min (max {}) ", curve.what, minutes_shown, curve.shown(most));
    frame.put(row, col, fitted(title, cols, frame.charset()));
    draw_sparkline(frame, row + 1, col, cols, curve.values);
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
    constexpr int kCurveRows = 2;   // a rule and the line
    constexpr int kLeastTable = 3;  // titles, two operations
    constexpr int kWithLatency = 14;
    constexpr int kBesideFrom = 110;
    if (area.rows < 2) return;
    int end = area.row + area.rows;
    frame.put_fitted(--end, area.col + 1, area.cols - 2, cost);
    if (calls == nullptr) {
        frame.rule(area.row, area.col, area.cols, "KMS calls");
        if (area.row + 1 < end) frame.put(area.row + 1, area.col + 2, "Reading…", {Role::kMuted});
        return;
    }
    const Curve per_minute_curve{"KMS calls per minute", calls->calls_per_minute, grouped};
    const Curve latency_curve{"Slowest p95", calls->slowest_p95, latency_shown};
    const auto take_curve = [&] {
        end -= kCurveRows;
        frame.rule(end, area.col, area.cols, "");
        return end;
    };
    const bool beside = area.cols >= kBesideFrom;
    const int half = (area.cols - 5) / 2;
    if (!beside && area.rows >= kWithLatency) draw_curve(frame, take_curve(), area.col + 2, area.cols - 3, latency_curve);
    if (end - area.row >= 1 + kLeastTable + kCurveRows) {
        const int row = take_curve();
        draw_curve(frame, row, area.col + 2, beside ? half : area.cols - 3, per_minute_curve);
        if (beside) draw_curve(frame, row, area.col + 4 + half, half, latency_curve);
    }
    frame.rule(area.row, area.col, area.cols, "KMS calls, last 60 min (latency: of the slowest key)");
    if (end - area.row > 1) draw_operations(frame, {area.row + 1, area.col, end - area.row - 1, area.cols}, *calls);
}

}  // namespace keydeck::ui
