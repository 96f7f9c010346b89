#include "ui/figures.hpp"

#include <gtest/gtest.h>

namespace keydeck::ui {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

const Timestamp kNow = from_micros(1'790'597'045'000'000);

TEST(Figures, LatenciesKeepTwoDigits) {
    EXPECT_EQ(latency_of(microseconds(0)), "—");
    EXPECT_EQ(latency_of(microseconds(3)), "0.1 ms") << "never nothing for something";
    EXPECT_EQ(latency_of(microseconds(4'200)), "4.2 ms");
    EXPECT_EQ(latency_of(microseconds(38'400)), "38 ms");
    EXPECT_EQ(latency_of(microseconds(999'400)), "999 ms");
    EXPECT_EQ(latency_of(microseconds(999'600)), "1.0 s");
    EXPECT_EQ(latency_of(microseconds(1'234'000)), "1.2 s");
}

TEST(Figures, Shares) {
    EXPECT_EQ(share_of(0, 0), "—");
    EXPECT_EQ(share_of(0, 7), "0.0%");
    EXPECT_EQ(share_of(1, 400), "0.2%");
    EXPECT_EQ(share_of(7, 7), "100%");
}

TEST(Figures, MoneyIsRoundedHalfUpAtTheEnd) {
    EXPECT_EQ(money_of(0), "$0.00");
    EXPECT_EQ(money_of(1), "< $0.01");
    EXPECT_EQ(money_of(4'999), "< $0.01");
    EXPECT_EQ(money_of(5'000), "$0.01");
    EXPECT_EQ(money_of(1'234'994'999), "$1,234.99");
    EXPECT_EQ(money_of(1'234'995'000), "$1,235.00");
    EXPECT_EQ(money_of(10'000'000), "$10.00");
}

TEST(Figures, RatesAndSpans) {
    EXPECT_EQ(rate_of(3.24), "3.2/s");
    EXPECT_EQ(rate_of(451.3), "451/s");
    EXPECT_EQ(span_of(seconds(-1)), "0 s");
    EXPECT_EQ(span_of(seconds(20)), "20 s");
    EXPECT_EQ(span_of(seconds(61)), "2 m");
    EXPECT_EQ(span_of(seconds(7'500)), "2 h 5 m");
    EXPECT_EQ(span_of(seconds(532'800)), "6 d 4 h");
}

TEST(Figures, DaysUntilFitAColumn) {
    EXPECT_EQ(days_until(kNow + std::chrono::hours(29 * 24 + 5), kNow), "in 29 d");
    EXPECT_EQ(days_until(kNow + std::chrono::hours(6 * 24 + 4), kNow), "in 6 d 4 h");
    EXPECT_EQ(days_until(kNow - std::chrono::hours(1), kNow), "now");
}

TEST(Figures, RotationSaysWhenOrHowLateOrWhyNot) {
    KeyInfo key;
    key.spec = "SYMMETRIC_DEFAULT";
    key.state = "Enabled";
    EXPECT_EQ(rotation_of(key, kNow).text, "off");
    key.rotation_due = kNow + std::chrono::hours(24 * 12 + 1);
    EXPECT_EQ(rotation_of(key, kNow).text, "in 12 d");
    key.next_rotation = kNow + std::chrono::hours(24 * 11);
    EXPECT_EQ(rotation_of(key, kNow).text, "in 11 d") << "whichever comes first";
    key.rotation_due = kNow - std::chrono::hours(24 * 12 + 5);
    EXPECT_EQ(rotation_of(key, kNow).text, "▲ 12 d late");
    EXPECT_TRUE(rotation_of(key, kNow).late);
    key.state = "PendingDeletion";
    EXPECT_EQ(rotation_of(key, kNow).text, "—");
    KeyInfo ecc;
    ecc.spec = "ECC_SECG_P256K1";
    ecc.state = "Enabled";
    ecc.rotation = "n/a (ECC)";
    ecc.rotation_due = kNow;
    EXPECT_EQ(rotation_of(ecc, kNow).text, "n/a (ECC)");
    EXPECT_FALSE(can_rotate(ecc));
}

TEST(Figures, CountsWhatWasThrottled) {
    CallStats stats;
    stats.errors = {{"ThrottlingException", 3}, {"LimitExceededException", 2}, {"AccessDeniedException", 7}};
    EXPECT_EQ(throttled_in(stats), 5);
}

}  // namespace
}  // namespace keydeck::ui
