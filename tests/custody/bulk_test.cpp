// The same done to many, as a job: told one by one, stopped, killed, gone on with.
#include "engine/bulk.hpp"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/custody/fixture.hpp"
#include "tests/custody/forwarding_kms.hpp"

namespace keydeck {
namespace {

using testing::HasSubstr;

class BulkTest : public VaultTest {
protected:
    void SetUp() override {
        VaultTest::SetUp();
        if (HasFatalFailure()) return;
        for (int i = 0; i < 5; ++i) add_user(users_.emplace_back("user-" + std::to_string(i)));
    }
    JobInfo newest_job() {
        const auto jobs = engine_->list_jobs(operator_, 0, 1);
        EXPECT_TRUE(jobs && !jobs->empty()) << why(jobs);
        return jobs && !jobs->empty() ? jobs->front() : JobInfo{};
    }
    std::vector<std::string> all_keys() {
        std::vector<std::string> ids;
        const auto keys = engine_->list_keys(operator_, {});
        EXPECT_TRUE(keys) << why(keys);
        for (const KeyInfo& key : *keys) ids.push_back(key.id);
        return ids;
    }
    std::vector<std::string> three_keys_behind(const Error& refusal);
    std::size_t locked() {
        const auto users = engine_->list_users(operator_, {});
        return users ? static_cast<std::size_t>(std::ranges::count(*users, true, &User::locked)) : 0;
    }
    std::size_t events_of(const std::string& action) {
        AuditQuery query;
        query.action = action;
        return events(query).size();
    }
    /// Runs in a child that ends without a word once so many are settled.
    void kill_after(std::int64_t settled, BulkAction action, const std::vector<std::string>& ids) {
        engine_.reset();
        const pid_t child = ::fork();
        if (child == 0) {
            auto engine = Engine::open(options());
            Progress progress;
            progress.report = [&](std::int64_t done, std::int64_t) {
                if (done == settled) ::_exit(7);
            };
            (void)(*engine)->start_bulk(operator_, action, ids, progress);
            ::_exit(1);
        }
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        ASSERT_EQ(WEXITSTATUS(status), 7);
        open();
    }
    std::vector<std::string> users_;
};

TEST_F(BulkTest, DoesItToEachAndRecordsEach) {
    std::vector<std::string> twice = users_;
    twice.push_back(users_.front());
    const auto run = engine_->start_bulk(operator_, BulkAction::kLockUsers, twice);
    ASSERT_TRUE(run) << why(run);
    EXPECT_EQ(run->job.kind, "bulk");
    EXPECT_EQ(run->job.title, "lock 5 users");
    EXPECT_EQ(run->job.state, "done");
    EXPECT_EQ(run->job.done, 5);
    EXPECT_EQ(run->job.total, 5);
    EXPECT_EQ(locked(), 5U);
    EXPECT_EQ(events_of("LockUser"), 5U);
    ASSERT_TRUE(engine_->start_bulk(operator_, BulkAction::kUnlockUsers, users_));
    EXPECT_EQ(locked(), 0U);
    expect_sound_audit();
}

TEST_F(BulkTest, WhatFailsIsToldAndTheOthersGoOn) {
    const std::vector<std::string> ids{"user-0", "nobody", "user-1"};
    const auto run = engine_->start_bulk(operator_, BulkAction::kLockUsers, ids);
    ASSERT_TRUE(run) << why(run);
    EXPECT_EQ(run->job.done, 2);
    EXPECT_EQ(run->job.failed, 1);
    EXPECT_EQ(run->job.state, "done");
    const auto failures = engine_->job_failures(operator_, run->job.id, 10);
    ASSERT_TRUE(failures && failures->size() == 1U) << why(failures);
    EXPECT_EQ(failures->front().item, "nobody");
    EXPECT_THAT(failures->front().error, HasSubstr("nobody"));
    EXPECT_EQ(locked(), 2U);
}

TEST_F(BulkTest, WhatFailedIsTriedAgainAsANewJob) {
    const std::vector<std::string> ids{"user-0", "nobody", "user-1", "nobody else"};
    const auto run = engine_->start_bulk(operator_, BulkAction::kLockUsers, ids);
    ASSERT_TRUE(run) << why(run);
    EXPECT_EQ(*engine_->bulk_items(operator_, run->job.id), ids) << "in the order given";
    add_user("nobody");
    ASSERT_TRUE(engine_->unlock_user(operator_, "user-0"));
    const auto again = engine_->retry_bulk(operator_, run->job.id);
    ASSERT_TRUE(again) << why(again);
    EXPECT_NE(again->job.id, run->job.id);
    EXPECT_EQ(again->action, BulkAction::kLockUsers);
    EXPECT_EQ(again->changed, std::vector<std::string>{"nobody"});
    EXPECT_EQ(again->failed.size(), 1U);
    EXPECT_FALSE(engine_->user(operator_, "user-0")->locked) << "that one had not failed";
    const auto last = engine_->start_bulk(operator_, BulkAction::kLockUsers, users_);
    EXPECT_TRUE(fails_with(ErrorCode::kRejected, engine_->retry_bulk(operator_, last->job.id)));
    EXPECT_TRUE(fails_with(ErrorCode::kNotFound, engine_->retry_bulk(operator_, 99)));
    const Session user = Session::of_user("user-0", "test");
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, engine_->retry_bulk(user, run->job.id)));
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, engine_->resume_bulk(user, run->job.id)));
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, engine_->bulk_items(user, run->job.id)));
}

