// A process killed while it creates wallets, before or after its Nth call of the KMS or at its Nth look at the clock (which
// falls between the writes): the vault opens, no wallet is half there, and no key is lost.
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <functional>
#include <set>
#include <type_traits>

#include "engine/custody/key_tags.hpp"
#include "tests/custody/fixture.hpp"
#include "tests/custody/forwarding_kms.hpp"

namespace keydeck {
namespace {

/// Counts down, and kills the process at the end: as a power cut would, with nothing cleaned up.
class Countdown {
public:
    explicit Countdown(int events) : left_(events) {}
    void event() {
        if (--left_ == 0) std::raise(SIGKILL);
    }

private:
    std::atomic<int> left_;
};

enum class When { kBeforeKmsCall, kAfterKmsCall, kAtClock };

/// Counts the calls that making wallets needs.
class MortalKms final : public ForwardingKms {
public:
    MortalKms(kms::Kms& inner, Countdown* before, Countdown* after) : ForwardingKms(inner), before_(before), after_(after) {}
    Result<kms::KeyMetadata> create_key(const kms::CreateKeyRequest& request) override {
        return counted([&] { return inner_.create_key(request); });
    }
    Status create_alias(std::string_view name, std::string_view key_id) override {
        return counted([&] { return inner_.create_alias(name, key_id); });
    }
    Result<kms::DataKey> generate_data_key(std::string_view key_id, int bytes,
                                           const kms::EncryptionContext& context) override {
        return counted([&] { return inner_.generate_data_key(key_id, bytes, context); });
    }
    Status disable_key(std::string_view key_id) override {
        return counted([&] { return inner_.disable_key(key_id); });
    }
    Result<kms::PublicKeyResult> get_public_key(std::string_view key_id) override {
        return counted([&] { return inner_.get_public_key(key_id); });
    }

private:
    template <class Call>
    std::invoke_result_t<Call> counted(Call call) {
        if (before_ != nullptr) before_->event();
        auto answer = call();
        if (after_ != nullptr) after_->event();
        return answer;
    }
    Countdown* before_;
    Countdown* after_;
};

class MortalClock final : public Clock {
public:
    explicit MortalClock(Countdown& countdown) : countdown_(countdown) {}
    [[nodiscard]] Timestamp now() const override {
        countdown_.event();
        return kStart;
    }

private:
    Countdown& countdown_;
};

class CrashTest : public VaultTest {
protected:
    void SetUp() override {
        VaultTest::SetUp();
        if (HasFatalFailure()) return;
        add_user("alice");
        engine_.reset();
    }

    void create_until_killed(Custody custody, When when, int nth) {
        const CreateWallets request = for_user("alice", custody, {}, custody == Custody::kKmsKey ? 2 : 40);
        run_until_killed(when, nth, [&](Engine& engine) { return engine.create_wallets(operator_, request).has_value(); });
    }
    /// Acts in a process of its own, again and again, until it is killed at that event.
    void run_until_killed(When when, int nth, const std::function<bool(Engine&)>& act) {
        const pid_t child = fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
            Countdown countdown(nth);
            const MortalClock clock(countdown);
            EngineOptions mortal = options();
            if (when == When::kAtClock) mortal.clock = &clock;
            auto vault = custody::OpenVault::open(mortal, [&](kms::Kms& inner) {
                return std::make_unique<MortalKms>(inner, when == When::kBeforeKmsCall ? &countdown : nullptr,
                                                   when == When::kAfterKmsCall ? &countdown : nullptr);
            });
            if (!vault) _exit(2);
            Engine engine(std::move(*vault));
            while (act(engine)) {
            }
            _exit(1);
        }
        int status = 0;
        waitpid(child, &status, 0);
        ASSERT_TRUE(WIFSIGNALED(status)) << "it ended by itself with " << WEXITSTATUS(status);
    }

    /// Every wallet is whole: it signs, and its creation is in the log.
    void expect_whole_wallets(std::size_t sample) {
        const auto wallets = engine_->list_wallets(operator_, {});
        ASSERT_TRUE(wallets) << why(wallets);
        AuditQuery creations;
        creations.action = "CreateWallet";
        std::set<std::string> recorded;
        for (const AuditEvent& event : events(creations)) recorded.insert(event.target);
        EXPECT_EQ(recorded.size(), wallets->size());
        EXPECT_EQ(engine_->vault()->wallets, static_cast<std::int64_t>(wallets->size()));
        const std::size_t step = std::max<std::size_t>(1, wallets->size() / sample);
        for (std::size_t i = 0; i < wallets->size(); i += step) {
            EXPECT_TRUE(recorded.contains(name_of((*wallets)[i])));
            const auto signature = engine_->sign_message(operator_, name_of((*wallets)[i]), as_bytes("m"));
            EXPECT_TRUE(signature) << why(signature);
        }
    }

