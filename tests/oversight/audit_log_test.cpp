#include "engine/oversight/audit_log.hpp"

#include <array>
#include <thread>

#include "engine/base/hex.hpp"
#include "engine/oversight/audit_chain.hpp"
#include "engine/store/users.hpp"
#include "tests/oversight/fixture.hpp"

namespace keydeck::oversight {
namespace {

// Computed with Python's hashlib and hmac from the description in the headers.
TEST(AuditChain, HashesAsDescribed) {
    const Hash32 genesis = audit_genesis(kVaultId);
    EXPECT_EQ(to_hex(genesis), "3b703f77785d62613dd9da821d8df05bb2b268723b42a571cb8d70fdb8cbf13d");
    AuditEvent first;
    first.id = 1;
    first.time = kNow;
    first.actor = "alice";
    first.surface = "cli";
    first.action = "SignMessage";
    first.target = "0x454aCb3ff08dDd7F6ff1bf836d95196e134F7956";
    first.user = "alice";
    first.key_id = "k1";
    first.result = "ok";
    first.digest = "0x43fdca0a";
    first.detail = "{\"n\":1}";
    const Hash32 one = audit_hash(genesis, first);
    EXPECT_EQ(to_hex(one), "aee366fa769a8548026ae90afbbd87a2fd14ac17f7a88aeb4c7cae99ee0230ed");
    AuditEvent second;
    second.id = 2;
    second.time = from_micros(-1);
    second.actor = "operator";
    second.action = "X";
    second.result = "denied";
    second.detail = "é";
    const Hash32 two = audit_hash(one, second);
    EXPECT_EQ(to_hex(two), "ccf660a0a270ece2f7f5d2491fc7c0758ebc465db7a264a9762fc7220970cef6");
    FixedBytes<32> key{};
    for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::uint8_t>(i);
    EXPECT_EQ(to_hex(seal_of({kVaultId, key}, 2, two)), "f63e46b5f9e27a35b95489a5ddc93bb1c1cec170c775a782b31a0ccf1979d5d9");
}

TEST(AuditChain, NoTwoEventsShareAnEncoding) {
    const Hash32 genesis = audit_genesis(kVaultId);
    AuditEvent a;
    a.actor = "ab";
    a.surface = "c";
    AuditEvent b;
    b.actor = "a";
    b.surface = "bc";
    EXPECT_NE(audit_hash(genesis, a), audit_hash(genesis, b));
    EXPECT_NE(audit_genesis("a"), audit_genesis("b"));
    AuditEvent ignored = a;
    ignored.hash[0] = 1;
    ignored.previous[0] = 1;
    EXPECT_EQ(audit_hash(genesis, a), audit_hash(genesis, ignored));
}

using AuditLogTest = AuditTest;

TEST_F(AuditLogTest, AnEmptyLogIsValidAndItsHeadIsTheGenesis) {
    const auto result = verify();
    EXPECT_TRUE(result.valid) << result.reason;
    EXPECT_EQ(result.events, 0);
    EXPECT_EQ(result.head, audit_genesis(kVaultId));
    EXPECT_EQ(audit_head(db())->events, 0);
    EXPECT_TRUE(verify(audit_genesis(kVaultId)).valid);
    EXPECT_FALSE(verify(Hash32{}).valid);
}

TEST_F(AuditLogTest, StartsOnce) {
    EXPECT_EQ(code_of(start_audit_log(db(), seal())), ErrorCode::kAlreadyExists);
    fill(1);
    sql("DELETE FROM audit_head");
    EXPECT_EQ(code_of(start_audit_log(db(), seal())), ErrorCode::kAlreadyExists) << "not over events that stand there";
}

TEST_F(AuditLogTest, AppendsInOrderAndFillsTheLinksIn) {
    std::vector<AuditEvent> events{event_of(1), event_of(2), event_of(3)};
    {
        auto db_transaction = sqlite::DbTransaction::begin_write(db());
        ASSERT_TRUE(db_transaction);
        const auto done = append_audit(db(), seal(), events);
        ASSERT_TRUE(done) << why(done);
        ASSERT_TRUE(db_transaction->commit());
    }
    Hash32 previous = audit_genesis(kVaultId);
    for (std::size_t i = 0; i < events.size(); ++i) {
        EXPECT_EQ(events[i].id, static_cast<std::int64_t>(i) + 1);
        EXPECT_EQ(events[i].previous, previous);
        EXPECT_EQ(events[i].hash, audit_hash(previous, events[i]));
        previous = events[i].hash;
    }
    EXPECT_EQ(audit_head(db())->hash, previous);
    EXPECT_EQ(audit_head(db())->events, 3);
    const auto result = verify();
    EXPECT_TRUE(result.valid) << result.reason;
    EXPECT_EQ(result.events, 3);
    EXPECT_EQ(result.head, previous);
    EXPECT_FALSE(result.first_bad);
    EXPECT_TRUE(append({})) << "nothing is a fine batch";
    EXPECT_EQ(audit_head(db())->events, 3);
}

TEST_F(AuditLogTest, EveryTextComesBackAsItWas) {
    AuditEvent odd = event_of(1);
    odd.actor = "Ömer \"the\" 王";
    odd.detail = std::string("a\0b\xFF", 4);
    odd.digest.clear();
    odd.target = std::string(100'000, 't');
    ASSERT_TRUE(append({odd, event_of(2)}));
    const auto result = verify();
    EXPECT_TRUE(result.valid) << result.reason;
    const auto listed = list_audit(db(), {});
    ASSERT_TRUE(listed);
    EXPECT_EQ(listed->front().actor, odd.actor);
    EXPECT_EQ(listed->front().detail, odd.detail);
    EXPECT_EQ(listed->front().target, odd.target);
}

TEST_F(AuditLogTest, ARollbackLeavesNoRowsAndTheSameHead) {
    fill(5);
    const auto before = verify();
    {
        const auto db_transaction = sqlite::DbTransaction::begin_write(db());
        ASSERT_TRUE(db_transaction);
        std::vector<AuditEvent> events{event_of(6), event_of(7)};
        ASSERT_TRUE(store::insert_user(db(), "dave", kNow));
        ASSERT_TRUE(append_audit(db(), seal(), events));
    }
    const auto after = verify();
    EXPECT_TRUE(after.valid) << after.reason;
    EXPECT_EQ(after.events, 5);
    EXPECT_EQ(after.head, before.head);
    EXPECT_FALSE(store::user_by_name(db(), "dave"));
    ASSERT_TRUE(append({event_of(6)}));
    EXPECT_EQ(verify().events, 6);
}

TEST_F(AuditLogTest, ANotedHeadStaysGoodAsTheLogGrows) {
    fill(3);
    const Hash32 noted = verify().head;
    EXPECT_TRUE(verify(noted).valid);
    ASSERT_TRUE(append({event_of(4), event_of(5)}));
    EXPECT_TRUE(verify(noted).valid);
    EXPECT_TRUE(verify(verify().head).valid);
    Hash32 other = noted;
    other[31] ^= 1;
    const auto result = verify(other);
    EXPECT_FALSE(result.valid);
    EXPECT_FALSE(result.first_bad);
    EXPECT_FALSE(result.reason.empty());
}

TEST_F(AuditLogTest, AnOlderVaultPutBackIsFoundByTheNotedHead) {
    fill(3);
    const auto copy = directory_ / "older.db";
    ASSERT_TRUE(db().backup_to(copy));
    ASSERT_TRUE(append({event_of(4)}));
    const Hash32 noted = verify().head;
    const auto older = store::Store::open(copy, false);
    ASSERT_TRUE(older);
    const auto lease = (*older)->lease();
    ASSERT_TRUE(lease);
    EXPECT_TRUE(verify_audit(**lease, seal(), std::nullopt)->valid) << "from inside it cannot be told";
    EXPECT_FALSE(verify_audit(**lease, seal(), noted)->valid);
}

TEST_F(AuditLogTest, AnotherSealKeyOrVaultDoesNotFit) {
    fill(2);
    auto other_key = seal_key_;
    other_key[0] ^= 1;
    EXPECT_FALSE(verify_audit(db(), {kVaultId, other_key}, std::nullopt)->valid);
    EXPECT_FALSE(verify_audit(db(), {"another-vault", seal_key_}, std::nullopt)->valid);
    std::vector<AuditEvent> events{event_of(3)};
    EXPECT_EQ(code_of(append_audit(db(), {kVaultId, other_key}, events)), ErrorCode::kCorrupt);
    EXPECT_EQ(code_of(append_audit(db(), {"another-vault", seal_key_}, events)), ErrorCode::kCorrupt);
    EXPECT_EQ(code_of(append_audit(db(), {kVaultId, ByteView(seal_key_).first(31)}, events)), ErrorCode::kInvalidInput);
    EXPECT_EQ(code_of(append_audit(db(), {kVaultId, {}}, events)), ErrorCode::kInvalidInput);
    EXPECT_TRUE(verify().valid);
}

TEST_F(AuditLogTest, ThreadsAppendToOneChain) {
    constexpr int kThreads = 4;
    constexpr int kBatches = 25;
    std::array<int, kThreads> done{};
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < kThreads; ++t) {
            threads.emplace_back([this, t, &done] {
                for (int i = 0; i < kBatches; ++i) {
                    const auto lease = store_->lease();
                    if (!lease) return;
                    auto db_transaction = sqlite::DbTransaction::begin_write(**lease);
                    if (!db_transaction) return;
                    std::vector<AuditEvent> events{event_of(t), event_of(i), event_of(i + 1)};
                    if (!append_audit(**lease, seal(), events) || !db_transaction->commit()) return;
                    ++done[static_cast<std::size_t>(t)];
                }
            });
        }
        // Meanwhile every snapshot is a whole chain.
        for (int i = 0; i < 20; ++i) {
            const auto result = verify();
            EXPECT_TRUE(result.valid) << result.reason;
        }
    }
    for (const int each : done) EXPECT_EQ(each, kBatches);
    const auto result = verify();
    EXPECT_TRUE(result.valid) << result.reason;
    EXPECT_EQ(result.events, kThreads * kBatches * 3);
}

}  // namespace
}  // namespace keydeck::oversight
