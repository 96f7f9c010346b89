// Moving wallets to other keys: every one opens afterwards as it did before, whatever happens on the way.
#include <algorithm>
#include <set>
#include <utility>

#include "engine/store/keys.hpp"
#include "tests/custody/rewrap_fixture.hpp"

namespace keydeck {
namespace {

TEST_F(RewrapTest, MovesEverythingOffAKey) {
    create_many(60);
    const std::int64_t there = under(first_);
    ASSERT_GT(there, 10);
    std::vector<std::pair<std::int64_t, std::int64_t>> reports;
    Progress progress;
    progress.report = [&](std::int64_t done, std::int64_t total) { reports.emplace_back(done, total); };
    const auto job = rewrap_from(first_, progress);
    ASSERT_TRUE(job) << why(job);
    EXPECT_GT(job->id, 0);
    EXPECT_EQ(job->kind, "rewrap");
    EXPECT_EQ(job->title, "rewrap alias/keydeck-pool-1");
    EXPECT_EQ(job->state, "done");
    EXPECT_EQ(job->total, there);
    EXPECT_EQ(job->done, there);
    EXPECT_EQ(job->failed, 0);
    EXPECT_EQ(job->error, "");
    EXPECT_EQ(reports.front(), (std::pair<std::int64_t, std::int64_t>(0, there)));
    EXPECT_EQ(reports.back(), (std::pair(there, there)));
    EXPECT_EQ(under(first_), 0);
    EXPECT_EQ(under(second_), 60);
    AuditQuery query;
    query.action = "RewrapWallet";
    const auto moved = events(query);
    EXPECT_EQ(moved.size(), static_cast<std::size_t>(there));
    EXPECT_EQ(moved.front().key_id, second_);
    EXPECT_NE(moved.front().detail.find("\"from\":\"" + first_), std::string::npos) << moved.front().detail;
    query.action = "BeginRewrap";
    EXPECT_EQ(events(query).size(), 1U);
    query.action = "EndRewrap";
    EXPECT_EQ(events(query).size(), 1U);
    expect_all_open();
}

TEST_F(RewrapTest, TheLogStandsInTheOrderOfItsTimes) {
    create_many(60);
    Progress progress;
    progress.report = [&](std::int64_t, std::int64_t) { clock_.advance(std::chrono::seconds(1)); };
    ASSERT_TRUE(rewrap_from(first_, progress));
    const auto all = events();
    EXPECT_TRUE(std::ranges::is_sorted(all, {}, &AuditEvent::time));
    EXPECT_EQ(all.back().action, "EndRewrap");
}

TEST_F(RewrapTest, NothingToDoIsAJobThatIsDone) {
    create_many(4);
    ASSERT_TRUE(rewrap_from(first_));
    const JobInfo before = newest_job();
    const auto nothing = rewrap_from(first_);
    ASSERT_TRUE(nothing) << why(nothing);
    EXPECT_EQ(nothing->id, 0);
    EXPECT_EQ(nothing->state, "done");
    EXPECT_EQ(newest_job().id, before.id);
    const auto no_old_versions = engine_->rewrap(operator_, {});
    ASSERT_TRUE(no_old_versions) << why(no_old_versions);
    EXPECT_EQ(no_old_versions->id, 0);
}

TEST_F(RewrapTest, MovesOldVersionsToTheNewest) {
    create_many(30);
    ASSERT_TRUE(engine_->rotate_key(operator_, first_));
    const std::int64_t old = under(first_);
    const std::int64_t others = under(second_);
    const Bytes untouched = sealed(wallets(second_).front().id).data_key;
    const auto job = engine_->rewrap(operator_, {});
    ASSERT_TRUE(job) << why(job);
    EXPECT_EQ(job->done, old);
    EXPECT_EQ(under(first_), old);
    EXPECT_EQ(under(second_), others);
    for (const Wallet& wallet : wallets(first_)) EXPECT_EQ(wallet.key_version, 2);
    EXPECT_EQ(sealed(wallets(second_).front().id).data_key, untouched);
    EXPECT_EQ(engine_->rewrap(operator_, {})->id, 0);
    expect_all_open();
}

TEST_F(RewrapTest, FreshDataKeysSealEverythingAnew) {
    create_many(20);
    std::map<std::int64_t, store::SealedColumns> before;
    for (const Wallet& wallet : wallets()) before.emplace(wallet.id, sealed(wallet.id));
    Rewrap request;
    request.fresh_data_keys = true;
    const auto job = engine_->rewrap(operator_, request);
    ASSERT_TRUE(job) << why(job);
    EXPECT_EQ(job->done, 20);
    for (const Wallet& wallet : wallets()) {
        EXPECT_NE(sealed(wallet.id).secret, before[wallet.id].secret);
        EXPECT_NE(sealed(wallet.id).data_key, before[wallet.id].data_key);
    }
    const auto mnemonic = engine_->export_mnemonic(operator_, name_of(wallets().front()));
    EXPECT_TRUE(mnemonic) << why(mnemonic);
    expect_all_open();
}

TEST_F(RewrapTest, ReEncryptKeepsTheSealAndMovesTheDataKeyAlone) {
    create_many(4);
    const Wallet wallet = wallets().front();
    const store::SealedColumns before = sealed(wallet.id);
    Rewrap request;
    request.wallets = {name_of(wallet)};
    ASSERT_TRUE(engine_->rewrap(operator_, request));
    EXPECT_EQ(sealed(wallet.id).secret, before.secret);
    EXPECT_NE(sealed(wallet.id).data_key, before.data_key);
    EXPECT_NE(engine_->wallet(operator_, name_of(wallet))->key_id, wallet.key_id) << "drawn among the others";
    expect_all_open();
}

TEST_F(RewrapTest, NoOldCiphertextStaysInTheFiles) {
    create_many(12);
    std::vector<Bytes> old;
    for (const Wallet& wallet : wallets(first_)) old.push_back(sealed(wallet.id).data_key);
    ASSERT_TRUE(rewrap_from(first_));
    for (const char* file : {"keydeck.db", "keydeck.db-wal"}) {
        const std::string content = read_all(directory_ / file);
        for (const Bytes& blob : old) EXPECT_EQ(content.find(std::string(as_text(blob))), std::string::npos) << file;
    }
}

TEST_F(RewrapTest, ARowThatDoesNotOpenIsToldAndTheOthersMove) {
    create_many(20);
    ASSERT_GE(under(first_), 3);
    const Wallet damaged = wallets(first_)[1];
    const Wallet foreign = wallets(first_)[2];
    meddle("UPDATE wallets SET sealed_secret = CAST(x'00' || substr(sealed_secret, 2) AS BLOB) WHERE id = " +
           std::to_string(damaged.id));
    meddle("UPDATE wallets SET sealed_data_key = x'0102' WHERE id = " + std::to_string(foreign.id));
    const std::int64_t there = under(first_);
    const auto job = rewrap_from(first_);
    ASSERT_TRUE(job) << why(job);
    EXPECT_EQ(job->state, "done");
    EXPECT_EQ(job->done, there - 2);
    EXPECT_EQ(job->failed, 2);
    EXPECT_NE(job->error.find("2 could not be moved"), std::string::npos) << job->error;
    const auto failures = engine_->job_failures(operator_, job->id, 10);
    ASSERT_TRUE(failures) << why(failures);
    std::set<std::string> told;
    for (const JobFailure& failure : *failures) {
        told.insert(failure.item);
        EXPECT_NE(failure.error.find("does not open"), std::string::npos) << failure.error;
    }
    EXPECT_EQ(told, (std::set<std::string>{name_of(damaged), name_of(foreign)}));
    EXPECT_EQ(under(first_), 2) << "they are as they were";
    expect_sound_audit();
}

TEST_F(RewrapTest, AKmsThatAnswersWronglyMovesNothing) {
    create_many(12);
    const std::int64_t there = under(first_);
    const Bytes other = sealed(wallets(second_).front().id).data_key;
    kms_->watch = [&](int, const kms::ReEncryptRequest& request) -> WatchedKms::Answer {
        return Result<kms::ReEncryptResult>(kms::ReEncryptResult{other, request.source_key_id, second_});
    };
    const auto job = rewrap_from(first_);
    ASSERT_TRUE(job) << why(job);
    EXPECT_EQ(job->failed, there);
    EXPECT_EQ(under(first_), there);
    expect_all_open();
}

TEST_F(RewrapTest, AReEncryptThatAnswersWithWhatItWasGivenHasMovedNothing) {
    create_many(4);
    ASSERT_TRUE(engine_->rotate_key(operator_, first_));
    ASSERT_TRUE(engine_->rotate_key(operator_, second_));
    kms_->watch = [](int, const kms::ReEncryptRequest& request) -> WatchedKms::Answer {
        kms::ReEncryptResult same;
        same.ciphertext = Bytes(request.ciphertext.begin(), request.ciphertext.end());
        return Result<kms::ReEncryptResult>(std::move(same));
    };
    const auto job = engine_->rewrap(operator_, {});
    ASSERT_TRUE(job) << why(job);
    EXPECT_EQ(job->done, 0);
    EXPECT_EQ(job->failed, 4);
    for (const Wallet& wallet : wallets()) EXPECT_EQ(wallet.key_version, 1);
    expect_all_open();
}

TEST_F(RewrapTest, OldVersionsCannotBeFoundWhereRotationsAreNotTold) {
    create_many(4);
    kms_->hides_rotations = true;
    ASSERT_TRUE(kms_->inner().rotate_key_on_demand(first_));
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, engine_->rewrap(operator_, {})));
    EXPECT_TRUE(rewrap_from(first_)) << "emptying a key asks for no versions";
}

