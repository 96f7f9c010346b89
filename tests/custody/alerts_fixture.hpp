// A vault whose alerts fire by real calls of its KMS, which refuses Decrypt as a test wants it.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "engine/kms/call_scope.hpp"
#include "tests/custody/fixture.hpp"
#include "tests/custody/forwarding_kms.hpp"

namespace keydeck {

using std::chrono::days;
using std::chrono::minutes;

/// Refuses Decrypt as a test wants it.
class MoodyKms final : public ForwardingKms {
public:
    using ForwardingKms::ForwardingKms;
    Result<kms::DecryptResult> decrypt(std::string_view key_id, ByteView ciphertext,
                                       const kms::EncryptionContext& context) override {
        for (int i = 0; i < throttled_tries; ++i) kms::TryWatch::note_throttled();
        if (mood) return std::unexpected(*mood);
        return inner_.decrypt(key_id, ciphertext, context);
    }
    std::optional<Error> mood;
    int throttled_tries = 0;  ///< before a call succeeds, as a client of AWS's makes them
};

class AlertsTest : public TwoUsersTest {
protected:
    void SetUp() override {
        TwoUsersTest::SetUp();
        if (HasFatalFailure()) return;
        rules_.audit = false;  // where a test is not about it
        reopen();
        clock_.advance(minutes(30));  // what making the wallets took is over
    }
    void reopen() {
        EngineOptions with_rules = options();
        with_rules.alerts = rules_;
        open_with(with_rules, [this](kms::Kms& inner) {
            auto moody = std::make_unique<MoodyKms>(inner);
            kms_ = moody.get();
            return moody;
        });
    }
    std::vector<Alert> check(bool write = true) {
        auto alerts = engine_->check_alerts(operator_, write);
        EXPECT_TRUE(alerts) << why(alerts);
        return alerts ? std::move(*alerts) : std::vector<Alert>{};
    }
    static std::vector<std::string> rules_of(const std::vector<Alert>& alerts) {
        std::vector<std::string> names;
        for (const Alert& alert : alerts) names.push_back(alert.rule);
        std::ranges::sort(names);
        return names;
    }
    std::vector<std::string> firing() { return rules_of(check()); }
    /// Opens the wallet anew `count` times: one Decrypt each.
    void decrypt(int count) {
        for (int i = 0; i < count; ++i) {
            engine_->forget_idle_wallets(std::chrono::seconds(-1'000));
            const auto exported = engine_->export_private_key(operator_, "alice-main");
            EXPECT_EQ(exported.has_value(), !kms_->mood) << why(exported);
        }
    }
    static Error named(ErrorCode code, const char* kms_error) { return {code, "refused", {}, kms_error}; }
    /// Fires with these calls, goes on for five minutes, and clears.
    void expect_rate(const std::string& rule) {
        const auto alerts = check();
        ASSERT_EQ(rules_of(alerts), std::vector<std::string>{rule});
        EXPECT_TRUE(alerts[0].sentence.ends_with('.')) << alerts[0].sentence;
        EXPECT_FALSE(alerts[0].command.empty());
        EXPECT_EQ(last_event().action, "RaiseAlert");
        clock_.advance(minutes(4));
        EXPECT_EQ(check().size(), 1U) << "not quiet for long enough";
        EXPECT_EQ(check()[0].id, alerts[0].id) << "the same one";
        clock_.advance(minutes(6));
        EXPECT_TRUE(check().empty());
        EXPECT_EQ(last_event().action, "ClearAlert");
        const auto all = engine_->list_alerts(operator_, true);
        ASSERT_EQ(all->size(), 1U);
        EXPECT_EQ(all->front().cleared_at, clock_.now());
        EXPECT_TRUE(engine_->list_alerts(operator_, false)->empty());
        expect_sound_audit();
    }

    AlertRules rules_;
    MoodyKms* kms_ = nullptr;  // lives in engine_
};

}  // namespace keydeck
