// What calls of the KMS came to and cost, seen through the engine.
#include <gmock/gmock.h>

#include <algorithm>
#include <map>

#include "engine/custody/usage.hpp"
#include "engine/oversight/cost.hpp"
#include "tests/custody/fixture.hpp"
#include "tests/custody/forwarding_kms.hpp"

namespace keydeck {
namespace {

using testing::HasSubstr;

class UsageOfVaultTest : public VaultTest {
protected:
    std::vector<Metric> metrics(const MetricsQuery& query = {}) {
        auto told = engine_->metrics(operator_, query);
        EXPECT_TRUE(told) << why(told);
        return told ? std::move(*told) : std::vector<Metric>{};
    }
    /// Calls by operation, of every key.
    std::map<std::string, std::int64_t> calls() {
        std::map<std::string, std::int64_t> out;
        for (const Metric& metric : metrics()) out[metric.operation] += metric.stats.calls;
        return out;
    }
    std::int64_t calls_in_the_database() {
        auto lease = vault_->store().lease();
        auto row = (**lease).prepare("SELECT ifnull(sum(calls), 0) FROM metrics");
        EXPECT_TRUE(row.step());
        return row.integer(0);
    }
    void sign(const Wallet& wallet, int times = 1) {
        for (int i = 0; i < times; ++i) {
            const auto signature = engine_->sign_message(operator_, name_of(wallet), as_bytes("hello"));
            ASSERT_TRUE(signature) << why(signature);
        }
    }
};

TEST_F(UsageOfVaultTest, CallsRideInTheNextWriteAndAreToldBefore) {
    add_user("alice");
    const Wallet wallet = create("alice", Custody::kKmsKey);
    EXPECT_EQ(vault_->usage().pending().size(), 0U) << "making it wrote them down";
    sign(wallet, 3);
    const auto told = metrics({.since = {}, .until = {}, .key = wallet.key_id, .operation = "Sign", .by_minute = false});
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].stats.calls, 4) << "three, and the one that proved the key";
    EXPECT_EQ(told[0].stats.failures, 0);
    // A KMS call without a write: pending, and told all the same.
    const std::int64_t written = calls_in_the_database();
    ASSERT_TRUE(engine_->key(operator_, wallet.key_id));
    EXPECT_EQ(calls_in_the_database(), written);
    EXPECT_TRUE(vault_->usage().has_pending());
    EXPECT_EQ(calls()["DescribeKey"], 1);
    add_user("bob");
    EXPECT_FALSE(vault_->usage().has_pending());
    EXPECT_EQ(calls()["DescribeKey"], 1);
}

TEST_F(UsageOfVaultTest, AnotherProcessSeesWhatWasWritten) {
    add_user("alice");
    sign(create("alice", Custody::kKmsKey));
    const auto before = calls();
    open();
    EXPECT_EQ(calls(), before);
    EXPECT_EQ(before.at("Sign"), 2);
}

TEST_F(UsageOfVaultTest, AChangeThatFailsLosesAndDoublesNothing) {
    add_user("alice");
    const Wallet wallet = create("alice", Custody::kKmsKey);
    ASSERT_TRUE(engine_->key(operator_, wallet.key_id));
    const auto before = calls();
    const Status failed = vault_->write([](sqlite::Database& database) -> Status {
        if (Status done = database.execute("UPDATE users SET locked = 1"); !done) return done;
        return fail(ErrorCode::kRejected, "No.");
    });
    EXPECT_FALSE(failed);
    EXPECT_EQ(calls(), before);
    EXPECT_TRUE(vault_->usage().has_pending());
    // One that fails at its commit.
    const Status late = vault_->write([](sqlite::Database& database) -> Status {
        if (Status on = database.execute("PRAGMA defer_foreign_keys = ON"); !on) return on;
        return database.execute("UPDATE wallets SET user_id = 999");
    });
    EXPECT_FALSE(late);
    EXPECT_EQ(calls(), before);
    EXPECT_TRUE(vault_->usage().has_pending());
    add_user("bob");
    EXPECT_EQ(calls(), before);
    EXPECT_FALSE(vault_->usage().has_pending());
}

