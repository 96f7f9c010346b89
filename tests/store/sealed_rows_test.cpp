#include "engine/store/sealed_rows.hpp"

#include "tests/store/fixture.hpp"

namespace keydeck::store {
namespace {

class SealedRowsTest : public StoreTest {
protected:
    void SetUp() override {
        StoreTest::SetUp();
        alice_ = add_user("alice");
        add_key("k1");
        add_key("k2");
        for (int i = 0; i < 6; ++i) add_wallet(alice_, i % 2 == 0 ? "k1" : "k2");  // 1 3 5 and 2 4 6
    }
    std::vector<std::int64_t> ids(const SealedRowQuery& query, std::int64_t after = 0, std::int64_t limit = 100) {
        const auto rows = sealed_rows(db(), query, after, limit);
        EXPECT_TRUE(rows) << why(rows);
        std::vector<std::int64_t> out;
        for (const SealedRow& row : *rows) out.push_back(row.id);
        return out;
    }
    void rotate(const std::string& key, std::int64_t version) {
        KeyRotation rotation;
        rotation.version = version;
        ASSERT_TRUE(write([&](auto& d) { return note_key_rotation(d, key, rotation); }));
    }
    SealedRow row(std::int64_t id) {
        auto rows = sealed_rows(db(), {{}, {id}, false}, 0, 2);
        EXPECT_TRUE(rows && rows->size() == 1);
        return rows && rows->size() == 1 ? std::move(rows->front()) : SealedRow{};
    }
    std::int64_t wallets_of_key(const std::string& id) { return (*key_by_id(db(), id))->wallets; }

