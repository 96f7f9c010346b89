// The demo's weather: what is drawn, what is tried again, and that a failure leaves nothing behind.
#include "engine/kms/weather.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <set>
#include <thread>

#include "engine/kms/call_scope.hpp"
#include "tests/contract/kms_contract.hpp"
#include "tests/kms/temporary_kms.hpp"
#include "tests/support/manual_timer.hpp"

namespace keydeck::kms {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing_support::ManualTimer;

constexpr std::size_t kMostAttempts = 10;

/// The numbers of the tries, of the first `count`, that have this fate.
std::vector<std::uint64_t> tries_with(Weather::Fate fate, const WeatherOptions& options, std::string_view operation,
                                      std::uint64_t count) {
    std::vector<std::uint64_t> out;
    for (std::uint64_t number = 0; number < count; ++number) {
        if (Weather::fate(options, operation, number) == fate) out.push_back(number);
    }
    return out;
}

class WeatherTest : public testing::Test {
protected:
    Weather& weather(const WeatherOptions& options) {
        weather_.emplace(*local_.kms, options, local_.random, timer_);
        return *weather_;
    }
    std::size_t keys_there() { return local_.kms->list_keys({})->items.size(); }

    test::TemporaryKms local_;
    std::shared_ptr<ManualTimer> timer_ = std::make_shared<ManualTimer>();
    std::optional<Weather> weather_;
};

TEST(WeatherFate, IsTheSameForTheSameSeedOnEveryMachine) {
    const WeatherOptions options{.throttle = 0.2, .fail = 0.1, .seed = 7};
    EXPECT_THAT(tries_with(Weather::Fate::kThrottled, options, "Sign", 30), ElementsAre(2, 3, 4, 7, 11, 12, 19, 20, 23));
    EXPECT_THAT(tries_with(Weather::Fate::kFails, options, "Sign", 30), ElementsAre(6, 9, 24, 26, 27));
    // What tests/e2e/weather_test.py counts on: ten tries that are throttled, and one that is not.
    const WeatherOptions storm{.throttle = 0.9, .seed = 25};
    EXPECT_THAT(tries_with(Weather::Fate::kPasses, storm, "Sign", 11), ElementsAre(10));
    WeatherOptions other = options;
    other.seed = 8;
    EXPECT_NE(tries_with(Weather::Fate::kThrottled, options, "Sign", 200),
              tries_with(Weather::Fate::kThrottled, other, "Sign", 200));
    EXPECT_NE(tries_with(Weather::Fate::kThrottled, options, "Sign", 200),
              tries_with(Weather::Fate::kThrottled, options, "Decrypt", 200));
}

TEST(WeatherFate, KeepsToTheSharesThatWereAskedFor) {
    constexpr std::uint64_t kMany = 20'000;
    const WeatherOptions options{.throttle = 0.05, .fail = 0.01, .seed = 1};
    EXPECT_NEAR(static_cast<double>(tries_with(Weather::Fate::kThrottled, options, "Sign", kMany).size()), 1'000, 150);
    EXPECT_NEAR(static_cast<double>(tries_with(Weather::Fate::kFails, options, "Sign", kMany).size()), 200, 70);
    EXPECT_EQ(tries_with(Weather::Fate::kPasses, {.throttle = 1}, "Sign", 1'000).size(), 0U);
    EXPECT_EQ(tries_with(Weather::Fate::kPasses, {.throttle = 0.5, .fail = 0.5}, "Sign", 1'000).size(), 0U);
    EXPECT_EQ(tries_with(Weather::Fate::kPasses, {}, "Sign", 1'000).size(), 1'000U);
}

TEST_F(WeatherTest, FailsTheVeryTriesThatTheSeedSays) {
    const WeatherOptions options{.throttle = 0.3, .fail = 0.2, .seed = 11};
    Weather& kms = weather(options);
    std::uint64_t number = 0;
    for (int call = 0; call < 60; ++call) {
        // What this call must meet: tries that do not pass, then one that does.
        int throttled = 0;
        while (Weather::fate(options, "ListKeys", number) != Weather::Fate::kPasses) {
            throttled += Weather::fate(options, "ListKeys", number) == Weather::Fate::kThrottled ? 1 : 0;
            ++number;
        }
        ++number;
        const TryWatch watch;
        ASSERT_TRUE(kms.list_keys({})) << call;
        EXPECT_EQ(watch.throttled(), throttled) << call;
    }
    EXPECT_GT(number, 80U) << "some were tried again";
    EXPECT_EQ(timer_->sleeps().size(), number - 60) << "one wait before each that was";
}

TEST_F(WeatherTest, EachOperationHasACountOfItsOwnWhateverTheThreads) {
    const WeatherOptions options{.throttle = 0.3, .seed = 5};
    Weather& kms = weather(options);
    constexpr int kThreads = 4;
    constexpr int kCallsEach = 40;
    std::atomic<int> throttled = 0;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < kThreads; ++i) {
            threads.emplace_back([&] {
                for (int call = 0; call < kCallsEach; ++call) {
                    const TryWatch watch;
                    EXPECT_TRUE(kms.list_keys({}));
                    EXPECT_TRUE(kms.generate_random(8));
                    throttled += watch.throttled();
                }
            });
        }
    }
    int expected = 0;
    for (const std::string_view operation : {"ListKeys", "GenerateRandom"}) {
        for (int passed = 0, number = 0; passed < kThreads * kCallsEach; ++number) {
            const bool passes =
                Weather::fate(options, operation, static_cast<std::uint64_t>(number)) == Weather::Fate::kPasses;
            passed += passes ? 1 : 0;
            expected += passes ? 0 : 1;
        }
    }
    EXPECT_EQ(throttled, expected);
}

TEST_F(WeatherTest, AThrottledCallGivesUpAsAwssClientDoesAndDidNothing) {
    Weather& kms = weather({.latency = milliseconds(100), .throttle = 1});
    const FailureWatch failures;
    const TryWatch watch;
    const auto made = kms.create_key({});
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, ErrorCode::kThrottled);
    EXPECT_EQ(made.error().kms_error, "ThrottlingException");
    EXPECT_EQ(watch.throttled(), kMostAttempts - 1);
    EXPECT_EQ(keys_there(), 0U);
    ASSERT_TRUE(failures.last());
    EXPECT_EQ(failures.last()->operation, "CreateKey");
    EXPECT_EQ(failures.last()->tries, static_cast<int>(kMostAttempts));
    const auto sleeps = timer_->sleeps();
    ASSERT_EQ(sleeps.size(), 2 * kMostAttempts - 1) << "the latency of each try, and the waits between";
    for (std::size_t i = 1; i < sleeps.size(); i += 2)
        EXPECT_LE(sleeps[i], std::min(milliseconds(50) * (1 << (i / 2)), milliseconds(5'000)));
}

TEST_F(WeatherTest, AFailingCallIsUnavailableAndMakesNoKeyTwice) {
    Weather& kms = weather({.fail = 1});
    const auto made = kms.create_key({});
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, ErrorCode::kUnavailable);
    EXPECT_EQ(made.error().kms_error, "KMSInternalException");
    EXPECT_EQ(keys_there(), 0U);
    // With as many failures as not, every key is made exactly once all the same.
    Weather& half = weather({.fail = 0.5, .seed = 3});
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(half.create_key({}));
    EXPECT_EQ(keys_there(), 20U);
}

TEST_F(WeatherTest, AnErrorOfTheKmsItselfIsNotTriedAgain) {
    Weather& kms = weather({.latency = milliseconds(10)});
    const auto described = kms.describe_key("1234abcd-12ab-34cd-56ef-1234567890ab");
    ASSERT_FALSE(described);
    EXPECT_EQ(described.error().kms_error, "NotFoundException");
    EXPECT_THAT(timer_->sleeps(), ElementsAre(milliseconds(10)));
}

TEST_F(WeatherTest, AHungCallIsCancelledAndKeepsNoOtherFromItsTurn) {
    // The system's timer: a call that would take an hour ends as soon as it is told to.
    Weather hung(*local_.kms, {.latency = std::chrono::hours(1)}, local_.random);
    std::stop_source stop;
    std::vector<std::jthread> threads;
    std::atomic<int> cancelled = 0;
    for (int i = 0; i < 3; ++i) {
        threads.emplace_back([&] {
            const CallScope scope(stop.get_token());
            const auto made = hung.create_key({});
            cancelled += !made && made.error().code == ErrorCode::kCancelled ? 1 : 0;
        });
    }
    stop.request_stop();
    threads.clear();
    EXPECT_EQ(cancelled, 3);
    EXPECT_EQ(keys_there(), 0U);
    Weather& kms = weather({});
    const CallScope scope(stop.get_token());
    const auto listed = kms.list_keys({});
    ASSERT_FALSE(listed);
    EXPECT_EQ(listed.error().code, ErrorCode::kCancelled) << "also where there is nothing to wait for";
}

}  // namespace

namespace contract {
namespace {

/// In bad weather a KMS keeps the contract that it keeps in good weather.
class WeatheredSubject final : public Subject {
public:
    Kms& kms() override { return weather_; }
    [[nodiscard]] std::string region() const override { return local_.kms->region(); }
    [[nodiscard]] std::string account() const override { return local_.kms->account(); }
    bool pass(std::chrono::days days) override {
        local_.pass(days);
        return true;
    }
    [[nodiscard]] Timestamp now() const override { return local_.clock.now(); }

private:
    test::TemporaryKms local_;
    Weather weather_{*local_.kms,
                     {.latency = std::chrono::milliseconds(300), .throttle = 0.1, .fail = 0.02, .seed = 1},
                     local_.random,
                     std::make_shared<testing_support::ManualTimer>()};
};

const Implementation kWeathered{"WeatheredKms", [] { return std::make_unique<WeatheredSubject>(); }};

INSTANTIATE_TEST_SUITE_P(WeatheredKms, KmsContract, testing::Values(kWeathered), name_of<Implementation>);
INSTANTIATE_TEST_SUITE_P(WeatheredKms, KmsStateTable, testing::ValuesIn(state_cells(kWeathered)), name_of<StateCell>);
INSTANTIATE_TEST_SUITE_P(WeatheredKms, KmsNamingTable, testing::ValuesIn(naming_cells(kWeathered)), name_of<NamingCell>);

}  // namespace
}  // namespace contract
}  // namespace keydeck::kms