TEST_F(RewrapTest, ThrottlingPausesAndTheJobGoesOnAfterwards) {
    create_many(60);
    const std::int64_t there = under(first_);
    kms_->watch = [&](int nth, const kms::ReEncryptRequest&) -> WatchedKms::Answer {
        if (nth <= 10) return std::nullopt;
        return Result<kms::ReEncryptResult>(fail(ErrorCode::kThrottled, "Rate exceeded.", {}, "ThrottlingException"));
    };
    const auto throttled = rewrap_from(first_);
    ASSERT_TRUE(fails_with(ErrorCode::kThrottled, throttled));
    EXPECT_NE(throttled.error().hint.find("keydeck job resume"), std::string::npos) << throttled.error().hint;
    const JobInfo paused = newest_job();
    EXPECT_EQ(paused.state, "paused");
    EXPECT_NE(paused.error.find("Rate exceeded."), std::string::npos) << paused.error;
    EXPECT_LE(paused.done, 10);
    EXPECT_EQ(paused.done, there - under(first_)) << "what is counted is moved";
    kms_->watch = nullptr;
    const auto job = engine_->resume_job(operator_, paused.id);
    ASSERT_TRUE(job) << why(job);
    EXPECT_EQ(job->id, paused.id);
    EXPECT_EQ(job->state, "done");
    EXPECT_EQ(job->done, there);
    EXPECT_EQ(under(first_), 0);
    expect_all_open();
}

