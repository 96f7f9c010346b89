#include "app/cli/key_records.hpp"

#include <gtest/gtest.h>

#include "app/cli/records.hpp"
#include "engine/base/json.hpp"

namespace keydeck::cli {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

constexpr Timestamp kNow = Timestamp(std::chrono::microseconds(1'790'000'000'000'000));

TEST(KeyRecords, CountADeletionDown) {
    const std::pair<std::chrono::microseconds, const char*> cases[] = {
        {days(30), "30 days"},
        {days(29) + hours(23) + minutes(59), "29 days 23 hours"},
        {days(2) + hours(1), "2 days 1 hour"},
        {days(1) + minutes(59), "1 day"},
        {days(1) - minutes(1), "23 hours"},
        {hours(1), "1 hour"},
        {hours(1) - std::chrono::microseconds(1), "less than an hour"},
        {std::chrono::microseconds(1), "less than an hour"},
        {std::chrono::microseconds(0), "any moment now"},
        {-days(3), "any moment now"},
    };
    for (const auto& [left, words] : cases) EXPECT_EQ(time_until(kNow + left, kNow), words);
    EXPECT_EQ(deletion_words(std::nullopt, kNow), "");
    EXPECT_EQ(deletion_words(kNow + days(7), kNow), shown_time(kNow + days(7)) + " (in 7 days)");
    EXPECT_EQ(deletion_words(kNow - hours(1), kNow), shown_time(kNow - hours(1)) + " (any moment now)");
}

TEST(KeyRecords, TellALifeInJson) {
    KeyInfo key;
    key.id = "k";
    key.rotation = "365d next 2027-01-01";
    key.rotation_period_days = 365;
    key.rotated_at = kNow;
    key.rotation_due = kNow + days(365);
    key.versions = 3;
    key.retiring = true;
    key.last_day.calls = 7;
    key.last_day.failures = 2;
    key.last_day.errors = {{"ThrottlingException", 2}};
    key.last_day.p95 = std::chrono::milliseconds(12);
    key.month_so_far = 1'250'000;
    const auto json = json::parse(to_json(key), "the key");
    ASSERT_TRUE(json);
    EXPECT_EQ(json->find("rotation_period_days")->text, "365");
    EXPECT_EQ(json->find("rotated_at")->text, to_rfc3339(kNow));
    EXPECT_EQ(json->find("rotation_due")->text, to_rfc3339(kNow + days(365)));
    EXPECT_EQ(json->find("next_rotation")->kind, json::Kind::kNull);
    EXPECT_EQ(json->find("versions")->text, "3");
    EXPECT_TRUE(json->find("retiring")->boolean);
    EXPECT_EQ(json->find("last_day")->find("calls")->text, "7");
    EXPECT_EQ(json->find("last_day")->find("errors")->find("ThrottlingException")->text, "2");
    EXPECT_EQ(json->find("last_day")->find("p95_us")->text, "12000");
    EXPECT_TRUE(json->find("month_so_far")->text.starts_with("1.25"));
    key.month_so_far.reset();
    EXPECT_EQ(json::parse(to_json(key), "the key")->find("month_so_far")->kind, json::Kind::kNull);
}

}  // namespace
}  // namespace keydeck::cli
