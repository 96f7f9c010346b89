// What happens in the middle: somebody else acts between a KMS call and what is written down of it.
#include <functional>
#include <utility>

#include "engine/store/keys.hpp"
#include "engine/store/wallets.hpp"
#include "tests/custody/fixture.hpp"
#include "tests/custody/forwarding_kms.hpp"

namespace keydeck {
namespace {

/// Lets a test act once just before or just after a call.
class InterruptedKms final : public ForwardingKms {
public:
    using ForwardingKms::ForwardingKms;
    using Act = std::function<void()>;

    Result<kms::KeyMetadata> describe_key(std::string_view key_id) override {
        auto answer = inner_.describe_key(key_id);
        once(after_describe);
        return answer;
    }
    Result<kms::KeyMetadata> schedule_key_deletion(std::string_view key_id, int days) override {
        once(before_schedule);
        return inner_.schedule_key_deletion(key_id, days);
    }
    Status cancel_key_deletion(std::string_view key_id) override {
        if (refuse_cancel) return fail(ErrorCode::kThrottled, "Rate exceeded", {}, "ThrottlingException");
        return inner_.cancel_key_deletion(key_id);
    }

    Act after_describe;
    Act before_schedule;
    bool refuse_cancel = false;

private:
    static void once(Act& act) {
        if (const Act now = std::exchange(act, nullptr)) now();
    }
};

class KeyRacesTest : public TwoUsersTest {
protected:
    void SetUp() override {
        TwoUsersTest::SetUp();
        if (HasFatalFailure()) return;
        open([this](kms::Kms& inner) {
            auto interrupted = std::make_unique<InterruptedKms>(inner);
            kms_ = interrupted.get();
            return interrupted;
        });
        ASSERT_TRUE(engine_->label_wallet(operator_, "bob-main", "b"));
    }
    std::int64_t dependants(const std::string& key) { return engine_->deletion_impact(operator_, key)->total(); }
    std::string state_in_store(const std::string& key) {
        const auto record = custody::ask_store(*vault_, [&](sqlite::Database& d) { return store::key_by_id(d, key); });
        return record && *record ? (*record)->state : "unknown";
    }
    /// Seals a wallet under the key as a process would that had found it enabled.
    void seal_one_more(const std::string& key) {
        ASSERT_TRUE(engine_->key(operator_, key));  // the KMS says Enabled still, and so again does the store
        store::NewWallet row;
        row.id = 900 + dependants(key);
        row.user_id = alices_.user_id;
        row.address[19] = static_cast<std::uint8_t>(row.id);
        row.key_id = key;
        row.public_key = Bytes(65, 0x04);
        const Status written = vault_->write([&](sqlite::Database& d) { return store::insert_wallet(d, row); });
        ASSERT_TRUE(written) << why(written);
    }
    std::vector<std::pair<std::string, std::string>> actions_on(const std::string& key) {
        AuditQuery query;
        query.key = key;
        std::vector<std::pair<std::string, std::string>> found;
        for (const AuditEvent& event : events(query)) found.emplace_back(event.action, event.result);
        return found;
    }
    InterruptedKms* kms_ = nullptr;  // lives in engine_
};

TEST_F(KeyRacesTest, ADeletionThatWasOutrunIsTakenBack) {
    const std::string key = alices_.key_id;
    const std::int64_t lost = dependants(key);
    kms_->before_schedule = [&] { seal_one_more(key); };
    const auto refused = engine_->schedule_key_deletion(operator_, key, 7, lost);
    ASSERT_TRUE(fails_with(ErrorCode::kRejected, refused));
    EXPECT_NE(refused.error().hint.find("--acknowledge " + std::to_string(lost + 1)), std::string::npos)
        << refused.error().hint;
    EXPECT_EQ(vault_->kms().describe_key(key)->state, kms::KeyState::kEnabled) << "it is as it was";
    EXPECT_EQ(state_in_store(key), "Enabled");
    EXPECT_TRUE(engine_->sign_message(operator_, "alice-main", as_bytes("m")));
    auto actions = actions_on(key);
    std::erase_if(actions, [](const auto& action) { return action.first == "SignMessage"; });
    ASSERT_GE(actions.size(), 3U);
    const std::vector<std::pair<std::string, std::string>> last(actions.end() - 3, actions.end());
    EXPECT_EQ(last, (std::vector<std::pair<std::string, std::string>>{
                        {"CancelKeyDeletion", "ok"}, {"EnableKey", "ok"}, {"ScheduleKeyDeletion", "rejected"}}));
    // With the new number it goes through, and nothing is undone.
    EXPECT_TRUE(engine_->schedule_key_deletion(operator_, key, 7, lost + 1));
    EXPECT_EQ(vault_->kms().describe_key(key)->state, kms::KeyState::kPendingDeletion);
    EXPECT_EQ(actions_on(key).back(), std::pair(std::string("ScheduleKeyDeletion"), std::string("ok")));
    expect_sound_audit();
}

TEST_F(KeyRacesTest, ADisabledKeyComesBackDisabled) {
    const std::string key = alices_.key_id;
    ASSERT_TRUE(engine_->disable_key(operator_, key));
    kms_->before_schedule = [&] { seal_one_more(key); };
    EXPECT_TRUE(fails_with(ErrorCode::kRejected, engine_->schedule_key_deletion(operator_, key, 7, dependants(key))));
    EXPECT_EQ(vault_->kms().describe_key(key)->state, kms::KeyState::kDisabled);
    EXPECT_EQ(state_in_store(key), "Disabled");
}

TEST_F(KeyRacesTest, ADeletionThatCannotBeTakenBackSaysSo) {
    const std::string key = alices_.key_id;
    kms_->before_schedule = [&] { seal_one_more(key); };
    kms_->refuse_cancel = true;
    const auto failed = engine_->schedule_key_deletion(operator_, key, 7, dependants(key));
    ASSERT_TRUE(fails_with(ErrorCode::kThrottled, failed));
    EXPECT_NE(failed.error().message.find("is scheduled for deletion"), std::string::npos) << failed.error().message;
    EXPECT_NE(failed.error().hint.find("cancel-deletion " + key), std::string::npos);
    EXPECT_EQ(state_in_store(key), "PendingDeletion");
}

TEST_F(KeyRacesTest, AnOlderAnswerOverwritesNoNewerOne) {
    const std::string key = alices_.key_id;
    ASSERT_TRUE(engine_->disable_key(operator_, key));
    ASSERT_TRUE(vault_->kms().enable_key(key));  // behind the store's back
    kms_->after_describe = [&] { ASSERT_TRUE(engine_->disable_key(operator_, key)); };
    const auto seen = engine_->key(operator_, key);  // asked while it was enabled
    ASSERT_TRUE(seen) << why(seen);
    EXPECT_EQ(state_in_store(key), "Disabled");
    EXPECT_EQ(seen->state, "Disabled") << "overtaken, so it asked again";
    EXPECT_EQ(engine_->wallet(operator_, "alice-main")->state, WalletState::kKeyDisabled);
}

}  // namespace
}  // namespace keydeck
