#include "ui/format.hpp"

#include <gtest/gtest.h>

namespace keydeck::ui {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kDay = 86'400 * kSecond;
const Timestamp kNow = from_micros(1'790'597'045 * kSecond);  // 2026-09-28T12:04:05Z

TEST(Format, ShortensAddressesAndNothingElse) {
    EXPECT_EQ(short_target("0x454aCb3ff08dDd7F6ff1bf836d95196e134F7956"), "0x454aCb…4F7956");
    EXPECT_EQ(short_target("0x454aCb"), "0x454aCb");
    EXPECT_EQ(short_target("0x454aCb3ff08dDd7F6ff1bf836d95196e134F795g"), "0x454aCb3ff08dDd7F6ff1bf836d95196e134F795g");
}

TEST(Format, GroupsThousands) {
    EXPECT_EQ(grouped(0), "0");
    EXPECT_EQ(grouped(999), "999");
    EXPECT_EQ(grouped(1000), "1,000");
    EXPECT_EQ(grouped(1'204'118), "1,204,118");
    EXPECT_EQ(grouped(-1000), "-1,000");
    EXPECT_EQ(grouped(-100), "-100");
    EXPECT_EQ(counted(1, "key", "keys"), "1 key");
    EXPECT_EQ(counted(0, "key", "keys"), "0 keys");
}

TEST(Format, TellsThePastByMinutesAtMost) {
    EXPECT_EQ(time_ago(std::nullopt, kNow), "never");
    EXPECT_EQ(time_ago(kNow, kNow), "just now");
    EXPECT_EQ(time_ago(kNow - std::chrono::seconds(59), kNow), "just now");
    EXPECT_EQ(time_ago(kNow - std::chrono::seconds(60), kNow), "1 m ago");
    EXPECT_EQ(time_ago(kNow - std::chrono::hours(5), kNow), "5 h ago");
    EXPECT_EQ(time_ago(kNow - std::chrono::hours(24 * 8), kNow), "8 d ago");
    EXPECT_EQ(time_ago(kNow - std::chrono::hours(24 * 30), kNow), "2026-08-29");
    EXPECT_EQ(time_ago(kNow + std::chrono::hours(1), kNow), "just now") << "a clock that went back";
}

TEST(Format, TellsTheFuture) {
    EXPECT_EQ(time_until(kNow - std::chrono::seconds(1), kNow), "now");
    EXPECT_EQ(time_until(kNow + std::chrono::minutes(5), kNow), "in 5 m");
    EXPECT_EQ(time_until(kNow + std::chrono::hours(3) + std::chrono::minutes(12), kNow), "in 3 h 12 m");
    EXPECT_EQ(time_until(from_micros(to_micros(kNow) + 6 * kDay + 4 * 3600 * kSecond), kNow), "in 6 d 4 h");
}

TEST(Format, WritesTimes) {
    EXPECT_EQ(date_of(kNow), "2026-09-28");
    EXPECT_EQ(minute_of(kNow), "2026-09-28 12:04 UTC");
    EXPECT_EQ(clock_of(kNow), "12:04");
    EXPECT_EQ(time_in_list(kNow, kNow), "12:04:05");
    EXPECT_EQ(time_in_list(kNow - std::chrono::hours(24), kNow), "2026-09-27");
}

TEST(Format, ReadsHex) {
    EXPECT_EQ(read_hex("0xdeadbeef").bytes, (Bytes{0xde, 0xad, 0xbe, 0xef}));
    EXPECT_EQ(read_hex(" DEADBEEF\n").bytes, (Bytes{0xde, 0xad, 0xbe, 0xef}));
    EXPECT_EQ(read_hex("0x").bytes, Bytes{});
    EXPECT_EQ(read_hex("").bytes, Bytes{});
    EXPECT_EQ(read_hex("abc").problem, "3 digits: a byte needs two");
    EXPECT_EQ(read_hex("0xab cd").problem, "digit 3 is no hex digit");
    EXPECT_EQ(hex_of(read_hex("00ff").bytes), "0x00ff");
}

TEST(Format, NamesKeys) {
    EXPECT_EQ(key_name("alias/pool-3", "1234abcd-12ab-34cd-56ef-1234567890ab"), "pool-3");
    EXPECT_EQ(key_name("", "1234abcd-12ab-34cd-56ef-1234567890ab"), "1234abcd-12ab…");
    EXPECT_EQ(key_name("", "short"), "short");
}

TEST(Format, IndentsJson) {
    EXPECT_EQ(indented_json(R"({"a":1,"b":{"c":[1,2]},"d":{},"e":"x,{\"y"})"),
              (std::vector<std::string>{"{", R"(  "a":1,)", R"(  "b":{)", R"(    "c":[)", "      1,", "      2", "    ]",
                                        "  },", R"(  "d":{},)", R"(  "e":"x,{\"y")", "}"}));
    EXPECT_EQ(indented_json("}}}").size(), 4U) << "no JSON, still whole";
    EXPECT_EQ(indented_json(""), (std::vector<std::string>{""}));
}

TEST(Format, EscapesJson) { EXPECT_EQ(json_string("a\"b\\c\n\x01é"), "\"a\\\"b\\\\c\\u000a\\u0001é\""); }

}  // namespace
}  // namespace keydeck::ui
