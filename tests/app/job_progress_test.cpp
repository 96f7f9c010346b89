#include "app/cli/job_progress.hpp"

#include <gtest/gtest.h>

namespace keydeck::cli {
namespace {

using std::chrono::seconds;

TEST(JobProgress, TellsHowFarItIs) {
    EXPECT_EQ(progress_text(0, 2000, 0, seconds(0)), "0 of 2000");
    EXPECT_EQ(progress_text(500, 2000, 500, seconds(3)), "500 of 2000") << "what was done before says nothing of the rate";
    EXPECT_EQ(progress_text(1500, 2000, 500, seconds(2)), "1500 of 2000 · 500/s · 1 s left");
    EXPECT_EQ(progress_text(2000, 2000, 500, seconds(2)), "2000 of 2000 · 750/s");
    EXPECT_EQ(progress_text(5, 100, 0, seconds(2)), "5 of 100 · 2.5/s · 38 s left");
    EXPECT_EQ(progress_text(10, 10'000, 0, seconds(1)), "10 of 10000 · 10/s · 17 min left");
    EXPECT_EQ(progress_text(10, 1'000'000, 0, seconds(1)), "10 of 1000000 · 10/s · 28 h left");
}

}  // namespace
}  // namespace keydeck::cli
