// What a crash between the steps of making a key leaves, and how it is mended.
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>

#include "engine/store/key_journal.hpp"
#include "tests/custody/fixture.hpp"
#include "tests/custody/forwarding_kms.hpp"

namespace keydeck {
namespace {

/// Fails like a process that dies: the call may or may not have happened, and nothing after it.
class DyingKms final : public ForwardingKms {
public:
    enum class Moment { kNever, kBeforeCreate, kAfterCreate, kAtAlias };
    using ForwardingKms::ForwardingKms;
    Result<kms::KeyMetadata> create_key(const kms::CreateKeyRequest& request) override {
        if (die_at == Moment::kBeforeCreate) return gone();
        auto made = inner_.create_key(request);
        if (die_at == Moment::kAfterCreate) return gone();
        return made;
    }
    Status create_alias(std::string_view name, std::string_view key_id) override {
        if (die_at == Moment::kAtAlias) return gone();
        return inner_.create_alias(name, key_id);
    }
    Result<kms::Page<std::pair<std::string, std::string>>> list_resource_tags(std::string_view key_id,
                                                                              const kms::PageRequest& page) override {
        if (hides == Hidden::kTags) return std::unexpected(*refusal);
        return inner_.list_resource_tags(key_id, page);
    }
    Result<kms::Page<kms::Alias>> list_aliases(std::string_view key_id, const kms::PageRequest& page) override {
        if (hides == Hidden::kAliases) return std::unexpected(*refusal);
        return inner_.list_aliases(key_id, page);
    }
    Result<kms::KeyMetadata> describe_key(std::string_view key_id) override {
        if (hides == Hidden::kKeys) return std::unexpected(*refusal);
        return inner_.describe_key(key_id);
    }
    Moment die_at = Moment::kNever;
    enum class Hidden { kNothing, kKeys, kTags, kAliases };
    Hidden hides = Hidden::kNothing;
    std::optional<Error> refusal;

private:
    static std::unexpected<Error> gone() { return fail(ErrorCode::kUnavailable, "the connection broke"); }
};

class DoctorTest : public VaultTest {
protected:
    void SetUp() override {
        VaultTest::SetUp();
        if (HasFatalFailure()) return;
        open([this](kms::Kms& inner) {
            auto dying = std::make_unique<DyingKms>(inner);
            kms_ = dying.get();
            return dying;
        });
        add_user("alice");
    }
    std::vector<DoctorFinding> findings() {
        auto found = engine_->doctor(operator_);
        EXPECT_TRUE(found) << why(found);
        return found ? std::move(*found) : std::vector<DoctorFinding>{};
    }
    std::vector<store::KeyJournalEntry> unfinished() {
        auto lease = vault_->store().lease();
        auto open = store::unfinished_journal(**lease);
        EXPECT_TRUE(open) << why(open);
        return *open;
    }
    void die_creating(DyingKms::Moment moment, Custody custody) {
        kms_->die_at = moment;
        EXPECT_TRUE(
            fails_with(ErrorCode::kUnavailable, engine_->create_wallets(operator_, for_user("alice", custody, "mine"))));
        kms_->die_at = DyingKms::Moment::kNever;
    }

    DyingKms* kms_ = nullptr;  // lives in engine_
};

TEST_F(DoctorTest, AHealthyVaultHasNothing) {
    create("alice", Custody::kKmsKey);
    create("alice", Custody::kEnvelope);
    EXPECT_TRUE(findings().empty());
}

TEST_F(DoctorTest, AJournalWithoutAKeyIsClosed) {
    die_creating(DyingKms::Moment::kBeforeCreate, Custody::kKmsKey);
    EXPECT_EQ(unfinished().size(), 1U);
    EXPECT_TRUE(engine_->list_wallets(operator_, {})->empty());
    EXPECT_TRUE(findings().empty());
    EXPECT_TRUE(unfinished().empty());
}

TEST_F(DoctorTest, AKeyWithoutARowIsFoundAndAdopted) {
    die_creating(DyingKms::Moment::kAfterCreate, Custody::kKmsKey);
    EXPECT_TRUE(engine_->list_wallets(operator_, {})->empty());
    const auto found = findings();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].check, "orphan-key");
    EXPECT_EQ(found[0].severity, "problem");
    EXPECT_EQ(found[0].command, "keydeck doctor --adopt " + found[0].key_id);
    EXPECT_NE(found[0].sentence.find("keydeck doctor --disable " + found[0].key_id), std::string::npos);
    EXPECT_NE(found[0].sentence.find("alice"), std::string::npos);
    EXPECT_EQ(unfinished().size(), 1U) << "the journal stays until the key is settled";

