// The vault at a glance, on a real vault: as the operator, as a user, locked, read-only.
#include "engine/overview.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <tuple>
#include <vector>

#include "tests/custody/fixture.hpp"

namespace keydeck {
namespace {

class OverviewTest : public TwoUsersTest {
protected:
    Overview look(const Session& session) {
        auto overview = engine_->overview(session);
        EXPECT_TRUE(overview) << why(overview);
        return overview ? std::move(*overview) : Overview{};
    }
    Overview look() { return look(operator_); }
};

TEST_F(OverviewTest, CountsWhatThereIs) {
    const Overview all = look();
    EXPECT_EQ(all.users, 2);
    EXPECT_EQ(all.wallets, 2);
    EXPECT_EQ(all.keys, 2) << "the pool";
    EXPECT_EQ(all.keys_enabled, 2);
    EXPECT_EQ(all.keys_disabled + all.keys_pending_deletion, 0);
    EXPECT_EQ(all.audit_events, events().back().id);
    EXPECT_GT(all.database_bytes, 50'000);
    EXPECT_FALSE(all.last_backup);
    EXPECT_TRUE(all.alerts.empty() && all.jobs.empty() && all.failed.empty() && all.ending.empty());
    ASSERT_FALSE(all.recent.empty());
    EXPECT_EQ(all.recent.front().id, events().back().id);
    EXPECT_GT(all.recent.front().id, all.recent.back().id);
}

TEST_F(OverviewTest, FollowsTheStatesOfKeys) {
    ASSERT_TRUE(engine_->disable_key(operator_, alices_.key_id));
    Overview all = look();
    EXPECT_EQ(std::tuple(all.keys_enabled, all.keys_disabled, all.keys_pending_deletion), std::tuple(1, 1, 0));
    const auto impact = engine_->deletion_impact(operator_, alices_.key_id);
    ASSERT_TRUE(engine_->schedule_key_deletion(operator_, alices_.key_id, 7, impact->total()));
    all = look();
    EXPECT_EQ(std::tuple(all.keys_enabled, all.keys_disabled, all.keys_pending_deletion), std::tuple(1, 0, 1));
    ASSERT_EQ(all.ending.size(), 1U);
    EXPECT_EQ(all.ending[0].id, alices_.key_id);
    EXPECT_EQ(all.ending[0].alias, alices_.key_alias);
    EXPECT_EQ(all.ending[0].wallets, impact->wallets);
    EXPECT_EQ(all.ending[0].deletion_date, *engine_->key(operator_, alices_.key_id)->deletion_date);
    ASSERT_TRUE(engine_->cancel_key_deletion(operator_, alices_.key_id));
    all = look();
    EXPECT_EQ(std::tuple(all.keys_enabled, all.keys_disabled, all.keys_pending_deletion), std::tuple(1, 1, 0));
    EXPECT_TRUE(all.ending.empty());
    EXPECT_EQ(all.keys, 2);
}

TEST_F(OverviewTest, TellsTheFailuresOfTheLastHourAlone) {
    ASSERT_TRUE(engine_->disable_key(operator_, alices_.key_id));
    EXPECT_FALSE(engine_->sign_message(operator_, name_of(alices_), as_bytes("too early")));
    clock_.advance(std::chrono::minutes(61));
    EXPECT_FALSE(engine_->sign_message(operator_, name_of(alices_), as_bytes("first")));
    clock_.advance(std::chrono::minutes(1));
    EXPECT_FALSE(engine_->sign_message(operator_, name_of(alices_), as_bytes("second")));
    EXPECT_FALSE(engine_->add_user(operator_, "alice")) << "asked for wrongly: nobody else's business";
    const Overview all = look();
    ASSERT_EQ(all.failed.size(), 2U);
    EXPECT_GT(all.failed[0].id, all.failed[1].id);
    for (const AuditEvent& event : all.failed) EXPECT_EQ(event.action, "SignMessage");
    clock_.advance(std::chrono::minutes(61));
    EXPECT_TRUE(look().failed.empty());
}

TEST_F(OverviewTest, AddsTheCallsOfAllKeysUp) {
    ASSERT_TRUE(engine_->sign_message(operator_, name_of(alices_), as_bytes("hello")));
    ASSERT_TRUE(engine_->sign_message(operator_, name_of(bobs_), as_bytes("hello")));
    MetricsQuery query;
    query.since = clock_.now() - std::chrono::minutes(59);
    query.by_minute = true;
    std::int64_t calls = 0;
    const auto metrics = engine_->metrics(operator_, query);
    ASSERT_TRUE(metrics) << why(metrics);
    for (const Metric& metric : *metrics) calls += metric.stats.calls;
    const Overview all = look();
    std::int64_t told = 0;
    for (const Metric& metric : all.last_hour) {
        EXPECT_EQ(metric.key_id, "");
        EXPECT_TRUE(metric.minute);
        told += metric.stats.calls;
    }
    EXPECT_EQ(told, calls);
    EXPECT_GT(told, 0);
    clock_.advance(std::chrono::hours(2));
    EXPECT_TRUE(look().last_hour.empty());
}

TEST_F(OverviewTest, TellsTheCallsOfEachOperation) {
    ASSERT_TRUE(engine_->sign_message(operator_, name_of(alices_), as_bytes("hello")));
    ASSERT_TRUE(engine_->disable_key(operator_, bobs_.key_id));
    EXPECT_FALSE(engine_->sign_message(operator_, name_of(bobs_), as_bytes("hello")));
    const Overview all = look();
    std::map<std::string, CallStats> by_minute;
    for (const Metric& metric : all.last_hour) {
        by_minute[metric.operation].calls += metric.stats.calls;
        by_minute[metric.operation].failures += metric.stats.failures;
    }
    ASSERT_EQ(all.operations.size(), by_minute.size());
    for (std::size_t i = 0; i < all.operations.size(); ++i) {
        const Metric& metric = all.operations[i];
        EXPECT_FALSE(metric.minute);
        EXPECT_EQ(metric.key_id, "");
        EXPECT_EQ(metric.stats.calls, by_minute[metric.operation].calls) << metric.operation;
        EXPECT_EQ(metric.stats.failures, by_minute[metric.operation].failures) << metric.operation;
        EXPECT_LE(metric.stats.p50, metric.stats.p95);
    }
    EXPECT_TRUE(std::ranges::is_sorted(all.operations, std::ranges::greater(),
                                       [](const Metric& metric) { return metric.stats.calls; }));
    clock_.advance(std::chrono::minutes(60));
    EXPECT_TRUE(look().operations.empty());
}

std::vector<std::int64_t> counts(const Overview& overview) {
    std::vector<std::int64_t> out;
    for (const MinuteOfSignatures& minute : overview.signatures) out.push_back(minute.signatures);
    return out;
}

TEST_F(OverviewTest, CountsSignaturesAndNotCalls) {
    using testing::ElementsAre;
    EXPECT_TRUE(look().signatures.empty());
    const std::vector<std::string_view> three{"a", "b", "c"};
    ASSERT_TRUE(engine_->sign_messages(operator_, name_of(alices_), three, [](std::size_t, const auto&) {}));
    ASSERT_TRUE(engine_->sign_message(alice_, name_of(alices_), as_bytes("d")));
    EXPECT_THAT(counts(look()), ElementsAre(4)) << "an opened wallet makes no call of the KMS";
    EXPECT_EQ(look().signatures[0].minute, std::chrono::floor<std::chrono::minutes>(clock_.now()));
    // What was not made is not counted, whether it was refused before or withdrawn after.
    ASSERT_TRUE(engine_->lock_user(operator_, "alice"));
    EXPECT_FALSE(engine_->sign_message(operator_, name_of(alices_), as_bytes("e")));
    EXPECT_FALSE(engine_->sign_transaction(operator_, name_of(bobs_), "{}"));
    EXPECT_THAT(counts(look()), ElementsAre(4));
    // Another process on the vault, and another minute.
    clock_.advance(std::chrono::minutes(1));
    Engine other(std::move(*custody::OpenVault::open(options())));
    ASSERT_TRUE(other.sign_message(operator_, name_of(bobs_), as_bytes("f")));
    EXPECT_THAT(counts(look()), ElementsAre(4, 1));
    clock_.advance(std::chrono::minutes(59));
    EXPECT_THAT(counts(look()), ElementsAre(1)) << "the minute that runs and the 59 before it";
    EXPECT_TRUE(look(alice_).signatures.empty());
}

TEST_F(OverviewTest, KnowsTheNewestCopy) {
    const std::filesystem::path folder = directory_ / "backups";
    std::filesystem::create_directory(folder);
    for (const char* name :
         {"keydeck-20260101T010203Z-before-rewrap.db", "keydeck-20260203T040506Z-before-upgrade.db", "x.db"})
        std::ofstream(folder / name) << "a copy";
    EXPECT_EQ(look().last_backup, *from_rfc3339("2026-02-03T04:05:06Z"));
}

TEST_F(OverviewTest, SilencedAlertsAreNotTold) {
    clock_.advance(std::chrono::hours(24 * 366));
    ASSERT_TRUE(engine_->check_alerts(operator_));
    Overview all = look();
    ASSERT_EQ(all.alerts.size(), 2U) << "both pool keys are late";
    ASSERT_TRUE(engine_->silence_alert(operator_, all.alerts[0].id, std::chrono::hours(1)));
    EXPECT_EQ(look().alerts.size(), 1U);
    clock_.advance(std::chrono::hours(2));
    EXPECT_EQ(look().alerts.size(), 2U);
}

TEST_F(OverviewTest, AUserSeesTheirPartAlone) {
    ASSERT_TRUE(engine_->disable_key(operator_, alices_.key_id));
    EXPECT_FALSE(engine_->sign_message(operator_, name_of(alices_), as_bytes("x")));
    const Overview own = look(alice_);
    EXPECT_EQ(own.users, 1);
    EXPECT_EQ(own.wallets, 1);
    EXPECT_EQ(own.keys + own.audit_events + own.database_bytes, 0);
    EXPECT_TRUE(own.alerts.empty() && own.jobs.empty() && own.failed.empty() && own.last_hour.empty());
    ASSERT_EQ(own.troubled.size(), 1U);
    EXPECT_EQ(own.troubled[0].address, alices_.address);
    EXPECT_FALSE(own.recent.empty());
    for (const AuditEvent& event : own.recent) EXPECT_EQ(event.user, "alice");
    ASSERT_TRUE(engine_->lock_user(operator_, "alice"));
    EXPECT_TRUE(look(alice_).user_locked);
    EXPECT_TRUE(fails_with(ErrorCode::kNotFound, engine_->overview(Session::of_user("nobody", "test"))));
}

TEST_F(OverviewTest, NeedsNoKms) {
    open();
    EXPECT_EQ(look().wallets, 2);
    EXPECT_EQ(look(alice_).wallets, 1);
    EXPECT_FALSE(vault_->usage().has_pending()) << "what the meter around the KMS has seen";
    ASSERT_TRUE(engine_->key(operator_, alices_.key_id));
    EXPECT_TRUE(vault_->usage().has_pending());
}

TEST_F(OverviewTest, AReadOnlyVaultTellsTheSame) {
    const Overview before = look();
    EngineOptions reading = options();
    reading.read_only = true;
    open_with(reading);
    const Overview after = look();
    EXPECT_EQ(after.wallets, before.wallets);
    EXPECT_EQ(after.audit_events, before.audit_events);
    EXPECT_EQ(after.recent.size(), before.recent.size());
}

class LockedOverviewTest : public OverviewTest {
protected:
    void describe_vault(VaultCreation& creation) override { creation.passphrase = SecretBytes::copy_of("correct horse"); }
    void SetUp() override {
        VaultTest::SetUp();
        ASSERT_TRUE(engine_->unlock(SecretBytes::copy_of("correct horse")));
        add_user("alice");
        alices_ = create("alice");
    }
};

TEST_F(LockedOverviewTest, NeedsNoPassphrase) {
    open();
    ASSERT_TRUE(engine_->needs_unlock());
    const Overview all = look();
    EXPECT_EQ(all.wallets, 1);
    EXPECT_GT(all.audit_events, 0);
    EXPECT_EQ(look(alice_).wallets, 1);
}

}  // namespace
}  // namespace keydeck
