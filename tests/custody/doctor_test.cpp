// What a crash between the steps of making a key leaves, and how it is mended.
#include <algorithm>

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
    Moment die_at = Moment::kNever;

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
    EXPECT_TRUE(fails_with(ErrorCode::kRejected, engine_->adopt_key(operator_, found[0].key_id)));
    EXPECT_TRUE(engine_->disable_key(operator_, found[0].key_id));
    EXPECT_TRUE(findings().empty());
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

}  // namespace
}  // namespace keydeck
