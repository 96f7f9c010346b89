#include <gtest/gtest.h>

#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <mutex>

#include "app/cli/interrupt.hpp"

namespace keydeck::cli {
namespace {

/// Returns once a stop was asked for; ctest's own timeout ends a wait in vain.
void wait_for_stop(const std::stop_token& token) {
    std::mutex mutex;
    std::condition_variable_any asked;
    std::unique_lock lock(mutex);
    asked.wait(lock, token, [] { return false; });
}

void (*handler_of(int number))(int) {
    struct sigaction action{};
    sigaction(number, nullptr, &action);
    return action.sa_handler;
}

/// As in a terminal's foreground: a test run in the background has inherited ignored signals.
class StopOnInterruptTest : public testing::Test {
protected:
    void SetUp() override {
        std::signal(SIGINT, SIG_DFL);
        std::signal(SIGTERM, SIG_DFL);
    }
};

TEST_F(StopOnInterruptTest, TheFirstSignalAsksForAStop) {
    for (const int number : {SIGINT, SIGTERM}) {
        {
            const StopOnInterrupt interrupt;
            EXPECT_FALSE(interrupt.token().stop_requested());
            std::raise(number);
            wait_for_stop(interrupt.token());
            EXPECT_TRUE(interrupt.token().stop_requested());
            EXPECT_EQ(handler_of(number), SIG_DFL);  // the second would kill
        }
        EXPECT_EQ(handler_of(number), SIG_DFL);
    }
}

TEST_F(StopOnInterruptTest, TheSecondSignalKills) {
    EXPECT_EXIT(
        {
            const StopOnInterrupt interrupt;
            std::raise(SIGINT);
            std::raise(SIGINT);
        },
        testing::KilledBySignal(SIGINT), "");
}

TEST_F(StopOnInterruptTest, LeavesAnIgnoredSignalIgnored) {
    EXPECT_EXIT(
        {
            std::signal(SIGINT, SIG_IGN);
            bool stopped = false;
            {
                const StopOnInterrupt interrupt;
                std::raise(SIGINT);
                stopped = interrupt.token().stop_requested();
            }
            std::exit(!stopped && handler_of(SIGINT) == SIG_IGN ? 0 : 1);
        },
        testing::ExitedWithCode(0), "");
}

TEST_F(StopOnInterruptTest, EndsWithoutASignal) {
    const StopOnInterrupt interrupt;
    EXPECT_FALSE(interrupt.token().stop_requested());
}

}  // namespace
}  // namespace keydeck::cli
