// The life of KMS keys and of the pool.
#include <algorithm>

#include "tests/custody/fixture.hpp"
#include "tests/custody/forwarding_kms.hpp"

namespace keydeck {
namespace {

class KeysTest : public TwoUsersTest {
protected:
    Result<KeyInfo> make(const std::string& alias = {}, const std::string& spec = "SYMMETRIC_DEFAULT",
                         const std::string& usage = {}) {
        CreateKey request;
        request.alias = alias;
        request.spec = spec;
        request.usage = usage;
        return engine_->create_key(operator_, request);
    }
};

TEST_F(KeysTest, CreatesShowsAndLists) {
    const auto key = make("reports");
    ASSERT_TRUE(key) << why(key);
    EXPECT_EQ(key->alias, "alias/reports");
    EXPECT_EQ(key->spec, "SYMMETRIC_DEFAULT");
    EXPECT_EQ(key->usage, "ENCRYPT_DECRYPT");
    EXPECT_EQ(key->state, "Enabled");
    EXPECT_EQ(key->region, "us-east-1");
    EXPECT_EQ(key->rotation, "off");
    EXPECT_EQ(key->wallets, 0);
    for (const std::string& reference : {key->id, key->arn, key->alias}) {
        const auto shown = engine_->key(operator_, reference);
        ASSERT_TRUE(shown) << why(shown);
        EXPECT_EQ(shown->id, key->id);
    }
    const auto signing = make({}, "ECC_SECG_P256K1");
    ASSERT_TRUE(signing) << why(signing);
    EXPECT_EQ(signing->usage, "SIGN_VERIFY");
    EXPECT_EQ(signing->rotation, "n/a (ECC)");
    EXPECT_EQ(engine_->list_keys(operator_, {})->size(), 4U) << "two of the pool, two by hand";
    EXPECT_TRUE(fails_with(ErrorCode::kNotFound, engine_->key(operator_, "alias/nobody")));
    EXPECT_TRUE(fails_with(ErrorCode::kAlreadyExists, make("reports")));
    EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput, make({}, "RSA_2048")));
    EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput, make({}, "SYMMETRIC_DEFAULT", "SIGN_VERIFY")));
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, make("aws/mine"))) << "reserved";
    for (const char* wrong : {"a b", "ü", "alias/"}) EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput, make(wrong))) << wrong;
    EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput, make(std::string(251, 'a'))));
    EXPECT_EQ(engine_->list_keys(operator_, {})->size(), 4U) << "a refusal makes no key";
    EXPECT_TRUE(engine_->doctor(operator_)->empty());
}

TEST_F(KeysTest, FiltersByTagAndState) {
    const auto key = make();
    ASSERT_TRUE(engine_->tag_key(operator_, key->id, "team", "blue"));
    ASSERT_TRUE(engine_->disable_key(operator_, key->id));
    KeyQuery by_tag;
    by_tag.tag = {"team", "blue"};
    ASSERT_EQ(engine_->list_keys(operator_, by_tag)->size(), 1U);
    by_tag.tag = {"team", "red"};
    EXPECT_TRUE(engine_->list_keys(operator_, by_tag)->empty());
    KeyQuery by_state;
    by_state.state = "DISABLED";
    ASSERT_EQ(engine_->list_keys(operator_, by_state)->size(), 1U);
    EXPECT_EQ(engine_->list_keys(operator_, by_state)->front().id, key->id);
    EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput, engine_->tag_key(operator_, key->id, "keydeck:user", "1")));
}

TEST_F(KeysTest, AliasesEnablesDisablesRotates) {
    const auto key = make();
    EXPECT_EQ(engine_->alias_key(operator_, key->id, "one")->alias, "alias/one");
    EXPECT_EQ(engine_->disable_key(operator_, "alias/one")->state, "Disabled");
    EXPECT_TRUE(fails_with(ErrorCode::kRejected, engine_->rotate_key(operator_, "alias/one")));
    EXPECT_EQ(engine_->enable_key(operator_, "alias/one")->state, "Enabled");
    EXPECT_EQ(engine_->rotate_key(operator_, "alias/one")->versions, 2);
    const auto signing = make({}, "ECC_SECG_P256K1");
    const auto refused = engine_->rotate_key(operator_, signing->id);
    ASSERT_TRUE(fails_with(ErrorCode::kRejected, refused));
    EXPECT_EQ(refused.error().kms_error, "UnsupportedOperationException");
    EXPECT_EQ(last_event().action, "RotateKeyOnDemand");
    EXPECT_EQ(last_event().result, "rejected");
}

