// The tour: what leads on and what does not; then with keys on a desk, where it may not write anything by itself.
#include "ui/tour/tour.hpp"

#include <gtest/gtest.h>

#include "harness.hpp"

namespace keydeck::ui {
namespace {

Place at(ScreenId screen, const std::string& user = {}, const std::string& key = {}) {
    Place place;
    place.screen = screen;
    place.user = user;
    place.key_id = key;
    return place;
}

AuditEvent event(std::int64_t id, const std::string& action, const std::string& key = "k",
                 const std::string& result = "ok") {
    AuditEvent out;
    out.id = id;
    out.action = action;
    out.key_id = key;
    out.result = result;
    return out;
}

/// Led to the step that asks for a change, with the log at 10.
Tour at_the_change() {
    Tour tour;
    tour.learn({event(9, "SignMessage"), event(8, "DisableKey")});
    tour.see(at(ScreenId::kWallets, "alice"));
    tour.learn({event(10, "SignMessage"), event(9, "SignMessage")});
    tour.see(at(ScreenId::kKeys));
    return tour;
}

TEST(Tour, LeadsThroughSixStepsWithADisabledKey) {
    Tour tour;
    EXPECT_EQ(tour.step(), 1);
    tour.learn({event(3, "SignMessage")});
    tour.see(at(ScreenId::kUsers));
    tour.see(at(ScreenId::kWallets));  // everybody's
    EXPECT_EQ(tour.step(), 1);
    tour.see(at(ScreenId::kWallets, "alice"));
    EXPECT_EQ(tour.step(), 2);
    tour.learn({event(3, "SignMessage")});
    EXPECT_EQ(tour.step(), 2) << "that was before";
    tour.learn({event(4, "SignMessage", "k", "throttled"), event(3, "SignMessage")});
    EXPECT_EQ(tour.step(), 2) << "that failed";
    tour.learn({event(5, "SignTransaction")});
    EXPECT_EQ(tour.step(), 3);
    tour.see(at(ScreenId::kKeys));
    EXPECT_EQ(tour.step(), 4);
    tour.learn({event(6, "DisableKey")});
    EXPECT_EQ(tour.step(), 4) << "the effect is still to be seen";
    EXPECT_NE(tour.sentence().find("is disabled"), std::string::npos);
    tour.see(at(ScreenId::kWallets, "", "k"));
    EXPECT_EQ(tour.step(), 5);
    tour.see(at(ScreenId::kAudit));
    EXPECT_EQ(tour.step(), 6);
    tour.learn({event(7, "EnableKey", "another")});
    EXPECT_EQ(tour.step(), 6) << "another key";
    tour.learn({event(8, "EnableKey")});
    EXPECT_TRUE(tour.over());
    EXPECT_EQ(tour.step(), Tour::kSteps + 1);
}

TEST(Tour, EndsAtHealthWhereAKeyWasRotated) {
    Tour tour = at_the_change();
    ASSERT_EQ(tour.step(), 4);
    tour.learn({event(11, "RotateKeyOnDemand")});
    EXPECT_EQ(tour.step(), 5);
    tour.see(at(ScreenId::kAudit));
    tour.learn({event(12, "EnableKey")});
    EXPECT_EQ(tour.step(), 6);
    tour.see(at(ScreenId::kHealth));
    EXPECT_TRUE(tour.over());
}

TEST(Tour, AKeyThatIsEnabledAtOnceNeedsNoTakingBack) {
    Tour tour = at_the_change();
    tour.learn({event(12, "EnableKey"), event(11, "DisableKey")});  // newest first, as they are read
    EXPECT_EQ(tour.step(), 5);
    tour.see(at(ScreenId::kAudit));
    EXPECT_TRUE(tour.over());
}

TEST(Tour, AlwaysNamesAWayOn) {
    Tour tour;
    EXPECT_FALSE(tour.sentence().empty());
    EXPECT_FALSE(tour.actions().empty());
    tour = at_the_change();
    EXPECT_FALSE(tour.actions().empty());
}

HarnessOptions a_demo() {
    HarnessOptions options;
    options.is_demo = true;
    options.tour = true;
    return options;
}

class TourWorld : public Harness {
public:
    TourWorld() : Harness(a_demo()) {
        EXPECT_TRUE(engine_of_another_process().add_user(operator_session(), "alice"));
        CreateWallets wallet;
        wallet.user = "alice";
        wallet.custody = Custody::kKmsKey;
        EXPECT_TRUE(engine_of_another_process().create_wallets(operator_session(), wallet));
        touch();
    }
    void sign_hello() {
        press("smhello<Tab><Tab><Enter>");
        wait();
        press("S");
    }
};

TEST(DeskTour, IsWalkedWithItsOwnKeysAndWritesNothingByItself) {
    TourWorld world;
    EXPECT_TRUE(world.shows("Tour 1 of 6")) << world.screen();
    EXPECT_TRUE(world.shows("Esc leaves the tour"));
    const std::int64_t before = world.events();
    world.press("2");
    world.press("<Enter>");
    EXPECT_TRUE(world.shows("Tour 2 of 6")) << world.screen();
    EXPECT_EQ(world.events(), before);
    world.sign_hello();
    ASSERT_TRUE(world.shows("Signed by alice")) << world.screen();
    EXPECT_EQ(world.events(), before + 1);
    world.press("<Esc>");
    EXPECT_TRUE(world.shows("Tour 3 of 6")) << world.screen();
    world.press("K");
    EXPECT_TRUE(world.shows("Tour 4 of 6")) << world.screen();
    world.press("d");
    world.wait();
    world.press("y");
    EXPECT_TRUE(world.shows("The key is disabled")) << world.screen();
    world.press("<Enter>");
    EXPECT_TRUE(world.shows("Tour 5 of 6")) << world.screen();
    world.press("5");
    EXPECT_TRUE(world.shows("Tour 6 of 6")) << world.screen();
    EXPECT_EQ(world.events(), before + 2);
    world.press("z<Enter>");
    world.wait();
    world.press("y");
    EXPECT_TRUE(world.shows("That was the tour")) << world.screen();
    EXPECT_EQ(world.events(), before + 3) << "a signature, a key disabled, a key enabled: what the person did";
    world.press("<Esc>");
    EXPECT_FALSE(world.shows("That was the tour"));
}

TEST(DeskTour, BlocksNothingIsLeftByEscAndBegunAgain) {
    TourWorld world;
    world.press("4");
    EXPECT_TRUE(world.shows("Tour 1 of 6")) << "every key does what it does without";
    world.press("2/ali<Enter>");
    EXPECT_TRUE(world.shows("Tour 1 of 6"));
    world.press("<Esc>");  // the filter first
    EXPECT_TRUE(world.shows("Tour 1 of 6")) << world.screen();
    world.press("<Esc>");
    EXPECT_FALSE(world.shows("Tour")) << world.screen();
    world.press("<Enter>");
    world.press("<F2>");
    EXPECT_TRUE(world.shows("Tour 2 of 6")) << "as far as the person is: at alice's wallets";
}

TEST(DeskTour, ShowsTheKeyThatWorksHere) {
    TourWorld world;
    world.press("4");
    EXPECT_TRUE(world.shows("│ 2   Esc leaves the tour")) << world.screen();
    world.press("2");
    EXPECT_TRUE(world.shows("│ Enter   Esc leaves the tour")) << world.screen();
}

TEST(DeskTour, IsForDemosOnly) {
    Harness world;
    world.press("<F2>");
    EXPECT_FALSE(world.shows("Tour 1 of 6"));
    EXPECT_TRUE(world.shows("F2: it leads through a demo")) << world.screen();
    HarnessOptions options;
    options.is_demo = true;
    options.read_only = true;
    Harness reader(options);
    reader.press("<F2>");
    EXPECT_FALSE(reader.shows("Tour 1 of 6"));
}

TEST(DeskTour, KeepsWithinTheSmallestScreen) {
    TourWorld world;
    world.resize(Desk::kSmallest);
    EXPECT_TRUE(world.shows("Tour 1 of 6")) << world.screen();
    world.press("<Enter>");
    EXPECT_TRUE(world.shows("Tour 2 of 6")) << world.screen();
}

}  // namespace
}  // namespace keydeck::ui
