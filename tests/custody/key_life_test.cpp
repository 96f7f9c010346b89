// Rotation, retiring and the end of a key, with a clock that is moved.
#include <algorithm>
#include <set>

#include "engine/custody/key_pool.hpp"
#include "engine/custody/key_tags.hpp"
#include "engine/store/keys.hpp"
#include "tests/custody/fixture.hpp"
#include "tests/custody/forwarding_kms.hpp"

namespace keydeck {
namespace {

using std::chrono::days;

class KeyLifeTest : public TwoUsersTest {
protected:
    KeyInfo key(const std::string& id) {
        auto info = engine_->key(operator_, id);
        EXPECT_TRUE(info) << why(info);
        return info ? std::move(*info) : KeyInfo{};
    }
    store::KeyRecord record(const std::string& id) {
        const auto found = custody::ask_store(*vault_, [&](auto& d) { return store::key_by_id(d, id); });
        EXPECT_TRUE(found && *found);
        return found && *found ? **found : store::KeyRecord{};
    }
    std::string make(const std::string& spec, const std::string& usage = {}) {
        CreateKey request;
        request.spec = spec;
        request.usage = usage;
        const auto made = engine_->create_key(operator_, request);
        EXPECT_TRUE(made) << why(made);
        return made ? made->id : "";
    }
    void pass(std::chrono::hours time) {
        clock_.advance(time);
        ASSERT_TRUE(engine_->confirm_clock(operator_));
    }
    void set_retiring(const std::string& id) {
        ASSERT_TRUE(vault_->write([&](auto& d) { return store::set_key_retiring(d, id, true); }));
    }
};

TEST_F(KeyLifeTest, RotatesByItselfWhenItIsToldTo) {
    const std::string id = alices_.key_id;
    EXPECT_EQ(alices_.key_version, 1);
    EXPECT_EQ(key(id).rotation, "off");
    const auto on = engine_->set_key_rotation(operator_, id, 90);
    ASSERT_TRUE(on) << why(on);
    EXPECT_EQ(on->rotation, "90d next " + to_rfc3339(kStart + days(90)).substr(0, 10));
    EXPECT_EQ(on->rotation_period_days, 90);
    EXPECT_EQ(on->next_rotation, kStart + days(90));
    EXPECT_FALSE(on->rotated_at);
    EXPECT_EQ(record(id).rotation, (store::KeyRotation{1, 90, kStart + days(90), std::nullopt}));
    EXPECT_EQ(last_event().action, "EnableKeyRotation");
    EXPECT_NE(last_event().detail.find("\"period_days\":90"), std::string::npos);

    clock_.advance(days(91));
    const KeyInfo turned = key(id);
    EXPECT_EQ(turned.versions, 2);
    EXPECT_EQ(turned.rotated_at, kStart + days(91)) << "when somebody looked";
    EXPECT_EQ(turned.next_rotation, kStart + days(180)) << "the schedule stays on its days";
    EXPECT_EQ(record(id).rotation.version, 2);
    EXPECT_EQ(engine_->wallet(operator_, "alice-main")->key_version, 1) << "what was sealed stays as it is";
    EXPECT_TRUE(engine_->sign_message(operator_, "alice-main", as_bytes("m")));

    const auto off = engine_->set_key_rotation(operator_, id, 0);
    ASSERT_TRUE(off) << why(off);
    EXPECT_EQ(off->rotation, "off");
    EXPECT_EQ(off->rotation_period_days, 0);
    EXPECT_FALSE(off->next_rotation);
    EXPECT_EQ(off->versions, 2);
    EXPECT_EQ(last_event().action, "DisableKeyRotation");
    for (const int wrong : {-1, 1, 89, 2561, 100'000}) {
        EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput, engine_->set_key_rotation(operator_, id, wrong))) << wrong;
    }
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, engine_->set_key_rotation(alice_, id, 365)));
}

TEST_F(KeyLifeTest, NewWalletsRememberTheNewVersion) {
    const auto pool = engine_->pool_status(operator_);
    for (const KeyInfo& one : pool->keys) {
        const auto rotated = engine_->rotate_key(operator_, one.id);
        ASSERT_TRUE(rotated) << why(rotated);
        EXPECT_EQ(rotated->versions, 2);
        EXPECT_EQ(rotated->rotated_at, kStart);
        EXPECT_EQ(record(one.id).rotation.version, 2);
    }
    EXPECT_EQ(create("alice", Custody::kEnvelope).key_version, 2);
    EXPECT_EQ(create("alice", Custody::kKeyPair).key_version, 2);
    EXPECT_EQ(create("alice", Custody::kKmsKey).key_version, 1);
    EXPECT_EQ(engine_->wallet(operator_, "alice-main")->key_version, 1);
}

