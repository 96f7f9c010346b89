// Somebody with the database file: rows swapped, moved, altered.
#include "engine/base/hex.hpp"
#include "tests/custody/fixture.hpp"

namespace keydeck {
namespace {

class TamperingTest : public TwoUsersTest {
protected:
    /// Alters the file, then asks as a new process would (nothing is open any more).
    void alter(const std::string& sql) {
        meddle(sql);
        open();
    }
    void expect_corrupt(const std::string& wallet) {
        EXPECT_TRUE(fails_with(ErrorCode::kCorrupt, engine_->sign_message(operator_, wallet, as_bytes("m")))) << wallet;
        EXPECT_TRUE(fails_with(ErrorCode::kCorrupt, engine_->export_private_key(operator_, wallet))) << wallet;
    }
    static std::string id_of(const Wallet& wallet) { return std::to_string(wallet.id); }
    /// UPDATE that swaps columns of alice's and bob's rows.
    std::string swap(const std::string& column) {
        return "CREATE TEMP TABLE kept AS SELECT id, " + column + " AS value FROM wallets; UPDATE wallets SET " + column +
               " = (SELECT value FROM kept WHERE kept.id = CASE wallets.id WHEN " + id_of(alices_) + " THEN " +
               id_of(bobs_) + " ELSE " + id_of(alices_) + " END); DROP TABLE kept;";
    }
};

TEST_F(TamperingTest, SwappedSealedColumnsMakeBothRefuse) {
    alter(swap("sealed_secret") + swap("sealed_data_key"));
    expect_corrupt("alice-main");
    expect_corrupt("bob-main");
    EXPECT_EQ(last_event().result, "corrupt");
}

TEST_F(TamperingTest, EitherSealedColumnSwappedAloneToo) {
    alter(swap("sealed_secret"));
    expect_corrupt("alice-main");
    expect_corrupt("bob-main");
}

TEST_F(TamperingTest, TheDataKeySwappedAloneToo) {
    alter(swap("sealed_data_key"));
    expect_corrupt("alice-main");
    expect_corrupt("bob-main");
}

TEST_F(TamperingTest, SwappedColumnsWithTheirKeysToo) {
    alter(swap("sealed_secret") + swap("sealed_data_key") + swap("key_ref"));
    expect_corrupt("alice-main");
    expect_corrupt("bob-main");
}

TEST_F(TamperingTest, ARowMovedToAnotherUserDoesNotOpen) {
    alter("UPDATE wallets SET user_id = " + std::to_string(alices_.user_id) + " WHERE id = " + id_of(bobs_));
    expect_corrupt("bob-main");
    EXPECT_TRUE(fails_with(ErrorCode::kCorrupt, engine_->sign_message(alice_, "bob-main", as_bytes("m"))));
}

TEST_F(TamperingTest, AnAlteredAddressDoesNotOpen) {
    alter("UPDATE wallets SET address = x'3535353535353535353535353535353535353535' WHERE id = " + id_of(bobs_));
    expect_corrupt("bob-main");
}

TEST_F(TamperingTest, AnAlteredPublicKeyDoesNotOpen) {
    alter(swap("public_key"));
    expect_corrupt("bob-main");
}

TEST_F(TamperingTest, AddressAndPublicKeyOfAnotherDoNotOpenEither) {
    alter("UPDATE wallets SET address = x'0000000000000000000000000000000000000001' WHERE id = " + id_of(alices_) +
          "; UPDATE wallets SET address = x'" + to_hex(alices_.address) + "', public_key = x'" + to_hex(alices_.public_key) +
          "' WHERE id = " + id_of(bobs_));
    expect_corrupt("bob-main");
}

TEST_F(TamperingTest, EmptiedColumnsAreCorrupt) {
    alter("UPDATE wallets SET sealed_secret = x'' WHERE id = " + id_of(alices_) +
          "; UPDATE wallets SET sealed_data_key = x'' WHERE id = " + id_of(bobs_));
    expect_corrupt("alice-main");
    expect_corrupt("bob-main");
}

TEST_F(TamperingTest, AnOpenWalletDoesNotSignForARowThatWasAltered) {
    ASSERT_TRUE(engine_->sign_message(operator_, "bob-main", as_bytes("m")));  // open now
    meddle("UPDATE wallets SET user_id = " + std::to_string(alices_.user_id) + " WHERE id = " + id_of(bobs_));
    EXPECT_TRUE(fails_with(ErrorCode::kCorrupt, engine_->sign_message(alice_, "bob-main", as_bytes("m"))));
}

TEST_F(TamperingTest, AKmsWalletMovedToAnotherUserOrKeyRefuses) {
    const Wallet of_alice = create("alice", Custody::kKmsKey, "ka");
    const Wallet of_bob = create("bob", Custody::kKmsKey, "kb");
    alter("UPDATE wallets SET user_id = " + std::to_string(of_alice.user_id) + " WHERE id = " + id_of(of_bob));
    EXPECT_TRUE(fails_with(ErrorCode::kCorrupt, engine_->sign_message(alice_, "kb", as_bytes("m"))));
    alter("UPDATE wallets SET user_id = " + std::to_string(of_bob.user_id) + " WHERE id = " + id_of(of_bob));
    EXPECT_TRUE(engine_->sign_message(bob_, "kb", as_bytes("m")));
    // alice's row pointing at bob's key: her address is not what that key signs for.
    alter("UPDATE wallets SET key_ref = (SELECT key_ref FROM wallets WHERE id = " + id_of(of_bob) +
          ") WHERE id = " + id_of(of_alice));
    EXPECT_TRUE(fails_with(ErrorCode::kCorrupt, engine_->sign_message(alice_, "ka", as_bytes("m"))));
}

TEST_F(TamperingTest, AChangedAuditRowIsFoundAndStopsFurtherSigning) {
    ASSERT_TRUE(engine_->sign_message(operator_, "alice-main", as_bytes("pay 1")));
    ASSERT_TRUE(engine_->sign_message(operator_, "alice-main", as_bytes("pay 2")));
    const auto head = engine_->verify_audit(operator_, std::nullopt)->head;
    meddle("UPDATE audit SET detail = replace(detail, 'pay 1', 'pay 9')");
    const auto verified = engine_->verify_audit(operator_, std::nullopt);
    ASSERT_TRUE(verified);
    EXPECT_FALSE(verified->valid);
    ASSERT_TRUE(verified->first_bad);
    meddle("UPDATE audit SET detail = replace(detail, 'pay 9', 'pay 1')");
    EXPECT_TRUE(engine_->verify_audit(operator_, head)->valid);
    meddle("DELETE FROM audit WHERE id = (SELECT max(id) FROM audit)");
    EXPECT_FALSE(engine_->verify_audit(operator_, std::nullopt)->valid);
    EXPECT_TRUE(fails_with(ErrorCode::kCorrupt, engine_->sign_message(operator_, "alice-main", as_bytes("pay 3"))));
}

}  // namespace
}  // namespace keydeck
