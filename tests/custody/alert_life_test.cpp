// What becomes of an alert: a command is run, people acknowledge and silence it; and the log is archived meanwhile.
#include <sys/stat.h>

#include <algorithm>
#include <csignal>
#include <sstream>
#include <thread>

#include "engine/custody/alert_command.hpp"
#include "tests/custody/alerts_fixture.hpp"

namespace keydeck {
namespace {

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

TEST_F(OneAlertTest, WhatStillHoldsWhenItsSilenceEndsIsToldAgain) {
    raise();
    const auto id = check()[0].id;
    std::filesystem::remove(base_ / ("out." + std::to_string(id)));
    ASSERT_TRUE(engine_->silence_alert(operator_, id, std::chrono::seconds(60)));
    clock_.advance(std::chrono::seconds(59));
    EXPECT_EQ(check()[0].id, id);
    EXPECT_EQ(told(id), "");
    clock_.advance(std::chrono::seconds(1));
    const auto woken = check();
    ASSERT_EQ(woken.size(), 1U);
    EXPECT_FALSE(woken[0].silenced_until);
    EXPECT_NE(told(id), "");
    EXPECT_EQ(last_event().action, "WakeAlert");
    std::filesystem::remove(base_ / ("out." + std::to_string(id)));
    check();
    EXPECT_EQ(told(id), "") << "once";
    // Whoever has acknowledged it knows.
    ASSERT_TRUE(engine_->silence_alert(operator_, id, std::chrono::seconds(1)));
    ASSERT_TRUE(engine_->acknowledge_alert(operator_, id));
    clock_.advance(std::chrono::seconds(2));
    EXPECT_EQ(check()[0].id, id);
    EXPECT_EQ(told(id), "");
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