TEST_F(RewrapTest, AConcurrentChangeWinsAndTheRowIsLookedAtAgain) {
    create_many(40);
    ASSERT_GE(under(first_), 4) << "keys are drawn by lot";
    const Wallet changed = wallets(first_)[3];
    const std::int64_t there = under(first_);
    Bytes theirs;
    auto other = Engine::open(options());
    ASSERT_TRUE(other) << why(other);
    kms_->watch = [&](int, const kms::ReEncryptRequest& request) -> WatchedKms::Answer {
        if (request.source_context.at("keydeck:wallet") != std::to_string(changed.id)) return std::nullopt;
        if (under(first_) != there || sealed(changed.id).data_key != to_bytes(request.ciphertext)) return std::nullopt;
        Rewrap in_between;  // by another process, just before ours is committed
        in_between.wallets = {name_of(changed)};
        in_between.to = first_;
        in_between.fresh_data_keys = true;
        const auto done = (*other)->rewrap(operator_, in_between);
        EXPECT_TRUE(done) << why(done);
        theirs = sealed(changed.id).secret;
        return std::nullopt;
    };
    const auto job = rewrap_from(first_);
    ASSERT_TRUE(job) << why(job);
    EXPECT_EQ(job->done, there);
    EXPECT_EQ(job->failed, 0);
    EXPECT_EQ(under(first_), 0);
    EXPECT_EQ(sealed(changed.id).secret, theirs) << "the fresh data key is not taken back";
    other->reset();
    expect_all_open();
}

