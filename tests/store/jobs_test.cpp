#include "engine/store/jobs.hpp"

#include "tests/store/fixture.hpp"

namespace keydeck::store {
namespace {

using JobsTest = StoreTest;

JobRecord job_of(const std::string& request) {
    JobRecord job;
    job.kind = "create-wallets";
    job.request = request;
    job.actor = "operator";
    job.total = 100;
    job.owner = "1 2 3";
    job.created_at = kNow;
    job.updated_at = kNow;
    return job;
}

TEST_F(JobsTest, KeepsItsPlace) {
    JobRecord made = job_of("alice 100");
    ASSERT_TRUE(write([&](auto& d) -> Status {
        const auto id = insert_job(d, made);
        if (!id) return fail(id);
        made.id = *id;
        return {};
    }));
    made.done = 40;
    made.state = JobState::kPaused;
    made.owner = "";
    made.error = "Stopped.";
    made.updated_at = kNow + std::chrono::seconds(5);
    ASSERT_TRUE(write([&](auto& d) { return update_job(d, made); }));
    const auto found = unfinished_job(db(), "create-wallets", "alice 100", "operator");
    ASSERT_TRUE(found && *found);
    EXPECT_EQ((*found)->id, made.id);
    EXPECT_EQ((*found)->kind, "create-wallets");
    EXPECT_EQ((*found)->request, "alice 100");
    EXPECT_EQ((*found)->actor, "operator");
    EXPECT_EQ((*found)->total, 100);
    EXPECT_EQ((*found)->done, 40);
    EXPECT_EQ((*found)->state, JobState::kPaused);
    EXPECT_EQ((*found)->owner, "");
    EXPECT_EQ((*found)->error, "Stopped.");
    EXPECT_EQ((*found)->created_at, kNow);
    EXPECT_EQ((*found)->updated_at, made.updated_at);
    EXPECT_FALSE(*unfinished_job(db(), "create-wallets", "alice 100", "alice")) << "another actor's job is another job";
    EXPECT_FALSE(*unfinished_job(db(), "create-wallets", "alice 10", "operator"));
}

TEST_F(JobsTest, AFinishedOneIsNotFoundAgain) {
    for (const JobState state : {JobState::kDone, JobState::kCancelled}) {
        JobRecord made = job_of("r");
        ASSERT_TRUE(write([&](auto& d) -> Status {
            const auto id = insert_job(d, made);
            if (!id) return fail(id);
            made.id = *id;
            made.state = state;
            return update_job(d, made);
        }));
        EXPECT_FALSE(*unfinished_job(db(), "create-wallets", "r", "operator"));
        EXPECT_EQ((*job(db(), made.id))->state, state);
    }
}

TEST_F(JobsTest, ListsTheNewestFirstByPages) {
    for (int i = 0; i < 5; ++i) {
        ASSERT_TRUE(write([&](auto& d) -> Status {
            const auto id = insert_job(d, job_of(std::to_string(i)));
            return id ? Status() : fail(id);
        }));
    }
    const auto first = list_jobs(db(), 0, 2);
    ASSERT_TRUE(first);
    ASSERT_EQ(first->size(), 2U);
    EXPECT_EQ((*first)[0].request, "4");
    const auto second = list_jobs(db(), (*first)[1].id, 10);
    ASSERT_TRUE(second);
    ASSERT_EQ(second->size(), 3U);
    EXPECT_EQ((*second)[0].request, "2");
}

TEST_F(JobsTest, SaysWhatItDoesNotHave) {
    EXPECT_FALSE(*job(db(), 7));
    JobRecord gone = job_of("x");
    gone.id = 7;
    EXPECT_EQ(code_of(write([&](auto& d) { return update_job(d, gone); })), ErrorCode::kNotFound);
    JobRecord odd = job_of("odd");
    ASSERT_TRUE(write([&](auto& d) -> Status {
        const auto id = insert_job(d, odd);
        if (!id) return fail(id);
        odd.id = *id;
        return d.execute("UPDATE jobs SET state = 'dreaming'");
    }));
    EXPECT_EQ(code_of(job(db(), odd.id)), ErrorCode::kCorrupt);
}

}  // namespace
}  // namespace keydeck::store
