#include "engine/secrets.hpp"

#include <thread>

#include "engine/store/keys.hpp"
#include "tests/custody/fixture.hpp"
#include "tests/custody/forwarding_kms.hpp"

namespace keydeck {
namespace {

class SecretsTest : public VaultTest {
protected:
    void SetUp() override {
        VaultTest::SetUp();
        if (HasFatalFailure()) return;
        add_user("alice");
        add_user("bob");
    }
    static SecretBytes value(std::string_view text) { return SecretBytes::copy_of(text); }
    Result<SecretInfo> put(const SecretName& name, std::string_view text, const std::string& key = {}) {
        return engine_->put_secret(operator_, {name, key, {}}, value(text));
    }
    std::string get(const SecretName& name, std::int64_t version = 0) {
        const auto found = engine_->get_secret(operator_, name, version);
        return found ? std::string(found->value.text()) : why(found);
    }
    std::string make_key(const std::string& alias) {
        CreateKey request;
        request.alias = alias;
        const auto key = engine_->create_key(operator_, request);
        EXPECT_TRUE(key) << why(key);
        return key ? key->id : std::string();
    }
    std::int64_t secrets_under(const std::string& key) { return engine_->key(operator_, key)->secrets; }
};

TEST_F(SecretsTest, APutValueComesBackAndSoDoEarlierOnes) {
    const auto first = put({"api", "", ""}, "one");
    ASSERT_TRUE(first) << why(first);
    EXPECT_EQ(first->environment, "default");
    EXPECT_EQ(first->newest.size, 3);
    const auto second = put({"api", "", ""}, "two");
    ASSERT_TRUE(second) << why(second);
    EXPECT_EQ(second->newest.version, 2);
    EXPECT_EQ(second->newest.key_id, first->newest.key_id) << "the key of the version before";
    EXPECT_EQ(get({"api", "", ""}), "two");
    EXPECT_EQ(get({"api", "", ""}, 1), "one");
    EXPECT_TRUE(fails_with(ErrorCode::kNotFound, engine_->get_secret(operator_, {"api", "", ""}, 3)));
    EXPECT_TRUE(fails_with(ErrorCode::kNotFound, engine_->get_secret(operator_, {"other", "", ""}, 0)));
    EXPECT_EQ(engine_->secret_versions(operator_, {"api", "", ""})->size(), 2);
    open();
    EXPECT_EQ(get({"api", "", ""}), "two") << "in another process";
    expect_sound_audit();
}

TEST_F(SecretsTest, FourKibibytesGoToTheKmsAndMoreUnderADataKey) {
    for (const std::size_t size : {std::size_t{1}, kDirectSecretSize, kDirectSecretSize + 1, std::size_t{3} << 20}) {
        const std::string text(size, 'x');
        const auto kept = put({"blob", "", ""}, text);
        ASSERT_TRUE(kept) << why(kept);
        EXPECT_EQ(kept->newest.has_data_key, size > kDirectSecretSize) << size;
        EXPECT_TRUE(get({"blob", "", ""}) == text) << size;
    }
    EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput, put({"blob", "", ""}, "")));
    EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput,
                           engine_->put_secret(operator_, {{"blob", "", ""}, {}, {}}, SecretBytes(kLargestSecret + 1))));
}

TEST_F(SecretsTest, EnvironmentsStandSideBySideUnderKeysOfTheirOwn) {
    const std::string production = make_key("prod-master");
    const std::string staging = make_key("staging-master");
    EngineOptions with_keys = options();
    with_keys.secret_keys = {{"production", "alias/prod-master"}, {"staging", "alias/staging-master"}};
    open_with(with_keys);
    EXPECT_EQ(put({"db", "", "production"}, "p")->newest.key_id, production);
    EXPECT_EQ(put({"db", "", "staging"}, "s")->newest.key_id, staging);
    EXPECT_EQ(get({"db", "", "production"}), "p");
    EXPECT_EQ(get({"db", "", "staging"}), "s");
    EXPECT_EQ(secrets_under(production), 1);
    SecretQuery query;
    query.key = staging;
    EXPECT_EQ(engine_->list_secrets(operator_, query)->size(), 1);
}

TEST_F(SecretsTest, TheAliasMayMoveOrVanish) {
    const std::string key = make_key("coinflip-master-key");
    ASSERT_TRUE(put({"api", "", ""}, "one", "alias/coinflip-master-key"));
    const std::string other = make_key("other");
    ASSERT_TRUE(vault_->kms().update_alias("alias/coinflip-master-key", other));
    EXPECT_EQ(get({"api", "", ""}), "one");
    EXPECT_EQ(put({"api", "", ""}, "two")->newest.key_id, key) << "the version before names a key, not an alias";
    EXPECT_EQ(put({"api", "", ""}, "three", "alias/coinflip-master-key")->newest.key_id, other);
    ASSERT_TRUE(vault_->kms().delete_alias("alias/coinflip-master-key"));
    EXPECT_EQ(get({"api", "", ""}, 1), "one");
    EXPECT_EQ(get({"api", "", ""}), "three");
}