TEST_F(RewrapTest, AWalletDestroyedMeanwhileIsLeftAlone) {
    create_many(40);
    ASSERT_GE(under(first_), 1) << "keys are drawn by lot";
    const Wallet gone = wallets(first_)[0];
    const std::int64_t there = under(first_);
    auto other = Engine::open(options());
    ASSERT_TRUE(other) << why(other);
    kms_->watch = [&](int nth, const kms::ReEncryptRequest&) -> WatchedKms::Answer {
        if (nth == 1) {
            EXPECT_TRUE((*other)->destroy_wallet(operator_, name_of(gone), 1));
        }
        return std::nullopt;
    };
    const auto job = rewrap_from(first_);
    ASSERT_TRUE(job) << why(job);
    EXPECT_EQ(job->done, there - 1);
    EXPECT_EQ(job->total, there - 1);
    EXPECT_EQ(under(first_), 0);
    keys_.erase(name_of(gone));
    expect_all_open();
}

TEST_F(RewrapTest, ATargetThatTheKmsRefusesIsLeftOut) {
    ASSERT_TRUE(engine_->init_pool(operator_, 4));
    const auto made = engine_->create_wallets(operator_, for_user("alice", Custody::kEnvelope, {}, 80));
    ASSERT_TRUE(made) << why(made);
    const auto pool = engine_->pool_status(operator_);
    ASSERT_TRUE(pool && pool->keys.size() == 4);
    const std::string from = pool->keys[0].id;
    const std::string refused = pool->keys[1].id;
    const std::int64_t before = under(refused);
    kms_->watch = [&](int nth, const kms::ReEncryptRequest&) -> WatchedKms::Answer {
        if (nth == 1) {
            EXPECT_TRUE(kms_->inner().disable_key(refused)) << "somebody else, in the KMS itself";
        }
        return std::nullopt;
    };
    const auto job = rewrap_from(from);
    ASSERT_TRUE(job) << why(job);
    EXPECT_EQ(job->failed, 0);
    EXPECT_EQ(under(from), 0);
    EXPECT_EQ(under(refused), before);
    expect_sound_audit();
}

TEST_F(RewrapTest, NothingIsCommittedUnderATargetThatWasClosedMeanwhile) {
    create_many(20);
    const std::int64_t there = under(first_);
    auto other = Engine::open(options());
    ASSERT_TRUE(other) << why(other);
    kms_->watch = [&](int nth, const kms::ReEncryptRequest&) -> WatchedKms::Answer {
        if (nth == 1) {
            EXPECT_TRUE((*other)->schedule_key_deletion(operator_, second_, 7, under(second_)));
            EXPECT_TRUE((*other)->cancel_key_deletion(operator_, second_));
        }
        return std::nullopt;
    };
    const auto job = rewrap_from(first_);
    ASSERT_TRUE(fails_with(ErrorCode::kRejected, job));
    EXPECT_EQ(newest_job().state, "paused");
    EXPECT_EQ(under(first_), there);
    kms_->watch = nullptr;
    ASSERT_TRUE(engine_->enable_key(operator_, second_));
    ASSERT_TRUE(engine_->resume_job(operator_, newest_job().id));
    EXPECT_EQ(under(first_), 0);
    expect_all_open();
}

TEST_F(RewrapTest, AnnouncedInTheStoreAloneATargetIsClosedAlready) {
    create_many(20);
    const std::int64_t there = under(first_);
    kms_->watch = [&](int nth, const kms::ReEncryptRequest&) -> WatchedKms::Answer {
        if (nth != 1) return std::nullopt;
        // What schedule_key_deletion() does first: it counts, and closes the key. The KMS would still seal under it.
        EXPECT_TRUE(vault_->write(
            [&](auto& d) { return store::note_key_state(d, second_, store::kKeyPendingDeletion, std::nullopt, kStart); }));
        return std::nullopt;
    };
    EXPECT_TRUE(fails_with(ErrorCode::kRejected, rewrap_from(first_)));
    EXPECT_EQ(under(first_), there) << "what was acknowledged as lost does not grow";
    EXPECT_EQ(newest_job().state, "paused");
}