    const auto adopted = engine_->adopt_key(operator_, found[0].key_id);
    ASSERT_TRUE(adopted) << why(adopted);
    EXPECT_EQ(adopted->wallets, 1);
    const auto wallet = engine_->wallet(operator_, "mine");
    ASSERT_TRUE(wallet) << why(wallet);
    EXPECT_EQ(wallet->user, "alice");
    EXPECT_EQ(wallet->custody, Custody::kKmsKey);
    EXPECT_TRUE(engine_->sign_message(alice_, "mine", as_bytes("m")));
    EXPECT_TRUE(findings().empty());
    EXPECT_TRUE(unfinished().empty());
    EXPECT_TRUE(fails_with(ErrorCode::kAlreadyExists, engine_->adopt_key(operator_, found[0].key_id)));
    expect_sound_audit();
}

TEST_F(DoctorTest, AnAdoptedWalletLosesALabelThatIsTakenMeanwhile) {
    die_creating(DyingKms::Moment::kAfterCreate, Custody::kKmsKey);
    create("alice", Custody::kEnvelope, "mine");
    const auto found = findings();
    ASSERT_EQ(found.size(), 1U);
    ASSERT_TRUE(engine_->adopt_key(operator_, found[0].key_id));
    EXPECT_EQ(engine_->list_wallets(operator_, {})->size(), 2U);
}

TEST_F(DoctorTest, AnOrphanThatIsDisabledIsSettled) {
    die_creating(DyingKms::Moment::kAfterCreate, Custody::kKmsKey);
    const auto found = findings();
    ASSERT_EQ(found.size(), 1U);
    const auto disabled = engine_->disable_key(operator_, found[0].key_id);
    ASSERT_TRUE(disabled) << why(disabled);
    EXPECT_EQ(disabled->state, "Disabled");
    EXPECT_TRUE(findings().empty());
    EXPECT_TRUE(unfinished().empty());
    EXPECT_TRUE(engine_->schedule_key_deletion(operator_, found[0].key_id, 7, 0)) << "and may be deleted";
}

TEST_F(DoctorTest, AnOrphanWhoseUserIsGoneIsNotAdopted) {
    die_creating(DyingKms::Moment::kAfterCreate, Custody::kKmsKey);
    ASSERT_TRUE(engine_->remove_user(operator_, "alice"));
    const auto found = findings();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].command, "keydeck doctor --disable " + found[0].key_id) << "what mends it";
    EXPECT_TRUE(fails_with(ErrorCode::kRejected, engine_->adopt_key(operator_, found[0].key_id)));
    EXPECT_TRUE(engine_->disable_key(operator_, found[0].key_id));
    EXPECT_TRUE(findings().empty());
}

TEST_F(DoctorTest, AnAdoptedKeyCountsTowardsTheJobThatWasToMakeItThoughWalletsHaveNoLabels) {
    const CreateWallets request = for_user("alice", Custody::kKmsKey, {}, 5);
    kms_->die_at = DyingKms::Moment::kAfterCreate;
    ASSERT_FALSE(engine_->create_wallets(operator_, request));
    kms_->die_at = DyingKms::Moment::kNever;
    const auto found = findings();
    ASSERT_EQ(found.size(), 1U);
    ASSERT_TRUE(engine_->adopt_key(operator_, found[0].key_id));
    EXPECT_EQ(engine_->list_jobs(operator_, 0, 1)->front().done, 1);
    const auto rest = engine_->create_wallets(operator_, request);
    ASSERT_TRUE(rest) << why(rest);
    EXPECT_EQ(rest->size(), 4U);
    EXPECT_EQ(engine_->list_wallets(operator_, {})->size(), 5U) << "as many as were asked for";
}

