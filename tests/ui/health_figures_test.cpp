#include "ui/views/health_figures.hpp"

#include <gtest/gtest.h>

namespace keydeck::ui {
namespace {

using std::chrono::microseconds;
using std::chrono::minutes;

const Timestamp kNow = from_micros(1'790'597'045'000'000);

Metric metric(std::string_view key, std::string_view operation, std::int64_t calls, int p95_ms,
              std::optional<Timestamp> minute = std::nullopt) {
    Metric out;
    out.key_id = key;
    out.operation = operation;
    out.minute = minute;
    out.stats.calls = calls;
    out.stats.p50 = microseconds(p95_ms * 500);
    out.stats.p95 = microseconds(p95_ms * 1000);
    out.stats.p99 = microseconds(p95_ms * 2000);
    return out;
}

CallFigures some() {
    auto failing = metric("b", "Decrypt", 10, 40);
    failing.stats.failures = 5;
    failing.stats.errors = {{"ThrottlingException", 4}, {"AccessDeniedException", 1}};
    const Timestamp this_minute = std::chrono::floor<minutes>(kNow);
    return call_figures(
        {metric("a", "Decrypt", 20, 30), failing, metric("a", "Sign", 40, 20)},
        {metric("a", "Decrypt", 7, 9, this_minute), metric("b", "Decrypt", 3, 30, this_minute),
         metric("a", "Sign", 5, 20, this_minute - minutes(59)), metric("a", "Sign", 999, 999, this_minute - minutes(60)),
         metric("a", "Sign", 999, 999, this_minute + minutes(1))},
        kNow);
}

TEST(HealthFigures, AddsUpOverKeysAndTakesTheSlowest) {
    const CallFigures figures = some();
    ASSERT_EQ(figures.operations.size(), 2U);
    EXPECT_EQ(figures.operations[0].operation, "Sign") << "most calls first";
    EXPECT_EQ(figures.operations[1].calls, 30);
    EXPECT_EQ(figures.operations[1].failures, 5);
    EXPECT_EQ(figures.operations[1].throttled, 4);
    EXPECT_EQ(figures.operations[1].p95, microseconds(40'000));
}

TEST(HealthFigures, SixtyMinutesEndWithThisOne) {
    const CallFigures figures = some();
    EXPECT_EQ(figures.calls_per_minute.back(), 10);
    EXPECT_EQ(figures.slowest_p95.back(), 30'000);
    EXPECT_EQ(figures.calls_per_minute.front(), 5);
    std::int64_t all = 0;
    for (const auto calls : figures.calls_per_minute) all += calls;
    EXPECT_EQ(all, 15) << "what is older or not yet is left out";
}

TEST(HealthFigures, DrawsWhatFits) {
    const CallFigures figures = some();
    for (int rows = 0; rows < 20; ++rows) {
        Frame frame({24, 80});
        draw_figures(frame, {2, 0, rows, 80}, &figures, "Cost  none");
        const std::string text = frame.text();
        EXPECT_EQ(text.find("Cost") != std::string::npos, rows >= 2) << rows;
        EXPECT_EQ(text.find("OPERATION") != std::string::npos, rows >= 3) << rows;
        EXPECT_EQ(text.find("per minute") != std::string::npos, rows >= 7) << rows;
        for (int row = 2 + rows; row < 24; ++row) EXPECT_EQ(frame.row_text(row), "") << rows;
    }
}

TEST(HealthFigures, TheCostSaysWhoseItIs) {
    CostReport report;
    report.month = "2026-09";
    report.total.month_so_far = 1'230'000;
    report.total.forecast = 4'000'000;
    EXPECT_EQ(cost_line(report), "Cost  2026-09: $1.23 so far, forecast $4.00 (AWS's prices, not billed)");
    report.is_billed = true;
    EXPECT_EQ(cost_line(report), "Cost  2026-09: $1.23 so far, forecast $4.00");
}

}  // namespace
}  // namespace keydeck::ui
