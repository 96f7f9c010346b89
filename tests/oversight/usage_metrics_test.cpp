#include "engine/oversight/usage_metrics.hpp"

#include <algorithm>
#include <limits>
#include <thread>

#include "tests/oversight/usage_fixture.hpp"

namespace keydeck::oversight {
namespace {

using std::chrono::microseconds;
using std::chrono::minutes;

const Error kThrottled{ErrorCode::kThrottled, "", "", "ThrottlingException"};
const Error kDisabled{ErrorCode::kRejected, "", "", "DisabledException"};
const Error kUnreachable{ErrorCode::kUnavailable, "", "", ""};

TEST_F(UsageTest, CallsStandByMinuteKeyAndOperation) {
    UsageRecorder recorder(clock_);
    call(recorder, "a", "Decrypt");
    call(recorder, "a", "Decrypt");
    call(recorder, "a", "Sign");
    call(recorder, "b", "Decrypt");
    clock_.advance(minutes(1));
    call(recorder, "a", "Decrypt");
    write(recorder);
    EXPECT_FALSE(recorder.has_pending());
    const auto totals = read();
    ASSERT_EQ(totals.size(), 3U);
    EXPECT_EQ(totals[0].key_id + totals[0].operation, "aDecrypt");
    EXPECT_EQ(totals[0].stats.calls, 3);
    EXPECT_FALSE(totals[0].minute);
    EXPECT_EQ(totals[1].operation, "Sign");
    EXPECT_EQ(totals[2].key_id, "b");
    const auto rows = read({.since = {}, .until = {}, .key = "a", .operation = "Decrypt", .by_minute = true});
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(*rows[1].minute - *rows[0].minute, minutes(1));
    EXPECT_EQ(*rows[0].minute, minute_of(*rows[0].minute));
    EXPECT_EQ(rows[0].stats.calls, 2);
}

TEST_F(UsageTest, ErrorsAreCountedByName) {
    UsageRecorder recorder(clock_);
    for (int i = 0; i < 2; ++i) call(recorder, "a", "Decrypt", microseconds(9), &kThrottled);
    call(recorder, "a", "Decrypt", microseconds(9), &kUnreachable);
    call(recorder, "a", "Decrypt", microseconds(9), &kDisabled);
    call(recorder, "a", "Decrypt", microseconds(9), &kDisabled);
    call(recorder, "a", "Decrypt", microseconds(9), &kDisabled);
    call(recorder, "a", "Decrypt");
    write(recorder);
    const auto metrics = read();
    ASSERT_EQ(metrics.size(), 1U);
    const CallStats& stats = metrics[0].stats;
    EXPECT_EQ(stats.calls, 7);
    EXPECT_EQ(stats.failures, 6);
    ASSERT_EQ(stats.errors.size(), 3U);
    EXPECT_EQ(stats.errors[0], std::pair(std::string("DisabledException"), std::int64_t{3}));
    EXPECT_EQ(stats.errors[1], std::pair(std::string("ThrottlingException"), std::int64_t{2}));
    EXPECT_EQ(stats.errors[2], std::pair(std::string("unavailable"), std::int64_t{1}));
    // What the KMS did not take is not billed: 7 calls but 2 throttled and 1 that never arrived.
    EXPECT_EQ(number("SELECT calls FROM usage_months"), 4);
}

TEST_F(UsageTest, AnErrorsNameIsAName) {
    UsageRecorder recorder(clock_);
    const Error hostile{ErrorCode::kRejected, "", "", std::string(5000, 'x')};
    const Error odd{ErrorCode::kRejected, "", "", "two\nlines\"}"};
    call(recorder, "a", "Sign", microseconds(1), &hostile);
    call(recorder, "a", "Sign", microseconds(1), &odd);
    for (int i = 0; i < 500; ++i) {
        const Error endless{ErrorCode::kRejected, "", "", "Name" + std::to_string(i)};
        call(recorder, "a", "Sign", microseconds(1), &endless);
    }
    write(recorder);
    const CallStats stats = read().at(0).stats;
    EXPECT_EQ(stats.failures, 502);
    EXPECT_LE(stats.errors.size(), 33U);
    EXPECT_EQ(stats.errors[0].first, "Other");
}

TEST_F(UsageTest, SeveralProcessesAddToTheSameMinute) {
    UsageRecorder one(clock_);
    UsageRecorder two(clock_);
    const auto other = open();
    auto others = other->lease();
    for (int round = 0; round < 3; ++round) {
        for (int i = 0; i < 10; ++i) call(one, "a", "Decrypt", microseconds(100));
        for (int i = 0; i < 10; ++i) call(two, "a", "Decrypt", microseconds(10'000), i < 3 ? &kThrottled : nullptr);
        write(one);
        write(two, **others);
    }
    const auto metrics = read();
    ASSERT_EQ(metrics.size(), 1U);
    EXPECT_EQ(metrics[0].stats.calls, 60);
    EXPECT_EQ(metrics[0].stats.failures, 9);
    EXPECT_EQ(metrics[0].stats.errors.at(0).second, 9);
    EXPECT_NEAR(static_cast<double>(metrics[0].stats.p50.count()), 100, 4);
    EXPECT_NEAR(static_cast<double>(metrics[0].stats.p95.count()), 10'000, 320);
    EXPECT_EQ(number("SELECT count(*) FROM metrics"), 1);
    EXPECT_EQ(number("SELECT sum(calls) FROM usage_months"), 51);
}

TEST_F(UsageTest, WhatIsRolledBackStaysPendingOnce) {
    UsageRecorder recorder(clock_);
    call(recorder, "a", "Decrypt");
    {
        auto db_transaction = sqlite::DbTransaction::begin_write(db());
        auto flush = recorder.flush();
        ASSERT_TRUE(flush && flush->write(db(), clock_.now()));
        // Calls go on meanwhile.
        call(recorder, "a", "Decrypt");
    }
    EXPECT_TRUE(read().empty());
    EXPECT_TRUE(recorder.has_pending());
    write(recorder);
    EXPECT_EQ(read().at(0).stats.calls, 2);
    EXPECT_EQ(number("SELECT calls FROM usage_months"), 2);
}

TEST_F(UsageTest, BrokenTablesDoNotStopTheOthersChange) {
    UsageRecorder recorder(clock_);
    call(recorder, "a", "Decrypt");
    sql("CREATE TRIGGER broken BEFORE INSERT ON usage_months BEGIN SELECT RAISE(ABORT, 'broken'); END");
    {
        auto db_transaction = sqlite::DbTransaction::begin_write(db());
        sql("UPDATE vault SET region = 'changed'");
        auto flush = recorder.flush();
        ASSERT_TRUE(flush);
        EXPECT_TRUE(flush->write(db(), clock_.now()));
        EXPECT_TRUE(db_transaction->commit());
        flush->committed();
    }
    EXPECT_EQ(number("SELECT count(*) FROM vault WHERE region = 'changed'"), 1);
    EXPECT_EQ(number("SELECT count(*) FROM metrics"), 0) << "a half of it was written";
    EXPECT_TRUE(recorder.has_pending());
    sql("DROP TRIGGER broken");
    write(recorder);
    EXPECT_EQ(read().at(0).stats.calls, 1);
}

TEST_F(UsageTest, ReadingAddsWhatIsPending) {
    UsageRecorder recorder(clock_);
    call(recorder, "a", "Decrypt");
    write(recorder);
    call(recorder, "a", "Decrypt");
    call(recorder, "b", "Sign");
    const auto rows = recorder.read(db(), {});
    ASSERT_TRUE(rows);
    const auto metrics = to_metrics(*rows);
    ASSERT_EQ(metrics.size(), 2U);
    EXPECT_EQ(metrics[0].stats.calls, 2);
    EXPECT_EQ(metrics[1].stats.calls, 1);
    MetricsQuery later;
    later.since = clock_.now() + minutes(1);
    EXPECT_TRUE(recorder.read(db(), later)->empty());
}

TEST_F(UsageTest, WhatIsOlderThanThirtyDaysGoesLittleByLittle) {
    UsageRecorder recorder(clock_);
    for (int i = 0; i < 1000; ++i) {
        call(recorder, "key-" + std::to_string(i % 2), "Decrypt");
        clock_.advance(minutes(1));
    }
    write(recorder);
    EXPECT_EQ(number("SELECT count(*) FROM metrics"), 1000);
    clock_.advance(std::chrono::days(31));
    std::int64_t left = 1000;
    for (int writes = 0; left > 1 && writes < 20; ++writes) {
        call(recorder, "key-0", "Decrypt");
        write(recorder);
        const std::int64_t now = number("SELECT count(*) FROM metrics");
        EXPECT_LE(left - now, 101) << "one write deletes a bounded number";
        EXPECT_LT(now, left) << "and some at each";
        left = now;
    }
    EXPECT_EQ(left, 1);
    EXPECT_GE(number("SELECT sum(calls) FROM usage_months"), 1000) << "the months stay";
}

TEST_F(UsageTest, MonthsGoAfterAYearAndSomeWeeks) {
    ManualClock clock(*from_rfc3339("2026-11-15T00:00:00Z"));
    UsageRecorder recorder(clock);
    for (const char* month : {"2025-08", "2025-09", "2025-10", "2026-10"}) {
        const Status put = db().execute("INSERT INTO usage_months VALUES ('" + std::string(month) + "', 'a', 'Sign', 3)");
        ASSERT_TRUE(put);
    }
    call(recorder, "a", "Decrypt");
    auto flush = recorder.flush();
    ASSERT_TRUE(flush);
    ASSERT_TRUE(flush->write(db(), clock.now()));
    flush->committed();
    EXPECT_EQ(number("SELECT count(*) FROM usage_months WHERE month < '2025-09'"), 0);
    EXPECT_EQ(number("SELECT count(*) FROM usage_months"), 4) << "last year's is there to compare with";
}

TEST_F(UsageTest, MonthsAreUtcMonths) {
    ManualClock clock(*from_rfc3339("2026-11-30T23:59:59Z"));
    UsageRecorder recorder(clock);
    call(recorder, "a", "Decrypt");
    clock.advance(std::chrono::seconds(1));
    call(recorder, "a", "Decrypt");
    call(recorder, "a", "Decrypt");
    write(recorder);
    EXPECT_EQ(read_month(db(), "2026-11")->at(0).requests, 1);
    EXPECT_EQ(read_month(db(), "2026-12")->at(0).requests, 2);
    EXPECT_TRUE(read_month(db(), "2027-01")->empty());
}

TEST_F(UsageTest, WithoutAWriteMemoryIsBoundedAndNoCallIsLost) {
    UsageRecorder recorder(clock_);
    for (int i = 0; i < 60'000; ++i) call(recorder, "key-" + std::to_string(i), "DescribeKey");
    write(recorder);
    EXPECT_LE(number("SELECT count(*) FROM metrics"), 40'001);
    EXPECT_EQ(number("SELECT sum(calls) FROM metrics"), 60'000);
    EXPECT_EQ(number("SELECT sum(calls) FROM usage_months"), 60'000);
}

TEST_F(UsageTest, ThreadsMayCallWhileItIsWritten) {
    UsageRecorder recorder(clock_);
    constexpr int kThreads = 4;
    constexpr int kCalls = 2'000;
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
        threads.emplace_back([&recorder, t] {
            for (int i = 0; i < kCalls; ++i) call(recorder, "key-" + std::to_string(t % 2), "Sign");
        });
    }
    for (int i = 0; i < 20; ++i) {
        auto db_transaction = sqlite::DbTransaction::begin_write(db());
        auto flush = recorder.flush();
        if (!flush) continue;
        ASSERT_TRUE(flush->write(db(), clock_.now()));
        if (i % 3 == 0) continue;  // rolled back
        ASSERT_TRUE(db_transaction->commit());
        flush->committed();
    }
    for (std::thread& thread : threads) thread.join();
    const auto rows = recorder.read(db(), {});
    std::int64_t calls = 0;
    for (const auto& [key, bucket] : *rows) calls += bucket.calls;
    EXPECT_EQ(calls, kThreads * kCalls);
}

struct BadRow {
    const char* what;
    const char* values;       ///< calls, failures, latency, errors
    std::int64_t calls_told;  ///< -1: the row is passed over
    std::size_t errors_told = 0;
};

TEST_F(UsageTest, RowsThatSomebodyElseWroteNeverCrash) {
    const std::vector<BadRow> rows{
        {"empty", "1, 0, x'', ''", 1},
        {"format", "2, 0, x'7700', '{}'", 2},
        {"cut off", "2, 0, x'010005', '{}'", 2},
        {"text for a blob's bytes", "2, 0, x'7b7d', '{}'", 2},
        {"no JSON", "3, 1, x'0100', '{'", 3},
        {"an array", "3, 1, x'0100', '[1]'", 3},
        {"a text", "3, 1, x'0100', '{\"A\":\"1\"}'", 3},
        {"a negative count", "3, 1, x'0100', '{\"A\":-1}'", 3},
        {"a fraction", "3, 1, x'0100', '{\"A\":1.5}'", 3},
        {"too large", "3, 1, x'0100', '{\"A\":99999999999999999999}'", 3},
        {"a name twice", "3, 1, x'0100', '{\"A\":1,\"A\":2}'", 3},
        {"deep", "3, 1, x'0100', '[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[['", 3},
        {"no UTF-8", "3, 1, x'0100', CAST(x'7b22ff223a317d' AS TEXT)", 3},
        {"ours", "3, 1, x'0100', '{\"A\":1}'", 3, 1},
        {"negative calls", "-1, 0, x'0100', '{}'", -1},
        {"negative failures", "1, -1, x'0100', '{}'", -1},
        {"more failures than calls", "1, 2, x'0100', '{}'", -1},
        {"the greatest",
         "9223372036854775807, 9223372036854775807, x'01000affffffffffffffff7f', '{\"A\":9223372036854775807}'",
         std::numeric_limits<std::int64_t>::max(), 1},
    };
    const std::int64_t minute = to_micros(minute_of(clock_.now()));
    for (const BadRow& row : rows) {
        sql("DELETE FROM metrics");
        sql("INSERT INTO metrics VALUES (" + std::to_string(minute) + ", 'a', 'Decrypt', " + row.values + ")");
        const auto told = read();
        ASSERT_EQ(told.size(), row.calls_told < 0 ? 0U : 1U) << row.what;
        if (row.calls_told >= 0) {
            EXPECT_EQ(told[0].stats.calls, row.calls_told) << row.what;
            EXPECT_EQ(told[0].stats.errors.size(), row.errors_told) << row.what;
        }
        // And what is written to the same minute is added, or takes its place.
        UsageRecorder recorder(clock_);
        call(recorder, "a", "Decrypt", microseconds(5), &kDisabled);
        write(recorder);
        const auto after = read();
        ASSERT_EQ(after.size(), 1U) << row.what;
        const std::int64_t before = std::max<std::int64_t>(row.calls_told, 0);
        const std::int64_t most = std::numeric_limits<std::int64_t>::max();
        EXPECT_EQ(after[0].stats.calls, before == most ? most : before + 1) << row.what;
        EXPECT_TRUE(std::ranges::any_of(after[0].stats.errors, [](const auto& e) { return e.first == "DisabledException"; }))
            << row.what;
    }
    sql("DELETE FROM usage_months");
    sql("INSERT INTO usage_months VALUES ('2026-09', 'a', 'Decrypt', -5), ('2026-09', 'b', 'Decrypt', 9223372036854775807)");
    EXPECT_EQ(read_month(db(), "2026-09")->size(), 1U);
    UsageRecorder recorder(clock_);
    call(recorder, "a", "Decrypt");
    call(recorder, "b", "Decrypt");
    write(recorder);
    const auto month = read_month(db(), "2026-09");
    ASSERT_TRUE(month);
    for (const MonthUsage& usage : *month) EXPECT_EQ(usage.requests, 1) << usage.key_id;
}

TEST_F(UsageTest, AMinuteIsInFromItsBeginning) {
    UsageRecorder recorder(clock_);
    call(recorder, "a", "Decrypt");
    write(recorder);
    const Timestamp minute = minute_of(clock_.now());
    MetricsQuery query;
    query.since = minute + std::chrono::seconds(59);
    EXPECT_EQ(read(query).size(), 1U) << "the minute that since is in";
    query.since = minute + minutes(1);
    EXPECT_TRUE(read(query).empty());
    query.since.reset();
    query.until = minute;
    EXPECT_TRUE(read(query).empty());
    query.until = minute + microseconds(1);
    EXPECT_EQ(read(query).size(), 1U);
}

}  // namespace
}  // namespace keydeck::oversight
