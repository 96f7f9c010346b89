// Each rule fires and clears through the real engine: real calls of the KMS, a clock that is moved.
#include <sys/stat.h>

#include <algorithm>
#include <csignal>
#include <sstream>
#include <thread>

#include "engine/custody/alert_command.hpp"
#include "engine/store/keys.hpp"
#include "tests/custody/fixture.hpp"
#include "tests/custody/forwarding_kms.hpp"

namespace keydeck {
namespace {

using std::chrono::days;
using std::chrono::minutes;

/// Refuses Decrypt as a test wants it.
class MoodyKms final : public ForwardingKms {
public:
    using ForwardingKms::ForwardingKms;
    Result<kms::DecryptResult> decrypt(std::string_view key_id, ByteView ciphertext,
                                       const kms::EncryptionContext& context) override {
        if (mood) return std::unexpected(*mood);
        return inner_.decrypt(key_id, ciphertext, context);
    }
    std::optional<Error> mood;
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

// --- what becomes of an alert ---

class OneAlertTest : public AlertsTest {
protected:
    void SetUp() override {
        AlertsTest::SetUp();
        rules_.command = "env > " + (base_ / "out").string() +
                         ".$KEYDECK_ALERT_ID; echo printed; echo too >&2; ls -l /proc/self/fd > " + (base_ / "fds").string();
        reopen();
    }
    void raise() {
        kms_->mood = named(ErrorCode::kDenied, "AccessDeniedException");
        decrypt(1);
        kms_->mood.reset();
    }
    std::string told(std::int64_t id) { return read_all(base_ / ("out." + std::to_string(id))); }
};

TEST_F(OneAlertTest, TheCommandIsRunOnceWithTheAlertAndNothingOfOurs) {
    ::setenv("AWS_SECRET_ACCESS_KEY", "swordfish", 1);  // NOLINT(concurrency-mt-unsafe): no other thread
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    raise();
    const auto alerts = check();
    ASSERT_EQ(alerts.size(), 1U);
    EXPECT_EQ(testing::internal::GetCapturedStdout() + testing::internal::GetCapturedStderr(), "");
    const std::string environment = told(alerts[0].id);
    EXPECT_NE(environment.find("KEYDECK_ALERT_RULE=access-denied\n"), std::string::npos) << environment;
    EXPECT_NE(environment.find("KEYDECK_ALERT_SENTENCE=" + alerts[0].sentence), std::string::npos);
    EXPECT_NE(environment.find("KEYDECK_ALERT_VAULT=" + directory_.string()), std::string::npos);
    EXPECT_NE(environment.find("PATH="), std::string::npos);
    EXPECT_EQ(environment.find("swordfish"), std::string::npos);
    ::unsetenv("AWS_SECRET_ACCESS_KEY");  // NOLINT(concurrency-mt-unsafe)
    const std::string descriptors = read_all(base_ / "fds");
    EXPECT_NE(descriptors.find("/dev/null"), std::string::npos);
    EXPECT_EQ(descriptors.find("keydeck.db"), std::string::npos) << descriptors;
    EXPECT_EQ(descriptors.find("kms.db"), std::string::npos);
    std::filesystem::remove(base_ / ("out." + std::to_string(alerts[0].id)));
    clock_.advance(minutes(1));
    EXPECT_EQ(check().size(), 1U);
    EXPECT_EQ(told(alerts[0].id), "") << "once";
}

TEST_F(OneAlertTest, ACommandThatFailsIsInTheLogAndTheAlertStands) {
    rules_.command = "exit 3";
    reopen();
    raise();
    EXPECT_EQ(check().size(), 1U);
    EXPECT_EQ(last_event().action, "RunAlertCommand");
    EXPECT_EQ(last_event().result, "unavailable");
}

TEST_F(OneAlertTest, WhereTheParentIgnoresChildrenASuccessIsNoFailure) {
    Alert alert;
    // NOLINTNEXTLINE(performance-no-int-to-ptr): as the C library defines SIG_IGN
    const auto before = std::signal(SIGCHLD, SIG_IGN);
    const auto failed = custody::run_alert_commands("true", std::span(&alert, 1), "vault", std::chrono::seconds(100));
    const auto stuck =
        custody::run_alert_commands("sleep 1000", std::span(&alert, 1), "vault", std::chrono::milliseconds(100));
    std::signal(SIGCHLD, before);
    EXPECT_TRUE(failed.empty());
    EXPECT_EQ(stuck, std::vector<std::size_t>{0});
}

/// Whether any process of this group runs; one that has ended and that nobody has asked about does not.
bool alive_in(int group) {
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
        if (entry.path().filename().string().find_first_not_of("0123456789") != std::string::npos) continue;
        const std::string stat = read_all(entry.path() / "stat");
        const std::size_t name_end = stat.rfind(')');
        if (name_end == std::string::npos) continue;
        std::istringstream fields(stat.substr(name_end + 1));
        char state = 0;
        int parent = 0;
        int of_group = 0;
        if (fields >> state >> parent >> of_group && of_group == group && state != 'Z' && state != 'X') return true;
    }
    return false;
}

TEST_F(OneAlertTest, ACommandThatDoesNotEndIsEndedWithItsChildren) {
    const std::string mark = (base_ / "mark").string();
    Alert alert;
    const auto begun = std::chrono::steady_clock::now();
    const auto failed = custody::run_alert_commands("(echo $$ > " + mark + "; sleep 1000) & sleep 1000",
                                                    std::span(&alert, 1), "vault", std::chrono::milliseconds(300));
    EXPECT_EQ(failed, std::vector<std::size_t>{0});
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(100));
    const int group = std::stoi(read_all(mark));
    for (int i = 0; i < 10'000 && alive_in(group); ++i) std::this_thread::yield();
    EXPECT_FALSE(alive_in(group));
}

TEST_F(OneAlertTest, AcknowledgedItStaysAndSaysByWhom) {
    raise();
    const auto alerts = check();
    const auto acknowledged = engine_->acknowledge_alert(operator_, alerts[0].id);
    ASSERT_TRUE(acknowledged) << why(acknowledged);
    EXPECT_EQ(acknowledged->acknowledged_at, clock_.now());
    EXPECT_EQ(acknowledged->acknowledged_by, "operator");
    EXPECT_EQ(last_event().action, "AcknowledgeAlert");
    EXPECT_EQ(check()[0].acknowledged_by, "operator");
    clock_.advance(minutes(15));
    EXPECT_TRUE(check().empty());
    EXPECT_TRUE(engine_->acknowledge_alert(operator_, alerts[0].id)) << "it was";
    raise();
    const auto anew = check();
    ASSERT_EQ(anew.size(), 1U);
    EXPECT_NE(anew[0].id, alerts[0].id);
    EXPECT_FALSE(anew[0].acknowledged_at) << "another one wants attention again";
    EXPECT_TRUE(fails_with(ErrorCode::kNotFound, engine_->acknowledge_alert(operator_, 999)));
}

TEST_F(OneAlertTest, SilencedItsLikeRunNoCommand) {
    raise();
    const auto id = check()[0].id;
    const auto silenced = engine_->silence_alert(operator_, id, std::chrono::hours(2));
    ASSERT_TRUE(silenced) << why(silenced);
    EXPECT_EQ(silenced->silenced_until, clock_.now() + std::chrono::hours(2));
    EXPECT_EQ(last_event().action, "SilenceAlert");
    clock_.advance(minutes(20));
    EXPECT_TRUE(check().empty());
    raise();
    const auto second = check();
    ASSERT_EQ(second.size(), 1U);
    EXPECT_EQ(second[0].silenced_until, silenced->silenced_until);
    EXPECT_EQ(told(second[0].id), "");
    clock_.advance(std::chrono::hours(3));
    EXPECT_TRUE(check().empty());
    raise();
    const auto third = check();
    ASSERT_EQ(third.size(), 1U);
    EXPECT_FALSE(third[0].silenced_until);
    EXPECT_NE(told(third[0].id), "");
    EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput, engine_->silence_alert(operator_, id, std::chrono::seconds(0))));
}

