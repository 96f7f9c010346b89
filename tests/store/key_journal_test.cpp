#include "engine/store/key_journal.hpp"

#include "tests/store/fixture.hpp"

namespace keydeck::store {
namespace {

using KeyJournalTest = StoreTest;

KeyJournalEntry entry_of(const std::string& id) {
    KeyJournalEntry entry;
    entry.journal_id = id;
    entry.purpose = "wallet";
    entry.spec = "ECC_SECG_P256K1";
    entry.alias = "alias/a";
    entry.user_id = 3;
    entry.wallet_id = 17;
    entry.label = "main";
    entry.pool_prefix = "pool";
    entry.pool_index = 4;
    entry.created_at = kNow;
    return entry;
}

TEST_F(KeyJournalTest, FollowsAKeyFromTheWishToTheRecord) {
    ASSERT_TRUE(write([](auto& d) { return open_journal(d, entry_of("j1")); }));
    ASSERT_TRUE(write([](auto& d) { return open_journal(d, entry_of("j2")); }));
    EXPECT_EQ(code_of(write([](auto& d) { return open_journal(d, entry_of("j1")); })), ErrorCode::kAlreadyExists);
    auto open_ones = unfinished_journal(db());
    ASSERT_TRUE(open_ones);
    ASSERT_EQ(open_ones->size(), 2U);
    EXPECT_EQ((*open_ones)[0].journal_id, "j1");

    ASSERT_TRUE(write([](auto& d) { return note_journal_key(d, "j1", "k1"); }));
    const auto by_key = journal_of_key(db(), "k1");
    ASSERT_TRUE(by_key && *by_key);
    const auto& entry = **by_key;
    EXPECT_EQ(entry.journal_id, "j1");
    EXPECT_EQ(entry.purpose, "wallet");
    EXPECT_EQ(entry.spec, "ECC_SECG_P256K1");
    EXPECT_EQ(entry.alias, "alias/a");
    EXPECT_EQ(entry.user_id, 3);
    EXPECT_EQ(entry.wallet_id, 17);
    EXPECT_EQ(entry.label, "main");
    EXPECT_EQ(entry.pool_prefix, "pool");
    EXPECT_EQ(entry.pool_index, 4);
    EXPECT_EQ(entry.created_at, kNow);
    EXPECT_FALSE(entry.finished_at);

    ASSERT_TRUE(write([](auto& d) { return finish_journal(d, "j1", kNow); }));
    EXPECT_EQ((*journal_entry(db(), "j1"))->finished_at, kNow);
    open_ones = unfinished_journal(db());
    ASSERT_EQ(open_ones->size(), 1U);
    EXPECT_EQ((*open_ones)[0].journal_id, "j2");
}

TEST_F(KeyJournalTest, SaysWhatItDoesNotHave) {
    EXPECT_FALSE(*journal_entry(db(), "j1"));
    EXPECT_FALSE(*journal_of_key(db(), ""));
    EXPECT_EQ(code_of(write([](auto& d) { return note_journal_key(d, "j1", "k"); })), ErrorCode::kNotFound);
    EXPECT_EQ(code_of(write([](auto& d) { return finish_journal(d, "j1", kNow); })), ErrorCode::kNotFound);
}

TEST_F(KeyJournalTest, AJournaledPoolPlaceIsNotGivenOutTwice) {
    ASSERT_TRUE(write([](auto& d) { return open_journal(d, entry_of("j1")); }));
    EXPECT_EQ(next_pool_index(db(), "pool").value(), 5);
}

}  // namespace
}  // namespace keydeck::store