TEST_F(BulkTest, GoingOnTellsWhatThisRunDid) {
    std::stop_source stop;
    Progress progress;
    progress.stop = stop.get_token();
    progress.report = [&](std::int64_t done, std::int64_t) {
        if (done == 2) stop.request_stop();
    };
    const auto paused = engine_->start_bulk(operator_, BulkAction::kLockUsers, users_, progress);
    ASSERT_TRUE(paused && paused->stopped) << why(paused);
    const auto run = engine_->resume_bulk(operator_, paused->job.id);
    ASSERT_TRUE(run) << why(run);
    EXPECT_EQ(run->changed, (std::vector<std::string>{users_.begin() + 2, users_.end()}));
}

TEST_F(BulkTest, HidesWalletsAndBringsThemBack) {
    const std::vector<std::string> ids{name_of(create("user-0")), name_of(create("user-1"))};
    const auto removed = engine_->start_bulk(operator_, BulkAction::kRemoveWallets, ids);
    ASSERT_TRUE(removed) << why(removed);
    EXPECT_EQ(removed->job.done, 2);
    EXPECT_EQ(engine_->vault()->wallets, 0);
    const auto again = engine_->start_bulk(operator_, BulkAction::kRemoveWallets, ids);
    ASSERT_TRUE(again) << why(again);
    EXPECT_EQ(again->job.failed, 0) << "they are hidden: that is what was asked for";
    ASSERT_TRUE(engine_->start_bulk(operator_, BulkAction::kRestoreWallets, ids));
    EXPECT_EQ(engine_->vault()->wallets, 2);
}

TEST_F(BulkTest, DisablesAndEnablesKeys) {
    create("user-0");
    const std::vector<std::string> ids = all_keys();
    const auto disabled = engine_->start_bulk(operator_, BulkAction::kDisableKeys, ids);
    ASSERT_TRUE(disabled) << why(disabled);
    for (const std::string& id : ids) EXPECT_EQ(engine_->key(operator_, id)->state, "Disabled");
    ASSERT_TRUE(engine_->start_bulk(operator_, BulkAction::kEnableKeys, ids));
    for (const std::string& id : ids) EXPECT_EQ(engine_->key(operator_, id)->state, "Enabled");
}

