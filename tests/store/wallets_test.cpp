#include "engine/store/wallets.hpp"

#include <algorithm>
#include <fstream>

#include "tests/store/fixture.hpp"

namespace keydeck::store {
namespace {

constexpr auto kHour = std::chrono::hours(1);

class WalletsTest : public StoreTest {
protected:
    void SetUp() override {
        StoreTest::SetUp();
        alice_ = add_user("alice");
        bob_ = add_user("bob");
        add_key("k1");
        add_key("k2");
    }
    std::int64_t wallets_of_key(const std::string& id) { return (*key_by_id(db(), id))->wallets; }
    Status insert(const NewWallet& wallet) {
        return write([&](auto& d) { return insert_wallet(d, wallet); });
    }
    Timestamp sealed_at(std::int64_t id) {
        auto row = db().prepare("SELECT sealed_at FROM wallets WHERE id = ?");
        EXPECT_TRUE(row.bind(1, id).step().value());
        return from_micros(row.integer(0));
    }
    /// All bytes of the database and its WAL.
    std::string file_content() {
        std::string all;
        for (const char* suffix : {"", "-wal"}) {
            std::ifstream file(path_.string() + suffix, std::ios::binary);
            all.append(std::istreambuf_iterator<char>(file), {});
        }
        return all;
    }