TEST_F(RewrapTest, AKeyDisabledInTheMiddlePausesTheJobThatEmptiesIt) {
    create_many(40);
    const std::int64_t there = under(first_);
    kms_->watch = [&](int nth, const kms::ReEncryptRequest&) -> WatchedKms::Answer {
        if (nth == 5) {
            EXPECT_TRUE(kms_->inner().disable_key(first_));
        }
        return std::nullopt;
    };
    const auto stopped = rewrap_from(first_);
    ASSERT_TRUE(fails_with(ErrorCode::kRejected, stopped));
    EXPECT_NE(stopped.error().message.find("Disabled"), std::string::npos) << stopped.error().message;
    EXPECT_NE(stopped.error().hint.find("keydeck key enable"), std::string::npos) << stopped.error().hint;
    EXPECT_EQ(newest_job().state, "paused");
    EXPECT_EQ(newest_job().failed, 0);
    kms_->watch = nullptr;
    ASSERT_TRUE(engine_->enable_key(operator_, first_));
    const auto job = rewrap_from(first_);
    ASSERT_TRUE(job) << why(job);
    EXPECT_EQ(job->done, there);
    EXPECT_EQ(under(first_), 0);
    expect_all_open();
}

TEST_F(RewrapTest, WithNowhereToMoveToNothingIsBegun) {
    create_many(6);
    ASSERT_TRUE(engine_->disable_key(operator_, second_));
    EXPECT_TRUE(fails_with(ErrorCode::kRejected, rewrap_from(first_)));
    EXPECT_TRUE(fails_with(ErrorCode::kRejected, rewrap_from(second_)));
    Rewrap request;
    request.from = first_;
    request.to = second_;
    EXPECT_TRUE(fails_with(ErrorCode::kRejected, engine_->rewrap(operator_, request)));
    EXPECT_EQ(newest_job().kind, "create-wallets");
}

TEST_F(RewrapTest, RefusesWhatItCannotMean) {
    create_many(4);
    const Wallet own = create("alice", Custody::kKmsKey);
    const auto by_hand = engine_->create_key(operator_, {});
    ASSERT_TRUE(by_hand);
    EXPECT_TRUE(fails_with(ErrorCode::kRejected, rewrap_from(own.key_id)));
    EXPECT_TRUE(fails_with(ErrorCode::kRejected, rewrap_from(by_hand->id)));
    EXPECT_TRUE(fails_with(ErrorCode::kNotFound, rewrap_from("alias/none")));
    Rewrap request;
    request.wallets = {name_of(own)};
    EXPECT_TRUE(fails_with(ErrorCode::kRejected, engine_->rewrap(operator_, request)));
    request.wallets = {"nobody"};
    EXPECT_TRUE(fails_with(ErrorCode::kNotFound, engine_->rewrap(operator_, request)));
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, engine_->rewrap(alice_, {})));
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, engine_->retire_pool_key(alice_, first_)));
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, engine_->list_jobs(alice_, 0, 1)));
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, engine_->pause_job(alice_, 1)));
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, engine_->resume_job(alice_, 1)));
}

TEST_F(RewrapTest, KeyPairsMoveTooAndSayWhatFreshDataKeysCannotCure) {
    create_many(20, Custody::kKeyPair);
    const std::int64_t there = under(first_);
    ASSERT_GT(there, 0);
    const auto job = rewrap_from(first_);
    ASSERT_TRUE(job) << why(job);
    EXPECT_EQ(job->done, there);
    EXPECT_EQ(job->error, "");
    EXPECT_EQ(under(first_), 0);
    Rewrap fresh;
    fresh.fresh_data_keys = true;
    const auto again = engine_->rewrap(operator_, fresh);
    ASSERT_TRUE(again) << why(again);
    EXPECT_EQ(again->done, 20);
    EXPECT_NE(again->error.find("only a new wallet cures that"), std::string::npos) << again->error;
    expect_all_open();
}

TEST_F(RewrapTest, HiddenWalletsMoveAsWell) {
    create_many(10);
    const Wallet hidden = wallets(first_).front();
    ASSERT_TRUE(engine_->remove_wallet(operator_, name_of(hidden)));
    ASSERT_TRUE(rewrap_from(first_));
    const auto back = engine_->restore_wallet(operator_, name_of(hidden));
    ASSERT_TRUE(back) << why(back);
    EXPECT_EQ(back->key_id, second_);
    expect_all_open();
}

TEST_F(RewrapTest, AnOpenedWalletSignsOnAfterItsMove) {
    create_many(4);
    const std::string wallet = name_of(wallets().front());
    ASSERT_TRUE(engine_->sign_message(operator_, wallet, as_bytes("m")));
    Rewrap request;
    request.wallets = {wallet};
    ASSERT_TRUE(engine_->rewrap(operator_, request));
    EXPECT_TRUE(engine_->sign_message(operator_, wallet, as_bytes("m")));
}

}  // namespace
}  // namespace keydeck
