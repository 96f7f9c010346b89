// A vault whose keys are in AWS KMS: here, in another vault's embedded KMS that speaks AWS's protocol on loopback.
#include <algorithm>

#include "engine/backup.hpp"
#include "engine/custody/arn.hpp"
#include "engine/custody/backup/restoring.hpp"
#include "tests/custody/aws_vault_fixture.hpp"
#include "tests/custody/forwarding_kms.hpp"

namespace keydeck {
namespace {

TEST_F(AwsVaultTest, SignsInEveryCustody) {
    add_user("alice");
    for (const Custody custody : {Custody::kEnvelope, Custody::kKmsKey, Custody::kKeyPair}) {
        const Wallet wallet = create("alice", custody);
        for (int round = 0; round < 2; ++round) {
            const auto signature = engine_->sign_message(operator_, name_of(wallet), as_bytes(std::string_view("hello")));
            ASSERT_TRUE(signature) << why(signature);
            const auto verified =
                Engine::verify_message(as_bytes(std::string_view("hello")), to_hex_0x(signature->signature), wallet.address);
            ASSERT_TRUE(verified) << why(verified);
            EXPECT_TRUE(verified->valid);
            open();
        }
    }
    EXPECT_EQ(keys_there(), 3U) << "a pool of two and the wallet's own";
    EXPECT_EQ(engine_->vault()->kms, "aws");
    EXPECT_EQ(engine_->vault()->account, "123456789012") << "learnt from the first key";
    EXPECT_FALSE(engine_->needs_unlock());
    expect_sound_audit();
}

TEST_F(AwsVaultTest, TellsWhereItsKmsIsAndAsWhomItIsCalled) {
    const auto unasked = engine_->kms_connection(false);
    ASSERT_TRUE(unasked) << why(unasked);
    EXPECT_EQ(unasked->credentials_source, "") << "nobody asked for credentials yet";
    const auto connection = engine_->kms_connection(true);
    ASSERT_TRUE(connection) << why(connection);
    EXPECT_EQ(connection->kms, "aws");
    EXPECT_EQ(connection->region, "us-east-1");
    EXPECT_NE(connection->endpoint.find(account_.service->url()), std::string::npos) << connection->endpoint;
    EXPECT_NE(connection->credentials_source.find("environment"), std::string::npos) << connection->credentials_source;
    EXPECT_FALSE(connection->access_key_id.empty());
    EXPECT_EQ(account_.engine->kms_connection(true)->kms, "local");
}

TEST_F(AwsVaultTest, ThePolicyIsOfTheCustodiesInUse) {
    const auto mentions = [&](std::vector<Custody> custodies, std::string_view action) {
        const auto policy = engine_->iam_policy(operator_, std::move(custodies));
        EXPECT_TRUE(policy) << why(policy);
        return policy && policy->find(action) != std::string::npos;
    };
    EXPECT_TRUE(mentions({}, "kms:Decrypt"));
    EXPECT_FALSE(mentions({}, "kms:Sign"));
    EXPECT_TRUE(mentions({Custody::kKmsKey}, "kms:Sign"));
    add_user("alice");
    create("alice", Custody::kKmsKey);
    EXPECT_TRUE(mentions({}, "kms:Sign"));
    EXPECT_FALSE(mentions({}, "kms:Decrypt"));
    EXPECT_FALSE(mentions({}, "kms:GenerateDataKeyPairWithoutPlaintext"));
    create("alice", Custody::kKeyPair);
    EXPECT_TRUE(mentions({}, "kms:GenerateDataKeyPairWithoutPlaintext"));
    EXPECT_FALSE(mentions({}, "kms:GenerateDataKey\""));
    EXPECT_TRUE(fails_with(ErrorCode::kRejected, account_.engine->iam_policy(operator_, {})));
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, engine_->iam_policy(alice_, {})));
}

