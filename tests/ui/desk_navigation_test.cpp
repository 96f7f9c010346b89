// Moving about: links in every direction, back, the last screen, the cursor as an id.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "harness.hpp"

namespace keydeck::ui {
namespace {

struct World : Harness {
    World() {
        for (const char* name : {"alice", "bob", "charlie"})
            EXPECT_TRUE(engine_of_another_process().add_user(operator_session(), name));
        wallet = import_known(engine_of_another_process(), "alice", 1, "main");
        import_known(engine_of_another_process(), "bob", 2, "other");
        EXPECT_TRUE(engine_of_another_process().sign_message(operator_session(), kFirstAddress, as_bytes("hi")));
        touch();
    }
    Wallet wallet;
};

TEST(DeskNavigation, EveryScreenInOneKey) {
    World world;
    world.press("3");
    EXPECT_TRUE(world.shows("[3 Wallets]"));
    world.press("4");
    EXPECT_TRUE(world.shows("[4 Keys]"));
    world.press("5");
    EXPECT_TRUE(world.shows("[5 Audit]"));
    world.press("2");
    EXPECT_TRUE(world.shows("[2 Users]"));
    world.press("-");
    EXPECT_TRUE(world.shows("[5 Audit]"));
    world.press("-");
    EXPECT_TRUE(world.shows("[2 Users]"));
}

TEST(DeskNavigation, FromAKeyToWalletsToTheUserToTheAudit) {
    World world;
    world.press("4<Enter>");
    EXPECT_TRUE(world.shows("› Wallets")) << world.screen();
    EXPECT_TRUE(world.shows("main"));
    EXPECT_TRUE(world.shows("other"));
    world.press("U");
    EXPECT_TRUE(world.shows("[2 Users]"));
    EXPECT_TRUE(world.shows("> alice"));
    world.press("a");
    EXPECT_TRUE(world.shows("Users › alice › Audit"));
    EXPECT_TRUE(world.shows("SignMessage"));
    world.press("h");
    EXPECT_TRUE(world.shows("> alice"));
    world.press("h");
    EXPECT_TRUE(world.shows("› Wallets"));
    world.press("<BS>");
    EXPECT_TRUE(world.shows("[4 Keys]"));
    world.press("<Esc><Esc><Esc>");
    EXPECT_TRUE(world.shows("[4 Keys]")) << "nothing further back";
}

TEST(DeskNavigation, FromTheAuditBackToEverything) {
    World world;
    world.press("5/action:SignMessage<Enter>");
    ASSERT_TRUE(world.shows("SignMessage")) << world.screen();
    world.press("W");
    EXPECT_TRUE(world.shows("[3 Wallets]"));
    EXPECT_TRUE(world.shows("> 0x7E5F45…395Bdf")) << world.screen();
    world.press("h");
    EXPECT_TRUE(world.shows("action:SignMessage")) << "the filter too";
    world.press("K");
    EXPECT_TRUE(world.shows("> " + world.wallet.key_alias.substr(6)));
    world.press("h");
    world.press("U");
    EXPECT_TRUE(world.shows("> alice"));
}

TEST(DeskNavigation, TheCursorComesBackToItsRow) {
    World world;
    world.press("jj<Enter>h");
    EXPECT_TRUE(world.shows("> charlie"));
}

TEST(DeskNavigation, OthersChangesDoNotMoveTheCursor) {
    World world;
    world.press("j");
    EXPECT_TRUE(world.shows("> bob"));
    ASSERT_TRUE(world.engine_of_another_process().add_user(world.operator_session(), "aaron"));
    world.touch();
    EXPECT_TRUE(world.shows("aaron"));
    EXPECT_TRUE(world.shows("> bob"));
}

TEST(DeskNavigation, ARowThatVanishesLeavesTheCursorOnItsNeighbour) {
    World world;
    world.press("G");
    EXPECT_TRUE(world.shows("> charlie"));
    ASSERT_TRUE(world.engine_of_another_process().remove_user(world.operator_session(), "charlie"));
    world.touch();
    EXPECT_TRUE(world.shows("> bob"));
    EXPECT_TRUE(world.shows("charlie is no longer in this list"));
}

// Keys that come before the new rows are there have nothing to act on, least of all the rows of before.
TEST(DeskNavigation, NothingOfAnotherPlaceIsActedOnWhileItsRowsAreRead) {
    World world;
    world.press("32jj");
    EXPECT_TRUE(world.shows("> charlie"));
    world.hold = true;
    for (const char* keys : {"<Enter>s", "r", "l", "y", "K"}) {
        world.press(keys);
        EXPECT_EQ(world.desk().top_dialog(), nullptr) << keys;
        EXPECT_FALSE(world.shows("alice")) << keys;
    }
    EXPECT_TRUE(world.copied.empty());
    world.run_held();
    EXPECT_TRUE(world.shows("charlie has no wallet yet.")) << world.screen();
}

TEST(DeskNavigation, ADimmedRowOfTheFilterBeforeIsNotActedOn) {
    World world;
    world.hold = true;
    world.press("/ch<Enter>");
    EXPECT_TRUE(world.shows("alice")) << "dimmed until the answer comes";
    world.press("L");
    EXPECT_EQ(world.desk().top_dialog(), nullptr);
    EXPECT_TRUE(world.shows("no user is selected"));
    world.run_held();
    world.press("L");
    EXPECT_TRUE(world.shows("Lock user charlie?"));
}

TEST(DeskNavigation, TheListBehindADialogIsFrozen) {
    World world;
    world.press("jL");
    EXPECT_TRUE(world.shows("Lock user bob?"));
    ASSERT_TRUE(world.engine_of_another_process().add_user(world.operator_session(), "aaron"));
    world.touch();
    world.press("jjjj");
    world.wait();
    world.press("y");
    EXPECT_TRUE(world.engine().user(world.operator_session(), "bob")->locked) << "the one it named";
}

TEST(DeskNavigation, WalksThroughManyPages) {
    World world;
    for (int i = 0; i < 300; ++i)
        ASSERT_TRUE(world.engine_of_another_process().add_user(world.operator_session(), fmt::format("user-{:03}", i)));
    world.touch();
    world.press("G");
    EXPECT_TRUE(world.shows("> user-299"));
    world.press("<PgUp>k");
    EXPECT_FALSE(world.shows("> user-299"));
    world.press("g");
    EXPECT_TRUE(world.shows("> alice"));
    for (int i = 0; i < 150; ++i) world.press("j");
    EXPECT_TRUE(world.shows("> user-147")) << world.screen();
    world.press("/user-29");
    EXPECT_TRUE(world.shows("10 of 303 users")) << world.screen();
}

TEST(DeskNavigation, AuditFollowsUnlessPaused) {
    World world;
    world.press("5");
    EXPECT_TRUE(world.shows("LIVE"));
    world.press("p");
    EXPECT_TRUE(world.shows("PAUSED"));
    ASSERT_TRUE(world.engine_of_another_process().add_user(world.operator_session(), "dave"));
    world.touch();
    EXPECT_FALSE(world.shows("dave"));
    world.press("p");
    EXPECT_TRUE(world.shows("dave"));
}

TEST(DeskNavigation, AuditFiltersSayWhatTheyDoNotUnderstand) {
    World world;
    world.press("5/colour:red");
    EXPECT_TRUE(world.shows("no field colour:")) << world.screen();
    world.press("<C-u>actor:test result:ok bob");
    EXPECT_TRUE(world.shows("LIVE")) << world.screen();
    world.press("<C-u>user:a user:b");
    EXPECT_TRUE(world.shows("stands there twice"));
}

TEST(DeskNavigation, VerifiesTheChain) {
    World world;
    world.press("5V");
    EXPECT_TRUE(world.shows("chain verified:")) << world.screen();
}

TEST(DeskNavigation, ShowsEventsAndWalletsInFull) {
    World world;
    world.press("5/action:SignMessage<Enter><Enter>");
    EXPECT_TRUE(world.shows("Event #")) << world.screen();
    EXPECT_TRUE(world.shows(kFirstAddress));
    world.press("y");
    ASSERT_EQ(world.copied.size(), 1U);
    EXPECT_TRUE(world.copied[0].value.starts_with("{"));
    world.press("<Esc>3<Enter>");
    EXPECT_TRUE(world.shows(kFirstAddress));
    world.press("y");
    EXPECT_EQ(world.copied.back().value, kFirstAddress);
}

TEST(DeskNavigation, CopiesWhatIsUnderTheCursor) {
    World world;
    world.press("y");
    EXPECT_EQ(world.copied.back().value, kFirstAddress);
    world.press("4y");
    EXPECT_TRUE(world.copied.back().value.starts_with("arn:aws:kms:"));
}

}  // namespace
}  // namespace keydeck::ui
