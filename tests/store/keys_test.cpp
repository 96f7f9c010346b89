#include "engine/store/keys.hpp"

#include "tests/store/fixture.hpp"

namespace keydeck::store {
namespace {

using KeysTest = StoreTest;

TEST_F(KeysTest, KeepsWhatItWasTold) {
    KeyRecord key = key_record("k1");
    key.alias = "alias/pool-1";
    key.purpose = "pool";
    key.pool_prefix = "pool";
    key.pool_index = 1;
    key.deletion_date = kNow + std::chrono::hours(24);
    key.last_used_at = kNow;
    ASSERT_TRUE(write([&](auto& d) { return record_key(d, key); }));
    const auto found = key_by_id(db(), "k1");
    ASSERT_TRUE(found && *found);
    EXPECT_EQ((*found)->arn, key.arn);
    EXPECT_EQ((*found)->alias, key.alias);
    EXPECT_EQ((*found)->spec, key.spec);
    EXPECT_EQ((*found)->usage, key.usage);
    EXPECT_EQ((*found)->state, key.state);
    EXPECT_EQ((*found)->region, key.region);
    EXPECT_EQ((*found)->purpose, "pool");
    EXPECT_EQ((*found)->pool_prefix, "pool");
    EXPECT_EQ((*found)->pool_index, 1);
    EXPECT_EQ((*found)->created_at, kNow);
    EXPECT_EQ((*found)->deletion_date, key.deletion_date);
    EXPECT_EQ((*found)->last_used_at, key.last_used_at);
    EXPECT_EQ((*found)->wallets, 0);
    EXPECT_FALSE(*key_by_id(db(), "k2"));
    EXPECT_FALSE(*key_by_id(db(), "K1"));
}

TEST_F(KeysTest, RecordingAgainDoesNotForgetWhatIsKnown) {
    KeyRecord key = key_record("k1");
    key.purpose = "pool";
    key.pool_prefix = "pool";
    key.pool_index = 3;
    key.last_used_at = kNow + std::chrono::hours(1);
    ASSERT_TRUE(write([&](auto& d) { return record_key(d, key); }));
    const auto user = add_user("alice");
    add_wallet(user, "k1");
    KeyRecord seen = key_record("k1");
    seen.state = "Disabled";
    seen.alias = "alias/new";
    seen.last_used_at = kNow;
    ASSERT_TRUE(write([&](auto& d) { return record_key(d, seen); }));
    const auto found = *key_by_id(db(), "k1");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->state, "Disabled");
    EXPECT_EQ(found->alias, "alias/new");
    EXPECT_EQ(found->purpose, "pool");
    EXPECT_EQ(found->pool_prefix, "pool");
    EXPECT_EQ(found->pool_index, 3);
    EXPECT_EQ(found->last_used_at, key.last_used_at) << "the later use";
    EXPECT_EQ(found->wallets, 1);
    EXPECT_EQ(totals(db())->keys, 1);
    EXPECT_EQ(code_of(write([](auto& d) { return record_key(d, KeyRecord{}); })), ErrorCode::kInternal);
}

TEST_F(KeysTest, IsFoundByIdArnAndAlias) {
    KeyRecord key = key_record("k1");
    key.alias = "alias/main";
    ASSERT_TRUE(write([&](auto& d) { return record_key(d, key); }));
    const std::string arn = "arn:aws:kms:us-east-1:000000000000:";
    for (const auto& reference : {std::string("k1"), std::string("alias/main"), arn + "key/k1", arn + "alias/main"}) {
        const auto found = find_key(db(), reference);
        ASSERT_TRUE(found) << reference;
        ASSERT_TRUE(*found) << reference;
        EXPECT_EQ((*found)->key_id, "k1");
    }
    const std::string elsewhere = "arn:aws:kms:eu-west-1:000000000000:";
    for (const auto& reference :
         {std::string("main"), std::string("alias/"), std::string(""), elsewhere + "key/k1", elsewhere + "alias/main",
          arn + "key/", std::string("arn:"), std::string("alias/other"), arn}) {
        const auto found = find_key(db(), reference);
        ASSERT_TRUE(found) << reference;
        EXPECT_FALSE(*found) << reference;
    }
}

TEST_F(KeysTest, AnAliasMovesFromKeyToKey) {
    add_key("k1");
    add_key("k2");
    ASSERT_TRUE(write([](auto& d) { return note_key_alias(d, "k1", "alias/a"); }));
    ASSERT_TRUE(write([](auto& d) { return note_key_alias(d, "k2", "alias/a"); }));
    EXPECT_EQ((*key_by_id(db(), "k1"))->alias, "");
    EXPECT_EQ((*find_key(db(), "alias/a"))->key_id, "k2");
    ASSERT_TRUE(write([](auto& d) { return note_key_alias(d, "k2", ""); }));
    EXPECT_FALSE(*find_key(db(), "alias/a"));
    EXPECT_TRUE(write([](auto& d) { return note_key_alias(d, "unknown", "alias/b"); }));
}

TEST_F(KeysTest, TheStateIsThatLastSeenAndReachesTheWallets) {
    add_key("k1");
    const auto wallet = add_wallet(add_user("alice"), "k1");
    const auto state_after = [&](std::string_view state, std::optional<Timestamp> date) {
        EXPECT_TRUE(write([&](auto& d) { return note_key_state(d, "k1", state, date, kNow); }));
        return wallet_by_id(db(), wallet)->state;
    };
    EXPECT_EQ(wallet_by_id(db(), wallet)->state, WalletState::kReady);
    EXPECT_EQ(state_after("Disabled", std::nullopt), WalletState::kKeyDisabled);
    EXPECT_EQ(state_after("PendingDeletion", kNow), WalletState::kAtRisk);
    EXPECT_EQ((*key_by_id(db(), "k1"))->deletion_date, kNow);
    EXPECT_EQ(totals(db())->keys, 1);
    EXPECT_EQ(state_after(kKeyDestroyed, std::nullopt), WalletState::kLost);
    EXPECT_FALSE((*key_by_id(db(), "k1"))->deletion_date);
    EXPECT_EQ(totals(db())->keys, 0);
    EXPECT_EQ(state_after("Enabled", std::nullopt), WalletState::kReady);
    EXPECT_EQ(totals(db())->keys, 1);
    EXPECT_TRUE(write([](auto& d) { return note_key_state(d, "unknown", "Disabled", std::nullopt, kNow); }));
}

TEST_F(KeysTest, RemembersSinceWhenADeletionIsPending) {
    const auto since = [&] { return (*key_by_id(db(), "k1"))->pending_since; };
    const auto note = [&](std::string_view state, int hour) {
        const auto at = kNow + std::chrono::hours(hour);
        EXPECT_TRUE(write([&](auto& d) { return note_key_state(d, "k1", state, at, at); }));
    };
    add_key("k1");
    EXPECT_FALSE(since());
    note(kKeyPendingDeletion, 1);
    EXPECT_EQ(since(), kNow + std::chrono::hours(1));
    note(kKeyPendingDeletion, 2);
    EXPECT_EQ(since(), kNow + std::chrono::hours(1)) << "its date moved, not its beginning";
    KeyRecord again = key_record("k1");
    again.state = kKeyPendingDeletion;
    again.pending_since = kNow + std::chrono::hours(9);
    ASSERT_TRUE(write([&](auto& d) { return record_key(d, again); }));
    EXPECT_EQ(since(), kNow + std::chrono::hours(1));
    note("Disabled", 3);
    EXPECT_FALSE(since());
    note(kKeyPendingDeletion, 4);
    ASSERT_TRUE(write([&](auto& d) { return record_key(d, key_record("k1")); }));
    EXPECT_FALSE(since()) << "recorded as enabled";
    KeyRecord pending = key_record("k2");
    pending.state = kKeyPendingDeletion;
    pending.pending_since = kNow;
    ASSERT_TRUE(write([&](auto& d) { return record_key(d, pending); }));
    EXPECT_EQ((*key_by_id(db(), "k2"))->pending_since, kNow);
}

TEST_F(KeysTest, RemembersTheRotation) {
    add_key("k1");
    const auto rotation = [&] { return (*key_by_id(db(), "k1"))->rotation; };
    EXPECT_EQ(rotation(), KeyRotation{});
    const KeyRotation third{3, 365, kNow + std::chrono::hours(24), kNow};
    ASSERT_TRUE(write([&](auto& d) { return note_key_rotation(d, "k1", third); }));
    EXPECT_EQ(rotation(), third);
    ASSERT_TRUE(write([&](auto& d) { return record_key(d, key_record("k1")); }));
    EXPECT_EQ(rotation(), third) << "recording says nothing of it";
    ASSERT_TRUE(write([&](auto& d) { return note_key_rotation(d, "k1", {2, 0, std::nullopt, std::nullopt}); }));
    EXPECT_EQ(rotation(), (KeyRotation{3, 0, std::nullopt, kNow})) << "an older answer takes no version back";
    EXPECT_TRUE(write([&](auto& d) { return note_key_rotation(d, "unknown", third); }));
}

TEST_F(KeysTest, RemembersThatAKeyRetires) {
    add_key("k1");
    EXPECT_FALSE((*key_by_id(db(), "k1"))->retiring);
    ASSERT_TRUE(write([](auto& d) { return set_key_retiring(d, "k1", true); }));
    ASSERT_TRUE(write([&](auto& d) { return record_key(d, key_record("k1")); }));
    EXPECT_TRUE((*key_by_id(db(), "k1"))->retiring);
    ASSERT_TRUE(write([](auto& d) { return set_key_retiring(d, "k1", false); }));
    EXPECT_FALSE((*key_by_id(db(), "k1"))->retiring);
    EXPECT_EQ(code_of(write([](auto& d) { return set_key_retiring(d, "k9", true); })), ErrorCode::kNotFound);
}

TEST_F(KeysTest, EveryWordAboutAStateMovesTheCounter) {
    EXPECT_EQ(key_changes(db()).value(), 0);
    add_key("k1");
    std::int64_t before = key_changes(db()).value();
    EXPECT_GT(before, 0);
    for (const std::string_view state : {"Disabled", "Disabled", "Enabled"}) {  // the same again counts too
        ASSERT_TRUE(write([&](auto& d) { return note_key_state(d, "k1", state, std::nullopt, kNow); }));
        EXPECT_GT(key_changes(db()).value(), before) << state;
        before = key_changes(db()).value();
    }
    ASSERT_TRUE(write([](auto& d) { return note_key_used(d, "k1", kNow); }));
    EXPECT_EQ(key_changes(db()).value(), before) << "a use is no change of state";
    ASSERT_TRUE(db().execute("DELETE FROM counters WHERE name = 'key_changes'"));
    EXPECT_EQ(key_changes(db()).value(), 0) << "a vault of before";
    ASSERT_TRUE(write([](auto& d) { return note_key_state(d, "k1", "Disabled", std::nullopt, kNow); }));
    EXPECT_EQ(key_changes(db()).value(), 1);
}

TEST_F(KeysTest, LastUseOnlyMovesForward) {
    add_key("k1");
    ASSERT_TRUE(write([](auto& d) { return note_key_used(d, "k1", kNow); }));
    ASSERT_TRUE(write([](auto& d) { return note_key_used(d, "k1", kNow - std::chrono::hours(1)); }));
    EXPECT_EQ((*key_by_id(db(), "k1"))->last_used_at, kNow);
}

TEST_F(KeysTest, APoolHasNumberedPlaces) {
    const auto pool_key = [](const std::string& id, const std::string& prefix, std::int64_t index) {
        KeyRecord key = key_record(id);
        key.purpose = "pool";
        key.pool_prefix = prefix;
        key.pool_index = index;
        return key;
    };
    EXPECT_EQ(next_pool_index(db(), "pool").value(), 1);
    ASSERT_TRUE(write([&](auto& d) { return record_key(d, pool_key("k2", "pool", 2)); }));
    ASSERT_TRUE(write([&](auto& d) { return record_key(d, pool_key("k1", "pool", 1)); }));
    ASSERT_TRUE(write([&](auto& d) { return record_key(d, pool_key("o1", "other", 1)); }));
    add_key("by-hand");
    EXPECT_EQ(code_of(write([&](auto& d) { return record_key(d, pool_key("k3", "pool", 2)); })), ErrorCode::kAlreadyExists);
    const auto pool = pool_keys(db(), "pool");
    ASSERT_TRUE(pool);
    ASSERT_EQ(pool->size(), 2U);
    EXPECT_EQ((*pool)[0].key_id, "k1");
    EXPECT_EQ((*pool)[1].key_id, "k2");
    EXPECT_EQ(pool_keys(db(), "")->size(), 3U);
    EXPECT_EQ(next_pool_index(db(), "pool").value(), 3);
    ASSERT_TRUE(write([](auto& d) { return note_key_state(d, "k2", kKeyDestroyed, std::nullopt, kNow); }));
    EXPECT_EQ(pool_keys(db(), "pool")->size(), 1U);
    EXPECT_EQ(next_pool_index(db(), "pool").value(), 3) << "a destroyed key's number is not given out again";
}

TEST_F(KeysTest, ListsInTheOrderTheyBecameKnown) {
    for (const char* id : {"c", "a", "d", "b"}) add_key(id);
    const auto first = list_key_records(db(), "", 3);
    ASSERT_TRUE(first);
    ASSERT_EQ(first->size(), 3U);
    EXPECT_EQ((*first)[0].key_id, "c");
    EXPECT_EQ((*first)[2].key_id, "d");
    const auto rest = list_key_records(db(), "d", 3);
    ASSERT_TRUE(rest);
    ASSERT_EQ(rest->size(), 1U);
    EXPECT_EQ((*rest)[0].key_id, "b");
    EXPECT_EQ(code_of(list_key_records(db(), "x", 3)), ErrorCode::kInvalidInput);
    EXPECT_EQ(code_of(list_key_records(db(), "", 0)), ErrorCode::kInvalidInput);
}

}  // namespace
}  // namespace keydeck::store
