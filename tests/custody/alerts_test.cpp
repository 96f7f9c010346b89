// Each rule fires and clears through the real engine: real calls of the KMS, a clock that is moved.
#include <algorithm>

#include "engine/store/keys.hpp"
#include "engine/store/wallets.hpp"
#include "tests/custody/alerts_fixture.hpp"

namespace keydeck {
namespace {

TEST_F(AlertsTest, NothingFiresInAQuietVault) {
    const auto before = events().size();
    EXPECT_TRUE(check().empty());
    EXPECT_EQ(events().size(), before);
}

TEST_F(AlertsTest, DecryptRate) {
    rules_.decrypts_per_minute = 8;
    reopen();
    decrypt(8);
    EXPECT_TRUE(check().empty()) << "not more than eight";
    decrypt(1);
    expect_rate("decrypt-rate");
}

TEST_F(AlertsTest, DecryptsOfTwoMinutesAreTwoRates) {
    rules_.decrypts_per_minute = 8;
    reopen();
    decrypt(8);
    clock_.advance(minutes(1));
    decrypt(8);
    EXPECT_TRUE(check().empty());
}

TEST_F(AlertsTest, ARateBetweenTwoLooksIsSeen) {
    rules_.decrypts_per_minute = 3;
    reopen();
    decrypt(4);
    clock_.advance(minutes(4));
    EXPECT_EQ(firing(), std::vector<std::string>{"decrypt-rate"});
}

TEST_F(AlertsTest, ErrorRate) {
    rules_.error_percent = 5;
    rules_.decrypts_per_minute = 0;
    reopen();
    decrypt(18);
    kms_->mood = named(ErrorCode::kUnavailable, "KMSInternalException");
    decrypt(1);
    EXPECT_TRUE(check().empty()) << "19 calls are too few";
    kms_->mood.reset();
    decrypt(1);
    EXPECT_TRUE(check().empty()) << "one of twenty is five percent, and not more";
    kms_->mood = named(ErrorCode::kUnavailable, "KMSInternalException");
    decrypt(1);
    expect_rate("error-rate");
}

TEST_F(AlertsTest, AnswersAreNoErrors) {
    for (int i = 0; i < 30; ++i) EXPECT_FALSE(engine_->key(operator_, "alias/nobody"));
    EXPECT_TRUE(check().empty());
}

TEST_F(AlertsTest, FailedDecrypts) {
    kms_->mood = named(ErrorCode::kCorrupt, "InvalidCiphertextException");
    decrypt(2);
    EXPECT_TRUE(check().empty());
    decrypt(1);
    expect_rate("failed-decrypts");
}

TEST_F(AlertsTest, AccessDenied) {
    kms_->mood = named(ErrorCode::kDenied, "AccessDeniedException");
    decrypt(1);
    EXPECT_NE(check()[0].sentence.find("Decrypt"), std::string::npos);
    expect_rate("access-denied");
}

TEST_F(AlertsTest, Throttling) {
    kms_->mood = named(ErrorCode::kThrottled, "ThrottlingException");
    decrypt(9);
    EXPECT_TRUE(check().empty());
    decrypt(1);
    expect_rate("throttling");
}

TEST_F(AlertsTest, ThrottlingFiresThoughEveryCallSucceedsInTheEnd) {
    kms_->throttled_tries = 3;
    decrypt(3);
    EXPECT_TRUE(check().empty()) << "nine tries";
    decrypt(1);
    kms_->throttled_tries = 0;
    MetricsQuery query;
    query.operation = "Decrypt";
    query.since = clock_.now() - minutes(1);
    const auto metrics = engine_->metrics(operator_, query);
    ASSERT_TRUE(metrics && metrics->size() == 1) << why(metrics);
    EXPECT_EQ(metrics->front().stats.calls, 4);
    EXPECT_EQ(metrics->front().stats.failures, 0) << "none of them failed";
    EXPECT_EQ(metrics->front().stats.errors.front(),
              std::pair(std::string("Retried.ThrottlingException"), std::int64_t{12}));
    expect_rate("throttling");
}

TEST_F(AlertsTest, ASealThatIsBrokenIsAFailedDecryptThoughTheKmsDecrypted) {
    const std::string whole = to_hex(
        custody::ask_store(*vault_, [&](auto& database) { return store::sealed_columns(database, alices_.id); })->secret);
    const std::string of_alice = " WHERE id = " + std::to_string(alices_.id);
    meddle("UPDATE wallets SET sealed_secret = zeroblob(length(sealed_secret))" + of_alice);
    for (int i = 0; i < 3; ++i)
        EXPECT_TRUE(fails_with(ErrorCode::kCorrupt, engine_->export_private_key(operator_, "alice-main")));
    meddle("UPDATE wallets SET sealed_secret = x'" + whole + "'" + of_alice);
    expect_rate("failed-decrypts");
}

TEST_F(AlertsTest, RulesAtZeroAreOff) {
    rules_ = {.decrypts_per_minute = 0,
              .error_percent = 0,
              .failed_decrypts = 0,
              .access_denied = 0,
              .throttled = 0,
              .rotation_days = 0,
              .deletion_days = 0,
              .audit = false,
              .monthly_budget = 0,
              .command = {}};
    reopen();
    for (const char* name : {"InvalidCiphertextException", "AccessDeniedException", "ThrottlingException"}) {
        kms_->mood = named(ErrorCode::kDenied, name);
        decrypt(40);
    }
    const auto wallet = engine_->wallet(operator_, "bob-main");
    const auto impact = engine_->deletion_impact(operator_, wallet->key_id);
    ASSERT_TRUE(engine_->schedule_key_deletion(operator_, wallet->key_id, 7, impact->total()));
    clock_.advance(days(5));
    EXPECT_TRUE(check().empty());
}

TEST_F(AlertsTest, RotationLate) {
    clock_.advance(days(364));
    EXPECT_TRUE(check().empty());
    clock_.advance(days(2));
    const auto alerts = check();
    ASSERT_EQ(rules_of(alerts), (std::vector<std::string>{"rotation-late", "rotation-late"})) << "the pool's two keys";
    EXPECT_EQ(alerts[0].command, "keydeck key rotate " + alerts[0].subject);
    EXPECT_TRUE(engine_->rotate_key(operator_, alerts[0].subject));
    const auto left = check();
    ASSERT_EQ(left.size(), 1U);
    EXPECT_EQ(left[0].subject, alerts[1].subject);
    EXPECT_TRUE(engine_->rotate_key(operator_, alerts[1].subject));
    EXPECT_TRUE(check().empty());
    clock_.advance(days(366));
    EXPECT_EQ(check().size(), 2U) << "and again after another year";
}

TEST_F(AlertsTest, AKeyThatRotatedByItselfIsNotLate) {
    const auto pool = engine_->pool_status(operator_);
    for (const auto& key : pool->keys) {
        const auto set = engine_->set_key_rotation(operator_, key.id, 90);
        ASSERT_TRUE(set) << why(set);
    }
    clock_.advance(days(370));  // four rotations, of which the store knows nothing yet
    ASSERT_TRUE(engine_->confirm_clock(operator_));
    EXPECT_TRUE(check().empty());
}

TEST_F(AlertsTest, DeletionNear) {
    rules_.deletion_days = 10;
    reopen();
    const auto wallet = engine_->wallet(operator_, "bob-main");
    const auto impact = engine_->deletion_impact(operator_, wallet->key_id);
    ASSERT_TRUE(engine_->schedule_key_deletion(operator_, wallet->key_id, 20, impact->total()));
    EXPECT_TRUE(check().empty()) << "twenty days are far";
    clock_.advance(days(11));
    const auto alerts = check();
    ASSERT_EQ(rules_of(alerts), std::vector<std::string>{"deletion-near"});
    EXPECT_EQ(alerts[0].subject, wallet->key_id);
    EXPECT_EQ(alerts[0].command, "keydeck key cancel-deletion " + wallet->key_id);
    EXPECT_NE(alerts[0].sentence.find("wallet"), std::string::npos);
    ASSERT_TRUE(engine_->cancel_key_deletion(operator_, wallet->key_id));
    EXPECT_TRUE(check().empty());
}

TEST_F(AlertsTest, AKeyWithoutDependantsMayGoQuietly) {
    const auto key = engine_->create_key(operator_, {});
    ASSERT_TRUE(engine_->schedule_key_deletion(operator_, key->id, 7, 0));
    clock_.advance(days(6));
    EXPECT_TRUE(check().empty());
}

class AuditAlertTest : public AlertsTest {
protected:
    void SetUp() override {
        AlertsTest::SetUp();
        rules_.audit = true;
        reopen();
    }
};

TEST_F(AuditAlertTest, AuditBroken) {
    EXPECT_TRUE(check().empty());
    meddle("UPDATE audit SET actor = 'mallory' WHERE id = 3");
    auto alerts = check();
    ASSERT_EQ(rules_of(alerts), std::vector<std::string>{"audit-broken"});
    EXPECT_NE(alerts[0].sentence.find("Event 3"), std::string::npos) << alerts[0].sentence;
    meddle("UPDATE audit SET actor = 'operator' WHERE id = 3");
    EXPECT_TRUE(check().empty());
}

TEST_F(AuditAlertTest, ALogThatCannotBeExtendedIsToldToo) {
    meddle("UPDATE audit_head SET seal = x'00'");
    const auto alerts = check();
    ASSERT_EQ(rules_of(alerts), std::vector<std::string>{"audit-broken"});
    EXPECT_EQ(engine_->list_alerts(operator_, false)->size(), 1U) << "and is kept, though the log is not";
}

TEST_F(AuditAlertTest, VerifyingFeedsTheAlert) {
    meddle("UPDATE audit SET actor = 'mallory' WHERE id = 3");
    EXPECT_FALSE(engine_->verify_audit(operator_, std::nullopt)->valid);
    EXPECT_EQ(rules_of(*engine_->list_alerts(operator_, false)), std::vector<std::string>{"audit-broken"});
    meddle("UPDATE audit SET actor = 'operator' WHERE id = 3");
    EXPECT_TRUE(engine_->verify_audit(operator_, std::nullopt)->valid);
    EXPECT_TRUE(engine_->list_alerts(operator_, false)->empty());
    const auto wrong = engine_->verify_audit(operator_, Hash32{});
    EXPECT_FALSE(wrong->valid);
    EXPECT_TRUE(engine_->list_alerts(operator_, false)->empty()) << "a wrong note is no broken log";
}

TEST_F(AuditAlertTest, InALongLogEveryPartHasItsTurnAndNoAlertClearsByLookingElsewhere) {
    ASSERT_TRUE(
        engine_->sign_messages(operator_, "alice-main", std::vector<std::string_view>(20'000, "m"), [](auto, auto&) {}));
    clock_.advance(minutes(30));
    meddle("UPDATE audit SET actor = 'mallory' WHERE id = 5000");
    const auto found_within = [this](int most) {
        int looks = 0;
        while (check().empty() && ++looks < most) clock_.advance(minutes(3));  // three parts: never in step with the clock
        return looks < most;
    };
    EXPECT_TRUE(found_within(200));
    for (int i = 0; i < 5; ++i) {
        clock_.advance(minutes(1));
        EXPECT_EQ(firing(), std::vector<std::string>{"audit-broken"});
    }
    meddle("UPDATE audit SET actor = 'operator' WHERE id = 5000");
    EXPECT_TRUE(check().empty());
    meddle("UPDATE audit SET actor = 'mallory' WHERE id = 12000");
    EXPECT_TRUE(found_within(200));
    meddle("UPDATE audit SET actor = 'operator' WHERE id = 12000");
    EXPECT_TRUE(check().empty());
    meddle("UPDATE audit SET actor = 'mallory' WHERE id = 12000");
    const auto by_command = engine_->check_alerts(Session::of_operator("cli"));
    ASSERT_TRUE(by_command) << why(by_command);
    EXPECT_EQ(rules_of(*by_command), std::vector<std::string>{"audit-broken"}) << "a command reads it whole";
}

TEST_F(AuditAlertTest, ItCannotBeSilenced) {
    meddle("UPDATE audit SET actor = 'mallory' WHERE id = 3");
    auto alerts = check();
    ASSERT_EQ(alerts.size(), 1U);
    EXPECT_FALSE(engine_->silence_alert(operator_, alerts[0].id, std::chrono::hours(1)));
    meddle("UPDATE alerts SET silenced_until = 9000000000000000");
    EXPECT_FALSE(check()[0].silenced_until) << "forged";
    EXPECT_FALSE(engine_->list_alerts(operator_, false)->front().silenced_until);
}

TEST_F(AlertsTest, WhereNothingIsBilledNoBudgetIsExceeded) {
    rules_.monthly_budget = 1'000;
    reopen();
    EXPECT_TRUE(check().empty());
}

}  // namespace
}  // namespace keydeck
