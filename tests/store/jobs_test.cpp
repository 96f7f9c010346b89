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

TEST_F(JobsTest, OnlyItsOwnerWrites) {
    JobRecord made = job_of("r");
    made.state = JobState::kRunning;
    made.owner = "me";
    ASSERT_TRUE(write([&](auto& d) -> Status {
        const auto id = insert_job(d, made);
        if (!id) return fail(id);
        made.id = *id;
        return {};
    }));
    made.done = 5;
    ASSERT_TRUE(write([&](auto& d) { return update_own_job(d, made, "me"); }));
    made.done = 6;
    EXPECT_EQ(code_of(write([&](auto& d) { return update_own_job(d, made, "you"); })), ErrorCode::kRejected);
    EXPECT_EQ((*job(db(), made.id))->done, 5);
    made.state = JobState::kPaused;
    made.owner = "";
    ASSERT_TRUE(write([&](auto& d) { return update_own_job(d, made, "me"); }));
    EXPECT_EQ(code_of(write([&](auto& d) { return update_own_job(d, made, "me"); })), ErrorCode::kRejected)
        << "it has stopped";
}

TEST_F(JobsTest, ARenewedOneBeginsToCountAnew) {
    JobRecord made = job_of("less");
    made.state = JobState::kPaused;
    made.position = 7;
    ASSERT_TRUE(write([&](auto& d) -> Status {
        const auto id = insert_job(d, made);
        if (!id) return fail(id);
        made.id = *id;
        return note_job_failure(d, made.id, {"item", "error", kNow});
    }));
    made.request = "more";
    made.total = 9;
    ASSERT_TRUE(write([&](auto& d) { return renew_job(d, made); }));
    EXPECT_FALSE(*unfinished_job(db(), made.kind, "less", made.actor));
    const auto found = unfinished_job(db(), made.kind, "more", made.actor);
    ASSERT_TRUE(found && *found);
    EXPECT_EQ((*found)->id, made.id);
    EXPECT_EQ((*found)->total, 9);
    EXPECT_EQ((*found)->position, 7);
    EXPECT_TRUE(job_failures(db(), made.id, 9)->empty());
    EXPECT_EQ(unfinished_jobs(db(), made.kind, made.actor)->size(), 1U);
    EXPECT_TRUE(unfinished_jobs(db(), made.kind, "alice")->empty());
    made.id = 99;
    EXPECT_EQ(code_of(write([&](auto& d) { return renew_job(d, made); })), ErrorCode::kNotFound);
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

TEST_F(JobsTest, KeepsFailuresAndAPosition) {
    JobRecord made = job_of("r");
    ASSERT_TRUE(write([&](auto& d) -> Status {
        const auto id = insert_job(d, made);
        if (!id) return fail(id);
        made.id = *id;
        made.total = 102;
        made.failed = 2;
        made.position = 77;
        return update_job(d, made);
    }));
    const auto found = job(db(), made.id);
    ASSERT_TRUE(found && *found);
    EXPECT_EQ((*found)->total, 102);
    EXPECT_EQ((*found)->failed, 2);
    EXPECT_EQ((*found)->position, 77);
    ASSERT_TRUE(write([&](auto& d) -> Status {
        for (const char* item : {"b", "a", "b"}) {
            if (Status noted = note_job_failure(d, made.id, {item, std::string("no ") + item, kNow}); !noted) return noted;
        }
        return note_job_failure(d, made.id, {"b", "worse", kNow + std::chrono::seconds(1)});
    }));
    const auto failures = job_failures(db(), made.id, 10);
    ASSERT_TRUE(failures);
    ASSERT_EQ(failures->size(), 2U);
    EXPECT_EQ((*failures)[0].item, "a");
    EXPECT_EQ((*failures)[0].error, "no a");
    EXPECT_EQ((*failures)[1].error, "worse");
    EXPECT_EQ((*failures)[1].at, kNow + std::chrono::seconds(1));
    EXPECT_EQ(job_failures(db(), made.id, 1)->size(), 1U);
    EXPECT_EQ(job_failures(db(), made.id + 1, 10)->size(), 0U);
}

TEST_F(JobsTest, AWishOutlivesCountsAndEndsWithTheRun) {
    JobRecord made = job_of("r");
    ASSERT_TRUE(write([&](auto& d) -> Status {
        const auto id = insert_job(d, made);
        if (!id) return fail(id);
        made.id = *id;
        return {};
    }));
    EXPECT_EQ(*job_wish(db(), made.id), JobWish::kNone);
    for (const JobWish wish : {JobWish::kPause, JobWish::kCancel}) {
        ASSERT_TRUE(write([&](auto& d) { return set_job_wish(d, made.id, wish); }));
        EXPECT_EQ(*job_wish(db(), made.id), wish);
        made.done += 1;
        ASSERT_TRUE(write([&](auto& d) { return update_job(d, made); }));
        EXPECT_EQ((*job(db(), made.id))->wish, wish) << "a count does not take it back";
        JobRecord paused = made;
        paused.state = JobState::kPaused;
        ASSERT_TRUE(write([&](auto& d) { return update_job(d, paused); }));
        EXPECT_EQ((*job(db(), made.id))->wish, JobWish::kNone);
        ASSERT_TRUE(write([&](auto& d) { return update_job(d, made); }));
    }
    EXPECT_EQ(code_of(write([&](auto& d) { return set_job_wish(d, 99, JobWish::kPause); })), ErrorCode::kNotFound);
    EXPECT_EQ(code_of(job_wish(db(), 99)), ErrorCode::kNotFound);
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
