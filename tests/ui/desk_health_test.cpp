// The Health screen and the alerts in the header, driven through the real engine by a clock that is moved.
#include <gtest/gtest.h>

#include "harness.hpp"

namespace keydeck::ui {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

struct World : Harness {
    explicit World(HarnessOptions options = {}) : Harness(std::move(options)) {
        EXPECT_TRUE(engine_of_another_process().add_user(operator_session(), "alice"));
        wallet = import_known(engine_of_another_process(), "alice", 1);
        touch();
    }
    // The pool's key becomes older than the policy allows; the next minute finds it.
    void grow_old() {
        clock.advance(hours(24 * 366));
        wait(minutes(1));
        wait(Desk::kToast);
    }
    Alert alert() {
        const auto alerts = engine_of_another_process().list_alerts(operator_session(), false);
        return alerts && !alerts->empty() ? alerts->front() : Alert{};
    }
    Wallet wallet;
};

TEST(DeskHealth, IsQuietWhenNothingIsWrong) {
    World world;
    world.press("7");
    EXPECT_TRUE(world.shows("[7 Health]"));
    EXPECT_TRUE(world.shows("No alert")) << world.screen();
    EXPECT_TRUE(world.shows("alerts: 0 firing")) << world.screen();
    EXPECT_FALSE(world.row(0).contains("alert")) << world.screen();
    EXPECT_TRUE(world.shows("GenerateDataKey")) << world.screen();
    EXPECT_TRUE(world.shows("KMS calls per minute, 60 min (max ")) << world.screen();
    EXPECT_TRUE(world.shows("Cost  2026-09: ")) << world.screen();
    for (const char* key : {"a", "S", "y", "<Enter>"}) {
        world.press(key);
        EXPECT_TRUE(world.shows("no alert is selected")) << key << world.screen();
    }
}

TEST(DeskHealth, TheMinuteFindsWhatIsLateAndTheHeaderSaysSo) {
    World world;
    world.grow_old();
    EXPECT_TRUE(world.row(0).contains("▲1 alert  ")) << world.screen();
    world.press("7");
    EXPECT_TRUE(world.shows("▲ rotation-late")) << world.screen();
    EXPECT_TRUE(world.shows("alerts: 1 firing")) << world.screen();
    EXPECT_TRUE(world.shows("What mends it: keydeck key rotate")) << world.screen();
    world.press("y");
    ASSERT_EQ(world.copied.size(), 1U);
    EXPECT_EQ(world.copied[0].value, world.alert().command);
}

TEST(DeskHealth, EnterGoesToTheCauseAndMendingClears) {
    World world;
    world.grow_old();
    world.press("7<Enter>");
    EXPECT_TRUE(world.shows("[4 Keys]")) << world.screen();
    EXPECT_TRUE(world.shows("> keydeck-pool-1")) << world.screen();
    EXPECT_TRUE(world.shows("▲ 1 d late")) << world.screen();
    world.press("R<Enter><Enter>");
    world.wait();
    world.press("C");
    EXPECT_TRUE(world.shows("in 36")) << "the next one is due in a year" << world.screen();
    world.wait(minutes(1));
    EXPECT_FALSE(world.row(0).contains("alert")) << world.screen();
    world.press("h");
    EXPECT_TRUE(world.shows("No alert")) << world.screen();
}

TEST(DeskHealth, AcknowledgingAsks) {
    World world;
    world.grow_old();
    world.press("7a");
    EXPECT_TRUE(world.shows("Acknowledge rotation-late?")) << world.screen();
    world.press("y");
    EXPECT_FALSE(world.alert().acknowledged_at) << "too early";
    world.wait();
    world.press("<Enter>");
    EXPECT_FALSE(world.alert().acknowledged_at) << "Enter is Cancel";
    world.press("a");
    world.wait();
    world.press("y");
    EXPECT_TRUE(world.alert().acknowledged_at);
    EXPECT_TRUE(world.shows("seen by operator")) << world.screen();
    EXPECT_TRUE(world.row(0).contains("▲1 alert")) << "it goes on until it is mended";
    world.press("a");
    EXPECT_TRUE(world.shows("it is acknowledged already"));
}

TEST(DeskHealth, SilencingAsksForHowLong) {
    World world;
    world.grow_old();
    world.press("7S");
    EXPECT_TRUE(world.shows("(●) 1 h")) << world.screen();
    world.press("<Right><Esc>");
    EXPECT_FALSE(world.alert().silenced_until);
    world.press("S<Right><Enter><Enter>");
    ASSERT_TRUE(world.alert().silenced_until);
    EXPECT_EQ(*world.alert().silenced_until - world.now.wall, hours(8));
    EXPECT_TRUE(world.shows("~ rotation-late")) << world.screen();
    EXPECT_TRUE(world.shows("alerts: 0 firing, 1 silenced")) << world.screen();
    EXPECT_FALSE(world.row(0).contains("alert")) << world.screen();
    world.wait(hours(8));
    EXPECT_TRUE(world.row(0).contains("▲1 alert")) << "the time is over" << world.screen();
}

TEST(DeskHealth, ReadOnlyLooksAndWritesNothing) {
    HarnessOptions options;
    options.read_only = true;
    World world(options);
    const std::int64_t before = world.events();
    world.grow_old();
    EXPECT_TRUE(world.row(0).contains("▲1 alert")) << world.screen();
    world.press("7");
    EXPECT_TRUE(world.shows("▲ rotation-late")) << world.screen();
    for (const char* key : {"a", "S"}) {
        world.press(key);
        EXPECT_TRUE(world.shows("read-only (RO)")) << key << world.screen();
    }
    EXPECT_EQ(world.events(), before);
    EXPECT_EQ(world.alert().id, 0) << "nothing was written down";
}

TEST(DeskHealth, ALockedVaultIsNotAskedForItsPassphrase) {
    HarnessOptions options;
    options.passphrase = "correct horse";
    Harness world(options);
    world.press("7");
    EXPECT_EQ(world.desk().top_dialog(), nullptr) << world.screen();
    world.wait(minutes(2));
    EXPECT_EQ(world.desk().top_dialog(), nullptr) << world.screen();
    EXPECT_FALSE(world.shows("could not be looked for")) << world.screen();
}

TEST(DeskHealth, AUserSeesNeitherAlertsNorJobs) {
    HarnessOptions options;
    options.session = Session::of_user("alice", "tui");
    World world(options);
    world.clock.advance(hours(24 * 366));
    world.wait(minutes(1));
    EXPECT_FALSE(world.row(0).contains("alert")) << world.screen();
    for (const char* key : {"6", "7"}) {
        world.press(key);
        EXPECT_EQ(world.desk().top_dialog(), nullptr) << world.screen();
    }
}

}  // namespace
}  // namespace keydeck::ui