TEST_F(KeyLifeTest, WhatRotatedBehindOurBackIsNotedWhenItIsSeen) {
    ASSERT_TRUE(vault_->unlocked_kms().value()->rotate_key_on_demand(alices_.key_id));
    EXPECT_EQ(record(alices_.key_id).rotation.version, 1);
    ASSERT_TRUE(engine_->list_keys(operator_, {}));
    EXPECT_EQ(record(alices_.key_id).rotation.version, 2);
}

TEST_F(KeyLifeTest, SaysWhyAKeyDoesNotRotate) {
    const std::string signing = make("ECC_SECG_P256K1");
    const std::string mac = make("HMAC_256", "GENERATE_VERIFY_MAC");
    const std::string disabled = make("SYMMETRIC_DEFAULT");
    ASSERT_TRUE(engine_->disable_key(operator_, disabled));
    const std::string pending = make("SYMMETRIC_DEFAULT");
    ASSERT_TRUE(engine_->schedule_key_deletion(operator_, pending, 7, 0));
    kms::CreateKeyRequest external;
    external.origin = kms::Origin::kExternal;
    const auto imported = vault_->kms().create_key(external);
    ASSERT_TRUE(imported) << why(imported);
    struct Case {
        std::string id;
        const char* words;
        const char* sentence;
        const char* kms_error;
    };
    for (const Case& one : {Case{signing, "n/a (ECC)", "new address", "UnsupportedOperationException"},
                            Case{mac, "n/a (HMAC)", "HMAC", "UnsupportedOperationException"},
                            Case{imported->key_id, "n/a (imported)", "imported", "UnsupportedOperationException"},
                            Case{disabled, "n/a (disabled)", "disabled", "DisabledException"},
                            Case{pending, "n/a (pending deletion)", "pending deletion", "KMSInvalidStateException"}}) {
        EXPECT_EQ(key(one.id).rotation, one.words);
        EXPECT_FALSE(key(one.id).rotation_due) << one.words;
        for (const auto& refused :
             {engine_->rotate_key(operator_, one.id), engine_->set_key_rotation(operator_, one.id, 365),
              engine_->set_key_rotation(operator_, one.id, 0)}) {
            ASSERT_TRUE(fails_with(ErrorCode::kRejected, refused)) << one.words;
            EXPECT_NE(refused.error().message.find(one.sentence), std::string::npos) << refused.error().message;
            EXPECT_EQ(refused.error().kms_error, one.kms_error);
        }
        EXPECT_EQ(last_event().result, "rejected");
        EXPECT_EQ(key(one.id).versions, 1);
    }
    const std::string paused = make("SYMMETRIC_DEFAULT");
    ASSERT_TRUE(engine_->set_key_rotation(operator_, paused, 365));
    ASSERT_TRUE(engine_->disable_key(operator_, paused));
    EXPECT_EQ(key(paused).rotation, "365d, not while disabled");
}

TEST_F(KeyLifeTest, IsDueByThePolicy) {
    const std::string id = alices_.key_id;
    EXPECT_EQ(key(id).rotation_due, kStart + days(365));
    clock_.advance(days(100));
    ASSERT_TRUE(engine_->rotate_key(operator_, id));
    EXPECT_EQ(key(id).rotation_due, kStart + days(465));
    EngineOptions other = options();
    other.alerts.rotation_days = 30;
    open_with(other);
    EXPECT_EQ(key(id).rotation_due, kStart + days(130));
    other.alerts.rotation_days = 0;
    open_with(other);
    EXPECT_FALSE(key(id).rotation_due);
    EXPECT_EQ(key(id).rotated_at, kStart + days(100));
}