TEST_F(UsageOfVaultTest, ACommitThatChangesNothingTakesNothingAlong) {
    // A screen that looks at the keys again after each change would otherwise never come to rest.
    add_user("alice");
    const Wallet wallet = create("alice", Custody::kKmsKey);
    const auto counter = engine_->change_counter();
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(engine_->list_keys(operator_, {}));
        ASSERT_TRUE(engine_->metrics(operator_, {}));
        ASSERT_TRUE(engine_->cost(operator_));
        ASSERT_TRUE(vault_->write([](sqlite::Database&) -> Status { return {}; }));
        ASSERT_TRUE(vault_->write([](sqlite::Database& database) {
            return database.execute("UPDATE users SET locked = 1 WHERE name = 'nobody'");
        }));
    }
    EXPECT_EQ(*engine_->change_counter(), *counter);
    EXPECT_TRUE(vault_->usage().has_pending());
}

TEST_F(UsageOfVaultTest, ClosingWritesWhatIsPending) {
    add_user("alice");
    const Wallet wallet = create("alice", Custody::kKmsKey);
    ASSERT_TRUE(engine_->key(operator_, wallet.key_id));
    const auto before = calls();
    open();
    EXPECT_EQ(calls(), before);
    EXPECT_EQ(before.at("DescribeKey"), 1);
}

TEST_F(UsageOfVaultTest, ClosingChangesNothingWhereNothingIsPendingOrTheVaultIsReadOnly) {
    add_user("alice");
    const Wallet wallet = create("alice", Custody::kKmsKey);
    open();
    const auto watcher = custody::OpenVault::open(options());
    ASSERT_TRUE(watcher);
    const auto counter = (*watcher)->store().change_counter();
    ASSERT_TRUE(engine_->list_wallets(operator_, {}));
    ASSERT_TRUE(engine_->list_users(operator_, {}));
    open();
    EXPECT_EQ(*(*watcher)->store().change_counter(), *counter) << "a list is no write";
    EngineOptions read_only = options();
    read_only.read_only = true;
    open_with(read_only);
    ASSERT_TRUE(engine_->key(operator_, wallet.key_id));
    EXPECT_TRUE(vault_->usage().has_pending());
    engine_.reset();
    EXPECT_EQ(*(*watcher)->store().change_counter(), *counter);
}

TEST_F(UsageOfVaultTest, ClosingDoesNotWaitForAWriter) {
    add_user("alice");
    const Wallet wallet = create("alice", Custody::kKmsKey);
    const auto other = custody::OpenVault::open(options());
    ASSERT_TRUE(other);
    auto lease = (*other)->store().lease();
    auto db_transaction = sqlite::DbTransaction::begin_write(**lease);
    ASSERT_TRUE(db_transaction);
    ASSERT_TRUE(engine_->key(operator_, wallet.key_id));
    ASSERT_TRUE(vault_->usage().has_pending());
    engine_.reset();  // gives up; a writer that it waited for would never end here
    EXPECT_TRUE(db_transaction->commit());
}

/// Answers the first Sign of each key, and then refuses.
class TiredKms final : public ForwardingKms {
public:
    using ForwardingKms::ForwardingKms;
    Result<kms::SignResult> sign(std::string_view, ByteView, kms::MessageType) override {
        return fail(ErrorCode::kThrottled, "Rate exceeded", "", "ThrottlingException");
    }
};

TEST_F(UsageOfVaultTest, AKmsThatATestPutsInIsMeteredToo) {
    add_user("alice");
    const Wallet wallet = create("alice", Custody::kKmsKey);
    open([](kms::Kms& inner) { return std::make_unique<TiredKms>(inner); });
    const auto refused = engine_->sign_message(operator_, name_of(wallet), as_bytes("hello"));
    EXPECT_TRUE(fails_with(ErrorCode::kThrottled, refused));
    const auto told = metrics({.since = {}, .until = {}, .key = wallet.key_id, .operation = "Sign", .by_minute = true});
    ASSERT_EQ(told.size(), 1U);
    ASSERT_EQ(told[0].stats.errors.size(), 1U);
    EXPECT_EQ(told[0].stats.errors[0].first, "ThrottlingException");
    const auto key = engine_->key(operator_, wallet.key_id);
    ASSERT_TRUE(key);
    EXPECT_EQ(key->last_day.failures, 1);
    EXPECT_GE(key->last_day.calls, 1);
}