TEST_F(DoctorTest, AKeyAdoptedAfterItsJobWasCancelledIsAWalletAllTheSame) {
    kms_->die_at = DyingKms::Moment::kAfterCreate;
    ASSERT_FALSE(engine_->create_wallets(operator_, for_user("alice", Custody::kKmsKey, {}, 5)));
    kms_->die_at = DyingKms::Moment::kNever;
    const std::int64_t job = engine_->list_jobs(operator_, 0, 1)->front().id;
    ASSERT_TRUE(engine_->cancel_job(operator_, job));
    ASSERT_TRUE(engine_->adopt_key(operator_, findings().at(0).key_id));
    EXPECT_EQ(engine_->job(operator_, job)->done, 0);
}

TEST_F(DoctorTest, AKeyOfAnotherVaultIsLeftAlone) {
    kms::CreateKeyRequest request;
    request.tags = {{"keydeck:vault", "another"}};
    const auto foreign = vault_->kms().create_key(request);
    const auto bare = vault_->kms().create_key({});
    ASSERT_TRUE(foreign && bare);
    EXPECT_TRUE(findings().empty());
    EXPECT_TRUE(fails_with(ErrorCode::kRejected, engine_->adopt_key(operator_, foreign->key_id)));
    EXPECT_TRUE(fails_with(ErrorCode::kRejected, engine_->adopt_key(operator_, bare->key_id)));
    EXPECT_TRUE(fails_with(ErrorCode::kNotFound, engine_->adopt_key(operator_, "00000000-0000-4000-8000-000000000000")));
}

TEST_F(DoctorTest, APoolCutShortIsCompletedByTheNextWallet) {
    for (const auto moment : {DyingKms::Moment::kBeforeCreate, DyingKms::Moment::kAfterCreate, DyingKms::Moment::kAtAlias}) {
        kms_->die_at = moment;
        EXPECT_FALSE(engine_->create_wallets(operator_, for_user("alice")));
        kms_->die_at = DyingKms::Moment::kNever;
    }
    create("alice");
    const auto pool = engine_->pool_status(operator_);
    ASSERT_TRUE(pool) << why(pool);
    EXPECT_EQ(pool->keys.size(), 2U);
    for (const KeyInfo& key : pool->keys) EXPECT_FALSE(key.alias.empty());
    EXPECT_EQ(engine_->list_keys(operator_, {})->size(), 2U) << "no key was made twice";
    EXPECT_TRUE(findings().empty());
    EXPECT_TRUE(unfinished().empty());
}

TEST_F(DoctorTest, APoolKeyWithoutARowIsFoundAndAdopted) {
    kms_->die_at = DyingKms::Moment::kAfterCreate;
    EXPECT_FALSE(engine_->init_pool(operator_, 2));
    kms_->die_at = DyingKms::Moment::kNever;
    const auto found = findings();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_NE(found[0].sentence.find("pool"), std::string::npos);
    const auto adopted = engine_->adopt_key(operator_, found[0].key_id);
    ASSERT_TRUE(adopted) << why(adopted);
    EXPECT_EQ(adopted->purpose, "pool");
    EXPECT_EQ(adopted->alias, "alias/keydeck-pool-1");
    EXPECT_TRUE(findings().empty());
    EXPECT_EQ(engine_->init_pool(operator_, 2)->keys.size(), 2U);
}

TEST_F(DoctorTest, AKeyMadeByHandIsFoundAndAdopted) {
    kms_->die_at = DyingKms::Moment::kAfterCreate;
    EXPECT_FALSE(engine_->create_key(operator_, {}));
    kms_->die_at = DyingKms::Moment::kNever;
    const auto found = findings();
    ASSERT_EQ(found.size(), 1U);
    ASSERT_TRUE(engine_->adopt_key(operator_, found[0].key_id));
    EXPECT_TRUE(findings().empty());
}

TEST_F(DoctorTest, AClockThatJumpedKeepsKeysUntilItIsConfirmed) {
    const auto key = engine_->create_key(operator_, {});
    ASSERT_TRUE(engine_->schedule_key_deletion(operator_, key->id, 7, 0));
    clock_.advance(std::chrono::days(40));
    auto found = findings();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].check, "clock");
    EXPECT_EQ(found[0].command, "keydeck doctor --confirm-clock");
    EXPECT_TRUE(engine_->key(operator_, key->id)) << "still there";
    ASSERT_TRUE(engine_->confirm_clock(operator_));
    EXPECT_EQ(last_event().action, "ConfirmClock");
    EXPECT_TRUE(findings().empty());
    EXPECT_TRUE(fails_with(ErrorCode::kNotFound, engine_->key(operator_, key->id)));
}