TEST_F(KeysTest, AWalletOpensAfterItsPoolKeyRotated) {
    ASSERT_TRUE(engine_->rotate_key(operator_, alices_.key_id));
    open();
    EXPECT_TRUE(engine_->sign_message(operator_, "alice-main", as_bytes("m")));
}

TEST_F(KeysTest, SchedulingNeedsTheNumberThatWouldBeLost) {
    const std::string key = alices_.key_id;
    const auto impact = engine_->deletion_impact(operator_, key);
    ASSERT_TRUE(impact) << why(impact);
    const std::int64_t lost = impact->total();
    ASSERT_GE(lost, 1);
    EXPECT_EQ(impact->wallets, static_cast<std::int64_t>(impact->first_wallets.size()));
    EXPECT_GE(impact->users, 1);
    for (const std::int64_t wrong : {std::int64_t{0}, lost - 1, lost + 1, std::int64_t{-1}}) {
        if (wrong == lost) continue;
        const auto refused = engine_->schedule_key_deletion(operator_, key, 30, wrong);
        ASSERT_TRUE(fails_with(ErrorCode::kRejected, refused)) << wrong;
        EXPECT_NE(refused.error().hint.find("--acknowledge " + std::to_string(lost)), std::string::npos);
        EXPECT_EQ(engine_->key(operator_, key)->state, "Enabled");
    }
    for (const int days : {-1, 0, 6, 31, 365}) {
        EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput, engine_->schedule_key_deletion(operator_, key, days, lost)))
            << days;
    }
    const auto scheduled = engine_->schedule_key_deletion(operator_, key, 30, lost);
    ASSERT_TRUE(scheduled) << why(scheduled);
    EXPECT_EQ(scheduled->state, "PendingDeletion");
    EXPECT_EQ(scheduled->deletion_date, kStart + std::chrono::days(30));
    EXPECT_EQ(engine_->wallet(operator_, "alice-main")->state, WalletState::kAtRisk);
    const auto cancelled = engine_->cancel_key_deletion(operator_, key);
    ASSERT_TRUE(cancelled) << why(cancelled);
    EXPECT_EQ(cancelled->state, "Disabled") << "as in AWS";
    EXPECT_FALSE(cancelled->deletion_date);
    EXPECT_EQ(engine_->wallet(operator_, "alice-main")->state, WalletState::kKeyDisabled);
    EXPECT_TRUE(fails_with(ErrorCode::kRejected, engine_->cancel_key_deletion(operator_, key)));
    ASSERT_TRUE(engine_->enable_key(operator_, key));
    EXPECT_TRUE(engine_->sign_message(operator_, "alice-main", as_bytes("m")));
}

TEST_F(KeysTest, HiddenWalletsCountAsDependants) {
    const std::int64_t before = engine_->deletion_impact(operator_, alices_.key_id)->total();
    ASSERT_TRUE(engine_->remove_wallet(operator_, "alice-main"));
    EXPECT_EQ(engine_->deletion_impact(operator_, alices_.key_id)->total(), before);
    EXPECT_TRUE(fails_with(ErrorCode::kRejected, engine_->schedule_key_deletion(operator_, alices_.key_id, 7, 0)));
    ASSERT_TRUE(engine_->destroy_wallet(operator_, name_of(alices_), 1));
    EXPECT_EQ(engine_->deletion_impact(operator_, alices_.key_id)->total(), before - 1);
}

TEST_F(KeysTest, NothingDependsNothingToAcknowledge) {
    const auto key = make();
    EXPECT_TRUE(engine_->schedule_key_deletion(operator_, key->id, 7, 0));
    EXPECT_TRUE(fails_with(ErrorCode::kRejected, engine_->schedule_key_deletion(operator_, key->id, 7, 0)))
        << "it is pending already";
    EXPECT_EQ(engine_->key(operator_, key->id)->state, "PendingDeletion");
}