TEST_F(KeyLifeTest, ARetiringKeyTakesNothingNew) {
    const auto pool = engine_->pool_status(operator_);
    ASSERT_EQ(pool->keys.size(), 2U);
    const std::string old = pool->keys[0].id;
    const std::string other = pool->keys[1].id;
    set_retiring(old);
    EXPECT_TRUE(key(old).retiring);
    EXPECT_EQ(key(old).state, "Enabled");
    EXPECT_FALSE(key(old).rotation_due) << "it is on its way out";
    for (const Custody custody : {Custody::kEnvelope, Custody::kKeyPair}) {
        const auto made = engine_->create_wallets(operator_, for_user("alice", custody, {}, 40));
        ASSERT_TRUE(made) << why(made);
        for (const Wallet& wallet : *made) EXPECT_EQ(wallet.key_id, other);
    }
    EXPECT_TRUE(engine_->sign_message(operator_, "alice-main", as_bytes("m"))) << "what is there still opens";
    const auto refused = vault_->write([&](auto& d) { return custody::require_enabled(d, {old}); });
    EXPECT_TRUE(fails_with(ErrorCode::kRejected, refused)) << "also where it was drawn before";
    set_retiring(other);
    EXPECT_TRUE(fails_with(ErrorCode::kRejected, engine_->create_wallets(operator_, for_user("alice"))));
    ASSERT_TRUE(engine_->enable_key(operator_, old)) << "somebody wants it back";
    EXPECT_FALSE(key(old).retiring);
    EXPECT_EQ(create("alice").key_id, old);
    EXPECT_EQ(engine_->init_pool(operator_, 2)->keys.size(), 3U) << "one that goes does not count";
}

TEST_F(KeyLifeTest, ARefusedDeletionTellsWhatWouldBeLostAndWhatElseToDo) {
    ASSERT_TRUE(engine_->sign_message(operator_, "alice-main", as_bytes("m")));
    const auto refused = engine_->schedule_key_deletion(operator_, alices_.key_id, 7, 0);
    ASSERT_TRUE(fails_with(ErrorCode::kRejected, refused));
    EXPECT_NE(refused.error().message.find("last used " + to_rfc3339(kStart).substr(0, 10)), std::string::npos)
        << refused.error().message;
    EXPECT_NE(refused.error().hint.find("keydeck pool rewrap --from " + alices_.key_id), std::string::npos)
        << refused.error().hint;
    EXPECT_NE(refused.error().hint.find("disable"), std::string::npos);
    EXPECT_NE(refused.error().hint.find("--acknowledge "), std::string::npos);
    const Wallet own = create("bob", Custody::kKmsKey);
    const auto of_wallet = engine_->schedule_key_deletion(operator_, own.key_id, 7, 0);
    ASSERT_TRUE(fails_with(ErrorCode::kRejected, of_wallet));
    EXPECT_EQ(of_wallet.error().hint.find("rewrap"), std::string::npos) << "there is nothing to move";
    EXPECT_NE(of_wallet.error().hint.find("keydeck key disable " + own.key_id), std::string::npos);
    EXPECT_EQ(engine_->deletion_impact(operator_, alices_.key_id)->key.last_used_at, kStart);
}

class HiddenTagsKms final : public ForwardingKms {
public:
    using ForwardingKms::ForwardingKms;
    Result<kms::Page<std::pair<std::string, std::string>>> list_resource_tags(std::string_view,
                                                                              const kms::PageRequest&) override {
        return fail(ErrorCode::kDenied, "No.", {}, "AccessDeniedException");
    }
};

TEST_F(KeyLifeTest, AKeyWithoutARecordIsScheduledOnlyWhereItIsNobodys) {
    const auto unrecorded = [&](const std::string& vault) {
        kms::CreateKeyRequest request;
        if (!vault.empty()) request.tags = {{std::string(custody::kVaultTag), vault}};
        const auto made = vault_->kms().create_key(request);
        EXPECT_TRUE(made) << why(made);
        return made ? made->key_id : std::string();
    };
    const std::string others = unrecorded("another-vault");
    const std::string ours = unrecorded(vault_->record().id);
    const std::string nobodys = unrecorded("");
    const std::string hidden = unrecorded("");
    const auto of_another = engine_->schedule_key_deletion(operator_, others, 7, 0);
    ASSERT_TRUE(fails_with(ErrorCode::kRejected, of_another));
    EXPECT_NE(of_another.error().message.find("belongs to another Keydeck vault"), std::string::npos);
    const auto lost = engine_->schedule_key_deletion(operator_, ours, 7, 0);
    ASSERT_TRUE(fails_with(ErrorCode::kRejected, lost));
    EXPECT_NE(lost.error().hint.find("keydeck doctor --adopt " + ours), std::string::npos) << lost.error().hint;
    for (const std::string& id : {others, ours}) {
        EXPECT_EQ(vault_->kms().describe_key(id)->state, kms::KeyState::kEnabled) << id;
    }
    const auto gone = engine_->schedule_key_deletion(operator_, nobodys, 7, 0);
    ASSERT_TRUE(gone) << why(gone);
    EXPECT_EQ(gone->state, "PendingDeletion");
    open([](kms::Kms& inner) { return std::make_unique<HiddenTagsKms>(inner); });
    EXPECT_TRUE(fails_with(ErrorCode::kRejected, engine_->schedule_key_deletion(operator_, hidden, 7, 0)));
    EXPECT_EQ(vault_->kms().describe_key(hidden)->state, kms::KeyState::kEnabled);
}