    std::int64_t alice_ = 0;
    std::int64_t bob_ = 0;
};

TEST_F(WalletsTest, KeepsEveryColumn) {
    NewWallet wallet = new_wallet(5, bob_, "k2", "main");
    wallet.custody = Custody::kKeyPair;
    wallet.imported = true;
    wallet.key_version = 4;
    ASSERT_TRUE(insert(wallet));
    ASSERT_TRUE(write([](auto& d) { return note_key_alias(d, "k2", "alias/two"); }));
    const auto found = wallet_by_id(db(), 5);
    ASSERT_TRUE(found) << why(found);
    EXPECT_EQ(found->id, 5);
    EXPECT_EQ(found->user_id, bob_);
    EXPECT_EQ(found->user, "bob");
    EXPECT_EQ(found->label, "main");
    EXPECT_EQ(found->address, wallet.address);
    EXPECT_EQ(found->custody, Custody::kKeyPair);
    EXPECT_EQ(found->key_id, "k2");
    EXPECT_EQ(found->key_alias, "alias/two");
    EXPECT_EQ(found->region, "us-east-1");
    EXPECT_EQ(found->public_key, wallet.public_key);
    EXPECT_EQ(found->path, wallet.path);
    EXPECT_TRUE(found->has_mnemonic);
    EXPECT_TRUE(found->imported);
    EXPECT_EQ(found->state, WalletState::kReady);
    EXPECT_EQ(found->created_at, kNow);
    EXPECT_FALSE(found->last_signed_at);
    EXPECT_EQ(found->signatures, 0);
    EXPECT_EQ(found->key_version, 4);
    EXPECT_EQ(sealed_at(5), kNow);
    EXPECT_EQ(list_wallets(db(), {}).value().front().key_version, 4);
    EXPECT_EQ(wallet_by_address(db(), wallet.address)->id, 5);
    const auto sealed = sealed_columns(db(), 5);
    ASSERT_TRUE(sealed);
    EXPECT_EQ(sealed->data_key, wallet.sealed_data_key);
    EXPECT_EQ(sealed->secret, wallet.sealed_secret);
    EXPECT_EQ(sealed->key_id, "k2");
    EXPECT_EQ(sealed->key_version, 4);
    EXPECT_TRUE(has_wallets_of(db(), Custody::kKeyPair).value());
    EXPECT_FALSE(has_wallets_of(db(), Custody::kEnvelope).value());
    for (const Custody custody : {Custody::kKmsKey, Custody::kEnvelope}) {
        NewWallet other = new_wallet(6 + static_cast<int>(custody), bob_, "k2");
        other.custody = custody;
        ASSERT_TRUE(insert(other));
        EXPECT_EQ(wallet_by_id(db(), other.id)->custody, custody);
    }
}

TEST_F(WalletsTest, SaysWhatIsNotThere) {
    EXPECT_EQ(code_of(wallet_by_id(db(), 1)), ErrorCode::kNotFound);
    EXPECT_EQ(code_of(wallet_by_address(db(), address_of(1))), ErrorCode::kNotFound);
    EXPECT_EQ(code_of(sealed_columns(db(), 1)), ErrorCode::kNotFound);
    EXPECT_EQ(code_of(write([](auto& d) { return hide_wallet(d, 1, kNow); })), ErrorCode::kNotFound);
    EXPECT_EQ(code_of(write([](auto& d) { return unhide_wallet(d, 1); })), ErrorCode::kNotFound);
    EXPECT_EQ(code_of(write([](auto& d) { return destroy_wallet(d, 1); })), ErrorCode::kNotFound);
    EXPECT_EQ(code_of(write([](auto& d) { return set_wallet_label(d, 1, "x"); })), ErrorCode::kNotFound);
    EXPECT_EQ(code_of(write([](auto& d) { return note_signatures(d, 1, 1, kNow); })), ErrorCode::kNotFound);
    EXPECT_EQ(code_of(write([](auto& d) { return replace_sealed_columns(d, 1, "k1", "r", {}, 1, kNow); })),
              ErrorCode::kNotFound);
}

TEST_F(WalletsTest, RefusesWhatCannotBeARow) {
    ASSERT_TRUE(insert(new_wallet(1, alice_, "k1", "main")));
    NewWallet same_address = new_wallet(2, alice_, "k1");
    same_address.address = address_of(1);
    EXPECT_EQ(code_of(insert(same_address)), ErrorCode::kAlreadyExists);
    EXPECT_EQ(code_of(insert(new_wallet(2, alice_, "k1", "main"))), ErrorCode::kAlreadyExists);
    EXPECT_EQ(code_of(insert(new_wallet(2, alice_, "k1", "bad\x01"))), ErrorCode::kInvalidInput);
    EXPECT_EQ(code_of(insert(new_wallet(2, 99, "k1"))), ErrorCode::kNotFound);
    EXPECT_EQ(code_of(insert(new_wallet(2, alice_, "k9"))), ErrorCode::kNotFound);
    NewWallet short_key = new_wallet(2, alice_, "k1");
    short_key.public_key.pop_back();
    EXPECT_EQ(code_of(insert(short_key)), ErrorCode::kInvalidInput);
    NewWallet same_id = new_wallet(1, alice_, "k1");
    same_id.address = address_of(77);
    EXPECT_EQ(code_of(insert(same_id)), ErrorCode::kAlreadyExists);
    EXPECT_EQ(totals(db())->wallets, 1) << "a refused wallet is not counted";
    EXPECT_EQ(user_by_name(db(), "alice")->wallets, 1);
    EXPECT_EQ(wallets_of_key("k1"), 1);
    EXPECT_TRUE(insert(new_wallet(2, bob_, "k1"))) << "no label twice is fine";
    EXPECT_TRUE(insert(new_wallet(3, bob_, "k1")));
}

TEST_F(WalletsTest, IdsAreHandedOutOnce) {
    EXPECT_EQ(write([](auto& d) { return reserve_wallet_ids(d, 3); }).value(), 1);
    EXPECT_EQ(write([](auto& d) { return reserve_wallet_ids(d, 1); }).value(), 4);
    {
        const auto given_up = sqlite::DbTransaction::begin_write(db());
        ASSERT_TRUE(given_up);
        EXPECT_EQ(reserve_wallet_ids(db(), 10).value(), 5);
    }
    EXPECT_EQ(write([](auto& d) { return reserve_wallet_ids(d, 1); }).value(), 5);
    const auto id = add_wallet(alice_, "k1");
    ASSERT_TRUE(write([&](auto& d) { return destroy_wallet(d, id); }));
    EXPECT_GT(add_wallet(alice_, "k1"), id);
    EXPECT_EQ(code_of(write([](auto& d) { return reserve_wallet_ids(d, 0); })), ErrorCode::kInvalidInput);
}

TEST_F(WalletsTest, CountsAreKept) {
    const auto first = add_wallet(alice_, "k1");
    const auto second = add_wallet(alice_, "k1");
    const auto third = add_wallet(bob_, "k2");
    const auto counts = [&] {
        return std::vector<std::int64_t>{totals(db())->wallets, user_by_name(db(), "alice")->wallets,
                                         user_by_name(db(), "bob")->wallets, wallets_of_key("k1"), wallets_of_key("k2")};
    };
    using Counts = std::vector<std::int64_t>;
    EXPECT_EQ(counts(), (Counts{3, 2, 1, 2, 1}));
    EXPECT_EQ(user_by_name(db(), "alice")->default_address, address_of(first));
    ASSERT_TRUE(write([&](auto& d) { return hide_wallet(d, first, kNow); }));
    EXPECT_EQ(counts(), (Counts{2, 1, 1, 2, 1})) << "a hidden wallet still depends on its key";
    EXPECT_EQ(user_by_name(db(), "alice")->default_address, address_of(second));
    EXPECT_EQ(code_of(write([&](auto& d) { return hide_wallet(d, first, kNow); })), ErrorCode::kNotFound);
    EXPECT_EQ(counts(), (Counts{2, 1, 1, 2, 1}));
    ASSERT_TRUE(write([&](auto& d) { return unhide_wallet(d, first); }));
    ASSERT_TRUE(write([&](auto& d) { return unhide_wallet(d, first); }));
    EXPECT_EQ(counts(), (Counts{3, 2, 1, 2, 1}));
    EXPECT_EQ(user_by_name(db(), "alice")->default_address, address_of(first));
    ASSERT_TRUE(write([&](auto& d) { return destroy_wallet(d, first); }));
    EXPECT_EQ(counts(), (Counts{2, 1, 1, 1, 1}));
    ASSERT_TRUE(write([&](auto& d) { return hide_wallet(d, second, kNow); }));
    ASSERT_TRUE(write([&](auto& d) { return destroy_wallet(d, second); }));
    EXPECT_EQ(counts(), (Counts{1, 0, 1, 0, 1}));
    EXPECT_FALSE(user_by_name(db(), "alice")->default_address);
    ASSERT_TRUE(
        write([&](auto& d) { return replace_sealed_columns(d, third, "k1", "eu", {Bytes{1}, Bytes{2}}, 3, kNow + kHour); }));
    EXPECT_EQ(counts(), (Counts{1, 0, 1, 1, 0}));
    EXPECT_EQ(wallet_by_id(db(), third)->key_id, "k1");
    EXPECT_EQ(wallet_by_id(db(), third)->region, "eu");
    EXPECT_EQ(sealed_columns(db(), third)->data_key, Bytes{1});
    EXPECT_EQ(wallet_by_id(db(), third)->key_version, 3);
    EXPECT_EQ(sealed_at(third), kNow + kHour);
    EXPECT_EQ(code_of(write([&](auto& d) { return replace_sealed_columns(d, third, "k9", "eu", {}, 1, kNow); })),
              ErrorCode::kNotFound);
}

TEST_F(WalletsTest, CountsTheUsersOfAKey) {
    add_wallet(alice_, "k1");
    add_wallet(alice_, "k1");
    const auto hidden = add_wallet(bob_, "k1");
    ASSERT_TRUE(write([&](auto& d) { return hide_wallet(d, hidden, kNow); }));
    EXPECT_EQ(count_users_of_key(db(), "k1").value(), 2);
    EXPECT_EQ(count_users_of_key(db(), "k2").value(), 0);
    EXPECT_EQ(count_users_of_key(db(), "k9").value(), 0);
}

TEST_F(WalletsTest, ALabelIsFreeAgainWhenItsWalletIsHidden) {
    const auto first = add_wallet(alice_, "k1", "main");
    const auto second = add_wallet(alice_, "k1", "other");
    EXPECT_EQ(code_of(write([&](auto& d) { return set_wallet_label(d, second, "main"); })), ErrorCode::kAlreadyExists);
    EXPECT_EQ(code_of(write([&](auto& d) { return set_wallet_label(d, second, "\t"); })), ErrorCode::kInvalidInput);
    EXPECT_TRUE(write([&](auto& d) { return set_wallet_label(d, first, "main"); }));
    ASSERT_TRUE(write([&](auto& d) { return hide_wallet(d, first, kNow); }));
    EXPECT_EQ(wallet_by_id(db(), first)->state, WalletState::kRemoved);
    ASSERT_TRUE(write([&](auto& d) { return set_wallet_label(d, second, "main"); }));
    EXPECT_EQ(find_wallet(db(), "main")->id, second);
    EXPECT_EQ(code_of(write([&](auto& d) { return set_wallet_label(d, first, "x"); })), ErrorCode::kNotFound);
    ASSERT_TRUE(write([&](auto& d) { return unhide_wallet(d, first); }));
    EXPECT_EQ(wallet_by_id(db(), first)->label, "") << "taken meanwhile";
    ASSERT_TRUE(write([&](auto& d) { return set_wallet_label(d, second, ""); }));
    EXPECT_EQ(code_of(find_wallet(db(), "main")), ErrorCode::kNotFound);
}

TEST_F(WalletsTest, AHiddenWalletKeepsItsAddress) {
    const auto first = add_wallet(alice_, "k1");
    ASSERT_TRUE(write([&](auto& d) { return hide_wallet(d, first, kNow); }));
    NewWallet again = new_wallet(50, alice_, "k1");
    again.address = address_of(first);
    const auto refused = insert(again);
    EXPECT_EQ(code_of(refused), ErrorCode::kAlreadyExists);
    EXPECT_NE(refused.error().hint.find("--destroy"), std::string::npos);
    ASSERT_TRUE(write([&](auto& d) { return destroy_wallet(d, first); }));
    EXPECT_TRUE(insert(again));
}

TEST_F(WalletsTest, DestroyingErasesTheBytes) {
    NewWallet wallet = new_wallet(1, alice_, "k1", "main");
    const std::string data_key = "DATA-KEY-THAT-MUST-GO-0123456789";
    const std::string secret = "SECRET-THAT-MUST-GO-0123456789";
    wallet.sealed_data_key = to_bytes(as_bytes(data_key));
    wallet.sealed_secret = to_bytes(as_bytes(secret));
    ASSERT_TRUE(insert(wallet));
    ASSERT_TRUE(insert(new_wallet(2, alice_, "k1")));
    EXPECT_NE(file_content().find(secret), std::string::npos) << "the test can see it";
    ASSERT_TRUE(write([](auto& d) { return hide_wallet(d, 1, kNow); }));
    EXPECT_EQ(sealed_columns(db(), 1)->secret, wallet.sealed_secret) << "hiding keeps it";
    ASSERT_TRUE(write([](auto& d) { return destroy_wallet(d, 1); }));
    const auto purged = store_->purge();
    ASSERT_TRUE(purged) << why(purged);
    const std::string content = file_content();
    EXPECT_EQ(content.find(secret), std::string::npos);
    EXPECT_EQ(content.find(data_key), std::string::npos);
    EXPECT_EQ(code_of(wallet_by_id(db(), 1)), ErrorCode::kNotFound);
    EXPECT_EQ(code_of(sealed_columns(db(), 1)), ErrorCode::kNotFound);
}

TEST_F(WalletsTest, SignaturesAreCountedForWalletUserAndKey) {
    const auto id = add_wallet(alice_, "k1");
    const auto later = kNow + std::chrono::seconds(10);
    ASSERT_TRUE(write([&](auto& d) { return note_signatures(d, id, 1'000, later); }));
    ASSERT_TRUE(write([&](auto& d) { return note_signatures(d, id, 1, kNow); }));
    EXPECT_EQ(wallet_by_id(db(), id)->signatures, 1'001);
    EXPECT_EQ(wallet_by_id(db(), id)->last_signed_at, later) << "a slower thread does not turn it back";
    EXPECT_EQ(user_by_name(db(), "alice")->last_signed_at, later);
    EXPECT_EQ((*key_by_id(db(), "k1"))->last_used_at, later);
    EXPECT_FALSE(user_by_name(db(), "bob")->last_signed_at);
}

TEST_F(WalletsTest, TheStateNamesTheGravestFirst) {
    const auto id = add_wallet(alice_, "k1");
    const auto state = [&] { return wallet_by_id(db(), id)->state; };
    const auto key = [&](std::string_view key_state) {
        ASSERT_TRUE(write([&](auto& d) { return note_key_state(d, "k1", key_state, std::nullopt, kNow); }));
    };
    ASSERT_TRUE(write([](auto& d) { return set_user_locked(d, "alice", true); }));
    EXPECT_EQ(state(), WalletState::kUserLocked);
    key("Disabled");
    EXPECT_EQ(state(), WalletState::kUserLocked);
    key("PendingDeletion");
    EXPECT_EQ(state(), WalletState::kAtRisk);
    key(kKeyDestroyed);
    EXPECT_EQ(state(), WalletState::kLost);
    ASSERT_TRUE(write([&](auto& d) { return hide_wallet(d, id, kNow); }));
    EXPECT_EQ(state(), WalletState::kRemoved);
}

TEST_F(WalletsTest, ARowThatNoWalletCanHaveIsCorrupt) {
    const auto id = add_wallet(alice_, "k1");
    ASSERT_TRUE(db().execute("UPDATE wallets SET custody = 'pocket'"));
    EXPECT_EQ(code_of(wallet_by_id(db(), id)), ErrorCode::kCorrupt);
    EXPECT_EQ(code_of(list_wallets(db(), {})), ErrorCode::kCorrupt);
    ASSERT_TRUE(db().execute("UPDATE wallets SET custody = 'envelope', address = x'1234'"));
    EXPECT_EQ(code_of(wallet_by_id(db(), id)), ErrorCode::kCorrupt);
}

}  // namespace
}  // namespace keydeck::store