TEST_F(BulkTest, KilledItIsInterruptedAndGoesOn) {
    kill_after(2, BulkAction::kLockUsers, users_);
    EXPECT_EQ(newest_job().state, "interrupted");
    EXPECT_EQ(newest_job().done, 2);
    EXPECT_EQ(locked(), 2U);
    const std::int64_t id = newest_job().id;
    const auto job = engine_->resume_job(operator_, id);
    ASSERT_TRUE(job) << why(job);
    EXPECT_EQ(job->state, "done");
    EXPECT_EQ(job->done, 5);
    EXPECT_EQ(locked(), 5U);
    EXPECT_EQ(events_of("LockUser"), 5U) << "none twice";
}

TEST_F(BulkTest, WhatWasDoneAndNotCountedIsDoneOnce) {
    std::vector<std::string> ids;
    for (const std::string& user : users_) ids.push_back(name_of(create(user)));
    kill_after(2, BulkAction::kRemoveWallets, ids);
    meddle("UPDATE jobs SET done = 1, position = 1");  // as if it had been killed between the work and its count
    const auto job = engine_->resume_job(operator_, newest_job().id);
    ASSERT_TRUE(job) << why(job);
    EXPECT_EQ(job->done, 5);
    EXPECT_EQ(job->failed, 0);
    EXPECT_EQ(events_of("RemoveWallet"), 5U);
    expect_sound_audit();
}

TEST_F(BulkTest, StopsWhereAnotherProcessAsksForIt) {
    auto other = Engine::open(options());
    ASSERT_TRUE(other) << why(other);
    const auto stop_after_two = [&](auto stop) {
        Progress progress;
        progress.report = [&, stop](std::int64_t done, std::int64_t) {
            if (done != 2) return;
            EXPECT_TRUE(stop(newest_job().id));
        };
        return progress;
    };
    const auto pause = stop_after_two([&](std::int64_t id) { return (*other)->pause_job(operator_, id).has_value(); });
    const auto paused = engine_->start_bulk(operator_, BulkAction::kLockUsers, users_, pause);
    ASSERT_TRUE(paused && paused->stopped) << why(paused);
    EXPECT_EQ(paused->stopped->code, ErrorCode::kCancelled);
    EXPECT_EQ(paused->job.state, "paused");
    EXPECT_LT(locked(), 5U);
    EXPECT_EQ(paused->changed.size(), locked());
    ASSERT_TRUE((*other)->resume_job(operator_, paused->job.id));
    EXPECT_EQ(locked(), 5U);
    const auto cancel = stop_after_two([&](std::int64_t id) { return (*other)->cancel_job(operator_, id).has_value(); });
    const auto cancelled = engine_->start_bulk(operator_, BulkAction::kUnlockUsers, users_, cancel);
    ASSERT_TRUE(cancelled && cancelled->stopped) << why(cancelled);
    EXPECT_EQ(cancelled->job.state, "cancelled");
    EXPECT_TRUE(fails_with(ErrorCode::kRejected, engine_->resume_job(operator_, cancelled->job.id)));
    EXPECT_GT(locked(), 0U) << "what was not done is not done";
    const auto anew = engine_->start_bulk(operator_, BulkAction::kUnlockUsers, users_);
    ASSERT_TRUE(anew) << why(anew);
    EXPECT_NE(anew->job.id, cancelled->job.id);
    EXPECT_EQ(locked(), 0U);
}

TEST_F(BulkTest, StopsWhereItIsAskedTo) {
    std::stop_source stop;
    Progress progress;
    progress.stop = stop.get_token();
    progress.report = [&](std::int64_t done, std::int64_t) {
        if (done == 3) stop.request_stop();
    };
    const auto run = engine_->start_bulk(operator_, BulkAction::kLockUsers, users_, progress);
    ASSERT_TRUE(run && run->stopped) << why(run);
    EXPECT_THAT(run->stopped->hint, HasSubstr("keydeck job resume " + std::to_string(run->job.id)));
    EXPECT_EQ(run->job.state, "paused");
    EXPECT_EQ(run->changed, (std::vector<std::string>{users_.begin(), users_.begin() + 3}));
}