    /// Every key of the KMS is known to the store or named by the doctor; the doctor's findings can all be mended.
    void expect_no_lost_key() {
        const auto findings = engine_->doctor(operator_);
        ASSERT_TRUE(findings) << why(findings);
        std::set<std::string> orphans;
        for (const DoctorFinding& finding : *findings) {
            if (finding.check == "orphan-key") orphans.insert(finding.key_id);
        }
        auto keys = custody::all_keys(vault_->kms());
        ASSERT_TRUE(keys);
        for (const kms::KeyListEntry& key : *keys) {
            const auto known = engine_->key(operator_, key.key_id);
            ASSERT_TRUE(known) << why(known);
            EXPECT_NE(known->purpose.empty(), !orphans.contains(key.key_id)) << key.key_id;
        }
        orphans_found_ += orphans.size();
        for (const std::string& orphan : orphans) {
            const auto adopted = engine_->adopt_key(operator_, orphan);
            EXPECT_TRUE(adopted) << why(adopted);
        }
        const auto after = engine_->doctor(operator_);
        ASSERT_TRUE(after) << why(after);
        // The job that was cut short stays so until somebody resumes it.
        for (const DoctorFinding& finding : *after) EXPECT_EQ(finding.check, "interrupted-job") << finding.sentence;
    }
    std::size_t orphans_found_ = 0;
};

TEST_F(CrashTest, EnvelopeWallets) {
    // The first calls make the pool; then 40 data keys a commit.
    for (const When when : {When::kBeforeKmsCall, When::kAfterKmsCall, When::kAtClock}) {
        for (const int nth : {1, 2, 3, 4, 5, 44, 45, 85, 124}) {
            create_until_killed(Custody::kEnvelope, when, nth);
            open();
            if (HasFatalFailure()) return;
            expect_whole_wallets(5);
            expect_no_lost_key();
            expect_sound_audit();
            engine_.reset();
        }
    }
}

TEST_F(CrashTest, KmsWallets) {
    // Two CreateKey and two GetPublicKey a commit.
    for (const When when : {When::kBeforeKmsCall, When::kAfterKmsCall, When::kAtClock}) {
        for (int nth = 1; nth <= 9; ++nth) {
            create_until_killed(Custody::kKmsKey, when, nth);
            open();
            if (HasFatalFailure()) return;
            expect_no_lost_key();
            const auto wallets = engine_->list_wallets(operator_, {});
            ASSERT_TRUE(wallets);
            for (std::size_t i = 0; i < wallets->size(); i += 1 + wallets->size() / 5) {
                EXPECT_TRUE(engine_->sign_message(operator_, name_of((*wallets)[i]), as_bytes("m")));
            }
            expect_sound_audit();
            engine_.reset();
        }
    }
    EXPECT_GT(orphans_found_, 5U) << "a kill after CreateKey leaves an orphan each time";
}

TEST_F(CrashTest, AChangeOfAKeyThatWasCutShortIsToldAndRecorded) {
    for (const When when : {When::kBeforeKmsCall, When::kAfterKmsCall}) {
        open();
        const auto key = engine_->create_key(operator_, {});
        ASSERT_TRUE(key) << why(key);
        engine_.reset();
        run_until_killed(when, 1, [&](Engine& engine) { return engine.disable_key(operator_, key->id).has_value(); });
        open();
        if (HasFatalFailure()) return;
        const std::string state = when == When::kAfterKmsCall ? "Disabled" : "Enabled";
        AuditQuery query;
        query.action = "DisableKey";
        query.key = key->id;
        for (const bool surely_dead : {false, true}) {
            if (surely_dead) clock_.advance(std::chrono::minutes(10));
            const auto findings = engine_->doctor(operator_);
            ASSERT_TRUE(findings) << why(findings);
            ASSERT_EQ(findings->size(), 1U);
            EXPECT_EQ(findings->front().check, "interrupted-change");
            EXPECT_EQ(findings->front().key_id, key->id);
            EXPECT_NE(findings->front().sentence.find("is now " + state), std::string::npos) << findings->front().sentence;
            EXPECT_EQ(events(query).size(), surely_dead ? 1U : 0U);
        }
        const auto recorded = events(query);
        EXPECT_EQ(recorded.back().result, "internal");
        EXPECT_EQ(recorded.back().actor, "operator");
        EXPECT_NE(recorded.back().detail.find("\"state_now\":\"" + state + '"'), std::string::npos);
        EXPECT_TRUE(engine_->doctor(operator_)->empty()) << "once";
        expect_sound_audit();
        engine_.reset();
    }
}

}  // namespace
}  // namespace keydeck