// --- what the store knows, and the KMS says otherwise ---

class DoctorKeysTest : public DoctorTest {
protected:
    void SetUp() override {
        DoctorTest::SetUp();
        if (HasFatalFailure()) return;
        wallet_ = create("alice", Custody::kEnvelope, "mine");
        signer_ = create("alice", Custody::kKmsKey, "signer");
    }
    /// Exactly one finding, which has a sentence and a command.
    DoctorFinding only(const std::string& check, const std::string& severity) {
        const auto found = findings();
        EXPECT_EQ(found.size(), 1U);
        if (found.size() != 1) {
            for (const auto& one : found) ADD_FAILURE() << one.check << ": " << one.sentence;
            return {};
        }
        EXPECT_EQ(found[0].check, check);
        EXPECT_EQ(found[0].severity, severity);
        EXPECT_TRUE(found[0].sentence.ends_with('.')) << found[0].sentence;
        EXPECT_FALSE(found[0].command.empty());
        return found[0];
    }
    std::string alias_of(const std::string& key_id) {
        const auto pool = engine_->pool_status(operator_);
        for (const auto& key : pool->keys) {
            if (key.id == key_id) return key.alias;
        }
        return {};
    }
    Wallet wallet_;
    Wallet signer_;
};

TEST_F(DoctorKeysTest, AnAliasThatIsGoneComesBack) {
    const std::string alias = alias_of(wallet_.key_id);
    ASSERT_TRUE(vault_->kms().delete_alias(alias));
    EXPECT_TRUE(engine_->sign_message(alice_, "mine", as_bytes("m"))) << "wallets go by key ids";
    ASSERT_TRUE(engine_->list_keys(operator_, {})) << "the store forgets the alias, not the place in the pool";
    const auto found = only("alias", "problem");
    EXPECT_NE(found.sentence.find(alias), std::string::npos);
    EXPECT_EQ(found.command, "keydeck doctor --adopt " + wallet_.key_id);
    const auto adopted = engine_->adopt_key(operator_, wallet_.key_id);
    ASSERT_TRUE(adopted) << why(adopted);
    EXPECT_EQ(adopted->alias, alias);
    EXPECT_TRUE(findings().empty());
    EXPECT_TRUE(fails_with(ErrorCode::kAlreadyExists, engine_->adopt_key(operator_, wallet_.key_id)));
}

TEST_F(DoctorKeysTest, AnAliasThatPointsElsewhereIsMovedBack) {
    const std::string alias = alias_of(wallet_.key_id);
    const auto other = engine_->create_key(operator_, {});
    ASSERT_TRUE(vault_->kms().update_alias(alias, other->id));
    EXPECT_NE(only("alias", "problem").sentence.find(other->id), std::string::npos);
    ASSERT_TRUE(engine_->adopt_key(operator_, wallet_.key_id));
    EXPECT_TRUE(findings().empty());
    EXPECT_EQ(vault_->kms().describe_key(alias)->key_id, wallet_.key_id);
    EXPECT_TRUE(engine_->sign_message(alice_, "mine", as_bytes("m")));
}

TEST_F(DoctorKeysTest, AKeyThatLostItsTagIsTaggedAgain) {
    for (const std::string& key : {wallet_.key_id, signer_.key_id}) {
        ASSERT_TRUE(vault_->kms().untag_resource(key, {"keydeck:vault", "keydeck:purpose"}));
        EXPECT_EQ(only("untagged-key", "problem").command, "keydeck doctor --adopt " + key);
        ASSERT_TRUE(engine_->adopt_key(operator_, key));
        EXPECT_TRUE(findings().empty());
    }
}

TEST_F(DoctorKeysTest, AKeyOfAnotherVaultIsNotTakenButLeft) {
    create("alice", Custody::kEnvelope, "second");
    ASSERT_TRUE(vault_->kms().tag_resource(wallet_.key_id, {{"keydeck:vault", "another"}}));
    EXPECT_EQ(only("foreign-key", "problem").command, "keydeck pool retire " + wallet_.key_id);
    EXPECT_TRUE(fails_with(ErrorCode::kRejected, engine_->adopt_key(operator_, wallet_.key_id)));
    ASSERT_TRUE(engine_->retire_pool_key(operator_, wallet_.key_id));
    EXPECT_NE(engine_->wallet(operator_, "mine")->key_id, wallet_.key_id);
    EXPECT_TRUE(engine_->sign_message(alice_, "mine", as_bytes("m")));
    EXPECT_TRUE(findings().empty()) << "nothing hangs on it any more";
}