TEST_F(OneAlertTest, ReadOnlyItIsOnlyLookedAt) {
    EngineOptions read_only = options();
    read_only.alerts = rules_;
    clock_.advance(days(400));
    read_only.read_only = true;
    open_with(read_only);
    const auto alerts = check();
    EXPECT_EQ(alerts.size(), 2U) << "two keys are late";
    for (const Alert& alert : alerts) EXPECT_EQ(alert.id, 0);
    reopen();
    EXPECT_EQ(check(false).size(), 2U);
    EXPECT_TRUE(engine_->list_alerts(operator_, true)->empty());
    EXPECT_EQ(check().size(), 2U);
    EXPECT_EQ(engine_->list_alerts(operator_, true)->size(), 2U);
}

TEST_F(OneAlertTest, AUserSeesNone) {
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, engine_->check_alerts(alice_)));
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, engine_->list_alerts(alice_, true)));
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, engine_->acknowledge_alert(alice_, 1)));
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, engine_->silence_alert(alice_, 1, std::chrono::hours(1))));
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, engine_->archive_audit(alice_, clock_.now(), base_ / "archive")));
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, engine_->verify_audit_archives(alice_, {})));
}

TEST_F(OneAlertTest, ManyWhoLookAtOnceRaiseItOnce) {
    rules_.command.clear();
    reopen();
    raise();
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([this] {
            const auto alerts = engine_->check_alerts(operator_);
            EXPECT_TRUE(alerts) << why(alerts);
        });
    }
    threads.clear();
    EXPECT_EQ(engine_->list_alerts(operator_, true)->size(), 1U);
    AuditQuery raised;
    raised.action = "RaiseAlert";
    EXPECT_EQ(events(raised).size(), 1U);
}