TEST_F(KeysTest, ARefusedScheduleLeavesTheStoreRight) {
    class Refusing final : public ForwardingKms {
    public:
        using ForwardingKms::ForwardingKms;
        Result<kms::KeyMetadata> schedule_key_deletion(std::string_view, int) override {
            return fail(ErrorCode::kThrottled, "Rate exceeded", {}, "ThrottlingException");
        }
    };
    open([](kms::Kms& inner) { return std::make_unique<Refusing>(inner); });
    const std::int64_t lost = engine_->deletion_impact(operator_, alices_.key_id)->total();
    EXPECT_TRUE(fails_with(ErrorCode::kThrottled, engine_->schedule_key_deletion(operator_, alices_.key_id, 7, lost)));
    EXPECT_EQ(engine_->wallet(operator_, "alice-main")->state, WalletState::kReady);
    EXPECT_TRUE(engine_->sign_message(operator_, "alice-main", as_bytes("m")));
}

TEST_F(KeysTest, AnAliasThatFailsAfterwardsNamesTheKeyThatWasMade) {
    class NoAliases final : public ForwardingKms {
    public:
        using ForwardingKms::ForwardingKms;
        Status create_alias(std::string_view, std::string_view) override {
            return fail(ErrorCode::kThrottled, "Rate exceeded", {}, "ThrottlingException");
        }
    };
    open([](kms::Kms& inner) { return std::make_unique<NoAliases>(inner); });
    const auto key = make("mine");
    ASSERT_TRUE(fails_with(ErrorCode::kThrottled, key));
    KeyQuery query;
    const auto keys = engine_->list_keys(operator_, query);
    const auto made = std::ranges::find_if(*keys, [](const KeyInfo& info) { return info.purpose.empty(); });
    ASSERT_NE(made, keys->end());
    EXPECT_NE(key.error().message.find(made->id), std::string::npos) << key.error().message;
    EXPECT_TRUE(engine_->doctor(operator_)->empty()) << "it is known";
}

TEST_F(KeysTest, AKeyThatExpiredIsRecordedWhenItIsFirstMissed) {
    const std::string key = alices_.key_id;
    const std::int64_t lost = engine_->deletion_impact(operator_, key)->total();
    ASSERT_TRUE(engine_->schedule_key_deletion(operator_, key, 7, lost));
    clock_.advance(std::chrono::days(7) + std::chrono::hours(1));
    ASSERT_TRUE(engine_->confirm_clock(operator_));  // it stands a week past the last event
    ASSERT_TRUE(vault_->local_kms()->expire());
    ASSERT_TRUE(engine_->list_keys(operator_, {}));
    ASSERT_TRUE(engine_->list_keys(operator_, {}));
    EXPECT_TRUE(fails_with(ErrorCode::kNotFound, engine_->key(operator_, key)));
    EXPECT_EQ(engine_->wallet(operator_, "alice-main")->state, WalletState::kLost);
    AuditQuery query;
    query.action = "DeleteKey";
    const auto recorded = events(query);
    ASSERT_EQ(recorded.size(), 1U) << "once";
    EXPECT_EQ(recorded[0].actor, "kms");
    EXPECT_EQ(recorded[0].key_id, key);
    EXPECT_EQ(recorded[0].result, "ok");
    EXPECT_NE(recorded[0].detail.find("\"wallets_lost\":" + std::to_string(lost)), std::string::npos) << recorded[0].detail;
    expect_sound_audit();
}

TEST_F(KeysTest, EveryChangeIsRecorded) {
    const auto key = make("k");
    ASSERT_TRUE(engine_->tag_key(operator_, key->id, "a", "b"));
    ASSERT_TRUE(engine_->disable_key(operator_, key->id));
    ASSERT_TRUE(engine_->enable_key(operator_, key->id));
    ASSERT_TRUE(engine_->rotate_key(operator_, key->id));
    ASSERT_TRUE(engine_->schedule_key_deletion(operator_, key->id, 7, 0));
    ASSERT_TRUE(engine_->cancel_key_deletion(operator_, key->id));
    AuditQuery query;
    query.key = key->id;
    std::vector<std::string> actions;
    for (const AuditEvent& event : events(query)) actions.push_back(event.action);
    EXPECT_EQ(actions, (std::vector<std::string>{"CreateKey", "TagResource", "DisableKey", "EnableKey", "RotateKeyOnDemand",
                                                 "ScheduleKeyDeletion", "CancelKeyDeletion"}));
    expect_sound_audit();
}