/// The keys stay in AWS, and so does what happened to them since.
TEST_F(AwsVaultTest, ABackupRestoresAndTellsWhatAwsHasNoMore) {
    add_user("alice");
    create("alice", Custody::kEnvelope, "envelope");
    const Wallet own = create("alice", Custody::kKmsKey, "own");
    BackupOptions options;
    options.file = base_ / "backup";
    options.passphrase = SecretBytes::copy_of(std::string_view("p"));
    options.scrypt_n = 16;
    const auto made = engine_->back_up(operator_, options);
    ASSERT_TRUE(made) << why(made);
    EXPECT_EQ(made->kms, "aws");
    EXPECT_FALSE(made->has_key_file);
    ASSERT_TRUE(engine_->schedule_key_deletion(operator_, own.key_id, 7, 1));
    clock_.advance(std::chrono::days(8));
    ASSERT_TRUE(account_.engine->confirm_clock(operator_));

    const auto restore_to = [&](const std::string& name) {
        RestoreOptions restore;
        restore.file = options.file;
        restore.directory = base_ / name;
        restore.passphrase = options.passphrase.clone();
        auto report = custody::backup::restore(operator_, restore, {}, clock_, random_);
        EXPECT_TRUE(report) << why(report);
        return report ? *report : RestoreReport{};
    };
    std::filesystem::rename(directory_, base_ / "lost");
    const RestoreReport report = restore_to("vault");
    EXPECT_TRUE(report.keys_were_checked);
    EXPECT_TRUE(report.notices.empty()) << report.notices.front();
    ASSERT_EQ(report.losses.size(), 1U);
    EXPECT_EQ(report.losses[0].key_id, own.key_id);
    EXPECT_EQ(report.losses[0].key_state, "Destroyed");
    EXPECT_EQ(report.losses[0].wallets, 1);
    EXPECT_EQ(report.losses[0].first_wallets, std::vector{own.address});
    EXPECT_EQ(std::filesystem::status(custody::seal_path(directory_)).permissions(), std::filesystem::perms(0600));
    open();
    AuditQuery restores;
    restores.action = "RestoreVault";
    EXPECT_EQ(events(restores).size(), 1U);
    expect_sound_audit();
    EXPECT_TRUE(engine_->sign_message(operator_, "envelope", as_bytes(std::string_view("m"))));
    EXPECT_EQ(engine_->wallet(operator_, "own")->state, WalletState::kLost);
    engine_.reset();
    std::filesystem::remove_all(directory_);

    const Account other = make_account("999999999999");
    other.choose();
    const RestoreReport elsewhere = restore_to("asked-another-account");
    EXPECT_FALSE(elsewhere.keys_were_checked);
    EXPECT_TRUE(elsewhere.losses.empty()) << "another account does not know what is lost in ours";

    account_.choose();
    account_.service.reset();
    const RestoreReport offline = restore_to("offline");
    EXPECT_FALSE(offline.keys_were_checked);
    EXPECT_TRUE(offline.losses.empty());
    ASSERT_EQ(offline.notices.size(), 1U);
    EXPECT_NE(offline.notices[0].find("keydeck doctor"), std::string::npos) << offline.notices[0];
}

TEST_F(AwsVaultTest, ManyKeyPairsWaitForTheQuotaAndDoNotFail) {
    add_user("alice");
    constexpr std::int64_t kMany = 40;  // the quota is 25 a second
    std::vector<std::int64_t> reported;
    const auto made = engine_->create_wallets(operator_, for_user("alice", Custody::kKeyPair, "p", kMany),
                                              {[&](std::int64_t done, std::int64_t) { reported.push_back(done); }, {}});
    ASSERT_TRUE(made) << why(made);
    EXPECT_EQ(made->size(), static_cast<std::size_t>(kMany));
    ASSERT_GE(reported.size(), 2U);
    EXPECT_EQ(std::vector<std::int64_t>(reported.end() - 2, reported.end()), (std::vector<std::int64_t>{25, 40}))
        << "what the quota gives in a second is committed";
    open();
    for (const Wallet& wallet : *made) {
        const auto signature = engine_->sign_message(operator_, wallet.label, as_bytes(std::string_view("m")));
        ASSERT_TRUE(signature) << why(signature);
        EXPECT_EQ(signature->address, wallet.address);
    }
}

TEST_F(AwsVaultTest, OpensAndListsWithoutACall) {
    add_user("alice");
    const Wallet wallet = create("alice", Custody::kEnvelope, "main");
    account_.service.reset();  // nobody answers any more
    open();
    EXPECT_EQ(engine_->list_wallets(operator_, {})->size(), 1U);
    EXPECT_EQ(engine_->wallet(operator_, "main")->address, wallet.address);
    EXPECT_EQ(engine_->list_users(operator_, {})->size(), 1U);
    expect_sound_audit();
    EXPECT_TRUE(
        fails_with(ErrorCode::kUnavailable, engine_->sign_message(operator_, "main", as_bytes(std::string_view("m")))));
}

TEST_F(AwsVaultTest, IsNotMadeWithoutAccess) {
    set_environment("AWS_SECRET_ACCESS_KEY", "wrong");
    VaultCreation creation;
    creation.directory = base_ / "second";
    creation.kms = "aws";
    creation.endpoint_url = account_.service->url();
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, custody::create_vault(creation, clock_, random_)));
    EXPECT_FALSE(std::filesystem::exists(creation.directory));
    creation.key_file = base_ / "key";
    EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput, custody::create_vault(creation, clock_, random_)));
}