TEST_F(UsageOfVaultTest, AKeyTellsItsLastDay) {
    add_user("alice");
    const Wallet wallet = create("alice", Custody::kKmsKey);
    sign(wallet, 2);
    auto key = engine_->key(operator_, wallet.key_id);
    ASSERT_TRUE(key);
    const std::int64_t signs =
        metrics({.since = {}, .until = {}, .key = wallet.key_id, .operation = "Sign", .by_minute = false}).at(0).stats.calls;
    EXPECT_GE(signs, 2);
    EXPECT_EQ(key->last_day.calls, signs) << "to look at a key is no use of it";
    EXPECT_FALSE(key->month_so_far) << "the embedded KMS costs nothing";
    clock_.advance(std::chrono::hours(25));
    key = engine_->key(operator_, wallet.key_id);
    ASSERT_TRUE(key);
    EXPECT_EQ(key->last_day.calls, 0);
    sign(wallet, 1);
    const auto keys = engine_->list_keys(operator_, {});
    ASSERT_TRUE(keys);
    EXPECT_EQ(keys->at(0).last_day.calls, 1);
}

TEST_F(UsageOfVaultTest, AKeyWasLastUsedWhenItsMaterialWas) {
    add_user("alice");
    const Wallet wallet = create("alice", Custody::kEnvelope);
    const Timestamp made = std::chrono::floor<std::chrono::minutes>(clock_.now());
    clock_.advance(std::chrono::hours(5));
    auto key = engine_->key(operator_, wallet.key_id);  // to look at it is no use
    ASSERT_TRUE(key) << why(key);
    add_user("bob");  // writes down what was called
    EXPECT_EQ(engine_->key(operator_, wallet.key_id)->last_used_at, made);
    const auto words = engine_->export_mnemonic(operator_, name_of(wallet));
    ASSERT_TRUE(words) << why(words);
    EXPECT_EQ(engine_->key(operator_, wallet.key_id)->last_used_at, std::chrono::floor<std::chrono::minutes>(clock_.now()));
}

TEST_F(UsageOfVaultTest, MetricsAreTheOperators) {
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, engine_->metrics(alice_, {})));
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, engine_->metrics_text(alice_)));
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, engine_->cost(alice_)));
    MetricsQuery backwards;
    backwards.since = kStart;
    backwards.until = kStart;
    EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput, engine_->metrics(operator_, backwards)));
}

TEST_F(UsageOfVaultTest, TextTellsWhatTheVaultHas) {
    add_user("alice");
    const Wallet wallet = create("alice", Custody::kKmsKey);
    sign(wallet);
    const auto text = engine_->metrics_text(operator_);
    ASSERT_TRUE(text) << why(text);
    EXPECT_THAT(*text, HasSubstr("keydeck_users 1\n"));
    EXPECT_THAT(*text, HasSubstr("keydeck_wallets 1\n"));
    EXPECT_THAT(*text, HasSubstr("keydeck_keys{state=\"Enabled\"} 1\n"));
    EXPECT_THAT(*text, HasSubstr("keydeck_audit_events 3\n"));
    EXPECT_THAT(*text, HasSubstr("keydeck_kms_calls_total{key=\"" + wallet.key_id + "\",operation=\"Sign\"} 2\n"));
    ASSERT_TRUE(engine_->schedule_key_deletion(operator_, wallet.key_id, 7, 1));
    EXPECT_THAT(*engine_->metrics_text(operator_),
                HasSubstr("keydeck_key_deletion_seconds{key=\"" + wallet.key_id + "\"} 604800\n"));
    // Counters count from midnight, quantiles over a day.
    clock_.advance(std::chrono::hours(23));
    const auto later = engine_->metrics_text(operator_);
    EXPECT_THAT(*later, testing::Not(HasSubstr("keydeck_kms_calls_total{key=\"" + wallet.key_id + "\",operation=\"Sign\"")));
    EXPECT_THAT(*later, HasSubstr("operation=\"Sign\",quantile=\"0.5\"} 0.0"));
}