/// Refuses to describe one key, as a policy may.
class PartlyBlindKms final : public ForwardingKms {
public:
    using ForwardingKms::ForwardingKms;
    Result<kms::KeyMetadata> describe_key(std::string_view key_id) override {
        if (key_id == hidden) return fail(ErrorCode::kDenied, "not authorized", {}, "AccessDeniedException");
        return inner_.describe_key(key_id);
    }
    Result<kms::Page<std::pair<std::string, std::string>>> list_resource_tags(std::string_view key_id,
                                                                              const kms::PageRequest& page) override {
        if (key_id == hidden) return fail(ErrorCode::kDenied, "not authorized", {}, "AccessDeniedException");
        return inner_.list_resource_tags(key_id, page);
    }
    std::string hidden;
};

TEST_F(KeysTest, OneUnreadableKeyStopsNothing) {
    PartlyBlindKms* blind = nullptr;
    open([&](kms::Kms& inner) {
        auto made = std::make_unique<PartlyBlindKms>(inner);
        blind = made.get();
        return made;
    });
    blind->hidden = alices_.key_id;
    const auto keys = engine_->list_keys(operator_, {});
    ASSERT_TRUE(keys) << why(keys);
    ASSERT_EQ(keys->size(), 2U);
    const auto unreadable = std::ranges::find(*keys, alices_.key_id, &KeyInfo::id);
    ASSERT_NE(unreadable, keys->end());
    EXPECT_EQ(unreadable->state, "Unreadable");
    EXPECT_GE(unreadable->wallets, 1);
    const auto findings = engine_->doctor(operator_);
    ASSERT_TRUE(findings) << why(findings);
    ASSERT_EQ(findings->size(), 1U);
    EXPECT_EQ(findings->front().severity, "notice");
}

class PoolTest : public VaultTest {};

TEST_F(PoolTest, IsMadeToppedUpAndAddedTo) {
    EXPECT_TRUE(engine_->pool_status(operator_)->keys.empty());
    const auto made = engine_->init_pool(operator_, 3);
    ASSERT_TRUE(made) << why(made);
    ASSERT_EQ(made->keys.size(), 3U);
    EXPECT_EQ(made->alias_prefix, "keydeck-pool");
    EXPECT_EQ(made->keys[2].alias, "alias/keydeck-pool-3");
    EXPECT_EQ(made->keys[2].purpose, "pool");
    EXPECT_EQ(engine_->init_pool(operator_, 3)->keys.size(), 3U) << "nothing is missing";
    EXPECT_EQ(engine_->init_pool(operator_, 2)->keys.size(), 3U) << "a pool never shrinks by itself";
    EXPECT_EQ(engine_->init_pool(operator_, 5)->keys.size(), 5U);
    const auto added = engine_->add_pool_keys(operator_, 2);
    ASSERT_TRUE(added) << why(added);
    EXPECT_EQ(added->keys.size(), 7U);
    EXPECT_EQ(added->keys.back().alias, "alias/keydeck-pool-7");
    for (const int wrong : {-1, 1001})
        EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput, engine_->init_pool(operator_, wrong))) << wrong;
    EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput, engine_->add_pool_keys(operator_, 0)));
    EXPECT_TRUE(engine_->doctor(operator_)->empty());
    expect_sound_audit();
}

TEST_F(PoolTest, UsesThePrefixThatWasAsked) {
    const auto made = engine_->init_pool(operator_, 1, "team/keys");
    ASSERT_TRUE(made) << why(made);
    EXPECT_EQ(made->keys.front().alias, "alias/team/keys-1");
    EXPECT_EQ(made->alias_prefix, "team/keys");
    add_user("alice");
    const Wallet wallet = create("alice");
    EXPECT_EQ(wallet.key_id, made->keys.front().id) << "the pool that is there is used";
    EXPECT_EQ(wallet.key_alias, "alias/team/keys-1");
    for (const char* wrong : {"aws/x", "a b", "ü"}) {
        EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput, engine_->init_pool(operator_, 2, wrong))) << wrong;
    }
}

