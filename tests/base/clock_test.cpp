#include "engine/base/clock.hpp"

#include <gtest/gtest.h>

namespace keydeck {
namespace {

TEST(Clock, WritesRfc3339) {
    EXPECT_EQ(to_rfc3339(from_micros(0)), "1970-01-01T00:00:00.000000Z");
    EXPECT_EQ(to_rfc3339(from_micros(-1)), "1969-12-31T23:59:59.999999Z");
    EXPECT_EQ(to_rfc3339(from_micros(1790597068412000)), "2026-09-28T12:04:28.412000Z");  // date -u -d @1790597068
    EXPECT_EQ(to_rfc3339(from_micros(951782399000001)), "2000-02-28T23:59:59.000001Z");
}

TEST(Clock, ReadsWhatItWrites) {
    for (const std::int64_t micros :
         {0L, 1L, -1L, 1790597068412000L, 951868800000000L, 253402300799999999L, -62135596800000000L}) {
        EXPECT_EQ(to_micros(from_rfc3339(to_rfc3339(from_micros(micros))).value()), micros);
    }
}

TEST(Clock, FractionIsOptional) {
    EXPECT_EQ(to_micros(from_rfc3339("1970-01-01T00:00:01Z").value()), 1'000'000);
    EXPECT_EQ(to_micros(from_rfc3339("1970-01-01T00:00:01.5Z").value()), 1'500'000);
    EXPECT_EQ(to_micros(from_rfc3339("1970-01-01T00:00:01.000007Z").value()), 1'000'007);
    EXPECT_EQ(to_micros(from_rfc3339("2024-02-29T23:59:59Z").value()), 1709251199000000);
}

TEST(Clock, RefusesEverythingElse) {
    for (const char* text : {"",
                             "Z",
                             "2026-09-28",
                             "2026-09-28T12:04:28",
                             "2026-09-28 12:04:28Z",
                             "2026-09-28t12:04:28z",
                             "2026-09-28T12:04:28+00:00",
                             "2026-09-28T12:04:28.Z",
                             "2026-09-28T12:04:28.1234567Z",
                             "2026-09-28T24:00:00Z",
                             "2026-09-28T12:60:00Z",
                             "2026-09-28T12:04:60Z",
                             "2026-02-29T00:00:00Z",
                             "2026-13-01T00:00:00Z",
                             "2026-00-01T00:00:00Z",
                             "2026-01-00T00:00:00Z",
                             "2026-04-31T00:00:00Z",
                             "26-09-28T12:04:28Z",
                             "02026-09-28T12:04:28Z",
                             "+026-09-28T12:04:28Z",
                             "2026-9-28T12:04:28Z",
                             "2026-09-28T12:04:28Zx",
                             " 2026-09-28T12:04:28Z",
                             "2026-09-28T12:04:2 Z",
                             "2026-09-28T12:04:28.-1Z"}) {
        const auto read = from_rfc3339(text);
        EXPECT_FALSE(read) << text;
        if (!read) {
            EXPECT_EQ(read.error().code, ErrorCode::kInvalidInput);
        }
    }
}

TEST(Clock, ManualClockStandsStill) {
    ManualClock clock(from_micros(5));
    EXPECT_EQ(to_micros(clock.now()), 5);
    clock.advance(std::chrono::seconds(2));
    EXPECT_EQ(to_micros(clock.now()), 2'000'005);
}

TEST(Clock, SystemClockIsInThisCentury) {
    const auto now = SystemClock().now();
    EXPECT_GT(now, from_rfc3339("2024-01-01T00:00:00Z").value());
    EXPECT_LT(now, from_rfc3339("2124-01-01T00:00:00Z").value());
}

}  // namespace
}  // namespace keydeck