TEST_F(AwsVaultTest, TheSealFileIsWatched) {
    add_user("alice");
    const std::filesystem::path seal = custody::seal_path(directory_);
    EXPECT_EQ(std::filesystem::status(seal).permissions(), std::filesystem::perms(0600));
    std::filesystem::rename(seal, base_ / "kept");
    EXPECT_EQ(code_of(Engine::open(options())), ErrorCode::kCorrupt);
    {
        std::ofstream other(seal, std::ios::binary);
        other << std::string(32, 'x');
    }
    std::filesystem::permissions(seal, std::filesystem::perms(0600));
    open();
    EXPECT_TRUE(fails_with(ErrorCode::kCorrupt, engine_->add_user(operator_, "bob"))) << "somebody else's seal";
}

TEST_F(AwsVaultTest, WhatAnAccessKeyChangesIsInTheServedVaultsLog) {
    const auto made = engine_->create_key(operator_, {});
    ASSERT_TRUE(made) << why(made);
    ASSERT_TRUE(engine_->disable_key(operator_, made->id));
    AuditQuery query;
    query.action = "DisableKey";
    const auto events = account_.engine->list_audit(operator_, query);
    ASSERT_TRUE(events) << why(events);
    ASSERT_EQ(events->size(), 1U);
    EXPECT_EQ(events->front().actor, account_.access_key_id);
    EXPECT_EQ(events->front().surface, "kms");
    EXPECT_EQ(events->front().key_id, made->id);
    EXPECT_EQ(events->front().result, "ok");
    EXPECT_TRUE(account_.engine->verify_audit(operator_, std::nullopt)->valid);
}

TEST_F(AwsVaultTest, NoAccessKeyDestroysWhatTheServedVaultDependsOn) {
    ASSERT_TRUE(account_.engine->add_user(operator_, "carol"));
    const auto wallets = account_.engine->create_wallets(operator_, for_user("carol", Custody::kKmsKey));
    ASSERT_TRUE(wallets) << why(wallets);
    const std::string& key = wallets->front().key_id;
    const auto scheduled = vault_->kms().schedule_key_deletion(key, 7);
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, scheduled));
    EXPECT_EQ(account_.engine->key(operator_, key)->state, "Enabled");
    AuditQuery query;
    query.action = "ScheduleKeyDeletion";
    EXPECT_EQ(account_.engine->list_audit(operator_, query)->front().result, "denied");
}

/// Makes the key, and loses the answer on the way back, as often as it is told to.
class ForgetfulKms final : public ForwardingKms {
public:
    using ForwardingKms::ForwardingKms;
    Result<kms::KeyMetadata> create_key(const kms::CreateKeyRequest& request) override {
        ++asked;
        if (lose_request-- > 0) return fail(ErrorCode::kUnavailable, "The connection was dropped.");
        auto made = inner_.create_key(request);
        if (lose_answer-- > 0) return fail(ErrorCode::kUnavailable, "The connection was dropped.");
        return made;
    }
    Result<kms::Page<kms::KeyListEntry>> list_keys(const kms::PageRequest& page) override {
        if (endless) return kms::Page<kms::KeyListEntry>{{}, "again"};
        auto answer = inner_.list_keys(page);
        if (answer && show_late-- > 0 && !answer->items.empty()) answer->items.pop_back();  // the newest is the last
        return answer;
    }
    Result<kms::Page<std::pair<std::string, std::string>>> list_resource_tags(std::string_view key_id,
                                                                              const kms::PageRequest& page) override {
        if (hide_tags) return fail(ErrorCode::kNotFound, "not yet", "", "NotFoundException");
        return inner_.list_resource_tags(key_id, page);
    }
    int show_late = 0;
    bool hide_tags = false;
    bool endless = false;
    int asked = 0;
    int lose_request = 0;
    int lose_answer = 0;
};

TEST_F(AwsVaultTest, ALostAnswerToCreateKeyMakesNoSecondKey) {
    ForgetfulKms* forgetful = nullptr;
    open([&](kms::Kms& inner) {
        auto made = std::make_unique<ForgetfulKms>(inner);
        forgetful = made.get();
        return made;
    });
    add_user("alice");
    forgetful->lose_answer = 1;
    create("alice", Custody::kKmsKey, "a");
    EXPECT_EQ(forgetful->asked, 1) << "found by its tag";
    forgetful->lose_request = 1;
    create("alice", Custody::kKmsKey, "b");
    EXPECT_EQ(forgetful->asked, 3) << "it was looked for, and is not there";
    EXPECT_EQ(keys_there(), 2U);
    const auto findings = engine_->doctor(operator_);
    ASSERT_TRUE(findings) << why(findings);
    for (const DoctorFinding& finding : *findings) EXPECT_NE(finding.check, "orphan-key") << finding.sentence;
}

