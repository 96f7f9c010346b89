// The weather's options: what is taken, and what is refused by name.
#include "app/cli/demo_weather.hpp"

#include <gtest/gtest.h>

namespace keydeck::cli {
namespace {

using std::chrono::milliseconds;

KmsWeather parsed(const WeatherArgs& args) {
    const auto weather = parse_weather(args);
    EXPECT_TRUE(weather) << weather.error().message;
    EXPECT_TRUE(weather && *weather);
    return weather && *weather ? **weather : KmsWeather{};
}

TEST(DemoWeather, TakesTimesSharesAndASeed) {
    const KmsWeather weather = parsed({"300ms", "5%", "0.01", "42"});
    EXPECT_EQ(weather.latency, milliseconds(300));
    EXPECT_DOUBLE_EQ(weather.throttle, 0.05);
    EXPECT_DOUBLE_EQ(weather.fail, 0.01);
    EXPECT_EQ(weather.seed, 42U);
    EXPECT_EQ(in_words(weather), "300 ms, thr 5%, err 1%");
    EXPECT_EQ(in_words(parsed({"", "100%", "", ""})), "thr 100%");
    EXPECT_EQ(parsed({"2s", "", "", ""}).latency, milliseconds(2'000));
    EXPECT_EQ(parsed({"60s", "", "", ""}).latency, milliseconds(60'000));
    EXPECT_EQ(parsed({"0ms", "", "", ""}).latency, milliseconds(0));
    EXPECT_DOUBLE_EQ(parsed({"", "100%", "", ""}).throttle, 1);
    EXPECT_DOUBLE_EQ(parsed({"", "1.0", "0", ""}).throttle, 1);
    EXPECT_DOUBLE_EQ(parsed({"", "", "0.5%", ""}).fail, 0.005);
    EXPECT_EQ(in_words(parsed({"", "", "0.5%", ""})), "err 0.5%");
    EXPECT_EQ(parsed({"", "1%", "", ""}).seed, 1U);
    EXPECT_EQ(parsed({"", "1%", "", "18446744073709551615"}).seed, 18446744073709551615U);
}

TEST(DemoWeather, IsNotThereWhenNothingWasAsked) {
    const auto weather = parse_weather({});
    ASSERT_TRUE(weather);
    EXPECT_FALSE(*weather);
}

TEST(DemoWeather, RefusesWhatItDoesNotUnderstand) {
    struct Case {
        WeatherArgs args;
        std::string option;
    };
    std::vector<Case> cases;
    for (const char* bad : {"300", "ms", "s", "-1s", "+1s", "1.5s", "61s", "60001ms", "300 ms", "300MS", "2m", "1e3ms",
                            "99999999999999999999s", "0x1s", "soon"})
        cases.push_back({{bad, "", "", ""}, "--latency"});
    for (const char* bad :
         {"5", "1", "101%", "-5%", "1.01", "%", "5 %", "5%%", ".5", "5.", "nan", "inf%", "1e-2", "0,05", "1.2.3", "0x5%"}) {
        cases.push_back({{"", bad, "", ""}, "--throttle"});
        cases.push_back({{"", "", bad, ""}, "--fail"});
    }
    cases.push_back({{"", "60%", "41%", ""}, "--throttle and --fail"});
    for (const char* bad : {"", "-1", "1.5", "x", "18446744073709551616"}) {
        if (*bad != '\0') cases.push_back({{"1s", "", "", bad}, "--seed"});
    }
    cases.push_back({{"", "", "", "3"}, "--seed"});
    for (const Case& each : cases) {
        const auto weather = parse_weather(each.args);
        const std::string given = each.args.latency + each.args.throttle + each.args.fail + each.args.seed;
        ASSERT_FALSE(weather) << each.option << " " << given;
        EXPECT_EQ(weather.error().code, ErrorCode::kInvalidInput);
        EXPECT_TRUE(weather.error().message.starts_with(each.option)) << given << ": " << weather.error().message;
    }
}

}  // namespace
}  // namespace keydeck::cli