TEST_F(PoolTest, AVaultHasOnePool) {
    ASSERT_TRUE(engine_->init_pool(operator_, 2, "team"));
    const auto refused = engine_->init_pool(operator_, 2, "other");
    ASSERT_TRUE(fails_with(ErrorCode::kRejected, refused));
    EXPECT_NE(refused.error().message.find("alias/team-"), std::string::npos) << refused.error().message;
    EXPECT_EQ(last_event().result, "rejected");
    EXPECT_EQ(engine_->pool_status(operator_)->keys.size(), 2U);
    EXPECT_EQ(engine_->list_keys(operator_, {})->size(), 2U) << "no key was made";
    EXPECT_EQ(engine_->init_pool(operator_, 3, "team")->keys.size(), 3U);
    EXPECT_EQ(engine_->init_pool(operator_, 4)->keys.size(), 4U) << "without a prefix: that pool";
    EXPECT_EQ(engine_->add_pool_keys(operator_, 1)->keys.back().alias, "alias/team-5");
}

TEST_F(PoolTest, AnAliasThatSomebodyElseHasIsLeftAlone) {
    CreateKey request;
    request.alias = "keydeck-pool-1";
    const auto other = engine_->create_key(operator_, request);
    ASSERT_TRUE(other);
    const auto made = engine_->init_pool(operator_, 2);
    ASSERT_TRUE(made) << why(made);
    EXPECT_EQ(made->keys.size(), 2U);
    EXPECT_EQ(engine_->key(operator_, "alias/keydeck-pool-1")->id, other->id);
}

TEST_F(PoolTest, DrawsEnabledKeysOnly) {
    const auto made = engine_->init_pool(operator_, 3);
    ASSERT_TRUE(made);
    ASSERT_TRUE(engine_->disable_key(operator_, made->keys[0].id));
    ASSERT_TRUE(vault_->kms().disable_key(made->keys[1].id));  // behind the store's back
    add_user("alice");
    const auto wallets = engine_->create_wallets(operator_, for_user("alice", Custody::kEnvelope, {}, 50));
    ASSERT_TRUE(wallets) << why(wallets);
    for (const Wallet& wallet : *wallets) EXPECT_EQ(wallet.key_id, made->keys[2].id);
    EXPECT_EQ(engine_->key(operator_, made->keys[1].id)->state, "Disabled");
    ASSERT_TRUE(engine_->disable_key(operator_, made->keys[2].id));
    const auto none = engine_->create_wallets(operator_, for_user("alice"));
    ASSERT_TRUE(fails_with(ErrorCode::kRejected, none));
    EXPECT_NE(none.error().hint.find("pool add"), std::string::npos);
}

TEST_F(PoolTest, PendingKeysAreToppedUp) {
    const auto made = engine_->init_pool(operator_, 2);
    ASSERT_TRUE(engine_->schedule_key_deletion(operator_, made->keys[0].id, 7, 0));
    const auto topped = engine_->init_pool(operator_, 2);
    ASSERT_TRUE(topped) << why(topped);
    EXPECT_EQ(topped->keys.size(), 3U);
}

TEST_F(PoolTest, DrawsFromAllOfIt) {
    const auto made = engine_->init_pool(operator_, 10);
    add_user("alice");
    ASSERT_TRUE(engine_->create_wallets(operator_, for_user("alice", Custody::kEnvelope, {}, 300)));
    // 300 draws from 10: that one is never drawn has a chance of 10 * 0.9^300, about 2e-13.
    const auto pool = engine_->pool_status(operator_);
    ASSERT_TRUE(pool) << why(pool);
    for (const KeyInfo& key : pool->keys) EXPECT_GT(key.wallets, 0) << key.alias;
}

TEST_F(VaultTest, AKeyIsNotChangedWhenTheAuditLogCannotBeExtended) {
    const auto key = engine_->create_key(operator_, CreateKey{});
    ASSERT_TRUE(key) << why(key);
    meddle("UPDATE audit_head SET seal = zeroblob(length(seal))");
    EXPECT_TRUE(fails_with(ErrorCode::kCorrupt, engine_->schedule_key_deletion(operator_, key->id, 7, 0)));
    const auto after = vault_->kms().describe_key(key->id);
    ASSERT_TRUE(after) << why(after);
    EXPECT_EQ(after->state, kms::KeyState::kEnabled);
}

}  // namespace
}  // namespace keydeck