/// Refuses the second DisableKey.
class BusyKms final : public ForwardingKms {
public:
    BusyKms(kms::Kms& inner, Error refusal) : ForwardingKms(inner), refusal_(std::move(refusal)) {}
    Status disable_key(std::string_view key) override {
        if (++calls_ == 2) return std::unexpected<Error>(refusal_);
        return ForwardingKms::disable_key(key);
    }

private:
    Error refusal_;
    int calls_ = 0;
};

std::vector<std::string> BulkTest::three_keys_behind(const Error& refusal) {
    open([&](kms::Kms& inner) -> std::unique_ptr<kms::Kms> { return std::make_unique<BusyKms>(inner, refusal); });
    std::vector<std::string> ids;
    for (const char* user : {"user-0", "user-1", "user-2"}) ids.push_back(create(user, Custody::kKmsKey).key_id);
    return ids;
}

TEST_F(BulkTest, WhatWouldFailForAllPausesItAndFailsNone) {
    const Error throttled{ErrorCode::kThrottled, "Rate exceeded", "", "ThrottlingException"};
    const Error expired{ErrorCode::kDenied, "The token has expired", "", "ExpiredTokenException"};
    for (const Error& refusal : {throttled, expired}) {
        const std::vector<std::string> ids = three_keys_behind(refusal);
        const auto run = engine_->start_bulk(operator_, BulkAction::kDisableKeys, ids);
        ASSERT_TRUE(run && run->stopped) << why(run);
        EXPECT_EQ(run->stopped->code, refusal.code);
        EXPECT_EQ(run->job.state, "paused");
        EXPECT_THAT(run->job.error, HasSubstr(refusal.message));
        EXPECT_EQ(run->changed.size(), 1U);
        EXPECT_TRUE(run->failed.empty());
        EXPECT_EQ(engine_->key(operator_, ids[1])->state, "Enabled");
        const auto job = engine_->resume_job(operator_, run->job.id);
        ASSERT_TRUE(job) << why(job);
        for (const std::string& id : ids) EXPECT_EQ(engine_->key(operator_, id)->state, "Disabled");
    }
}

TEST_F(BulkTest, AKeyThatIsDeniedIsToldAndTheOthersGoOn) {
    const Error denied{ErrorCode::kDenied, "No", "", "AccessDeniedException"};
    const std::vector<std::string> ids = three_keys_behind(denied);
    const auto run = engine_->start_bulk(operator_, BulkAction::kDisableKeys, ids);
    ASSERT_TRUE(run && !run->stopped) << why(run);
    ASSERT_EQ(run->failed.size(), 1U);
    EXPECT_EQ(run->failed[0].item, ids[1]);
    EXPECT_EQ(run->changed, (std::vector<std::string>{ids[0], ids[2]}));
}

TEST_F(BulkTest, AUsersOwnWalletsAreThatUsersBusiness) {
    const std::vector<std::string> own{name_of(create("user-0")), name_of(create("user-0"))};
    const std::vector<std::string> anothers{own[0], name_of(create("user-1"))};
    const Session user = Session::of_user("user-0", "test");
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, engine_->start_bulk(user, BulkAction::kRemoveWallets, anothers)));
    EXPECT_EQ(engine_->vault()->wallets, 3);
    EXPECT_TRUE(engine_->list_jobs(operator_, 0, 1)->empty()) << "nothing that the operator would go on with";
    const auto run = engine_->start_bulk(user, BulkAction::kRemoveWallets, own);
    ASSERT_TRUE(run) << why(run);
    EXPECT_EQ(run->changed, own);
    EXPECT_EQ(run->job.actor, user.actor());
    EXPECT_EQ(engine_->vault()->wallets, 1);
}

