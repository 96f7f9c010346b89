// Secrets on their way to other keys: every version opens afterwards as it did before.
#include <atomic>
#include <functional>

#include "engine/secrets.hpp"
#include "tests/custody/fixture.hpp"
#include "tests/custody/forwarding_kms.hpp"

namespace keydeck {
namespace {

/// Lets a test act before each ReEncrypt.
class WatchedKms final : public ForwardingKms {
public:
    using ForwardingKms::ForwardingKms;
    Result<kms::ReEncryptResult> re_encrypt(const kms::ReEncryptRequest& request) override {
        if (before) before(++calls_);
        return inner_.re_encrypt(request);
    }
    std::function<void(int)> before;

private:
    std::atomic<int> calls_ = 0;
};

class SecretRewrapTest : public VaultTest {
protected:
    void SetUp() override {
        VaultTest::SetUp();
        if (HasFatalFailure()) return;
        open([this](kms::Kms& inner) {
            auto watched = std::make_unique<WatchedKms>(inner);
            kms_ = watched.get();
            return watched;
        });
        add_user("alice");
        const auto pool = engine_->init_pool(operator_, 2);
        ASSERT_TRUE(pool) << why(pool);
        first_ = pool->keys[0].id;
        second_ = pool->keys[1].id;
    }
    void put(const std::string& name, const std::string& key, const std::string& text, const std::string& owner = {}) {
        const auto kept =
            engine_->put_secret(operator_, {{name, owner, ""}, key, {{"app", "x"}}}, SecretBytes::copy_of(text));
        ASSERT_TRUE(kept) << why(kept);
    }
    /// Three secrets, one large, one of alice's, one with two versions.
    void put_some(const std::string& key) {
        put("small", key, "one");
        put("small", key, "two");
        put("large", key, large_);
        put("mine", key, "a", "alice");
    }
    void expect_values() {
        EXPECT_EQ(get("small", {}, 1), "one");
        EXPECT_EQ(get("small", {}, 2), "two");
        EXPECT_TRUE(get("large") == large_);
        EXPECT_EQ(get("mine", "alice"), "a");
    }
    std::string get(const std::string& name, const std::string& owner = {}, std::int64_t version = 0) {
        const auto found = engine_->get_secret(operator_, {name, owner, ""}, version);
        return found ? std::string(found->value.text()) : why(found);
    }
    std::int64_t under(const std::string& key) { return engine_->key(operator_, key)->secrets; }
    static Rewrap of(const std::string& from, const std::string& to = {}, bool fresh = false) {
        Rewrap request;
        request.from = from;
        request.to = to;
        request.fresh_data_keys = fresh;
        return request;
    }
    Result<JobInfo> rewrap(const Rewrap& request) { return engine_->rewrap(operator_, request); }
    std::string make_key(const std::string& alias) {
        CreateKey request;
        request.alias = alias;
        return engine_->create_key(operator_, request)->id;
    }