TEST_F(DoctorKeysTest, AStateThatChangedElsewhereIsToldOnce) {
    ASSERT_TRUE(vault_->kms().disable_key(signer_.key_id));
    EXPECT_EQ(engine_->wallet(operator_, "signer")->state, WalletState::kReady);
    const auto found = only("stale-state", "notice");
    EXPECT_EQ(found.key_id, signer_.key_id);
    EXPECT_EQ(engine_->wallet(operator_, "signer")->state, WalletState::kKeyDisabled);
    EXPECT_TRUE(findings().empty());
    EXPECT_EQ(found.command, "keydeck key enable " + signer_.key_id);
    ASSERT_TRUE(engine_->enable_key(operator_, signer_.key_id));
    EXPECT_TRUE(engine_->sign_message(alice_, "signer", as_bytes("m")));
}

TEST_F(DoctorKeysTest, EachChangeMadeElsewhereHasAWayBack) {
    ASSERT_TRUE(vault_->kms().schedule_key_deletion(signer_.key_id, 30));
    EXPECT_EQ(only("stale-state", "notice").command, "keydeck key cancel-deletion " + signer_.key_id);
    ASSERT_TRUE(engine_->cancel_key_deletion(operator_, signer_.key_id));
    EXPECT_TRUE(findings().empty());
    ASSERT_TRUE(vault_->kms().enable_key(signer_.key_id));
    EXPECT_EQ(only("stale-state", "notice").command, "keydeck key disable " + signer_.key_id);
    ASSERT_TRUE(engine_->disable_key(operator_, signer_.key_id));
    EXPECT_TRUE(findings().empty());
}

TEST_F(DoctorKeysTest, WhatTheKmsDoesNotTellHasACommandAndIsGoneOnceItTells) {
    using Hidden = DyingKms::Hidden;
    vault_->kms().create_key({}).value();  // one that the vault does not know: its tags are asked for
    const Error denied{ErrorCode::kDenied, "No.", {}, "AccessDeniedException"};
    const Error busy{ErrorCode::kThrottled, "Later.", {}, "ThrottlingException"};
    for (const auto& [hidden, check] :
         {std::pair(Hidden::kKeys, "unreadable-key"), std::pair(Hidden::kTags, "unreadable-key"),
          std::pair(Hidden::kAliases, "unreadable-aliases")}) {
        for (const auto& [refusal, command] :
             {std::pair(denied, "keydeck config iam-policy"), std::pair(busy, "keydeck doctor")}) {
            kms_->hides = hidden;
            kms_->refusal = refusal;
            const auto found = findings();
            const auto one = std::ranges::find(found, check, &DoctorFinding::check);
            ASSERT_NE(one, found.end()) << check;
            EXPECT_EQ(one->command, command);
            kms_->hides = Hidden::kNothing;
            EXPECT_TRUE(findings().empty());
        }
    }
}

TEST_F(DoctorKeysTest, LateRotationIsMendedByRotating) {
    for (int i = 0; i < 4; ++i) {  // in steps, so that the clock is believed
        clock_.advance(std::chrono::days(100));
        ASSERT_TRUE(engine_->confirm_clock(operator_));
    }
    const auto found = findings();
    ASSERT_EQ(found.size(), 2U) << "the pool; a signing key cannot rotate";
    for (const auto& one : found) {
        EXPECT_EQ(one.check, "rotation");
        EXPECT_EQ(one.command, "keydeck key rotate " + one.key_id);
        ASSERT_TRUE(engine_->rotate_key(operator_, one.key_id));
    }
    const auto old = only("old-versions", "notice");
    EXPECT_EQ(old.command, "keydeck pool rewrap");
    EXPECT_NE(old.sentence.find("1 wallet is"), std::string::npos) << old.sentence;
    const auto job = engine_->rewrap(operator_, {});
    ASSERT_TRUE(job) << why(job);
    EXPECT_TRUE(findings().empty());
}

