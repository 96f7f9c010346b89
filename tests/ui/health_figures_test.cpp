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

// The row of an operation, as it is drawn so wide.
std::string row_of(std::string_view operation, int cols, Charset charset = Charset::kUnicode) {
    const CallFigures figures = some();
    Frame frame({24, cols}, charset);
    draw_figures(frame, {2, 0, 20, cols}, &figures, "Cost  none");
    for (int row = 0; row < 24; ++row) {
        if (frame.row_text(row).starts_with("  " + std::string(operation))) return frame.row_text(row);
    }
    return "";
}

int count_of(const std::string& text, std::string_view sign) {
    int out = 0;
    for (std::size_t at = text.find(sign); at != std::string::npos; at = text.find(sign, at + sign.size())) ++out;
    return out;
}

TEST(HealthFigures, DrawsLatencyAsBarsOnOneScale) {
    // The slowest, 40 ms, is full; its p50 of 20 ms is half of that.
    const std::string decrypt = row_of("Decrypt", 120);
    for (const char* figure : {"0.50", "16.7%", "20 ms", "40 ms", "80 ms", "13.3%"})
        EXPECT_NE(decrypt.find(figure), std::string::npos) << figure << " in " << decrypt;
    const std::size_t slow = decrypt.find("40 ms") + 7;
    const std::string fast_bar = decrypt.substr(0, slow);
    const int fast_cols = count_of(fast_bar, "█") + count_of(fast_bar, "░");
    EXPECT_GE(fast_cols, 10);
    EXPECT_EQ(count_of(fast_bar, "█"), fast_cols / 2);
    EXPECT_EQ(count_of(decrypt.substr(slow), "░"), 0) << decrypt;
    EXPECT_GE(count_of(decrypt.substr(slow), "█"), 10) << decrypt;
    const std::string sign = row_of("Sign", 120);
    const std::size_t at = sign.find("20 ms") + 7;
    EXPECT_GT(count_of(sign.substr(at), "█"), 4) << sign;
    EXPECT_GT(count_of(sign.substr(at), "░"), 4) << sign;
}

TEST(HealthFigures, BarsAndErrorsStayWhereItIsNarrow) {
    for (const int cols : {60, 80}) {
        const std::string decrypt = row_of("Decrypt", cols);
        for (const char* part : {"0.50", "16.7%", "40 ms", "████"})
            EXPECT_NE(decrypt.find(part), std::string::npos) << cols << ": " << part << " in " << decrypt;
    }
    const std::string ascii = row_of("Sign", 80, Charset::kAscii);
    EXPECT_NE(ascii.find("##"), std::string::npos) << ascii;
    for (const char c : ascii) EXPECT_TRUE(c >= ' ' && c <= '~') << ascii;
}

TEST(HealthFigures, ACallThatNeverCameBackHasNoBar) {
    auto failing = metric("a", "Sign", 3, 20);
    failing.stats.failures = 3;
    const CallFigures figures = call_figures({failing}, {}, kNow);
    Frame frame({24, 80});
    draw_figures(frame, {2, 0, 20, 80}, &figures, "Cost  none");
    EXPECT_EQ(frame.text().find("█"), std::string::npos) << frame.text();
    EXPECT_NE(frame.text().find("100%"), std::string::npos) << frame.text();
}

TEST(HealthFigures, UsesTheWidth) {
    const CallFigures figures = some();
    Frame frame({24, 120});
    draw_figures(frame, {2, 0, 20, 120}, &figures, "Cost  none");
    int widest = 0;
    for (int row = 0; row < 24; ++row) {
        if (frame.row_text(row).find("OPERATION") != std::string::npos) widest = display_width(frame.row_text(row));
    }
    EXPECT_GE(widest, 114) << frame.text();
    EXPECT_NE(frame.text().find("KMS calls per minute, 57 min (max 10)"), std::string::npos) << frame.text();
    EXPECT_NE(frame.text().find("Slowest p95, 57 min"), std::string::npos) << "beside it";
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