TEST_F(SecretsTest, OnlyASymmetricKeyThatIsEnabledWillDo) {
    CreateKey signing;
    signing.spec = "ECC_SECG_P256K1";
    const auto ecc = engine_->create_key(operator_, signing);
    ASSERT_TRUE(ecc) << why(ecc);
    EXPECT_TRUE(fails_with(ErrorCode::kRejected, put({"api", "", ""}, "x", ecc->id)));
    const std::string disabled = make_key("off");
    ASSERT_TRUE(engine_->disable_key(operator_, disabled));
    EXPECT_TRUE(fails_with(ErrorCode::kRejected, put({"api", "", ""}, "x", disabled)));
    EXPECT_TRUE(fails_with(ErrorCode::kNotFound, put({"api", "", ""}, "x", "alias/none")));
    EXPECT_TRUE(engine_->list_secrets(operator_, {})->empty());
}

TEST_F(SecretsTest, ADisabledKeySaysHowToGoOn) {
    const std::string key = make_key("k");
    ASSERT_TRUE(put({"api", "", ""}, "x", key));
    ASSERT_TRUE(engine_->disable_key(operator_, key));
    const auto refused = engine_->get_secret(operator_, {"api", "", ""}, 0);
    EXPECT_TRUE(fails_with(ErrorCode::kRejected, refused));
    EXPECT_EQ(refused.error().hint, "Enable it: keydeck key enable " + key);
    ASSERT_TRUE(engine_->enable_key(operator_, key));
    EXPECT_EQ(get({"api", "", ""}), "x");
}

TEST_F(SecretsTest, AKeyWithSecretsIsNotDeletedUnacknowledged) {
    const std::string key = make_key("k");
    ASSERT_TRUE(put({"a", "", ""}, "x", key));
    ASSERT_TRUE(put({"a", "", ""}, "y", key));
    ASSERT_TRUE(put({"b", "", ""}, "z", key));
    EXPECT_EQ(engine_->deletion_impact(operator_, key)->total(), 2);
    EXPECT_TRUE(fails_with(ErrorCode::kRejected, engine_->schedule_key_deletion(operator_, key, 7, 0)));
    EXPECT_TRUE(fails_with(ErrorCode::kRejected, engine_->schedule_key_deletion(operator_, key, 7, 3)));
    ASSERT_TRUE(engine_->schedule_key_deletion(operator_, key, 7, 2));
    EXPECT_TRUE(fails_with(ErrorCode::kRejected, engine_->get_secret(operator_, {"a", "", ""}, 0)));
    EXPECT_TRUE(fails_with(ErrorCode::kRejected, put({"c", "", ""}, "w", key)));
    ASSERT_TRUE(engine_->cancel_key_deletion(operator_, key));
    ASSERT_TRUE(engine_->enable_key(operator_, key));
    EXPECT_EQ(get({"a", "", ""}), "y");
}

TEST_F(SecretsTest, AUserSeesTheirOwnAndChoosesNoKey) {
    ASSERT_TRUE(put({"vaults", "", ""}, "v"));
    const auto own = engine_->put_secret(alice_, {{"mine", "", ""}, {}, {}}, value("a"));
    ASSERT_TRUE(own) << why(own);
    EXPECT_EQ(own->owner, "alice");
    EXPECT_EQ(get({"mine", "alice", ""}), "a") << "the operator reads everybody's";
    EXPECT_EQ(engine_->list_secrets(alice_, {})->size(), 1);
    EXPECT_EQ(engine_->list_secrets(operator_, {})->size(), 2);
    EXPECT_TRUE(engine_->list_secrets(bob_, {})->empty());
    EXPECT_TRUE(fails_with(ErrorCode::kNotFound, engine_->get_secret(bob_, {"mine", "", ""}, 0)));
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, engine_->get_secret(bob_, {"mine", "alice", ""}, 0)));
    EXPECT_TRUE(fails_with(ErrorCode::kNotFound, engine_->get_secret(alice_, {"vaults", "", ""}, 0)));
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, engine_->put_secret(alice_, {{"mine", "", ""}, "alias/k", {}}, value("b"))));
    ASSERT_TRUE(engine_->lock_user(operator_, "alice"));
    EXPECT_TRUE(fails_with(ErrorCode::kLocked, engine_->get_secret(alice_, {"mine", "", ""}, 0)));
    EXPECT_TRUE(fails_with(ErrorCode::kLocked, engine_->get_secret(operator_, {"mine", "alice", ""}, 0)));
    EXPECT_TRUE(fails_with(ErrorCode::kLocked, engine_->remove_secret(alice_, {"mine", "", ""})));
    EXPECT_TRUE(fails_with(ErrorCode::kLocked, engine_->destroy_secret(alice_, {"mine", "", ""}, 1)));
    EXPECT_TRUE(engine_->remove_secret(operator_, {"mine", "alice", ""})) << "the operator may tidy up";
    EXPECT_TRUE(fails_with(ErrorCode::kLocked, engine_->restore_secret(alice_, {"mine", "", ""})));
}

