// Emptying a pool key for good.
#include <utility>

#include "tests/custody/rewrap_fixture.hpp"

namespace keydeck {
namespace {

class RetireTest : public RewrapTest {};

TEST_F(RetireTest, EmptiesTheKeyAndDisablesIt) {
    create_many(20);
    ASSERT_GT(under(first_), 0);
    const auto retired = engine_->retire_pool_key(operator_, "alias/keydeck-pool-1");
    ASSERT_TRUE(retired) << why(retired);
    EXPECT_EQ(retired->id, first_);
    EXPECT_EQ(retired->state, "Disabled");
    EXPECT_TRUE(retired->retiring);
    EXPECT_EQ(retired->wallets, 0);
    const auto again = engine_->retire_pool_key(operator_, first_);
    ASSERT_TRUE(again) << why(again);
    EXPECT_EQ(again->state, "Disabled");
    expect_all_open();
    for (int i = 0; i < 10; ++i) EXPECT_EQ(create("alice").key_id, second_);
    AuditQuery query;
    query.key = first_;
    query.action = "RetireKey";
    EXPECT_EQ(events(query).size(), 1U);
}

TEST_F(RetireTest, TheLastKeyIsRefused) {
    create_many(6);
    ASSERT_TRUE(engine_->retire_pool_key(operator_, first_));
    const auto last = engine_->retire_pool_key(operator_, second_);
    ASSERT_TRUE(fails_with(ErrorCode::kRejected, last));
    EXPECT_NE(last.error().message.find("last enabled"), std::string::npos) << last.error().message;
    EXPECT_FALSE(engine_->key(operator_, second_)->retiring);
    EXPECT_EQ(engine_->key(operator_, second_)->state, "Enabled");
}

TEST_F(RetireTest, AKeyThatCannotBeEmptiedStaysEnabledAndIsDrawnNoMore) {
    create_many(12);
    const Wallet damaged = wallets(first_).front();
    const store::SealedColumns before = sealed(damaged.id);
    meddle("UPDATE wallets SET sealed_data_key = x'0102' WHERE id = " + std::to_string(damaged.id));
    const auto refused = engine_->retire_pool_key(operator_, first_);
    ASSERT_TRUE(fails_with(ErrorCode::kRejected, refused));
    EXPECT_NE(refused.error().hint.find("keydeck job show"), std::string::npos) << refused.error().hint;
    const auto key = engine_->key(operator_, first_);
    EXPECT_EQ(key->state, "Enabled");
    EXPECT_TRUE(key->retiring);
    EXPECT_EQ(key->wallets, 1);
    const auto made = engine_->create_wallets(operator_, for_user("alice", Custody::kEnvelope, {}, 10));
    ASSERT_TRUE(made) << why(made);
    for (const Wallet& wallet : *made) EXPECT_EQ(wallet.key_id, second_);
    ASSERT_TRUE(vault_->write([&](auto& d) {
        return store::replace_sealed_columns(d, damaged.id, first_, damaged.region, before, 1, kStart);
    })) << "restored from a backup";
    const auto retired = engine_->retire_pool_key(operator_, first_);
    ASSERT_TRUE(retired) << why(retired);
    EXPECT_EQ(retired->state, "Disabled");
}

TEST_F(RetireTest, StoppedItGoesOnByTheSameCommand) {
    create_many(40);
    std::stop_source stop;
    kms_->watch = [&](int nth, const kms::ReEncryptRequest&) -> WatchedKms::Answer {
        if (nth == 5) stop.request_stop();
        return std::nullopt;
    };
    Progress progress;
    progress.stop = stop.get_token();
    const auto stopped = engine_->retire_pool_key(operator_, first_, progress);
    ASSERT_TRUE(fails_with(ErrorCode::kCancelled, stopped));
    EXPECT_NE(stopped.error().hint.find("keydeck pool retire"), std::string::npos) << stopped.error().hint;
    EXPECT_EQ(engine_->key(operator_, first_)->state, "Enabled");
    EXPECT_EQ(newest_job().state, "paused");
    const std::int64_t id = newest_job().id;
    kms_->watch = nullptr;
    const auto retired = engine_->retire_pool_key(operator_, first_);
    ASSERT_TRUE(retired) << why(retired);
    EXPECT_EQ(newest_job().id, id);
    EXPECT_EQ(newest_job().state, "done");
    expect_all_open();
}

TEST_F(RetireTest, ADisabledKeyWithWalletsCannotBeEmptied) {
    create_many(8);
    ASSERT_TRUE(engine_->disable_key(operator_, first_));
    const auto refused = engine_->retire_pool_key(operator_, first_);
    ASSERT_TRUE(fails_with(ErrorCode::kRejected, refused));
    EXPECT_NE(refused.error().hint.find("keydeck key enable"), std::string::npos) << refused.error().hint;
}

}  // namespace
}  // namespace keydeck
