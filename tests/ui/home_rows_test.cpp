#include "ui/views/home_rows.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

namespace keydeck::ui {
namespace {

using testing::ElementsAre;

constexpr Timestamp kNow = Timestamp(std::chrono::microseconds(1'790'597'045'000'000));  // 2026-09-28T12:04:05Z

Scene scene_now() {
    Scene scene;
    scene.now.wall = kNow;
    return scene;
}

std::vector<std::string> texts(const Overview& overview) {
    std::vector<std::string> out;
    for (const AttentionRow& row : attention_rows(overview, scene_now())) out.push_back(row.text);
    return out;
}

EndingKey ending(std::int64_t wallets, std::int64_t secrets) {
    return {"id-1", "alias/pool-7", kNow + std::chrono::hours(28), wallets, secrets};
}

AuditEvent failure(std::string action, std::string result) {
    AuditEvent out;
    out.action = std::move(action);
    out.result = std::move(result);
    return out;
}

TEST(HomeRows, AKeyThatEndsCountsOnlyWithWhatDependsOnIt) {
    Overview all;
    all.ending = {ending(0, 0)};
    EXPECT_THAT(texts(all), ElementsAre());
    all.ending = {ending(1, 0)};
    EXPECT_THAT(texts(all), ElementsAre("▲ key pool-7 is deleted in 1 d 4 h; 1 wallet still depends on it"));
    all.ending = {ending(2, 1)};
    EXPECT_THAT(texts(all), ElementsAre("▲ key pool-7 is deleted in 1 d 4 h; 2 wallets and 1 secret still depend on it"));
    EXPECT_EQ(attention_rows(all, scene_now())[0].place.key_id, "id-1");
    all.ending = {ending(0, 3)};
    EXPECT_EQ(attention_rows(all, scene_now())[0].place.screen, ScreenId::kKeys) << "there are no wallets to show";
}

TEST(HomeRows, TheAlertOfAKeyThatEndsIsNotToldTwice) {
    Overview all;
    all.ending = {ending(1, 0)};
    Alert alert;
    alert.rule = "deletion-near";
    alert.subject = "id-1";
    alert.sentence = "The key alias/pool-7 (id-1) is destroyed on 2026-09-29, and 1 wallet and 0 secrets with it.";
    all.alerts = {alert};
    EXPECT_EQ(texts(all).size(), 1U);
    all.alerts[0].subject = "id-2";
    EXPECT_EQ(texts(all).size(), 1U) << "it was cancelled: the next look clears the alert";
    all.keys_pending_deletion = 21;
    EXPECT_EQ(texts(all).size(), 2U) << "not all of the keys that end are known";
}

TEST(HomeRows, FailuresAreAddedUpByWhatTheyAre) {
    Overview all;
    all.failed = {failure("SignMessage", "throttled"), failure("SignTransaction", "throttled"),
                  failure("SignMessage", "rejected"), failure("UnlockVault", "denied")};
    EXPECT_THAT(texts(all), ElementsAre("! 1 UnlockVault failed in the last hour: denied",
                                        "! 1 signature failed in the last hour: rejected",
                                        "! 2 signatures failed in the last hour: throttled"));
    EXPECT_EQ(attention_rows(all, scene_now())[0].place.filter, "result:denied action:UnlockVault");
    EXPECT_EQ(attention_rows(all, scene_now())[2].place.filter, "result:throttled");
    all.failed.assign(100, failure("SignMessage", "throttled"));
    EXPECT_THAT(texts(all), ElementsAre("! 100 or more signatures failed in the last hour: throttled"));
}

TEST(HomeRows, AJobWhoseProcessIsGone) {
    Overview all;
    JobInfo job;
    job.id = 7;
    job.title = "rewrap alias/pool-1 → alias/pool-2";
    job.state = "running";
    all.jobs = {job};
    EXPECT_THAT(texts(all), ElementsAre());
    all.jobs[0].state = "interrupted";
    EXPECT_THAT(texts(all), ElementsAre("▲ job #7 was interrupted: rewrap pool-1 → pool-2"));
    EXPECT_EQ(attention_rows(all, scene_now())[0].place.select, "7");
}

TEST(HomeRows, AnHourHasSixtyMinutes) {
    const auto metric = [](std::chrono::minutes ago, std::int64_t calls, int p95, std::string operation) {
        Metric out;
        out.minute = std::chrono::floor<std::chrono::minutes>(kNow) - ago;
        out.operation = std::move(operation);
        out.stats.calls = calls;
        out.stats.failures = calls / 2;
        out.stats.p95 = std::chrono::microseconds(p95);
        return out;
    };
    using std::chrono::minutes;
    const HourOfCalls hour = hour_of_calls({metric(minutes(0), 3, 10, "Decrypt"), metric(minutes(0), 1, 40, "Sign"),
                                            metric(minutes(59), 2, 20, "Sign"), metric(minutes(60), 100, 9000, "Sign")},
                                           kNow);
    EXPECT_EQ(hour.slowest_p95.back(), 40);
    EXPECT_EQ(hour.slowest_p95.front(), 20);
    EXPECT_EQ(hour.all, 6);
    EXPECT_EQ(kms_line(hour, "local"), "local · 33.3% of 6 calls failed in 60 min");
    EXPECT_EQ(kms_line({}, "aws"), "aws · no calls in 60 min");
    const Timestamp minute = std::chrono::floor<minutes>(kNow);
    const auto signatures = hour_of_signatures(
        {{minute - minutes(60), 100}, {minute - minutes(59), 3}, {minute, 4}, {minute + minutes(1), 9}}, kNow);
    EXPECT_EQ(signatures.front(), 3);
    EXPECT_EQ(signatures.back(), 4);
    EXPECT_EQ(std::accumulate(signatures.begin(), signatures.end(), std::int64_t{0}), 7);
}

TEST(HomeRows, SizesAndKeysAsPeopleReadThem) {
    EXPECT_EQ(bytes_of(0), "0.0 kB");
    EXPECT_EQ(bytes_of(9'940), "9.9 kB");
    EXPECT_EQ(bytes_of(9'990), "10 kB");
    EXPECT_EQ(bytes_of(412'000'000), "412 MB");
    EXPECT_EQ(bytes_of(999'600'000), "1.0 GB");
    Overview all;
    EXPECT_EQ(keys_line(all), "0");
    all.keys = 1234;
    all.keys_enabled = 1232;
    all.keys_pending_deletion = 2;
    EXPECT_EQ(keys_line(all), "1,234: 1,232 enabled, 2 pending");
}

}  // namespace
}  // namespace keydeck::ui
