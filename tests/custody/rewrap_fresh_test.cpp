// New data keys: complete whatever was begun before, and never in vain however often it is killed.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "engine/custody/rewrap.hpp"
#include "tests/custody/rewrap_fixture.hpp"

namespace keydeck {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

using DataKeys = std::map<std::int64_t, Bytes>;

class RewrapFreshTest : public RewrapTest {
protected:
    static constexpr std::int64_t kMany = 600;  // two commits

    static Rewrap fresh(std::optional<Timestamp> older_than = std::nullopt) {
        Rewrap request;
        request.fresh_data_keys = true;
        request.older_than = older_than;
        return request;
    }
    DataKeys data_keys() {
        DataKeys keys;
        for (const Wallet& wallet : wallets()) keys.emplace(wallet.id, sealed(wallet.id).data_key);
        return keys;
    }
    /// How many wallets still have the data key that they had.
    static std::int64_t kept(const DataKeys& before, const DataKeys& now) {
        return std::ranges::count_if(before, [&](const auto& entry) { return now.at(entry.first) == entry.second; });
    }
    /// Runs it in a process of its own, which dies with its first commit. Whether it came to its end instead.
    bool killed_run(const Rewrap& request) {
        engine_.reset();
        const pid_t child = ::fork();
        if (child == 0) {
            auto engine = Engine::open(options());
            Progress progress;
            progress.report = [first = std::optional<std::int64_t>()](std::int64_t done, std::int64_t) mutable {
                if (done > first.value_or(done)) ::_exit(7);
                first = done;
            };
            const auto job = (*engine)->rewrap(operator_, request, progress);
            ::_exit(job ? 0 : 1);
        }
        int status = 0;
        EXPECT_EQ(::waitpid(child, &status, 0), child);
        EXPECT_TRUE(WEXITSTATUS(status) == 7 || WEXITSTATUS(status) == 0) << WEXITSTATUS(status);
        open();
        return WEXITSTATUS(status) == 0;
    }
};

TEST_F(RewrapFreshTest, TheSameCommandDoesAgainWhatWasDoneBeforeIt) {
    create_many(kMany);
    ASSERT_FALSE(killed_run(fresh()));
    const JobInfo killed = newest_job();
    ASSERT_EQ(killed.state, "interrupted");
    ASSERT_GT(killed.done, 0);
    ASSERT_LT(killed.done, kMany);
    clock_.advance(hours(24));  // and a leak of all there is
    const DataKeys leaked = data_keys();
    const auto job = engine_->rewrap(operator_, fresh());
    ASSERT_TRUE(job) << why(job);
    EXPECT_EQ(job->id, killed.id) << "it is taken up";
    EXPECT_EQ(job->state, "done");
    EXPECT_EQ(job->done, kMany);
    EXPECT_EQ(job->total, kMany);
    EXPECT_EQ(kept(leaked, data_keys()), 0);
    expect_all_open();
}

TEST_F(RewrapFreshTest, KilledAgainAndAgainItCuresEachLeakAllTheSame) {
    create_many(kMany);
    // Of the second leak too, though the walk has come to the beginning again.
    for (int leak = 0; leak < 2; ++leak) {
        const DataKeys leaked = data_keys();
        for (std::int64_t done = 0; done < kMany; done += newest_job().done) {
            clock_.advance(minutes(1));
            ASSERT_FALSE(killed_run(fresh())) << "each dies with its first commit";
        }
        EXPECT_EQ(kept(leaked, data_keys()), 0) << "what was left comes before what was done";
    }
    expect_sound_audit();
}

TEST_F(RewrapFreshTest, ResumedByItsNumberItGoesOnWithWhatWasAsked) {
    create_many(kMany);
    ASSERT_FALSE(killed_run(fresh()));
    const JobInfo killed = newest_job();
    clock_.advance(hours(24));
    const DataKeys before = data_keys();
    const auto job = engine_->resume_job(operator_, killed.id);
    ASSERT_TRUE(job) << why(job);
    EXPECT_EQ(job->done, kMany);
    EXPECT_EQ(kept(before, data_keys()), killed.done) << "those are done";
}

/// Between the look at a job and its taking up, somebody may have had it do more, and died.
TEST_F(RewrapFreshTest, ResumedItDoesWhatTheJobIsToDoByNow) {
    create_many(kMany);
    ASSERT_FALSE(killed_run(fresh()));
    const auto seen = custody::ask_store(*vault_, [&](auto& database) { return store::job(database, newest_job().id); });
    ASSERT_TRUE(seen && *seen);
    clock_.advance(hours(24));
    const DataKeys leaked = data_keys();
    ASSERT_FALSE(killed_run(fresh()));
    ASSERT_EQ(newest_job().id, (*seen)->id) << "it was taken up";
    const auto job = custody::resume_rewrap(*vault_, operator_, **seen, {});
    ASSERT_TRUE(job) << why(job);
    EXPECT_EQ(job->done, kMany);
    EXPECT_EQ(kept(leaked, data_keys()), 0);
}

TEST_F(RewrapFreshTest, OfALeakWhoseTimeIsKnownEveryLoopOfKillsEnds) {
    create_many(kMany);
    const DataKeys leaked = data_keys();
    clock_.advance(hours(1));
    const Rewrap request = fresh(vault_->now());
    int runs = 1;
    for (; !killed_run(request); ++runs) {
        ASSERT_LT(runs, 200) << "each does some";
        clock_.advance(minutes(1));
    }
    EXPECT_EQ(kept(leaked, data_keys()), 0);
    EXPECT_EQ(newest_job().state, "done");
    EXPECT_EQ(newest_job().done, kMany);
    EXPECT_EQ(engine_->list_jobs(operator_, 0, 9)->size(), 2U) << "the making of the wallets, and one job";
    EXPECT_EQ(engine_->rewrap(operator_, request)->id, 0) << "nothing is left to do";
    expect_all_open();
}

TEST_F(RewrapFreshTest, ReEncryptMakesNoDataKeyYounger) {
    create_many(12);
    clock_.advance(hours(2));
    ASSERT_TRUE(rewrap_from(first_));
    const auto job = engine_->rewrap(operator_, fresh(kStart + hours(1)));
    ASSERT_TRUE(job) << why(job);
    EXPECT_EQ(job->done, 12);
    EXPECT_EQ(engine_->rewrap(operator_, fresh(kStart + hours(1)))->id, 0);
}

TEST_F(RewrapFreshTest, ADataKeyMadeWhenTheClockWasAheadIsReplacedToo) {
    create_many(6);
    meddle("UPDATE wallets SET sealed_at = sealed_at + 86400000000 WHERE id = 3");
    const DataKeys before = data_keys();
    const auto job = engine_->rewrap(operator_, fresh());
    ASSERT_TRUE(job) << why(job);
    EXPECT_EQ(job->done, 6);
    EXPECT_EQ(kept(before, data_keys()), 0);
}

TEST_F(RewrapFreshTest, ARowThatFailedIsTriedAgainByTheNextCommand) {
    create_many(6);
    const Wallet damaged = wallets().front();
    const Bytes whole = sealed(damaged.id).data_key;
    const std::string row = " WHERE id = " + std::to_string(damaged.id);
    meddle("UPDATE wallets SET sealed_data_key = zeroblob(length(sealed_data_key))" + row);
    const auto failed = engine_->rewrap(operator_, fresh());
    ASSERT_TRUE(failed) << why(failed);
    ASSERT_EQ(failed->failed, 1);
    meddle("UPDATE jobs SET state = 'paused' WHERE id = " + std::to_string(failed->id));
    meddle("UPDATE wallets SET sealed_data_key = x'" + to_hex(whole) + "'" + row);
    const auto job = engine_->rewrap(operator_, fresh());
    ASSERT_TRUE(job) << why(job);
    EXPECT_EQ(job->id, failed->id);
    EXPECT_EQ(job->done, 6);
    EXPECT_EQ(job->failed, 0);
    EXPECT_TRUE(engine_->job_failures(operator_, job->id, 9)->empty());
    expect_all_open();
}

TEST_F(RewrapFreshTest, AnotherProcessAtTheSameIsNotDoubled) {
    create_many(20);
    auto other = Engine::open(options());
    ASSERT_TRUE(other) << why(other);
    Progress progress;
    progress.report = [&](std::int64_t, std::int64_t) {
        clock_.advance(minutes(1));
        EXPECT_TRUE(fails_with(ErrorCode::kAlreadyExists, (*other)->rewrap(operator_, fresh())));
    };
    const auto job = engine_->rewrap(operator_, fresh(), progress);
    ASSERT_TRUE(job) << why(job);
}

TEST_F(RewrapFreshTest, WhatMakesNoSenseIsRefused) {
    create_many(4);
    Rewrap old;
    old.older_than = kStart;
    EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput, engine_->rewrap(operator_, old)));
    EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput, engine_->rewrap(operator_, fresh(kStart + hours(1)))));
}

}  // namespace
}  // namespace keydeck
