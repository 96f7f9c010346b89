// A process killed at any moment of creating wallets: the vault opens, no wallet is half there, and no key is lost.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <set>

#include "engine/custody/key_tags.hpp"
#include "tests/custody/fixture.hpp"

namespace keydeck {
namespace {

class CrashTest : public VaultTest {
protected:
    void SetUp() override {
        VaultTest::SetUp();
        if (HasFatalFailure()) return;
        add_user("alice");
        engine_.reset();
    }

    /// Creates wallets in a process of its own until it is killed after `micros`.
    void create_until_killed(Custody custody, useconds_t micros) {
        const pid_t child = fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
            auto engine = Engine::open(options());
            while (engine && (*engine)->create_wallets(
                                 operator_, for_user("alice", custody, {}, custody == Custody::kKmsKey ? 1 : 40))) {
            }
            _exit(1);
        }
        usleep(micros);
        kill(child, SIGKILL);
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
        EXPECT_TRUE(after && after->empty());
    }
    std::size_t orphans_found_ = 0;
};

TEST_F(CrashTest, EnvelopeWallets) {
    for (int round = 0; round < 12; ++round) {
        create_until_killed(Custody::kEnvelope, static_cast<useconds_t>(3'000 + random_.below(60'000)));
        open();
        if (HasFatalFailure()) return;
        expect_whole_wallets(5);
        expect_no_lost_key();
        expect_sound_audit();
        engine_.reset();
    }
}

TEST_F(CrashTest, KmsWallets) {
    std::size_t adopted = 0;
    for (int round = 0; round < 12; ++round) {
        create_until_killed(Custody::kKmsKey, static_cast<useconds_t>(3'000 + random_.below(30'000)));
        open();
        if (HasFatalFailure()) return;
        expect_no_lost_key();
        const auto wallets = engine_->list_wallets(operator_, {});
        ASSERT_TRUE(wallets);
        for (std::size_t i = 0; i < wallets->size(); i += 1 + wallets->size() / 5) {
            EXPECT_TRUE(engine_->sign_message(operator_, name_of((*wallets)[i]), as_bytes("m")));
        }
        adopted += orphans_found_;
        expect_sound_audit();
        engine_.reset();
    }
    RecordProperty("orphans_adopted", static_cast<int>(adopted));
}

}  // namespace
}  // namespace keydeck