TEST_F(SecretsTest, WhereThePoolKeyOfTheVersionBeforeIsClosedAnotherIsDrawn) {
    const auto first = engine_->put_secret(alice_, {{"mine", "", ""}, {}, {}}, value("a"));
    ASSERT_TRUE(first) << why(first);
    ASSERT_TRUE(engine_->disable_key(operator_, first->newest.key_id));
    const auto second = engine_->put_secret(alice_, {{"mine", "", ""}, {}, {}}, value("b"));
    ASSERT_TRUE(second) << why(second);
    EXPECT_NE(second->newest.key_id, first->newest.key_id);
    EXPECT_EQ(get({"mine", "alice", ""}), "b");
}

TEST_F(SecretsTest, TheCallersContextIsBoundToo) {
    PutSecret request{{"api", "", ""}, {}, {{"service", "pay"}, {"region", "eu"}}};
    ASSERT_TRUE(engine_->put_secret(operator_, request, value("x")));
    EXPECT_EQ(get({"api", "", ""}), "x");
    meddle(R"(UPDATE secret_versions SET context = '{"service":"pay","region":"us"}')");
    EXPECT_TRUE(fails_with(ErrorCode::kCorrupt, engine_->get_secret(operator_, {"api", "", ""}, 0)));
    for (const char* name : {"", "keydeck:vault", "aws:x"}) {
        request.context = {{name, "1"}};
        EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput, engine_->put_secret(operator_, request, value("x")))) << name;
    }
    request.context = {{"a", "1"}, {"a", "2"}};
    EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput, engine_->put_secret(operator_, request, value("x"))));
}

TEST_F(SecretsTest, WhatWasMovedByHandDoesNotOpen) {
    const std::string key = make_key("k");
    const std::string large(5000, 'l');
    for (const auto& [name, owner] : {std::pair("a", ""), std::pair("b", ""), std::pair("c", "alice")}) {
        ASSERT_TRUE(put({name, owner, ""}, std::string("small ") + name, key));
        ASSERT_TRUE(put({name, owner, ""}, large + name, key));
    }
    const auto expect_closed = [&](const SecretName& name, std::int64_t version, const char* what) {
        EXPECT_TRUE(fails_with(ErrorCode::kCorrupt, engine_->get_secret(operator_, name, version))) << what;
    };
    // Each row gets what is sealed in the one of that secret and version.
    const auto seal_as = [&](const std::string& secret, const std::string& version) {
        meddle(
            "CREATE TEMP TABLE t AS SELECT * FROM secret_versions;"
            "UPDATE secret_versions AS v SET (sealed_data_key, sealed_value) ="
            " (SELECT sealed_data_key, sealed_value FROM t WHERE t.secret_id = " +
            secret + " AND t.version = " + version + "); DROP TABLE t");
    };
    const std::string other = "CASE v.secret_id WHEN 1 THEN 2 WHEN 2 THEN 1 ELSE v.secret_id END";
    seal_as(other, "v.version");
    expect_closed({"a", "", ""}, 1, "the values of two secrets swapped");
    expect_closed({"b", "", ""}, 2, "with data keys");
    seal_as(other, "v.version");
    EXPECT_EQ(get({"a", "", ""}, 1), "small a");
    seal_as("v.secret_id", "3 - v.version");
    expect_closed({"a", "", ""}, 1, "versions swapped");
    expect_closed({"a", "", ""}, 2, "versions swapped");
    seal_as("v.secret_id", "3 - v.version");
    meddle("UPDATE secrets SET user_id = 0 WHERE name = 'c'");
    expect_closed({"c", "", ""}, 1, "taken from its owner");
    meddle("UPDATE secrets SET environment = 'production' WHERE name = 'a'");
    expect_closed({"a", "", "production"}, 0, "put into another environment");
    meddle("UPDATE secrets SET environment = 'default', name = 'x' WHERE name = 'a'");
    expect_closed({"x", "", ""}, 0, "called otherwise");
    meddle("UPDATE secrets SET name = 'a', versions = 1 WHERE name = 'x'");
    expect_closed({"a", "", ""}, 0, "an older version made the newest");
    meddle("UPDATE secrets SET versions = 2 WHERE name = 'a'");
    EXPECT_TRUE(get({"a", "", ""}) == large + "a");
    meddle("UPDATE secret_versions SET sealed_value = zeroblob(length(sealed_value)) WHERE secret_id = 2");
    expect_closed({"b", "", ""}, 1, "overwritten");
    expect_closed({"b", "", ""}, 2, "overwritten");
}