    using Ids = std::vector<std::int64_t>;
    std::int64_t alice_ = 0;
};

TEST_F(SealedRowsTest, WalksByIdOverWhatIsAskedFor) {
    EXPECT_EQ(ids({}), (Ids{1, 2, 3, 4, 5, 6}));
    EXPECT_EQ(ids({}, 2, 3), (Ids{3, 4, 5}));
    EXPECT_EQ(ids({"k1", {}, false}), (Ids{1, 3, 5}));
    EXPECT_EQ(ids({"k1", {}, false}, 1, 1), (Ids{3}));
    EXPECT_EQ(ids({"", {6, 2, 99, 3}, false}), (Ids{2, 3, 6}));
    EXPECT_EQ(ids({"k2", {6, 2, 3}, false}), (Ids{2, 6}));
    EXPECT_EQ(ids({"k9", {}, false}), Ids{});
    EXPECT_EQ(count_sealed_rows(db(), {}).value(), 6);
    EXPECT_EQ(count_sealed_rows(db(), {"k2", {6, 2, 3}, false}).value(), 2);
}

TEST_F(SealedRowsTest, TellsWhatStandsUnderAnOldVersion) {
    EXPECT_EQ(ids({"", {}, true}), Ids{});
    rotate("k2", 2);
    EXPECT_EQ(key_versions(db()).value(), (KeyVersions{{"k2", 2}}));
    EXPECT_EQ(ids({"", {}, true}), (Ids{2, 4, 6}));
    EXPECT_EQ(ids({"", {4, 5}, true}), (Ids{4}));
    EXPECT_EQ(count_sealed_rows(db(), {"", {}, true}).value(), 3);
    ASSERT_TRUE(write([](auto& d) { return note_key_state(d, "k2", kKeyDestroyed, std::nullopt, kNow); }));
    EXPECT_EQ(ids({"", {}, true}), Ids{}) << "what is lost is not old";
    EXPECT_EQ(ids({}), (Ids{1, 3, 5}));
    EXPECT_EQ(ids({"k2", {}, false}), (Ids{2, 4, 6})) << "named, it is told";
}

TEST_F(SealedRowsTest, LeavesOutWhatIsNotSealedAndTakesHiddenOnes) {
    NewWallet own = new_wallet(50, alice_, "k1");
    own.custody = Custody::kKmsKey;
    ASSERT_TRUE(write([&](auto& d) { return insert_wallet(d, own); }));
    ASSERT_TRUE(write([&](auto& d) { return hide_wallet(d, 3, kNow); }));
    EXPECT_EQ(ids({"k1", {}, false}), (Ids{1, 3, 5}));
}

TEST_F(SealedRowsTest, ReadsWhatTheProofNeeds) {
    const SealedRow found = row(4);
    const NewWallet made = new_wallet(4, alice_, "k2");
    EXPECT_EQ(found.user_id, alice_);
    EXPECT_EQ(found.user, "alice");
    EXPECT_EQ(found.address, made.address);
    EXPECT_EQ(found.custody, Custody::kEnvelope);
    EXPECT_EQ(found.key_id, "k2");
    EXPECT_EQ(found.key_version, 1);
    EXPECT_EQ(found.public_key, made.public_key);
    EXPECT_EQ(found.sealed.data_key, made.sealed_data_key);
    EXPECT_EQ(found.sealed.secret, made.sealed_secret);
}

TEST_F(SealedRowsTest, ReplacesOnlyWhatIsAsItWasRead) {
    std::vector<SealedRow> before;
    for (const std::int64_t id : {1, 3, 5, 2}) before.push_back(row(id));
    before[1].sealed.data_key[0] ^= 1;  // another process has sealed it anew since
    before[2].sealed.secret[0] ^= 1;
    before[3].key_id = "k1";  // moved since
    const SealedColumns sealed{Bytes(3, 1), Bytes(4, 2)};
    std::vector<Resealing> changes;
    for (const SealedRow& one : before) changes.push_back({&one, "k2", 7, &sealed});
    const auto unchanged = write([&](auto& d) { return reseal_rows(d, changes, kNow + std::chrono::hours(1)); });
    ASSERT_TRUE(unchanged) << why(unchanged);
    EXPECT_EQ(*unchanged, (std::vector<std::size_t>{1, 2, 3}));
    EXPECT_EQ(row(1).key_id, "k2");
    EXPECT_EQ(row(1).key_version, 7);
    EXPECT_EQ(row(1).sealed.data_key, sealed.data_key);
    EXPECT_EQ(row(1).sealed.secret, sealed.secret);
    EXPECT_EQ(row(3).key_id, "k1");
    EXPECT_EQ(row(3).sealed.data_key, new_wallet(3, alice_, "k1").sealed_data_key);
    EXPECT_EQ(wallets_of_key("k1"), 2);
    EXPECT_EQ(wallets_of_key("k2"), 4);
    changes.front().key_id = "k9";
    EXPECT_EQ(code_of(write([&](auto& d) { return reseal_rows(d, changes, kNow); })), ErrorCode::kNotFound);
}

TEST_F(SealedRowsTest, KnowsWhenADataKeyWasMade) {
    const Timestamp later = kNow + std::chrono::hours(1);
    SealedRowQuery older;
    older.sealed_before = later;
    const std::int64_t all = *count_sealed_rows(db(), older);
    EXPECT_EQ(*newest_seal(db()), kNow);
    SealedRow before = row(1);
    const SealedColumns sealed{Bytes(3, 1), Bytes(4, 2)};
    const std::vector<Resealing> fresh{{&before, "k2", 1, &sealed}};
    ASSERT_TRUE(write([&](auto& d) { return reseal_rows(d, fresh, later); }));
    EXPECT_EQ(*newest_seal(db()), later);
    EXPECT_EQ(*count_sealed_rows(db(), older), all - 1) << "its data key is new";
    const SealedRow now = row(1);
    const std::vector<Resealing> moved{{&now, "k1", 1, &sealed}};
    ASSERT_TRUE(write([&](auto& d) { return reseal_rows(d, moved, std::nullopt); }));
    EXPECT_EQ(row(1).key_id, "k1");
    EXPECT_EQ(*count_sealed_rows(db(), older), all - 1) << "and moved it is as old as it was";
}

}  // namespace
}  // namespace keydeck::store