TEST_F(BulkTest, UsersAndKeysAreTheOperatorsBusiness) {
    create("user-0");
    const Session user = Session::of_user("user-0", "test");
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, engine_->start_bulk(user, BulkAction::kLockUsers, users_)));
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, engine_->start_bulk(user, BulkAction::kDisableKeys, all_keys())));
    EXPECT_EQ(last_event().action, "BeginBulk");
    EXPECT_EQ(last_event().result, "denied") << "a refusal is recorded";
    EXPECT_EQ(locked(), 0U);
    EngineOptions reading = options();
    reading.read_only = true;
    open_with(reading);
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, engine_->start_bulk(operator_, BulkAction::kLockUsers, users_)));
}

TEST_F(BulkTest, RefusesWhatCannotBeDoneAtAll) {
    EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput, engine_->start_bulk(operator_, BulkAction::kLockUsers, {})));
    std::vector<std::string> too_many;
    for (int i = 0; i <= 10'000; ++i) too_many.push_back(std::to_string(i));
    EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput, engine_->start_bulk(operator_, BulkAction::kLockUsers, too_many)));
    const std::vector<std::string> label{create("user-0", Custody::kEnvelope, "main").label};
    EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput, engine_->start_bulk(operator_, BulkAction::kRemoveWallets, label)))
        << "the label may be another wallet's when its turn comes";
    EXPECT_TRUE(engine_->list_jobs(operator_, 0, 1)->empty());
}

TEST_F(BulkTest, ALockedUserLeavesNothingForTheOperatorToDo) {
    const std::vector<std::string> own{name_of(create("user-0"))};
    ASSERT_TRUE(engine_->lock_user(operator_, "user-0"));
    const Session user = Session::of_user("user-0", "test");
    EXPECT_TRUE(fails_with(ErrorCode::kLocked, engine_->start_bulk(user, BulkAction::kRemoveWallets, own)));
    EXPECT_TRUE(engine_->list_jobs(operator_, 0, 1)->empty());
}

// What was taken back meanwhile is done again: a bulk job that is asked for is a new one, from its beginning.
TEST_F(BulkTest, AskedForAgainItBeginsAnew) {
    std::stop_source stop;
    Progress progress;
    progress.stop = stop.get_token();
    progress.report = [&](std::int64_t done, std::int64_t) {
        if (done == 2) stop.request_stop();
    };
    const auto paused = engine_->start_bulk(operator_, BulkAction::kLockUsers, users_, progress);
    ASSERT_TRUE(paused && paused->stopped) << why(paused);
    for (const std::string& name : paused->changed) ASSERT_TRUE(engine_->unlock_user(operator_, name));
    const auto run = engine_->start_bulk(operator_, BulkAction::kLockUsers, users_);
    ASSERT_TRUE(run) << why(run);
    EXPECT_NE(run->job.id, paused->job.id);
    EXPECT_EQ(locked(), 5U);
}

TEST_F(BulkTest, WhatOthersDidIsDoneAndNotItsOwn) {
    ASSERT_TRUE(engine_->lock_user(operator_, "user-2"));
    const auto run = engine_->start_bulk(operator_, BulkAction::kLockUsers, users_);
    ASSERT_TRUE(run) << why(run);
    EXPECT_EQ(run->job.done, 5);
    EXPECT_EQ(run->unchanged, std::vector<std::string>{"user-2"});
    EXPECT_EQ(run->changed.size(), 4U);
    EXPECT_EQ(events_of("LockUser"), 5U) << "the one of before among them";
}

TEST_F(BulkTest, NamesItsActions) {
    for (const char* name :
         {"lock-users", "unlock-users", "remove-wallets", "restore-wallets", "disable-keys", "enable-keys"})
        EXPECT_EQ(to_string(*parse_bulk_action(name)), name);
    EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput, parse_bulk_action("destroy-wallets")));
}

}  // namespace
}  // namespace keydeck