    WatchedKms* kms_ = nullptr;
    std::string first_;
    std::string second_;
    const std::string large_ = std::string(9000, 'l');
};

TEST_F(SecretRewrapTest, APoolKeyIsEmptiedOfSecretsToo) {
    put_some(first_);
    const Wallet wallet = create("alice");
    const auto moved = rewrap(of(first_));
    ASSERT_TRUE(moved) << why(moved);
    EXPECT_EQ(moved->state, "done");
    EXPECT_EQ(moved->failed, 0);
    EXPECT_EQ(moved->done, moved->total);
    EXPECT_EQ(under(first_), 0);
    EXPECT_EQ(under(second_), 3);
    expect_values();
    EXPECT_TRUE(engine_->sign_message(operator_, name_of(wallet), as_bytes("hello")));
    AuditQuery query;
    query.action = "RewrapSecret";
    EXPECT_EQ(events(query).size(), 4);
    expect_sound_audit();
}

TEST_F(SecretRewrapTest, RetiringAPoolKeyMovesItsSecrets) {
    put_some(first_);
    const auto retired = engine_->retire_pool_key(operator_, first_);
    ASSERT_TRUE(retired) << why(retired);
    EXPECT_EQ(retired->state, "Disabled");
    EXPECT_EQ(retired->secrets, 0);
    expect_values();
}

TEST_F(SecretRewrapTest, AKeyThatWasNamedIsLeftForAnotherThatIsNamed) {
    const std::string old_key = make_key("old-master");
    const std::string new_key = make_key("new-master");
    put_some("alias/old-master");
    EXPECT_TRUE(fails_with(ErrorCode::kRejected, rewrap(of("alias/old-master"))));
    EXPECT_EQ(under(old_key), 3);
    const auto moved = rewrap(of("alias/old-master", "alias/new-master"));
    ASSERT_TRUE(moved) << why(moved);
    EXPECT_EQ(moved->done, 4);
    EXPECT_EQ(under(old_key), 0);
    EXPECT_EQ(under(new_key), 3);
    expect_values();
    EXPECT_TRUE(engine_->schedule_key_deletion(operator_, old_key, 7, 0)) << "nothing depends on it any more";
}

TEST_F(SecretRewrapTest, RewrappingThePoolLeavesNamedKeysAlone) {
    const std::string named = make_key("master");
    put("named", "alias/master", "n");
    put("pool", first_, "p");
    const auto moved = rewrap(of({}, second_, true));
    ASSERT_TRUE(moved) << why(moved);
    EXPECT_EQ(under(named), 1);
    EXPECT_EQ(under(first_), 0);
    EXPECT_EQ(get("named"), "n");
    EXPECT_EQ(get("pool"), "p");
}

TEST_F(SecretRewrapTest, WhatIsUnderAnOldVersionGoesToTheNewestOfItsKey) {
    const std::string named = make_key("master");
    put_some("alias/master");
    ASSERT_TRUE(engine_->rotate_key(operator_, named));
    const auto moved = rewrap(of({}));
    ASSERT_TRUE(moved) << why(moved);
    EXPECT_EQ(moved->done, 4);
    const auto versions = engine_->secret_versions(operator_, {"small", "", ""});
    ASSERT_TRUE(versions);
    for (const SecretVersion& version : *versions) {
        EXPECT_EQ(version.key_id, named);
        EXPECT_EQ(version.key_version, 2);
    }
    expect_values();
    EXPECT_EQ(rewrap(of({}))->id, 0) << "nothing is left to do";
}

TEST_F(SecretRewrapTest, NewDataKeysReachSecretsAsWell) {
    put_some(first_);
    const auto sealed = [&] {
        auto row = vault_->store().lease();
        auto statement =
            (**row).prepare("SELECT hex(sealed_data_key), hex(sealed_value) FROM secret_versions WHERE size > 4096");
        EXPECT_TRUE(statement.step().value_or(false));
        return std::pair(std::string(statement.text(0)), std::string(statement.text(1)));
    };
    const auto before = sealed();
    const auto moved = rewrap(of({}, {}, true));
    ASSERT_TRUE(moved) << why(moved);
    const auto after = sealed();
    EXPECT_NE(before.first, after.first);
    EXPECT_NE(before.second, after.second) << "only sealed anew is cured";
    expect_values();
}

TEST_F(SecretRewrapTest, OneThatDoesNotOpenStaysAndIsTold) {
    put_some(first_);
    meddle("UPDATE secret_versions SET context = '{}' WHERE version = 2");
    const auto moved = rewrap(of(first_));
    ASSERT_TRUE(moved) << why(moved);
    EXPECT_EQ(moved->failed, 1);
    EXPECT_EQ(under(first_), 1);
    const auto failures = engine_->job_failures(operator_, moved->id, 10);
    ASSERT_EQ(failures->size(), 1);
    EXPECT_EQ(failures->front().item, "secret small (default), #1 version 2");
    EXPECT_EQ(get("small", {}, 1), "one");
}

TEST_F(SecretRewrapTest, OneThatIsDestroyedMeanwhileIsNotMissed) {
    put_some(first_);
    std::atomic<bool> destroyed = false;
    kms_->before = [&](int) {
        if (destroyed.exchange(true)) return;
        const Status gone = engine_->destroy_secret(operator_, {"mine", "alice", ""}, 1);
        EXPECT_TRUE(gone) << why(gone);
    };
    const auto moved = rewrap(of(first_));
    ASSERT_TRUE(moved) << why(moved);
    EXPECT_EQ(moved->state, "done");
    EXPECT_EQ(under(first_), 0);
    EXPECT_EQ(get("small", {}, 2), "two");
}

TEST_F(SecretRewrapTest, OneThatIsStoppedGoesOnWhereItWas) {
    for (int i = 0; i < 300; ++i) put("s" + std::to_string(i), first_, "value " + std::to_string(i));
    std::stop_source stop;
    kms_->before = [&](int nth) {
        if (nth == 200) stop.request_stop();
    };
    const auto stopped = engine_->rewrap(operator_, of(first_), {{}, stop.get_token()});
    EXPECT_TRUE(fails_with(ErrorCode::kCancelled, stopped));
    const std::int64_t left = under(first_);
    EXPECT_GT(left, 0);
    EXPECT_LT(left, 300);
    kms_->before = {};
    const auto moved = rewrap(of(first_));
    ASSERT_TRUE(moved) << why(moved);
    EXPECT_EQ(moved->done, 300);
    EXPECT_EQ(under(first_), 0);
    for (int i = 0; i < 300; i += 37) EXPECT_EQ(get("s" + std::to_string(i)), "value " + std::to_string(i));
}

TEST_F(SecretRewrapTest, WhatNobodyBeganWhenItWasStoppedIsNotSkipped) {
    for (int i = 0; i < 40; ++i) put("s" + std::to_string(i), first_, "v");
    const auto sealed = [&] {
        std::vector<std::string> values;
        auto lease = vault_->store().lease();
        auto row = (**lease).prepare("SELECT hex(sealed_value) FROM secret_versions ORDER BY id");
        while (row.step().value_or(false)) values.emplace_back(row.text(0));
        return values;
    };
    const std::vector<std::string> before = sealed();
    std::stop_source stop;
    kms_->before = [&](int nth) {
        if (nth == 5) stop.request_stop();
    };
    // From a key to itself: one walk over all is all.
    EXPECT_FALSE(engine_->rewrap(operator_, of(first_, first_), {{}, stop.get_token()}));
    kms_->before = {};
    const auto moved = rewrap(of(first_, first_));
    ASSERT_TRUE(moved) << why(moved);
    EXPECT_EQ(moved->done, 40);
    const std::vector<std::string> after = sealed();
    for (std::size_t i = 0; i < before.size(); ++i) EXPECT_NE(before[i], after[i]) << i;
}

TEST_F(SecretRewrapTest, EverythingUnderAKeyIsMoreThanWhatIsOlderThanAMoment) {
    for (int i = 0; i < 200; ++i) put("s" + std::to_string(i), first_, "v");
    std::stop_source stop;
    stop.request_stop();
    EXPECT_FALSE(engine_->rewrap(operator_, of(first_, {}, true), {{}, stop.get_token()}));
    Rewrap narrower = of(first_, {}, true);
    narrower.older_than = kStart - std::chrono::hours(1);
    const auto narrow = rewrap(narrower);
    ASSERT_TRUE(narrow) << why(narrow);
    EXPECT_EQ(under(first_), 200) << "nothing is that old";
    const auto jobs = engine_->list_jobs(operator_, 0, 10);
    ASSERT_FALSE(jobs->empty());
    EXPECT_EQ(jobs->front().state, "paused") << "the larger job is not taken for done";
}

}  // namespace
}  // namespace keydeck
