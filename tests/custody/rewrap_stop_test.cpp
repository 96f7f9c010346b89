// A rewrap that is killed, paused or cancelled, and goes on.
#include <sys/wait.h>
#include <unistd.h>

#include <utility>

#include "tests/custody/rewrap_fixture.hpp"

namespace keydeck {
namespace {

TEST_F(RewrapTest, KilledItIsInterruptedAndGoesOn) {
    create_many(40);
    const std::int64_t there = under(first_);
    engine_.reset();
    const pid_t child = ::fork();
    if (child == 0) {
        auto engine = Engine::open(options());
        Progress progress;
        progress.report = [](std::int64_t done, std::int64_t) {
            if (done > 0) ::_exit(7);
        };
        Rewrap request;
        request.from = first_;
        (void)(*engine)->rewrap(operator_, request, progress);
        ::_exit(1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_EQ(WEXITSTATUS(status), 7);
    watch();
    EXPECT_EQ(newest_job().state, "interrupted");
    EXPECT_EQ(newest_job().done, there - under(first_));
    const std::int64_t id = newest_job().id;
    const auto job = rewrap_from(first_);
    ASSERT_TRUE(job) << why(job);
    EXPECT_EQ(job->id, id) << "the same command resumes";
    EXPECT_EQ(job->done, there);
    EXPECT_EQ(under(first_), 0);
    expect_all_open();
}

TEST_F(RewrapTest, AJobThatWasKilledAfterItsLastCommitEnds) {
    create_many(10);
    const std::int64_t there = under(first_);
    ASSERT_TRUE(rewrap_from(first_));
    const std::int64_t id = newest_job().id;
    meddle("UPDATE jobs SET state = 'running', owner = 'gone 1 2' WHERE id = " + std::to_string(id));
    EXPECT_EQ(newest_job().state, "interrupted");
    const auto job = rewrap_from(first_);
    ASSERT_TRUE(job) << why(job);
    EXPECT_EQ(job->id, id);
    EXPECT_EQ(job->state, "done");
    EXPECT_EQ(job->done, there);
}

TEST_F(RewrapTest, TwoProcessesAtTheSameJobAreOneTooMany) {
    create_many(20);
    auto other = Engine::open(options());
    ASSERT_TRUE(other) << why(other);
    Progress progress;
    progress.report = [&](std::int64_t done, std::int64_t) {
        if (done > 0) return;
        Rewrap same;
        same.from = first_;
        EXPECT_TRUE(fails_with(ErrorCode::kAlreadyExists, (*other)->rewrap(operator_, same)));
        EXPECT_TRUE(fails_with(ErrorCode::kAlreadyExists, (*other)->resume_job(operator_, newest_job().id)));
        Rewrap overlapping;  // another job over some of the same rows
        overlapping.from = first_;
        overlapping.to = second_;
        const auto done_too = (*other)->rewrap(operator_, overlapping);
        EXPECT_TRUE(done_too) << why(done_too);
    };
    const auto job = rewrap_from(first_, progress);
    ASSERT_TRUE(job) << why(job);
    EXPECT_EQ(under(first_), 0);
    other->reset();
    expect_all_open();
}

/// Stops a job from another engine once it has begun to count.
class StoppedJobTest : public RewrapTest {
protected:
    void SetUp() override {
        RewrapTest::SetUp();
        if (HasFatalFailure()) return;
        auto other = Engine::open(options());
        ASSERT_TRUE(other) << why(other);
        other_ = std::move(*other);
    }
    void TearDown() override {
        other_.reset();
        RewrapTest::TearDown();
    }
    Progress stopped_by(Result<JobInfo> (Engine::*stop)(const Session&, std::int64_t), const std::string& expected) {
        Progress progress;
        progress.report = [this, stop, expected, told = false](std::int64_t, std::int64_t) mutable {
            if (std::exchange(told, true)) return;
            const auto asked = ((*other_).*stop)(operator_, newest_job().id);
            ASSERT_TRUE(asked) << why(asked);
            EXPECT_EQ(asked->state, expected);
        };
        return progress;
    }
    std::unique_ptr<Engine> other_;
};

TEST_F(StoppedJobTest, PausedByAnotherProcess) {
    create_many(1300);
    const std::int64_t there = under(first_);
    ASSERT_GT(there, 550) << "two commits";
    const auto paused = rewrap_from(first_, stopped_by(&Engine::pause_job, "pausing"));
    ASSERT_TRUE(fails_with(ErrorCode::kCancelled, paused));
    EXPECT_NE(paused.error().message.find("was paused"), std::string::npos) << paused.error().message;
    const JobInfo job = newest_job();
    EXPECT_EQ(job.state, "paused");
    EXPECT_GT(job.done, 0);
    EXPECT_LT(job.done, there);
    EXPECT_EQ(job.done, there - under(first_));
    const auto again = engine_->pause_job(operator_, job.id);
    ASSERT_TRUE(again) << why(again);
    EXPECT_EQ(again->state, "paused");
    const auto resumed = engine_->resume_job(operator_, job.id);
    ASSERT_TRUE(resumed) << why(resumed);
    EXPECT_EQ(resumed->done, there);
    EXPECT_EQ(under(first_), 0);
    EXPECT_TRUE(fails_with(ErrorCode::kRejected, engine_->pause_job(operator_, job.id)));
    EXPECT_TRUE(fails_with(ErrorCode::kRejected, engine_->cancel_job(operator_, job.id)));
    EXPECT_TRUE(fails_with(ErrorCode::kRejected, engine_->resume_job(operator_, job.id)));
    EXPECT_TRUE(fails_with(ErrorCode::kNotFound, engine_->resume_job(operator_, 99)));
    expect_sound_audit();
}

TEST_F(StoppedJobTest, CancelledByAnotherProcess) {
    create_many(1300);
    const std::int64_t there = under(first_);
    const auto cancelled = rewrap_from(first_, stopped_by(&Engine::cancel_job, "cancelling"));
    ASSERT_TRUE(fails_with(ErrorCode::kCancelled, cancelled));
    EXPECT_EQ(newest_job().state, "cancelled");
    EXPECT_EQ(newest_job().done, there - under(first_)) << "what was done stays";
    EXPECT_TRUE(fails_with(ErrorCode::kRejected, engine_->resume_job(operator_, newest_job().id)));
    const std::int64_t before = newest_job().id;
    const auto anew = rewrap_from(first_);
    ASSERT_TRUE(anew) << why(anew);
    EXPECT_GT(anew->id, before) << "a new job";
}

TEST_F(StoppedJobTest, AJobWithoutAProcessIsStoppedAtOnce) {
    create_many(4);
    ASSERT_TRUE(rewrap_from(first_));
    const std::int64_t id = newest_job().id;
    meddle("UPDATE jobs SET state = 'running', owner = 'gone 1 2' WHERE id = " + std::to_string(id));
    EXPECT_EQ(engine_->pause_job(operator_, id)->state, "paused");
    EXPECT_EQ(engine_->cancel_job(operator_, id)->state, "cancelled");
}

TEST_F(StoppedJobTest, TheMakingOfWalletsStopsAndGoesOnToo) {
    const CreateWallets request = for_user("alice", Custody::kEnvelope, "w", 1100);
    const auto paused = engine_->create_wallets(operator_, request, stopped_by(&Engine::pause_job, "pausing"));
    ASSERT_TRUE(fails_with(ErrorCode::kCancelled, paused));
    const JobInfo job = newest_job();
    EXPECT_EQ(job.state, "paused");
    EXPECT_EQ(job.title, "create 1100 envelope wallets for alice, w-…");
    EXPECT_EQ(job.done, static_cast<std::int64_t>(wallets().size()));
    EXPECT_LT(job.done, 1100);
    const auto resumed = engine_->resume_job(operator_, job.id);
    ASSERT_TRUE(resumed) << why(resumed);
    EXPECT_EQ(resumed->state, "done");
    EXPECT_EQ(wallets().size(), 1100U);
}

TEST_F(StoppedJobTest, TheOperatorGoesOnWithAUsersJob) {
    const CreateWallets request = for_user("alice", Custody::kKmsKey, "k", 20);
    ASSERT_TRUE(fails_with(ErrorCode::kCancelled,
                           engine_->create_wallets(alice_, request, stopped_by(&Engine::cancel_job, "cancelling"))));
    EXPECT_EQ(newest_job().state, "cancelled");
    ASSERT_TRUE(
        fails_with(ErrorCode::kCancelled, engine_->create_wallets(alice_, for_user("alice", Custody::kKmsKey, "m", 20),
                                                                  stopped_by(&Engine::pause_job, "pausing"))));
    EXPECT_EQ(newest_job().actor, "alice");
    EXPECT_EQ(newest_job().done, 16);
    const auto resumed = engine_->resume_job(operator_, newest_job().id);
    ASSERT_TRUE(resumed) << why(resumed);
    EXPECT_EQ(resumed->done, 20);
    EXPECT_EQ(wallets().size(), 36U);
}

}  // namespace
}  // namespace keydeck