TEST_F(UsageOfVaultTest, MakingAndOpeningTakeTheCallsThatTheEstimateSays) {
    add_user("alice");
    const auto counted = [&](Custody custody) {
        // The pool is there before, but for the first envelope.
        const auto before = calls();
        create("alice", custody);
        auto after = calls();
        for (const auto& [operation, count] : before) after[operation] -= count;
        std::erase_if(after, [](const auto& entry) { return entry.second == 0; });
        return after;
    };
    using Calls = std::map<std::string, std::int64_t>;
    EXPECT_EQ(counted(Custody::kEnvelope),
              (Calls{{"CreateKey", 2}, {"CreateAlias", 2}, {"GenerateDataKey", 1}, {"Decrypt", 1}}));
    EXPECT_EQ(counted(Custody::kEnvelope), (Calls{{"GenerateDataKey", 1}, {"Decrypt", 1}}));
    EXPECT_EQ(counted(Custody::kKmsKey), (Calls{{"CreateKey", 1}, {"GetPublicKey", 1}, {"Sign", 1}}));
    EXPECT_EQ(counted(Custody::kKeyPair), (Calls{{"GenerateDataKeyPairWithoutPlaintext", 1}, {"Decrypt", 1}}));
    const auto estimates = Engine::estimate_cost({.users = 1, .wallets_per_user = 1, .signs = 0, .pool_size = 2}, Prices());
    EXPECT_EQ(estimates[0].making_requests, 6);
    EXPECT_EQ(estimates[1].making_requests, 3);
    EXPECT_EQ(estimates[2].making_requests, 6);
}