TEST_F(KeyLifeTest, AfterTheWindowItsWalletsAreLostAndStayInSight) {
    const Wallet pair = create("alice", Custody::kKeyPair, "pair");
    const Wallet own = create("bob", Custody::kKmsKey, "own");
    std::vector<std::string> doomed{own.key_id};
    const auto pool = engine_->pool_status(operator_);
    for (const KeyInfo& one : pool->keys) doomed.push_back(one.id);
    for (const std::string& id : doomed) {
        const std::int64_t lost = engine_->deletion_impact(operator_, id)->total();
        ASSERT_TRUE(engine_->schedule_key_deletion(operator_, id, 7, lost));
        EXPECT_EQ(record(id).pending_since, kStart);
    }
    const auto states = [&] {
        std::set<WalletState> all;
        const auto wallets = engine_->list_wallets(operator_, {});
        for (const Wallet& wallet : *wallets) all.insert(wallet.state);
        return all;
    };
    EXPECT_EQ(states(), std::set{WalletState::kAtRisk});
    pass(std::chrono::hours(7 * 24 - 1));
    ASSERT_TRUE(engine_->list_keys(operator_, {}));
    EXPECT_EQ(states(), std::set{WalletState::kAtRisk}) << "an hour is left";
    ASSERT_TRUE(engine_->cancel_key_deletion(operator_, alices_.key_id)) << "to the last day";
    EXPECT_EQ(key(alices_.key_id).state, "Disabled");
    ASSERT_TRUE(engine_->enable_key(operator_, alices_.key_id));
    EXPECT_TRUE(engine_->sign_message(operator_, "alice-main", as_bytes("m")));
    EXPECT_FALSE(record(alices_.key_id).pending_since);

    pass(std::chrono::hours(2));
    const auto listed = engine_->list_keys(operator_, {});
    ASSERT_TRUE(listed) << why(listed);
    EXPECT_EQ(listed->size(), 1U);
    std::size_t lost = 0;
    const auto wallets = engine_->list_wallets(operator_, {});
    EXPECT_EQ(wallets->size(), 4U) << "all stay in sight";
    for (const Wallet& wallet : *wallets) {
        if (wallet.key_id == alices_.key_id) continue;
        ++lost;
        EXPECT_EQ(wallet.state, WalletState::kLost) << wallet.label;
        const auto signature = engine_->sign_message(operator_, wallet.label, as_bytes("m"));
        ASSERT_TRUE(fails_with(ErrorCode::kRejected, signature));
        EXPECT_NE(signature.error().message.find("was destroyed: the wallet is lost"), std::string::npos)
            << signature.error().message;
        EXPECT_TRUE(fails_with(ErrorCode::kRejected, engine_->export_private_key(operator_, wallet.label)));
    }
    EXPECT_GE(lost, 1U);
    EXPECT_TRUE(fails_with(ErrorCode::kNotFound, engine_->cancel_key_deletion(operator_, own.key_id))) << "too late";
    expect_sound_audit();
}

TEST_F(KeyLifeTest, KnowsWhatAKeyWasUsedFor) {
    ASSERT_TRUE(engine_->sign_message(operator_, "alice-main", as_bytes("m")));
    EXPECT_GT(key(alices_.key_id).last_day.calls, 0);
    EXPECT_FALSE(key(alices_.key_id).month_so_far) << "the embedded KMS costs nothing";
    const auto keys = engine_->list_keys(operator_, {});
    const auto used = std::ranges::find(*keys, alices_.key_id, &KeyInfo::id);
    ASSERT_NE(used, keys->end());
    EXPECT_GT(used->last_day.calls, 0);
}

}  // namespace
}  // namespace keydeck