TEST_F(DoctorKeysTest, AKeyBeingRetiredIsRetiredInTheEnd) {
    meddle("UPDATE keys SET retiring = 1 WHERE key_id = '" + wallet_.key_id + "'");
    EXPECT_EQ(only("retiring-key", "notice").command, "keydeck pool retire " + wallet_.key_id);
    const auto retired = engine_->retire_pool_key(operator_, wallet_.key_id);
    ASSERT_TRUE(retired) << why(retired);
    EXPECT_TRUE(findings().empty());
}

TEST_F(DoctorKeysTest, AJobWhoseProcessIsGoneIsResumed) {
    const auto pool = engine_->pool_status(operator_);
    for (const auto& key : pool->keys) ASSERT_TRUE(engine_->rotate_key(operator_, key.id));
    kms_->die_at = DyingKms::Moment::kAfterCreate;  // no call of a rewrap
    ASSERT_TRUE(engine_->rewrap(operator_, {}));
    meddle("UPDATE jobs SET state = 'running', owner = 'another-boot 1 1', done = 0, position = 0");
    meddle("UPDATE wallets SET key_version = 1");
    kms_->die_at = DyingKms::Moment::kNever;
    const auto found = findings();
    const auto job = std::ranges::find(found, "interrupted-job", &DoctorFinding::check);
    ASSERT_NE(job, found.end());
    EXPECT_EQ(job->severity, "notice");
    const auto id = engine_->list_jobs(operator_, 0, 1)->front().id;
    EXPECT_EQ(job->command, "keydeck job resume " + std::to_string(id));
    const auto resumed = engine_->resume_job(operator_, id);
    ASSERT_TRUE(resumed) << why(resumed);
    EXPECT_TRUE(findings().empty());
}

// --- files ---

TEST_F(DoctorKeysTest, APathInAShownCommandIsOneWord) {
    namespace fs = std::filesystem;
    const fs::path odd = base_ / "it's; a $(vault)";
    fs::copy(directory_, odd, fs::copy_options::recursive);
    EngineOptions there = options();
    there.directory = odd;
    open_with(there);
    ASSERT_EQ(::chmod((odd / "kms.db").c_str(), 0644), 0);
    const auto found = findings();
    const auto mode = std::ranges::find(found, "file-mode", &DoctorFinding::check);
    ASSERT_NE(mode, found.end());
    EXPECT_NE(mode->command.find("'\\''"), std::string::npos) << mode->command;
    EXPECT_EQ(std::system(mode->command.c_str()), 0);  // NOLINT(concurrency-mt-unsafe,cert-env33-c): what the doctor says
}

TEST_F(DoctorKeysTest, FilesThatOthersMayReadAreClosed) {
    namespace fs = std::filesystem;
    const auto open_up = [](const fs::path& path, unsigned mode) { ASSERT_EQ(::chmod(path.c_str(), mode), 0); };
    const std::vector<std::pair<fs::path, unsigned>> cases{{directory_, 0755U},
                                                           {directory_ / "keydeck.db", 0640U},
                                                           {directory_ / "keydeck.db-wal", 0644U},
                                                           {directory_ / "kms.db", 0604U}};
    for (const auto& [path, mode] : cases) {
        open_up(path, mode);
        const auto found = only("file-mode", "problem");
        const std::string sound = fs::is_directory(path) ? "0700" : "0600";
        EXPECT_EQ(found.command, "chmod " + sound + " " + path.string());
        EXPECT_EQ(std::system(found.command.c_str()),
                  0);  // NOLINT(concurrency-mt-unsafe,cert-env33-c): what the doctor says
        EXPECT_TRUE(findings().empty());
    }
}

TEST_F(DoctorKeysTest, ABrokenAuditLogIsFoundAndRaisesItsAlert) {
    meddle("UPDATE audit SET actor = 'mallory' WHERE id = 2");
    const auto found = only("audit", "problem");
    EXPECT_NE(found.sentence.find("Event 2"), std::string::npos);
    EXPECT_EQ(found.command, "keydeck audit verify");
    EXPECT_EQ(engine_->list_alerts(operator_, false)->size(), 1U);
    meddle("UPDATE audit SET actor = 'operator' WHERE id = 2");
    EXPECT_TRUE(findings().empty());
    EXPECT_TRUE(engine_->list_alerts(operator_, false)->empty());
}

}  // namespace
}  // namespace keydeck