TEST_F(SecretsTest, RemovedOnesComeBackAndDestroyedOnesAreGone) {
    const auto put_first = put({"api", "", ""}, "x");
    ASSERT_TRUE(put_first);
    ASSERT_TRUE(engine_->remove_secret(operator_, {"api", "", ""}));
    EXPECT_TRUE(fails_with(ErrorCode::kNotFound, engine_->get_secret(operator_, {"api", "", ""}, 0)));
    EXPECT_TRUE(fails_with(ErrorCode::kNotFound, engine_->remove_secret(operator_, {"api", "", ""})));
    EXPECT_EQ(secrets_under(put_first->newest.key_id), 1);
    ASSERT_TRUE(engine_->restore_secret(operator_, {"api", "", ""}));
    EXPECT_EQ(get({"api", "", ""}), "x");
    EXPECT_TRUE(fails_with(ErrorCode::kRejected, engine_->destroy_secret(operator_, {"api", "", ""}, 0)));
    ASSERT_TRUE(engine_->remove_secret(operator_, {"api", "", ""}));
    ASSERT_TRUE(put({"api", "", ""}, "y"));
    EXPECT_TRUE(fails_with(ErrorCode::kAlreadyExists, engine_->restore_secret(operator_, {"api", "", ""})));
    ASSERT_TRUE(engine_->destroy_secret(operator_, {"api", "", ""}, 1)) << "the one that is shown";
    ASSERT_TRUE(engine_->destroy_secret(operator_, {"api", "", ""}, 1)) << "the hidden one";
    EXPECT_TRUE(fails_with(ErrorCode::kNotFound, engine_->destroy_secret(operator_, {"api", "", ""}, 1)));
    EXPECT_EQ(secrets_under(put_first->newest.key_id), 0);
    expect_sound_audit();
}

TEST_F(SecretsTest, EveryVerbLeavesItsEventAndNoValue) {
    ASSERT_TRUE(engine_->put_secret(alice_, {{"mine", "", ""}, {}, {}}, value("hunter2hunter2")));
    const AuditEvent kept = last_event();
    EXPECT_EQ(kept.action, "PutSecret");
    EXPECT_EQ(kept.target, "mine");
    EXPECT_EQ(kept.user, "alice");
    EXPECT_FALSE(kept.key_id.empty());
    EXPECT_EQ(get({"mine", "alice", ""}), "hunter2hunter2");
    EXPECT_EQ(last_event().action, "GetSecret");
    EXPECT_EQ(last_event().actor, "operator");
    EXPECT_FALSE(engine_->get_secret(bob_, {"mine", "alice", ""}, 0));
    EXPECT_EQ(last_event().result, "denied");
    ASSERT_TRUE(engine_->remove_secret(alice_, {"mine", "", ""}));
    EXPECT_EQ(last_event().action, "RemoveSecret");
    for (const AuditEvent& event : events()) EXPECT_EQ(event.detail.find("hunter2"), std::string::npos);
}

TEST_F(SecretsTest, ManyWhoPutAtOnceLoseNoVersion) {
    ASSERT_TRUE(put({"api", "", ""}, "0"));
    constexpr int kWriters = 4;
    std::vector<std::thread> writers;
    std::atomic<int> kept{0};
    for (int i = 0; i < kWriters; ++i) {
        writers.emplace_back([&] { kept += put({"api", "", ""}, "x") ? 1 : 0; });
    }
    for (std::thread& writer : writers) writer.join();
    EXPECT_EQ(kept, kWriters);
    EXPECT_EQ(engine_->secret_versions(operator_, {"api", "", ""})->size(), 1 + kWriters);
    for (int version = 1; version <= 1 + kWriters; ++version)
        EXPECT_EQ(get({"api", "", ""}, version), version == 1 ? "0" : "x");
}

/// Answers Encrypt with the ciphertext of something else.
class WrongEncrypt final : public ForwardingKms {
public:
    using ForwardingKms::ForwardingKms;
    Result<kms::EncryptResult> encrypt(std::string_view key_id, ByteView, const kms::EncryptionContext& context) override {
        return inner_.encrypt(key_id, as_bytes("another"), context);
    }
};

TEST_F(SecretsTest, AKmsThatAnswersWronglyIsFoundOutBeforeTheValueIsTakenForKept) {
    open([](kms::Kms& inner) { return std::make_unique<WrongEncrypt>(inner); });
    EXPECT_TRUE(fails_with(ErrorCode::kCorrupt, put({"api", "", ""}, "x")));
    EXPECT_TRUE(engine_->list_secrets(operator_, {})->empty());
}

}  // namespace
}  // namespace keydeck
