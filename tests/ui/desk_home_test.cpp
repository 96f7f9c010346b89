// The Home screen: what needs a person, where its rows lead, and that it moves only when something happened.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <stop_token>

#include "harness.hpp"

namespace keydeck::ui {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

HarnessOptions at_home(HarnessOptions options = {}) {
    options.start = ScreenId::kHome;
    return options;
}

struct World : Harness {
    explicit World(HarnessOptions options = {}) : Harness(at_home(std::move(options))) {
        Engine& other = engine_of_another_process();
        for (const char* name : {"alice", "bob"}) EXPECT_TRUE(other.add_user(operator_session(), name));
        wallet = import_known(other, "alice", 1, "main");
        import_known(other, "bob", 2);
        touch();
    }
    void schedule_deletion() {
        ASSERT_TRUE(engine_of_another_process().schedule_key_deletion(operator_session(), wallet.key_id, 7, 2));
        touch();
    }
    std::string key_name() const { return wallet.key_alias.substr(6); }
    Wallet wallet;
};

TEST(DeskHome, AnEmptyVaultSaysWhatToDoFirst) {
    Harness world(at_home());
    EXPECT_TRUE(world.shows("[1 Home]"));
    EXPECT_TRUE(world.shows("u  make the first user")) << world.screen();
    world.press("u");
    EXPECT_TRUE(world.shows("New user")) << world.screen();
    world.press("dave<Tab><Enter>");
    EXPECT_FALSE(world.shows("First steps")) << world.screen();
}

TEST(DeskHome, TellsTheStateAndThatNothingIsWrong) {
    World world;
    EXPECT_TRUE(world.shows("✓ nothing needs you now")) << world.screen();
    EXPECT_TRUE(world.shows("Users     2 ")) << world.screen();
    EXPECT_TRUE(world.shows("Wallets   2 ")) << world.screen();
    EXPECT_TRUE(world.shows("Keys      1: 1 enabled")) << world.screen();
    EXPECT_TRUE(world.shows("no backup yet")) << world.screen();
    EXPECT_TRUE(world.shows("ImportWallet")) << world.screen();
}

TEST(DeskHome, AKeyThatEndsLeadsToItsWallets) {
    World world;
    world.schedule_deletion();
    EXPECT_TRUE(world.shows("Attention (1)")) << world.screen();
    EXPECT_TRUE(world.shows(fmt::format("▲ key {} is deleted in 6 d 23 h; 2 wallets still depend on it", world.key_name())))
        << world.screen();
    world.wait(hours(20));
    EXPECT_TRUE(world.shows("is deleted in 6 d 3 h")) << "it counts down: " << world.screen();
    EXPECT_TRUE(world.shows("Attention (1)")) << "the alert says the same: " << world.screen();
    world.press("<Enter>");
    EXPECT_TRUE(world.shows(fmt::format("Keys › {} › Wallets", world.key_name()))) << world.screen();
    world.press("h");
    EXPECT_TRUE(world.shows("[1 Home]"));
    ASSERT_TRUE(world.engine_of_another_process().cancel_key_deletion(world.operator_session(), world.wallet.key_id));
    world.touch();
    EXPECT_TRUE(world.shows("✓ nothing needs you now")) << world.screen();
    EXPECT_TRUE(world.shows("1 disabled")) << world.screen();
}

TEST(DeskHome, FailuresOfTheLastHourLeadToTheAuditLog) {
    World world;
    ASSERT_TRUE(world.engine_of_another_process().disable_key(world.operator_session(), world.wallet.key_id));
    for (int i = 0; i < 3; ++i)
        EXPECT_FALSE(world.engine_of_another_process().sign_message(world.operator_session(), kFirstAddress, as_bytes("x")));
    world.touch();
    EXPECT_TRUE(world.shows("! 3 signatures failed in the last hour: rejected")) << world.screen();
    world.press("<Enter>");
    EXPECT_TRUE(world.shows("result:rejected")) << world.screen();
    EXPECT_TRUE(world.shows("SignMessage")) << world.screen();
    EXPECT_FALSE(world.shows("ImportWallet")) << world.screen();
    world.press("h");
    world.wait(minutes(61));
    EXPECT_FALSE(world.shows("signatures failed")) << world.screen();
}

TEST(DeskHome, AnInterruptedJobLeadsToTheJob) {
    World world;
    ASSERT_TRUE(world.engine_of_another_process().add_pool_keys(world.operator_session(), 1));
    std::stop_source stop;
    stop.request_stop();
    Rewrap move;
    move.from = world.wallet.key_id;
    EXPECT_FALSE(world.engine_of_another_process().rewrap(world.operator_session(), move, {{}, stop.get_token()}));
    world.touch();
    EXPECT_TRUE(world.shows("Running jobs")) << world.screen();
    EXPECT_TRUE(world.shows("#1 rewrap")) << world.screen();
    EXPECT_TRUE(world.shows("paused")) << world.screen();
    world.press("<Enter>");
    EXPECT_TRUE(world.shows("[6 Jobs]")) << world.screen();
}

TEST(DeskHome, TheCursorStaysOnItsRowWhateverComesAbove) {
    World world;
    world.press("jj");
    const auto selected = [&] {
        for (int row = 0; row < 24; ++row) {
            if (world.row(row).starts_with(">")) return world.row(row);
        }
        return std::string();
    };
    const std::string before = selected();
    ASSERT_NE(before, "");
    world.schedule_deletion();
    EXPECT_EQ(selected(), before) << world.screen();
    world.press("<Tab>");
    EXPECT_TRUE(selected().contains("is deleted")) << world.screen();
    world.press("<Enter>h");
    world.press("G<Enter>");
    EXPECT_TRUE(world.shows("[5 Audit]")) << world.screen();
}

TEST(DeskHome, AUserSeesTheirPart) {
    HarnessOptions options;
    options.session = Session::of_user("alice", "tui");
    Harness world(at_home(options));
    Engine& other = world.engine_of_another_process();
    for (const char* name : {"alice", "bob"}) ASSERT_TRUE(other.add_user(world.operator_session(), name));
    const Wallet wallet = import_known(other, "alice", 1);
    import_known(other, "bob", 2, "bobs-own");
    world.touch();
    EXPECT_TRUE(world.shows("User      alice")) << world.screen();
    EXPECT_TRUE(world.shows("Wallets   1")) << world.screen();
    for (const char* not_theirs : {"Database", "Keys      ", "bob", "KMS       "})
        EXPECT_FALSE(world.shows(not_theirs)) << not_theirs << world.screen();
    ASSERT_TRUE(other.disable_key(world.operator_session(), wallet.key_id));
    world.touch();
    EXPECT_TRUE(world.shows("cannot sign: its key is disabled")) << world.screen();
    world.press("<Enter>");
    EXPECT_TRUE(world.shows("> 0x7E5F45…395Bdf")) << world.screen();
    ASSERT_TRUE(other.lock_user(world.operator_session(), "alice"));
    world.press("1");
    world.touch();
    EXPECT_TRUE(world.shows("you are locked")) << world.screen();
    world.press("u");
    EXPECT_TRUE(world.shows("u: only the operator may do this")) << world.screen();
}

TEST(DeskHome, NothingMovesUnlessSomethingHappened) {
    World world;
    world.wait(Desk::kToast);
    const std::string before = world.screen();
    world.wait(std::chrono::seconds(20));
    EXPECT_EQ(world.screen(), before);
    EXPECT_GT(world.desk().next_deadline(world.now) - world.now.steady, std::chrono::seconds(5));
    EXPECT_TRUE(world.desk().settled(world.now));
    ASSERT_TRUE(world.engine_of_another_process().sign_message(world.operator_session(), kFirstAddress, as_bytes("hi")));
    world.touch();
    EXPECT_NE(world.screen(), before);
    EXPECT_TRUE(world.shows("SignMessage")) << world.screen();
}

// Without a passphrase nothing is asked for: what is shown needs none.
TEST(DeskHome, ALockedVaultIsShownAll) {
    HarnessOptions options;
    options.passphrase = "correct horse";
    Harness world(at_home(options));
    EXPECT_TRUE(world.engine().needs_unlock());
    EXPECT_EQ(world.desk().top_dialog(), nullptr) << world.screen();
    EXPECT_TRUE(world.shows("First steps")) << world.screen();
}

TEST(DeskHome, TheFirstStepsNameTheKeysThatWorkHere) {
    HarnessOptions options;
    options.keymap = {{"user.create", {"F6"}}};
    Harness world(at_home(options));
    EXPECT_TRUE(world.shows("F6  make the first user")) << world.screen();
    EXPECT_TRUE(world.shows("w  make a wallet for them"));
}

}  // namespace
}  // namespace keydeck::ui
