// The Jobs screen: what runs, pausing, going on, cancelling, and leaving while something runs.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "harness.hpp"
#include "ui/views/job_pages.hpp"

namespace keydeck::ui {
namespace {

struct World : Harness {
    World() {
        Engine& other = engine_of_another_process();
        EXPECT_TRUE(other.add_user(operator_session(), "alice"));
        for (int i = 1; i <= 3; ++i) import_known(other, "alice", i);
        EXPECT_TRUE(other.add_pool_keys(operator_session(), 1));
        const auto pool = other.pool_status(operator_session());
        for (const KeyInfo& key : pool->keys) keys.push_back(key.id);
        if (other.wallet(operator_session(), kFirstAddress)->key_id != keys[0]) std::swap(keys[0], keys[1]);
        touch();
        press("6");
    }
    Rewrap all_to_the_other() const {
        Rewrap request;
        request.from = keys[0];
        request.to = keys[1];
        return request;
    }
    // A job that another process began and that stopped at its first commit.
    std::int64_t stopped_job() {
        std::stop_source stop;
        stop.request_stop();
        EXPECT_FALSE(engine_of_another_process().rewrap(operator_session(), all_to_the_other(), {{}, stop.get_token()}));
        const auto jobs = engine().list_jobs(operator_session(), 0, 1);
        EXPECT_TRUE(jobs && jobs->size() == 1);
        touch();
        return jobs && !jobs->empty() ? jobs->front().id : 0;
    }
    std::string state(std::int64_t id) { return engine().job(operator_session(), id)->state; }
    std::vector<std::string> keys;
};

TEST(DeskJobs, AreEmptyAtFirst) {
    World world;
    EXPECT_TRUE(world.shows("No job has run yet.")) << world.screen();
    for (const char* key : {"p", "C", "f", "y", "<Enter>"}) {
        world.press(key);
        EXPECT_TRUE(world.shows("no job is selected")) << key << world.screen();
        EXPECT_EQ(world.desk().top_dialog(), nullptr);
    }
    world.press("/");
    EXPECT_FALSE(world.shows("type to filter")) << "there is no filter here";
}

TEST(DeskJobs, AStoppedOneGoesOnHere) {
    World world;
    const std::int64_t id = world.stopped_job();
    EXPECT_TRUE(world.shows("○ paused")) << world.screen();
    world.press("p");
    EXPECT_TRUE(world.shows("Go on with job #")) << world.screen();
    world.press("y");
    EXPECT_EQ(world.state(id), "paused") << "too early";
    world.wait();
    world.press("y");
    EXPECT_EQ(world.state(id), "done") << world.screen();
    EXPECT_TRUE(world.shows("✓ done")) << world.screen();
    EXPECT_EQ(world.engine().wallet(world.operator_session(), kFirstAddress)->key_id, world.keys[1]);
    for (const char* key : {"p", "C"}) {
        world.press(key);
        EXPECT_TRUE(world.shows("it has ended")) << key << world.screen();
    }
    world.press("f");
    EXPECT_TRUE(world.shows("nothing failed in it"));
}

TEST(DeskJobs, IsCancelledForGoodAfterAQuestion) {
    World world;
    const std::int64_t id = world.stopped_job();
    world.press("C");
    EXPECT_TRUE(world.shows("Cancel job #")) << world.screen();
    world.wait();
    world.press("<Enter>");
    EXPECT_EQ(world.state(id), "paused") << "Enter is Cancel";
    world.press("C");
    world.wait();
    world.press("y");
    EXPECT_EQ(world.state(id), "cancelled");
    EXPECT_TRUE(world.shows("× cancelled")) << world.screen();
}

TEST(DeskJobs, TellsOneInFullAndCopiesItsNumber) {
    World world;
    const std::int64_t id = world.stopped_job();
    world.press("<Enter>");
    EXPECT_TRUE(world.shows("Kind")) << world.screen();
    EXPECT_TRUE(world.shows("3 ok · 0 failed · 0 left of 3")) << world.screen();
    world.press("<Esc>y");
    ASSERT_EQ(world.copied.size(), 1U);
    EXPECT_EQ(world.copied[0].value, std::to_string(id));
}

// What runs here is a task: while it does, the screen is free, and leaving asks.
TEST(DeskJobs, LeavingPausesWhatRunsHereAndSaysSo) {
    World world;
    world.stopped_job();
    world.press("p");
    world.wait();
    world.hold = true;
    world.press("y");
    ASSERT_EQ(std::ranges::count(world.held, Lane::kJobs, &Task::lane), 1);
    world.press("q");
    EXPECT_FALSE(world.desk().wants_to_quit());
    EXPECT_TRUE(world.shows("Leave, and pause what is running?")) << world.screen();
    EXPECT_TRUE(world.shows("p on the Jobs screen")) << world.screen();
    world.press("n");
    EXPECT_FALSE(world.desk().wants_to_quit());
    world.run_held();
    EXPECT_TRUE(world.shows("✓ done")) << world.screen();
    world.press("q");
    EXPECT_TRUE(world.desk().wants_to_quit());
}

TEST(DeskJobs, TheHeaderCountsTheRunningOnes) {
    World world;
    EXPECT_FALSE(world.row(0).contains("job"));
    std::int64_t seen = 0;
    Progress progress;
    // Looked at from within: the job runs while it reports.
    progress.report = [&](std::int64_t, std::int64_t) {
        if (seen++ > 0) return;
        world.touch();
        EXPECT_TRUE(world.row(0).contains("1 job  ")) << world.screen();
        EXPECT_TRUE(world.shows("● running")) << world.screen();
    };
    ASSERT_TRUE(world.engine_of_another_process().rewrap(world.operator_session(), world.all_to_the_other(), progress));
    EXPECT_GT(seen, 0);
    world.touch();
    EXPECT_FALSE(world.row(0).contains("job")) << world.screen();
}

TEST(DeskJobs, PausingAsksThenTellsTheOneAtWork) {
    World world;
    std::int64_t seen = 0;
    std::int64_t before = -1;
    Progress progress;
    progress.report = [&](std::int64_t, std::int64_t) {
        if (seen++ > 0) return;
        world.touch();
        before = world.events();
        world.press("p");
        EXPECT_TRUE(world.shows("Pause job #")) << world.screen();
        world.wait();
        world.press("y");
        EXPECT_TRUE(world.shows("z undoes it") || world.shows("pausing")) << world.screen();
    };
    const auto done = world.engine_of_another_process().rewrap(world.operator_session(), world.all_to_the_other(), progress);
    EXPECT_GE(before, 0);
    world.touch();
    // It stops at its next commit, if it has one to come.
    EXPECT_TRUE(done || done.error().code == ErrorCode::kCancelled);
}

TEST(DeskJobs, PagesGoBothWays) {
    World world;
    Engine& other = world.engine_of_another_process();
    for (int i = 0; i < 130; ++i) {
        Rewrap request;
        request.from = world.keys[static_cast<std::size_t>(i % 2)];
        request.to = world.keys[static_cast<std::size_t>(1 - i % 2)];
        ASSERT_TRUE(other.rewrap(world.operator_session(), request));
    }
    world.touch();
    const auto newest = other.list_jobs(world.operator_session(), 0, 1)->front().id;
    const auto page = [&](std::optional<std::int64_t> after, bool backwards, std::int64_t limit) {
        std::vector<std::int64_t> ids;
        const auto jobs = page_of_jobs(other, world.operator_session(), {limit, after, backwards});
        for (const JobInfo& job : *jobs) ids.push_back(job.id);
        return ids;
    };
    const auto top = page(std::nullopt, false, 3);
    EXPECT_EQ(top, (std::vector<std::int64_t>{newest, newest - 1, newest - 2}));
    EXPECT_EQ(page(newest - 2, true, 10), (std::vector<std::int64_t>{newest, newest - 1}));
    EXPECT_EQ(page(newest - 50, true, 2), (std::vector<std::int64_t>{newest - 48, newest - 49}));
    EXPECT_EQ(page(std::nullopt, true, 2).size(), 2U);
    EXPECT_TRUE(page(newest, true, 5).empty());
    std::set<std::string> seen;
    world.press("G");
    for (int i = 0; i < 40; ++i) {
        for (int row = 4; row < 20; ++row) {
            const std::string text = world.row(row);
            if (text.size() > 8 && text[2] == '#') seen.insert(text.substr(2, 5));
        }
        world.press("<PgUp>");
    }
    EXPECT_GE(seen.size(), 130U);
    EXPECT_TRUE(world.shows("> #" + std::to_string(newest))) << world.screen();
}

}  // namespace
}  // namespace keydeck::ui
