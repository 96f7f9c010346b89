#include "ui/views/job_pages.hpp"

#include <gtest/gtest.h>

namespace keydeck::ui {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

JobInfo job(std::int64_t done, std::string_view state = "running") {
    JobInfo out;
    out.id = 7;
    out.total = 1000;
    out.done = done;
    out.state = state;
    return out;
}

TEST(JobRates, NeedTwoLooksThatDiffer) {
    JobRates rates;
    const SteadyTime start{};
    rates.look({job(100)}, start);
    EXPECT_FALSE(rates.rate(7));
    EXPECT_FALSE(rates.left(job(100)));
    rates.look({job(100)}, start + seconds(1));
    EXPECT_FALSE(rates.rate(7)) << "it has not moved";
    rates.look({job(300)}, start + seconds(2));
    EXPECT_DOUBLE_EQ(rates.rate(7).value_or(0), 100.0);
    EXPECT_EQ(rates.left(job(300)), seconds(7));
}

TEST(JobRates, CountFailedItemsAsPassed) {
    JobRates rates;
    const SteadyTime start{};
    rates.look({job(0)}, start);
    JobInfo next = job(50);
    next.failed = 50;
    rates.look({next}, start + seconds(1));
    EXPECT_DOUBLE_EQ(rates.rate(7).value_or(0), 100.0);
    EXPECT_EQ(rates.left(next), seconds(9));
}

TEST(JobRates, LooksTooCloseAreOne) {
    JobRates rates;
    const SteadyTime start{};
    rates.look({job(0)}, start);
    rates.look({job(500)}, start + milliseconds(1));
    EXPECT_FALSE(rates.rate(7));
    rates.look({job(600)}, start + seconds(6));
    EXPECT_DOUBLE_EQ(rates.rate(7).value_or(0), 100.0);
}

TEST(JobRates, ForgetWhatStopped) {
    JobRates rates;
    const SteadyTime start{};
    rates.look({job(0)}, start);
    rates.look({job(100)}, start + seconds(1));
    rates.look({job(100, "paused")}, start + seconds(2));
    EXPECT_FALSE(rates.rate(7));
    rates.look({job(100)}, start + seconds(100));
    EXPECT_FALSE(rates.rate(7)) << "the pause is no part of the rate";
}

TEST(JobStates, AreRunningEndedOrNeither) {
    for (const char* state : {"running", "pausing", "cancelling"}) EXPECT_TRUE(is_running(job(0, state))) << state;
    for (const char* state : {"done", "cancelled"}) EXPECT_TRUE(has_ended(job(0, state))) << state;
    for (const char* state : {"paused", "interrupted"}) {
        EXPECT_FALSE(is_running(job(0, state)));
        EXPECT_FALSE(has_ended(job(0, state)));
    }
}

}  // namespace
}  // namespace keydeck::ui
