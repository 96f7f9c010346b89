// Making many wallets is a job: stopped or killed, it is resumed by the same request without a wallet too few or too many.
#include <sys/wait.h>
#include <unistd.h>

#include <set>

#include "engine/custody/job_run.hpp"
#include "engine/custody/process.hpp"
#include "engine/store/jobs.hpp"
#include "tests/custody/fixture.hpp"

namespace keydeck {
namespace {

class JobsTest : public VaultTest {
protected:
    void SetUp() override {
        VaultTest::SetUp();
        if (HasFatalFailure()) return;
        add_user("alice");
    }
    /// Stops once some were made.
    Result<std::vector<Wallet>> create_and_stop(const CreateWallets& request) {
        std::stop_source stop;
        Progress progress;
        progress.stop = stop.get_token();
        progress.report = [&](std::int64_t done, std::int64_t) {
            if (done > 0) stop.request_stop();
        };
        return engine_->create_wallets(operator_, request, progress);
    }
    store::JobRecord newest_job() {
        const auto jobs = custody::ask_store(*vault_, [](auto& database) { return store::list_jobs(database, 0, 1); });
        EXPECT_TRUE(jobs && !jobs->empty());
        return jobs && !jobs->empty() ? jobs->front() : store::JobRecord{};
    }
    void expect_labels(const std::string& label, std::int64_t count) {
        WalletQuery query;
        query.user = "alice";
        const auto wallets = engine_->list_wallets(operator_, query);
        ASSERT_TRUE(wallets) << why(wallets);
        std::set<std::string> labels;
        for (const Wallet& wallet : *wallets) labels.insert(wallet.label);
        EXPECT_EQ(wallets->size(), static_cast<std::size_t>(count));
        for (std::int64_t i = 1; i <= count; ++i) EXPECT_TRUE(labels.contains(label + "-" + std::to_string(i))) << i;
    }
};

TEST_F(JobsTest, TheSameRequestResumesWhatWasStopped) {
    const CreateWallets request = for_user("alice", Custody::kKmsKey, "w", 40);
    const auto stopped = create_and_stop(request);
    ASSERT_TRUE(fails_with(ErrorCode::kCancelled, stopped));
    EXPECT_NE(stopped.error().message.find("16 of 40"), std::string::npos) << stopped.error().message;
    EXPECT_EQ(newest_job().state, store::JobState::kPaused);
    EXPECT_EQ(newest_job().done, 16);
    EXPECT_EQ(newest_job().owner, "");

    std::vector<std::int64_t> reported;
    Progress progress;
    progress.report = [&](std::int64_t done, std::int64_t) { reported.push_back(done); };
    const auto rest = engine_->create_wallets(operator_, request, progress);
    ASSERT_TRUE(rest) << why(rest);
    EXPECT_EQ(rest->size(), 24U);
    EXPECT_EQ(reported, (std::vector<std::int64_t>{16, 32, 40}));
    EXPECT_EQ(newest_job().state, store::JobState::kDone);
    EXPECT_EQ(newest_job().done, 40);
    expect_labels("w", 40);
    expect_sound_audit();
}

TEST_F(JobsTest, EnvelopesResumeToo) {
    const CreateWallets request = for_user("alice", Custody::kEnvelope, "e", 1100);
    ASSERT_TRUE(fails_with(ErrorCode::kCancelled, create_and_stop(request)));
    EXPECT_GE(newest_job().done, 1000);
    const auto rest = engine_->create_wallets(operator_, request);
    ASSERT_TRUE(rest) << why(rest);
    expect_labels("e", 1100);
}

TEST_F(JobsTest, AKilledOneIsResumed) {
    const CreateWallets request = for_user("alice", Custody::kKmsKey, "k", 20);
    engine_.reset();  // nobody else holds the vault while a child works on it
    const pid_t child = ::fork();
    if (child == 0) {
        auto engine = Engine::open(options());
        Progress progress;
        progress.report = [](std::int64_t done, std::int64_t) {
            if (done > 0) ::_exit(7);
        };
        (void)(*engine)->create_wallets(operator_, request, progress);
        ::_exit(1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_EQ(WEXITSTATUS(status), 7);
    open();
    EXPECT_EQ(newest_job().state, store::JobState::kRunning);
    EXPECT_FALSE(custody::is_running(newest_job().owner));
    const auto rest = engine_->create_wallets(operator_, request);
    ASSERT_TRUE(rest) << why(rest);
    EXPECT_EQ(rest->size(), 4U);
    expect_labels("k", 20);
}

TEST_F(JobsTest, WalletsAdoptedAfterACrashCount) {
    const CreateWallets request = for_user("alice", Custody::kKmsKey, "c", 20);
    ASSERT_TRUE(fails_with(ErrorCode::kCancelled, create_and_stop(request)));  // 16 are there
    // As the doctor adopts them: with the labels that were planned.
    create("alice", Custody::kKmsKey, "c-17");
    create("alice", Custody::kKmsKey, "c-19");
    const auto rest = engine_->create_wallets(operator_, request);
    ASSERT_TRUE(rest) << why(rest);
    EXPECT_EQ(rest->size(), 2U);
    expect_labels("c", 20);
    EXPECT_EQ(newest_job().done, 20);
}

TEST_F(JobsTest, AnotherRequestIsAnotherJob) {
    ASSERT_TRUE(fails_with(ErrorCode::kCancelled, create_and_stop(for_user("alice", Custody::kKmsKey, "w", 20))));
    const auto other = engine_->create_wallets(operator_, for_user("alice", Custody::kKmsKey, "v", 20));
    ASSERT_TRUE(other) << why(other);
    EXPECT_EQ(other->size(), 20U);
}

TEST_F(JobsTest, OnlyOneProcessIsAtAJob) {
    auto first = custody::JobRun::begin(*vault_, operator_, "create-wallets", "r", 10);
    ASSERT_TRUE(first) << why(first);
    EXPECT_TRUE(
        fails_with(ErrorCode::kAlreadyExists, custody::JobRun::begin(*vault_, operator_, "create-wallets", "r", 10)));
    EXPECT_TRUE(custody::JobRun::begin(*vault_, alice_, "create-wallets", "r", 10)) << "another actor's is another job";
}

TEST_F(JobsTest, WhatWasRolledBackIsNotCounted) {
    {
        auto job = custody::JobRun::begin(*vault_, operator_, "k", "r", 10);
        ASSERT_TRUE(job) << why(job);
        ASSERT_TRUE(vault_->write([&](sqlite::Database& database) { return job->count(database, 3); }));
        job->committed();
        const Status failed = vault_->write([&](sqlite::Database& database) -> Status {
            if (Status counted = job->count(database, 4); !counted) return counted;
            return fail(ErrorCode::kUnavailable, "no");
        });
        EXPECT_FALSE(failed);
        job->pause("It went wrong.");
    }
    EXPECT_EQ(newest_job().done, 3);
    EXPECT_EQ(newest_job().state, store::JobState::kPaused);
    EXPECT_EQ(newest_job().error, "It went wrong.");
}

TEST_F(JobsTest, OneThatWasToBeCancelledWhenItsProcessDiedStaysCancelled) {
    std::int64_t id = 0;
    {
        auto job = custody::JobRun::begin(*vault_, operator_, "k", "r", 10);
        ASSERT_TRUE(job) << why(job);
        id = job->id();
    }
    const auto die = [&] {
        meddle("UPDATE jobs SET state = 'running', owner = 'boot 99999999 1', wish = 'cancel' WHERE id = " +
               std::to_string(id));
    };
    die();
    EXPECT_EQ(engine_->job(operator_, id)->state, "cancelled");
    const auto resumed = custody::JobRun::take_up(*vault_, id);
    ASSERT_TRUE(fails_with(ErrorCode::kRejected, resumed));
    EXPECT_NE(resumed.error().message.find("was cancelled"), std::string::npos) << resumed.error().message;
    EXPECT_EQ(newest_job().state, store::JobState::kCancelled);
    die();
    {
        const auto anew = custody::JobRun::begin(*vault_, operator_, "k", "r", 10);
        ASSERT_TRUE(anew) << why(anew);
        EXPECT_NE(anew->id(), id);
        EXPECT_FALSE(anew->resumed());
    }
    EXPECT_EQ(engine_->job(operator_, id)->state, "cancelled");
}

TEST_F(JobsTest, ARunThatLostItsJobOverwritesNothing) {
    {
        auto job = custody::JobRun::begin(*vault_, operator_, "k", "r", 10);
        ASSERT_TRUE(job) << why(job);
        ASSERT_TRUE(vault_->write([&](sqlite::Database& database) { return job->count(database, 3); }));
        job->committed();
        meddle("UPDATE jobs SET owner = 'another 1 2', done = 7");  // who took this process for gone
        EXPECT_TRUE(fails_with(ErrorCode::kRejected,
                               vault_->write([&](sqlite::Database& database) { return job->count(database, 2); })));
        EXPECT_TRUE(fails_with(ErrorCode::kRejected, job->finish()));
    }
    EXPECT_EQ(newest_job().owner, "another 1 2");
    EXPECT_EQ(newest_job().done, 7);
    EXPECT_EQ(newest_job().state, store::JobState::kRunning);
}

TEST_F(JobsTest, AProcessOfAnotherPidNamespaceIsTakenForAliveWhileItCounts) {
    auto job = custody::JobRun::begin(*vault_, operator_, "k", "r", 10);
    ASSERT_TRUE(job) << why(job);
    const std::int64_t id = job->id();
    meddle("UPDATE jobs SET owner = owner || 'x'");  // the mark's last word is the namespace
    ASSERT_TRUE(custody::is_elsewhere(newest_job().owner));
    EXPECT_EQ(engine_->job(operator_, id)->state, "running");
    clock_.advance(std::chrono::minutes(4));
    EXPECT_TRUE(fails_with(ErrorCode::kAlreadyExists, custody::JobRun::take_up(*vault_, id)));
    clock_.advance(std::chrono::minutes(2));
    EXPECT_EQ(engine_->job(operator_, id)->state, "interrupted");
    EXPECT_TRUE(custody::JobRun::take_up(*vault_, id));
}

TEST_F(JobsTest, OneThatCouldNotBeFinishedIsPaused) {
    {
        auto job = custody::JobRun::begin(*vault_, operator_, "k", "r", 10);
        ASSERT_TRUE(job) << why(job);
        meddle("CREATE TRIGGER t BEFORE UPDATE ON jobs WHEN new.state = 'done' BEGIN SELECT RAISE(ABORT, 'no'); END");
        EXPECT_FALSE(job->finish());
    }
    meddle("DROP TRIGGER t");
    EXPECT_EQ(newest_job().state, store::JobState::kPaused);
    EXPECT_EQ(newest_job().owner, "");
}

TEST(Process, OneThatHasEndedDoesNotRunThoughNobodyHasWaitedForIt) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        const std::string self = custody::this_process();
        const bool told = ::write(ends[1], self.data(), self.size()) == static_cast<ssize_t>(self.size());
        ::_exit(told ? 0 : 1);
    }
    ::close(ends[1]);
    std::string self(200, '\0');
    const ssize_t size = ::read(ends[0], self.data(), self.size());
    ::close(ends[0]);
    ASSERT_GT(size, 0);
    self.resize(static_cast<std::size_t>(size));
    siginfo_t info{};
    ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT), 0);
    EXPECT_FALSE(custody::is_running(self));
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);
}

TEST(Process, KnowsItself) {
    EXPECT_TRUE(custody::is_running(custody::this_process()));
    for (const char* other : {"", "x", "boot 1", "boot 1 2", "boot  3", "boot ../self 3", "boot 99999999 1"}) {
        EXPECT_FALSE(custody::is_running(other)) << other;
        EXPECT_FALSE(custody::is_elsewhere(other)) << other;
    }
    const std::string self = custody::this_process();
    EXPECT_FALSE(custody::is_elsewhere(self));
    EXPECT_TRUE(custody::is_running(self.substr(0, self.rfind(' ')))) << "a mark of an older version";
    EXPECT_FALSE(custody::is_running(self + "x"));
    EXPECT_TRUE(custody::is_elsewhere(self + "x"));
    EXPECT_FALSE(custody::is_elsewhere("another-boot 1 2 pid:[3]")) << "before the machine was started";
}

}  // namespace
}  // namespace keydeck