// --- the archive, as a verb ---

TEST_F(AlertsTest, TheLogIsArchivedByTheEngine) {
    const auto before = events();
    const auto archived = engine_->archive_audit(operator_, clock_.now(), base_ / "archive");
    ASSERT_TRUE(archived) << why(archived);
    EXPECT_EQ(archived->first, 1);
    EXPECT_EQ(archived->last, before.back().id - 1);
    EXPECT_EQ(last_event().action, "ArchiveAudit");
    EXPECT_EQ(events().size(), 2U);
    EXPECT_EQ(events().front().previous, archived->head);
    expect_sound_audit();
    const std::vector<std::filesystem::path> files{base_ / "archive"};
    const auto both = engine_->verify_audit_archives(operator_, files);
    ASSERT_TRUE(both) << why(both);
    EXPECT_TRUE(both->valid) << both->reason;
    EXPECT_EQ(both->archived, archived->last);
    EXPECT_TRUE(
        fails_with(ErrorCode::kAlreadyExists, engine_->archive_audit(operator_, clock_.now() + days(1), base_ / "archive")));
    EXPECT_TRUE(
        fails_with(ErrorCode::kRejected, engine_->archive_audit(operator_, clock_.now() - days(1), base_ / "second")));
}

TEST_F(AlertsTest, ArchivingBesideSigningLosesNothing) {
    std::jthread signer([this] {
        for (int i = 0; i < 40; ++i) EXPECT_TRUE(engine_->sign_message(operator_, "alice-main", as_bytes("m")));
    });
    std::vector<std::filesystem::path> files;
    for (int i = 0; i < 4; ++i) {
        const auto file = base_ / ("archive-" + std::to_string(i));
        const auto archived = engine_->archive_audit(operator_, clock_.now() + days(1), file);
        if (archived) files.push_back(file);
    }
    signer.join();
    expect_sound_audit();
    const auto both = engine_->verify_audit_archives(operator_, files);
    ASSERT_TRUE(both) << why(both);
    EXPECT_TRUE(both->valid) << both->reason;
}

}  // namespace
}  // namespace keydeck
