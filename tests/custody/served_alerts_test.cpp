// Alerts over a vault in AWS, and over the vault whose KMS is served to it: both see the calls, each by its own meter.
#include <algorithm>

#include "tests/custody/aws_vault_fixture.hpp"

namespace keydeck {
namespace {

class ServedAlertsTest : public AwsVaultTest {
protected:
    static std::vector<std::string> rules_of(Engine& engine, const Session& session) {
        const auto alerts = engine.check_alerts(session, true);
        EXPECT_TRUE(alerts) << why(alerts);
        std::vector<std::string> rules;
        if (alerts) {
            for (const Alert& alert : *alerts) rules.push_back(alert.rule);
        }
        return rules;
    }
    /// What the served vault counted of an operation.
    CallStats served(const std::string& operation, const std::string& key = {}) {
        MetricsQuery query;
        query.operation = operation;
        query.key = key;
        const auto metrics = account_.engine->metrics(operator_, query);
        EXPECT_TRUE(metrics) << why(metrics);
        CallStats all;
        if (!metrics) return all;
        for (const Metric& metric : *metrics) {
            all.calls += metric.stats.calls;
            all.failures += metric.stats.failures;
            for (const auto& error : metric.stats.errors) all.errors.push_back(error);
        }
        return all;
    }
    void open_with_budget(MicroDollars budget) {
        EngineOptions with = options();
        with.alerts.monthly_budget = budget;
        open_with(with);
    }
};

TEST_F(ServedAlertsTest, CallsOfOtherProgramsAreCountedByKeyAndOperation) {
    add_user("alice");
    const Wallet wallet = create("alice");
    const std::int64_t before = served("Decrypt").calls;
    open();
    ASSERT_TRUE(engine_->export_private_key(operator_, name_of(wallet)));
    EXPECT_EQ(served("Decrypt", wallet.key_id).calls - before, 1);
    EXPECT_EQ(served("CreateKey").calls, 2) << "under the keys that came of it";
    EXPECT_EQ(served("GenerateDataKey").failures, 0);
    // Refused ones too, by AWS's name.
    ASSERT_TRUE(account_.engine->disable_key(operator_, wallet.key_id));
    open();
    EXPECT_FALSE(engine_->export_private_key(operator_, name_of(wallet)));
    const CallStats refused = served("Decrypt", wallet.key_id);
    ASSERT_EQ(refused.failures, 1);
    EXPECT_EQ(refused.errors.front().first, "DisabledException");
    // And what strangers ask for, under no key.
    set_environment("AWS_SECRET_ACCESS_KEY", "not the secret");
    open();
    EXPECT_FALSE(engine_->list_keys(operator_, {}));
    EXPECT_EQ(std::ranges::count(rules_of(*account_.engine, operator_), "access-denied"), 1);
}

TEST_F(ServedAlertsTest, ManyDecryptsOfAnotherProgramFire) {
    add_user("alice");
    const Wallet wallet = create("alice");
    for (int i = 0; i <= 100; ++i) {
        engine_->forget_idle_wallets(std::chrono::seconds(-1'000));
        ASSERT_TRUE(engine_->export_private_key(operator_, name_of(wallet)));
    }
    EXPECT_EQ(rules_of(*account_.engine, operator_), std::vector<std::string>{"decrypt-rate"});
    clock_.advance(std::chrono::minutes(11));
    EXPECT_TRUE(rules_of(*account_.engine, operator_).empty());
}

TEST_F(ServedAlertsTest, WhatWasServedIsWrittenDownByOneWhoSeldomWrites) {
    add_user("alice");
    const Wallet wallet = create("alice");
    account_.service.reset();
    account_.engine.reset();  // the program ends
    EngineOptions there;
    there.directory = base_ / "123456789012";
    there.clock = &clock_;
    there.random = &random_;
    account_.engine = std::move(*Engine::open(there));
    EXPECT_GT(served("GenerateDataKey", wallet.key_id).calls, 0);
}

TEST_F(ServedAlertsTest, OverBudget) {
    add_user("alice");
    create("alice", Custody::kKmsKey);  // a dollar a month
    open_with_budget(1'000'000'000);
    EXPECT_TRUE(rules_of(*engine_, operator_).empty());
    open_with_budget(200'000);  // less than a third of the month is left
    const auto fired = engine_->check_alerts(operator_, true);
    ASSERT_TRUE(fired && fired->size() == 1) << why(fired);
    EXPECT_EQ(fired->front().rule, "over-budget");
    EXPECT_NE(fired->front().sentence.find("more than the budget of $0.20"), std::string::npos) << fired->front().sentence;
    EXPECT_EQ(last_event().action, "RaiseAlert");
    open_with_budget(1'000'000'000);
    EXPECT_TRUE(rules_of(*engine_, operator_).empty());
    EXPECT_EQ(last_event().action, "ClearAlert");
    expect_sound_audit();
}

}  // namespace
}  // namespace keydeck