TEST_F(UsageOfVaultTest, TheMonthsCostIsTheHandsCalculation) {
    // As the demo: alice and charlie with signing keys of their own, bob with an envelope in a pool, here of two. Made at
    // 2026-09-21T14:13:20Z; September has 720 hours.
    ASSERT_EQ(to_rfc3339(kStart), "2026-09-21T14:13:20.000000Z");
    for (const char* user : {"alice", "bob", "charlie"}) add_user(user);
    const Wallet alices = create("alice", Custody::kKmsKey);
    const Wallet bobs = create("bob", Custody::kEnvelope);
    create("charlie", Custody::kKmsKey);
    sign(alices, 10);
    sign(bobs, 10);
    EXPECT_EQ(calls(), (std::map<std::string, std::int64_t>{{"CreateAlias", 2},
                                                            {"CreateKey", 4},
                                                            {"Decrypt", 2},
                                                            {"GenerateDataKey", 1},
                                                            {"GetPublicKey", 2},
                                                            {"ListResourceTags", 1},
                                                            {"Sign", 12}}));
    clock_.advance(std::chrono::hours(72));
    const auto report = engine_->cost(operator_);
    ASSERT_TRUE(report) << why(report);
    EXPECT_EQ(report->month, "2026-09");
    EXPECT_FALSE(report->is_billed);
    // Four keys, 72 of 720 hours: 4 x $0.10. Symmetric: 4 CreateKey, 2 CreateAlias, 1 GenerateDataKey, one Decrypt that
    // proved it and, the wallet staying open, one more, and one
    // ListResourceTags to see that alice's key is hers: 10, free. ECC: twice GetPublicKey and a proving Sign, and 10 Sign:
    // 14 x 0.15/10,000 = $0.00021.
    const auto line = [&](const std::vector<CostLine>& lines, std::string_view name) {
        const auto found = std::ranges::find(lines, name, &CostLine::name);
        EXPECT_NE(found, lines.end()) << name;
        return found == lines.end() ? CostLine{} : *found;
    };
    EXPECT_EQ(line(report->by_kind, "keys").count, 4);
    EXPECT_EQ(line(report->by_kind, "keys").month_so_far, 400'000);
    EXPECT_EQ(line(report->by_kind, "symmetric requests").count, 10);
    EXPECT_EQ(line(report->by_kind, "symmetric requests").month_so_far, 0);
    EXPECT_EQ(line(report->by_kind, "ECC requests").count, 14);
    EXPECT_EQ(line(report->by_kind, "ECC requests").month_so_far, 210);
    EXPECT_EQ(report->total.month_so_far, 400'210);
    // Kept to the month's end: from the 21st, 14:13:20, to the 30th, midnight: 225.8 hours, 226 begun: 4 x 226/720 =
    // $1.255556. Three days so far, 153.777… hours to come: 14 x (72 + 153.777…)/72 = 43.90 requests: $0.000659.
    EXPECT_EQ(line(report->by_kind, "keys").forecast, 1'255'556);
    EXPECT_EQ(line(report->by_kind, "ECC requests").forecast, 659);
    EXPECT_EQ(report->total.forecast, 1'256'214);  // 1,255,555.56 + 658.52
    // alice: her key 0.10 and 12 requests, 0.00018; charlie: his and 2, 0.00003; bob, alone in the pool: both its keys.
    EXPECT_EQ(line(report->by_user, "alice").month_so_far, 100'180);
    EXPECT_EQ(line(report->by_user, "charlie").month_so_far, 100'030);
    EXPECT_EQ(line(report->by_user, "bob").month_so_far, 200'000);
    EXPECT_EQ(report->by_user.front().name, "bob");
    EXPECT_EQ(line(report->by_custody, "kms-key").month_so_far, 200'210);
    EXPECT_EQ(line(report->by_custody, "envelope").month_so_far, 200'000);
    EXPECT_EQ(line(report->by_custody, "key-pair").month_so_far, 0);
    // The prices are the options'.
    EngineOptions dear = options();
    dear.prices.key_month = 2'000'000;
    open_with(dear);
    EXPECT_EQ(line(engine_->cost(operator_)->by_kind, "keys").month_so_far, 800'000);
}

TEST_F(UsageOfVaultTest, ADeletionStopsTheCostAndCancellingChargesItBack) {
    add_user("alice");
    const Wallet wallet = create("alice", Custody::kKmsKey);
    clock_.advance(std::chrono::hours(36));
    ASSERT_TRUE(engine_->schedule_key_deletion(operator_, wallet.key_id, 30, 1));
    clock_.advance(std::chrono::hours(36));
    const auto keys = [&] { return engine_->cost(operator_)->by_kind.at(0).month_so_far; };
    EXPECT_EQ(keys(), 50'000);  // 36/720
    ASSERT_TRUE(engine_->cancel_key_deletion(operator_, wallet.key_id));
    EXPECT_EQ(keys(), 100'000);  // 72/720, disabled as it is
}

TEST_F(UsageOfVaultTest, WhatADestroyedKeyHasCostStays) {
    add_user("alice");
    const Wallet wallet = create("alice", Custody::kKmsKey);
    clock_.advance(std::chrono::hours(36));
    ASSERT_TRUE(engine_->schedule_key_deletion(operator_, wallet.key_id, 7, 1));
    for (int i = 0; i < 15; ++i) {
        clock_.advance(std::chrono::hours(12));  // as in a vault that is used every day
        ASSERT_TRUE(engine_->list_keys(operator_, {}));
    }
    EXPECT_EQ(engine_->wallet(operator_, name_of(wallet))->state, WalletState::kLost);
    const auto report = engine_->cost(operator_);
    EXPECT_EQ(report->month, "2026-09");
    EXPECT_EQ(report->by_kind.at(0).month_so_far, 50'000);  // 36/720
    EXPECT_EQ(report->by_kind.at(0).forecast, 50'000);
}

}  // namespace
}  // namespace keydeck
