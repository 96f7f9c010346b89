// Scheduling a key's deletion (level 4) and cancelling it, disabling and enabling.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "harness.hpp"

namespace keydeck::ui {
namespace {

// alice and bob have a wallet each under the one pool key.
struct World : Harness {
    World() {
        for (const char* name : {"alice", "bob"})
            EXPECT_TRUE(engine_of_another_process().add_user(operator_session(), name));
        first = import_known(engine_of_another_process(), "alice", 1, "main");
        second = import_known(engine_of_another_process(), "bob", 2);
        touch();
        press("4");
    }
    std::string state() { return engine().key(operator_session(), first.key_id)->state; }
    std::string name() { return first.key_alias.substr(6); }
    Wallet first;
    Wallet second;
};

TEST(DeskDeletion, ListsExactlyTheWalletsThatDepend) {
    World world;
    world.press("X");
    EXPECT_TRUE(world.shows("2 wallets of 2 users will be lost FOR EVER")) << world.screen();
    EXPECT_TRUE(world.shows(checksum_address(world.first.address)));
    EXPECT_TRUE(world.shows(checksum_address(world.second.address)));
    EXPECT_TRUE(world.shows(world.name())) << "the dialog names the key";
}

TEST(DeskDeletion, NeedsEverythingBeforeItDoesAnything) {
    World world;
    world.press("X");
    world.wait();
    world.press("D");
    EXPECT_EQ(world.state(), "Enabled");
    world.press("<Tab><Tab><Space>");
    world.press("<Tab>" + world.name().substr(0, 5) + "<Tab>");
    world.press("D");
    EXPECT_EQ(world.state(), "Enabled") << "half a name";
    EXPECT_TRUE(world.shows("name not typed")) << world.screen();
    world.press("<S-Tab><C-u>" + world.name() + "<Tab>");
    EXPECT_TRUE(world.shows("Schedule deletion (D)")) << world.screen();
    world.press("<Enter>");
    EXPECT_EQ(world.state(), "Enabled") << "Enter is Cancel";
    EXPECT_EQ(world.desk().top_dialog(), nullptr);
}

TEST(DeskDeletion, SchedulesAndCancels) {
    World world;
    world.press("X");
    world.wait();
    world.press("<Tab><C-u>7<Tab><Space><Tab>" + world.name() + "<Tab>");
    world.press("D");
    EXPECT_EQ(world.state(), "PendingDeletion") << world.screen();
    EXPECT_TRUE(world.shows("× Pending"));
    const auto key = world.engine().key(world.operator_session(), world.first.key_id);
    EXPECT_EQ(std::chrono::round<std::chrono::days>(*key->deletion_date - world.now.wall).count(), 7);
    world.press("X");
    EXPECT_TRUE(world.shows("its deletion is scheduled already"));
    world.press("c");
    EXPECT_TRUE(world.shows("Cancel the deletion of key"));
    world.press("y");
    EXPECT_EQ(world.state(), "PendingDeletion") << "too early";
    world.wait();
    world.press("y");
    EXPECT_EQ(world.state(), "Disabled");
    EXPECT_TRUE(world.shows("○ Disabled"));
    world.press("5");
    EXPECT_TRUE(world.shows("ScheduleKeyDeletion")) << world.screen();
    EXPECT_TRUE(world.shows("CancelKeyDeletion"));
}

TEST(DeskDeletion, WindowsOutsideSevenToThirtyAreRefusedWhileTyping) {
    World world;
    for (const char* days : {"6", "31", "0", "-7", "7.5", "", "x", "99999999999", "30 "}) {
        world.press("X");
        world.wait();
        world.press(fmt::format("<Tab><C-u>{}<Tab><Space><Tab>{}<Tab>", days, world.name()));
        EXPECT_TRUE(world.shows("from 7 to 30 days")) << days << world.screen();
        world.press("D");
        EXPECT_EQ(world.state(), "Enabled") << days;
        world.press("<Esc>");
    }
    for (const char* days : {"7", "30"}) {
        world.press("X");
        world.wait();
        world.press(fmt::format("<Tab><C-u>{}<Tab>", days));
        EXPECT_FALSE(world.shows("from 7 to 30 days")) << days;
        world.press("<Esc>");
    }
}

TEST(DeskDeletion, TheNameIsNotPasted) {
    World world;
    world.press("X");
    world.wait();
    world.press("<Tab><Tab><Space><Tab>");
    world.paste(world.name());
    EXPECT_TRUE(world.shows("typed, not pasted"));
    world.press("<Tab>D");
    EXPECT_EQ(world.state(), "Enabled");
}

TEST(DeskDeletion, AKeyThatGotAnotherWalletMeanwhileIsNotDeleted) {
    World world;
    world.press("X");
    world.wait();
    import_known(world.engine_of_another_process(), "bob", 3);
    world.press("<Tab><Tab><Space><Tab>" + world.name() + "<Tab>");
    world.press("D");
    EXPECT_EQ(world.state(), "Enabled");
    EXPECT_TRUE(world.shows("The deletion was not scheduled")) << world.screen();
    EXPECT_TRUE(world.shows("The key is as it was."));
}

TEST(DeskDeletion, DisablingIsOfferedInstead) {
    World world;
    world.press("X");
    world.wait();
    EXPECT_TRUE(world.shows("d disables it"));
    world.press("d");
    EXPECT_TRUE(world.shows("Disable key"));
    world.wait();
    world.press("y");
    EXPECT_EQ(world.state(), "Disabled");
    EXPECT_TRUE(world.shows("z undoes it")) << world.screen();
    world.press("z<Enter>");
    world.wait();
    world.press("y");
    EXPECT_EQ(world.state(), "Enabled");
}

TEST(DeskDeletion, AWalletWhoseKeyIsOffSaysWhereToGo) {
    World world;
    ASSERT_TRUE(world.engine_of_another_process().disable_key(world.operator_session(), world.first.key_id));
    world.touch();
    world.press("3s");
    EXPECT_TRUE(world.shows("its key is disabled")) << world.screen();
    world.press("K");
    EXPECT_TRUE(world.shows("[4 Keys]"));
    EXPECT_TRUE(world.shows("> " + world.name()));
}

TEST(DeskDeletion, ALongListIsReadToItsEndFirst) {
    World world;
    for (int i = 10; i < 40; ++i) import_known(world.engine_of_another_process(), "bob", i);
    world.touch();
    world.press("X");
    EXPECT_TRUE(world.shows("32 wallets of 2 users"));
    EXPECT_TRUE(world.shows("more rows below"));
    world.wait();
    std::string seen;
    for (int i = 0; i < 10; ++i) {
        seen += world.screen();
        world.press("<PgDn>");
    }
    WalletQuery query;
    query.key = world.first.key_id;
    const auto wallets = world.engine().list_wallets(world.operator_session(), query);
    for (const Wallet& wallet : *wallets) EXPECT_NE(seen.find(checksum_address(wallet.address)), std::string::npos);
}

}  // namespace
}  // namespace keydeck::ui
