// One engine called from several threads, and two engines on one vault.
#include <atomic>
#include <thread>

#include "tests/custody/fixture.hpp"

namespace keydeck {
namespace {

using ThreadsTest = TwoUsersTest;

TEST_F(ThreadsTest, EverybodySignsCreatesAndLooksAtOnce) {
    std::atomic<int> failures = 0;
    const auto check = [&](bool good) {
        if (!good) ++failures;
    };
    std::vector<std::jthread> threads;
    for (int t = 0; t < 3; ++t) {
        threads.emplace_back([&, t] {
            const std::string wallet = t % 2 == 0 ? "alice-main" : "bob-main";
            for (int i = 0; i < 30; ++i) {
                const std::string message = std::to_string(t) + "/" + std::to_string(i);
                const auto signature = engine_->sign_message(operator_, wallet, as_bytes(message));
                check(signature &&
                      Engine::verify_message(as_bytes(message), to_hex_0x(signature->signature), signature->address)->valid);
            }
        });
    }
    threads.emplace_back([&] {
        for (int i = 0; i < 5; ++i)
            check(engine_->create_wallets(operator_, for_user("alice", Custody::kEnvelope, {}, 20)).has_value());
    });
    threads.emplace_back([&] {
        for (int i = 0; i < 5; ++i) check(engine_->create_wallets(operator_, for_user("bob", Custody::kKmsKey)).has_value());
    });
    threads.emplace_back([&] {
        for (int i = 0; i < 30; ++i) {
            check(engine_->list_wallets(operator_, {}).has_value());
            check(engine_->list_keys(operator_, {}).has_value());
            engine_->lock();
        }
    });
    threads.clear();
    EXPECT_EQ(failures, 0);
    EXPECT_EQ(engine_->vault()->wallets, 2 + 100 + 5);
    EXPECT_EQ(engine_->wallet(operator_, "alice-main")->signatures, 60);
    expect_sound_audit();
}

TEST_F(ThreadsTest, TwoProcessesOnOneVault) {
    auto other = Engine::open(options());
    ASSERT_TRUE(other);
    std::atomic<int> failures = 0;
    {
        const auto work = [&](Engine& engine, const std::string& user) {
            for (int i = 0; i < 20; ++i) {
                if (!engine.sign_message(operator_, user + "-main", as_bytes("m"))) ++failures;
                if (!engine.create_wallets(operator_, for_user(user))) ++failures;
            }
        };
        const std::jthread one([&] { work(*engine_, "alice"); });
        const std::jthread two([&] { work(**other, "bob"); });
    }
    EXPECT_EQ(failures, 0);
    EXPECT_EQ((*other)->vault()->wallets, 42);
    expect_sound_audit();
}

class FreshThreadsTest : public VaultTest {};

TEST_F(FreshThreadsTest, FirstWalletsAtOnceMakeOnePool) {
    add_user("alice");
    auto other = Engine::open(options());
    ASSERT_TRUE(other);
    std::atomic<int> failures = 0;
    {
        const auto work = [&](Engine& engine) {
            if (!engine.create_wallets(operator_, for_user("alice"))) ++failures;
        };
        const std::jthread one([&] { work(*engine_); });
        const std::jthread two([&] { work(**other); });
        const std::jthread three([&] { work(*engine_); });
    }
    EXPECT_EQ(failures, 0);
    EXPECT_EQ(engine_->list_keys(operator_, {})->size(), 2U);
    EXPECT_EQ(engine_->pool_status(operator_)->keys.size(), 2U);
}

}  // namespace
}  // namespace keydeck
