// `:` on a desk: it opens what the letters open, completes from the vault, and writes nothing by itself.
#include <gtest/gtest.h>

#include "harness.hpp"

namespace keydeck::ui {
namespace {

struct World : Harness {
    explicit World(HarnessOptions options = {}) : Harness(std::move(options)) {
        for (const char* name : {"alice", "alicia", "bob"})
            EXPECT_TRUE(engine_of_another_process().add_user(operator_session(), name));
        wallet = import_known(engine_of_another_process(), "alice", 1, "main");
        import_known(engine_of_another_process(), "bob", 2, "other");
        touch();
        key = wallet.key_alias;
        before = events();
    }
    Wallet wallet;
    std::string key;  // alias/…
    std::int64_t before = 0;
};

TEST(DeskCommand, GoesToPlaces) {
    World world;
    world.press(":keys<Enter>");
    EXPECT_TRUE(world.shows("[4 Keys]")) << world.screen();
    world.press(":users ali<Enter>");
    EXPECT_TRUE(world.shows("[2 Users]"));
    EXPECT_TRUE(world.shows("filter: ali")) << world.screen();
    EXPECT_FALSE(world.shows("bob"));
    world.press(":wallet list --user bob<Enter>");
    EXPECT_TRUE(world.shows("owner:bob")) << world.screen();
    world.press(":wallet list --key " + world.key + "<Enter>");
    EXPECT_TRUE(world.shows("key:" + world.key.substr(6))) << world.screen();
    world.press(":audit action:LockUser<Enter>");
    EXPECT_TRUE(world.shows("No event matches")) << world.screen();
    world.press(":jobs<Enter>");
    EXPECT_TRUE(world.shows("[6 Jobs]"));
    world.press(":health<Enter>");
    EXPECT_TRUE(world.shows("[7 Health]"));
    world.press(":key list --state Enabled<Enter>");
    EXPECT_TRUE(world.shows("filter: Enabled"));
    EXPECT_EQ(world.events(), world.before);
}

TEST(DeskCommand, OpensTheDialogsOfTheLettersAndTheirGuardsHold) {
    World world;
    world.press(":user lock bob<Enter>");
    EXPECT_TRUE(world.shows("Lock user bob?")) << world.screen();
    world.press("y");
    EXPECT_TRUE(world.shows("Lock user bob?")) << "not within the guard";
    world.wait();
    world.press("<Enter>");
    EXPECT_FALSE(world.shows("Lock user bob?")) << "Enter is Cancel";
    EXPECT_EQ(world.events(), world.before);
    world.press(":user lock bob<Enter>");
    world.wait();
    world.press("y");
    EXPECT_TRUE(world.engine().user(world.operator_session(), "bob")->locked);

    world.press(":user lock bob<Enter>");
    EXPECT_TRUE(world.shows("bob is locked already.")) << world.screen();
    world.press("<Esc>:key rotate " + world.key + "<Enter>");
    EXPECT_TRUE(world.shows("Rotate key " + world.key.substr(6))) << world.screen();
    world.press("<Esc>:key schedule-deletion " + world.key.substr(6) + "<Enter>");
    EXPECT_TRUE(world.shows("Schedule deletion of key")) << "a name without alias/ is found too\n" << world.screen();
    world.press("<Esc>:pool retire " + world.key + "<Enter>");
    EXPECT_TRUE(world.shows("Retire key"));
    world.press("<Esc>:wallet label main<Enter>");
    EXPECT_TRUE(world.shows("Label of 0x7E5F45"));
    world.press("<Esc>:wallet create alicia<Enter>");
    EXPECT_TRUE(world.shows("New wallet"));
    EXPECT_TRUE(world.shows("alicia"));
    world.press("<Esc>:user add 'Ann B'<Enter>");
    EXPECT_TRUE(world.shows("New user"));
    EXPECT_TRUE(world.shows("Ann B")) << world.screen();
    world.press("<Esc>");
}

TEST(DeskCommand, SignsThroughTheMenuOfTheLetter) {
    World world;
    world.press(":sign message alice<Enter>");
    EXPECT_TRUE(world.shows("Sign message (EIP-191) · 0x7E5F45")) << world.screen();
    world.press("<Esc><Esc>:sign typed-data other<Enter>");
    EXPECT_TRUE(world.shows("Sign typed data (EIP-712)")) << world.screen();
    EXPECT_EQ(world.events(), world.before);
}

TEST(DeskCommand, WhatIsOffSaysWhy) {
    World world;
    world.press(":key enable " + world.key + "<Enter>");
    EXPECT_TRUE(world.shows("key enable: only a disabled key can be enabled")) << world.screen();
    World other(HarnessOptions{.read_only = true});
    other.press(":user add zoe<Enter>");
    EXPECT_TRUE(other.shows("user add: the vault is open read-only")) << other.screen();
    EXPECT_FALSE(other.shows("New user"));
    other.press(":sign message alice<Enter>");
    EXPECT_TRUE(other.shows("sign message: the vault is open read-only")) << other.screen();
}

TEST(DeskCommand, SaysWhatWasPerhapsMeant) {
    World world;
    world.press(":usres<Enter>");
    EXPECT_TRUE(world.shows("There is no command \"usres\".")) << world.screen();
    EXPECT_TRUE(world.shows("Did you mean users?"));
    world.press("<C-u>user lock alicai<Enter>");
    EXPECT_TRUE(world.shows("Did you mean alicia")) << world.screen();
    world.press("<C-u>key rotate nothing<Enter>");
    EXPECT_TRUE(world.shows("There is no key")) << world.screen();
    world.press("<Esc>");
    EXPECT_TRUE(world.shows("[2 Users]"));
}

TEST(DeskCommand, TabCompletesWordsNamesAndStates) {
    World world;
    world.press(":key ro<Tab>");
    EXPECT_TRUE(world.shows(":key rotate ")) << world.screen();
    world.press("<Tab>");
    EXPECT_TRUE(world.shows(":key rotate " + world.key)) << world.screen();
    world.press("<C-u>user lock al<Tab>");
    EXPECT_TRUE(world.shows(":user lock alic")) << "what both have in common";
    world.press("<Tab>");
    EXPECT_TRUE(world.shows(":user lock alice"));
    EXPECT_TRUE(world.shows("1 wallet, active")) << world.screen();
    world.press("<Tab>");
    EXPECT_TRUE(world.shows(":user lock alicia"));
    world.press("<S-Tab>");
    EXPECT_TRUE(world.shows(":user lock alice"));
    world.press("<C-u>key list --state P<Tab>");
    EXPECT_TRUE(world.shows(":key list --state PendingDeletion"));
    world.press("<C-u>wallet show ma<Tab>");
    EXPECT_TRUE(world.shows(":wallet show main")) << world.screen();
    world.press("<C-u>wallet show 0x7e<Tab>");
    EXPECT_TRUE(world.shows(std::string(":wallet show ") + std::string(kFirstAddress))) << world.screen();
    world.press("<C-u>theme l<Tab>");
    EXPECT_TRUE(world.shows(":theme light"));
}

TEST(DeskCommand, NeverWaitsForNamesAndDropsOldOnes) {
    World world;
    world.press(":");
    world.hold = true;
    world.press("user lock ali");
    EXPECT_TRUE(world.shows("reading the names")) << world.screen();
    EXPECT_EQ(world.held.size(), 1U) << "one request at a time, however fast one types";
    world.press("<C-u>user lock bo");
    EXPECT_EQ(world.held.size(), 1U);
    world.run_held();
    EXPECT_TRUE(world.shows("user lock bob")) << world.screen();
    EXPECT_FALSE(world.shows("user lock alice"));
}

TEST(DeskCommand, HistoryIsWalkedWithUpAndDown) {
    World world;
    world.press(":jobs<Enter>:keys<Enter>:xyz<Enter>");
    world.press("<C-u>hea<Up>");
    EXPECT_TRUE(world.shows(":keys")) << "a line that failed is not kept\n" << world.screen();
    world.press("<Up>");
    EXPECT_TRUE(world.shows(":jobs"));
    world.press("<Up>");
    EXPECT_TRUE(world.shows(":jobs"));
    world.press("<Down><Down>");
    EXPECT_TRUE(world.shows(":hea")) << "what was being typed comes back";
}

TEST(DeskCommand, AKeyPressDropsWhatWasToFollow) {
    World world;
    world.press(":user lock bob");
    world.hold = true;
    world.press("<Enter>");
    world.run_held();  // the name was looked up; now the list is read, and nothing is held any more
    world.press("<Esc>");
    world.hold = true;
    world.press(":user lock bob<Enter>");
    world.press("<Esc>");  // stop looking
    world.run_held();
    EXPECT_FALSE(world.shows("Lock user bob?")) << world.screen();
}

TEST(DeskCommand, TheRowMustComeBeforeAnythingIsDone) {
    World world;
    world.press("3");
    world.press(":user lock bob");
    world.hold = true;
    world.press("<Enter>");
    ASSERT_EQ(world.held.size(), 1U);
    world.hold = true;
    // The lookup comes back, the list does not.
    std::vector<Task> lookup = std::exchange(world.held, {});
    const TaskContext context{std::stop_token(), [](std::int64_t, std::int64_t) {}};
    world.desk().complete(lookup[0].id, lookup[0].work(world.engine(), context), world.now);
    world.settle();
    EXPECT_TRUE(world.shows("[2 Users]")) << world.screen();
    EXPECT_FALSE(world.shows("Lock user")) << "its row is not there yet";
    world.press("j");  // something else is meant now
    world.run_held();
    EXPECT_FALSE(world.shows("Lock user")) << world.screen();
}

TEST(DeskCommand, EscClosesAndBackspaceOnNothingToo) {
    World world;
    world.press(":keys<Esc>");
    EXPECT_FALSE(world.shows("Command"));
    EXPECT_TRUE(world.shows("[2 Users]"));
    world.press(":<BS>");
    EXPECT_FALSE(world.shows("┌─ Command"));
}

TEST(DeskCommand, TakesAPasteInOneLine) {
    World world;
    world.press(":");
    world.paste("keys\nquit\n");
    EXPECT_TRUE(world.shows(":keys")) << world.screen();
    EXPECT_FALSE(world.desk().wants_to_quit());
}

TEST(DeskCommand, QuitsAndChangesTheTheme) {
    World world;
    world.press(":theme dark<Enter>");
    EXPECT_TRUE(world.shows("Theme: dark")) << world.screen();
    ASSERT_FALSE(world.themes.empty());
    EXPECT_EQ(world.themes.back().name, "dark");
    world.press("T");
    EXPECT_EQ(world.themes.back().name, "light");
    world.press(":theme drak<Enter>");
    EXPECT_TRUE(world.shows("There is no theme \"drak\".")) << world.screen();
    world.press("<C-u>q<Enter>");
    EXPECT_TRUE(world.desk().wants_to_quit());
}

}  // namespace
}  // namespace keydeck::ui