TEST_F(AwsVaultTest, AKeyThatIsShownLateIsWaitedFor) {
    ForgetfulKms* forgetful = nullptr;
    open([&](kms::Kms& inner) {
        auto made = std::make_unique<ForgetfulKms>(inner);
        forgetful = made.get();
        return made;
    });
    add_user("alice");
    forgetful->lose_answer = 1;
    forgetful->show_late = 3;
    create("alice", Custody::kKmsKey, "a");
    EXPECT_EQ(forgetful->asked, 1);
    EXPECT_EQ(keys_there(), 1U);

    forgetful->lose_answer = 1;
    forgetful->hide_tags = true;
    EXPECT_TRUE(
        fails_with(ErrorCode::kUnavailable, engine_->create_wallets(operator_, for_user("alice", Custody::kKmsKey))));
    EXPECT_EQ(forgetful->asked, 2) << "what may be there is not asked for again";
    forgetful->hide_tags = false;
    const auto findings = engine_->doctor(operator_);
    ASSERT_TRUE(findings) << why(findings);
    EXPECT_EQ(std::ranges::count(*findings, "orphan-key", &DoctorFinding::check), 1) << "the doctor finds it";
}

TEST_F(AwsVaultTest, AListWithoutAnEndIsRefused) {
    open([&](kms::Kms& inner) {
        auto made = std::make_unique<ForgetfulKms>(inner);
        made->endless = true;
        return made;
    });
    EXPECT_TRUE(fails_with(ErrorCode::kCorrupt, engine_->list_keys(operator_, {})));
}

TEST_F(AwsVaultTest, AnotherAccountsCredentialsDestroyNothing) {
    add_user("alice");
    create("alice", Custody::kEnvelope, "envelope");
    create("alice", Custody::kKmsKey, "own");
    const Account other = make_account("999999999999");
    other.choose();
    open();
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, engine_->list_keys(operator_, {})));
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, engine_->doctor(operator_)));
    for (const char* wallet : {"own", "envelope"}) {
        EXPECT_TRUE(
            fails_with(ErrorCode::kDenied, engine_->sign_message(operator_, wallet, as_bytes(std::string_view("m")))));
    }
    AuditQuery destroyed;
    destroyed.action = "DeleteKey";
    EXPECT_TRUE(events(destroyed).empty());
    account_.choose();
    open();
    for (const char* wallet : {"own", "envelope"}) {
        const auto signature = engine_->sign_message(operator_, wallet, as_bytes(std::string_view("m")));
        EXPECT_TRUE(signature) << why(signature);
    }
}

/// Some keys of the account may not be read by us.
class GuardedKms final : public ForwardingKms {
public:
    using ForwardingKms::ForwardingKms;
    Result<kms::KeyMetadata> describe_key(std::string_view key_id) override {
        if (key_id == guarded) return fail(ErrorCode::kDenied, "not authorized", "", "AccessDeniedException");
        return inner_.describe_key(key_id);
    }
    std::string guarded;
};

TEST_F(AwsVaultTest, AKeyThatMayNotBeReadStopsNothing) {
    const auto foreign = account_.engine->create_key(operator_, {});
    ASSERT_TRUE(foreign) << why(foreign);
    open([&](kms::Kms& inner) {
        auto made = std::make_unique<GuardedKms>(inner);
        made->guarded = foreign->id;
        return made;
    });
    add_user("alice");
    create("alice", Custody::kEnvelope, "main");
    const auto keys = engine_->list_keys(operator_, {});
    ASSERT_TRUE(keys) << why(keys);
    ASSERT_EQ(keys->size(), 3U);
    EXPECT_EQ(std::ranges::count_if(*keys, [](const KeyInfo& key) { return key.state == "Unreadable"; }), 1);
    EXPECT_TRUE(engine_->doctor(operator_));
    EXPECT_TRUE(engine_->sign_message(operator_, "main", as_bytes(std::string_view("m"))));
}

TEST(Arn, TellsTheAccount) {
    EXPECT_EQ(custody::account_of("arn:aws:kms:us-east-1:123456789012:key/1"), "123456789012");
    for (const char* none : {"", "arn", "arn:aws:kms", "arn:aws:kms:us-east-1:12345678901:key/1",
                             "x:aws:kms:r:123456789012:k", "arn:aws:kms:us-east-1:12345678901x:key/1"}) {
        EXPECT_EQ(custody::account_of(none), "") << none;
    }
}

}  // namespace
}  // namespace keydeck
