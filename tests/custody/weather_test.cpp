// A demo's weather, seen through the engine: who may have it, what the meters see, what is left undone.
#include <gmock/gmock.h>

#include <semaphore>
#include <thread>

#include "engine/kms_calls.hpp"
#include "tests/custody/fixture.hpp"
#include "tests/custody/forwarding_kms.hpp"

namespace keydeck {
namespace {

using std::chrono::milliseconds;

/// Which call was begun first, and that one was.
struct Begun {
    void note(std::string_view name) {
        if (!operation.empty()) return;
        operation = name;
        some.release();
    }
    std::string operation{};
    std::binary_semaphore some{0};
};

/// Around the weather: tells when a call of a signature is begun. Before the first signature with a key its tags are read.
class BeginningKms final : public ForwardingKms {
public:
    BeginningKms(kms::Kms& inner, Begun& begun) : ForwardingKms(inner), begun_(begun) {}
    Result<kms::Page<std::pair<std::string, std::string>>> list_resource_tags(std::string_view key,
                                                                              const kms::PageRequest& page) override {
        begun_.note("ListResourceTags");
        return ForwardingKms::list_resource_tags(key, page);
    }
    Result<kms::SignResult> sign(std::string_view key, ByteView message, kms::MessageType type) override {
        begun_.note("Sign");
        return ForwardingKms::sign(key, message, type);
    }

private:
    Begun& begun_;
};

class WeatherOfVaultTest : public VaultTest {
protected:
    void describe_vault(VaultCreation& creation) override {
        VaultTest::describe_vault(creation);
        creation.is_demo = true;
    }
    void SetUp() override {
        VaultTest::SetUp();
        if (HasFatalFailure()) return;
        add_user("alice");
        wallet_ = create("alice", Custody::kKmsKey);
    }
    /// The vault opened anew in this weather.
    void in(const KmsWeather& weather, const custody::KmsWrapper& wrap = {}) {
        EngineOptions wanted = options();
        wanted.weather = weather;
        open_with(wanted, wrap);
    }
    CallStats signs() {
        const auto told =
            engine_->metrics(operator_, {.since = {}, .until = {}, .key = {}, .operation = "Sign", .by_minute = false});
        EXPECT_TRUE(told) << why(told);
        return told && told->size() == 1 ? (*told)[0].stats : CallStats{};
    }
    Result<MessageSignature> sign() { return engine_->sign_message(operator_, name_of(wallet_), as_bytes("hello")); }

    Wallet wallet_;
};

TEST_F(WeatherOfVaultTest, IsForDemosOnly) {
    VaultCreation creation;
    creation.directory = base_ / "real";
    creation.key_file = base_ / "real-key";
    creation.scrypt_n = 1024;
    ASSERT_TRUE(custody::create_vault(creation, clock_, random_));
    EngineOptions wanted = options();
    wanted.directory = creation.directory;
    wanted.weather = KmsWeather{};
    EXPECT_TRUE(fails_with(ErrorCode::kRejected, Engine::open(wanted)));
    wanted.weather.reset();
    EXPECT_TRUE(Engine::open(wanted));
}

TEST_F(WeatherOfVaultTest, OneThatCannotBeIsRefused) {
    for (const KmsWeather& weather : {KmsWeather{milliseconds(-1), 0, 0, 1}, KmsWeather{{}, 1.5, 0, 1},
                                      KmsWeather{{}, 0, -0.1, 1}, KmsWeather{{}, 0.6, 0.6, 1}}) {
        EngineOptions wanted = options();
        wanted.weather = weather;
        EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput, Engine::open(wanted)));
    }
}

TEST_F(WeatherOfVaultTest, TheMetersSeeLatencyAndThrottledTries) {
    const std::int64_t before = signs().calls;
    in({milliseconds(30), 0.5, 0, 3});  // a few waits of some ten milliseconds
    for (int i = 0; i < 4; ++i) ASSERT_TRUE(sign());
    const CallStats seen = signs();
    EXPECT_EQ(seen.calls, before + 4);
    EXPECT_EQ(seen.failures, 0);
    EXPECT_GE(seen.p95, milliseconds(25));
    EXPECT_THAT(seen.errors, testing::ElementsAre(testing::Pair("Retried.ThrottlingException", testing::Gt(0))));
    expect_sound_audit();
}

TEST_F(WeatherOfVaultTest, ASignatureThatHangsIsCancelled) {
    Begun begun;
    in({std::chrono::hours(1), 0, 0, 1}, [&](kms::Kms& weather) { return std::make_unique<BeginningKms>(weather, begun); });
    std::stop_source stop;
    std::jthread person([&] {
        EXPECT_TRUE(begun.some.try_acquire_for(std::chrono::seconds(30))) << "no call is begun";
        stop.request_stop();
    });
    {
        const KmsCalls calls(stop.get_token());
        const auto signature = sign();
        ASSERT_TRUE(fails_with(ErrorCode::kCancelled, signature));
        const auto cause = calls.cause_of(signature.error());
        ASSERT_TRUE(cause);
        EXPECT_EQ(cause->operation, begun.operation);
        EXPECT_EQ(cause->tries, 1);
        EXPECT_FALSE(calls.cause_of(Error{ErrorCode::kLocked, "Another.", "", ""})) << "another reason";
    }
    EXPECT_EQ(last_event().result, "cancelled");
    expect_sound_audit();
    open();
    EXPECT_TRUE(sign()) << "the weather is this process's, not the vault's";
}

}  // namespace
}  // namespace keydeck
