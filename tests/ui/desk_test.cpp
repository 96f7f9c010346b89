// What holds on every screen: nothing is written without a completed confirmation, and the rest keeps working around it.
#include <gtest/gtest.h>

#include <random>

#include "harness.hpp"
#include "ui/views/screens.hpp"

namespace keydeck::ui {
namespace {

struct World : Harness {
    explicit World(HarnessOptions options = {}) : Harness(std::move(options)) {
        for (const char* name : {"alice", "bob", "charlie"})
            EXPECT_TRUE(engine_of_another_process().add_user(operator_session(), name));
        import_known(engine_of_another_process(), "alice", 1, "main");
        import_known(engine_of_another_process(), "bob", 2);
        touch();
    }
};

TEST(Desk, NoSingleKeyWritesAnything) {
    World world;
    const std::int64_t before = world.events();
    for (const char* screen : {"1", "2", "3", "4", "5", "6", "7"}) {
        for (char32_t c = U' '; c < 0x7F; ++c) {
            if (c == U'q') continue;
            world.press(screen);
            world.desk().handle(key(c), world.now);
            world.settle();
            EXPECT_EQ(world.events(), before) << screen << " " << static_cast<char>(c);
            for (int i = 0; i < 3; ++i) world.press("<Esc>");
            EXPECT_EQ(world.desk().top_dialog(), nullptr);
        }
    }
}

TEST(Desk, TheOpeningKeyTenTimesAndEnterWriteNothing) {
    World world;
    const std::int64_t before = world.events();
    for (const char* keys : {"1u", "1w", "2L", "2u", "2w", "2s", "3s", "3n", "3r", "3m", "4d", "4e",
                             "4R", "4m", "4t", "4X", "4c", "5V", "6p", "6C", "6f", "7a", "7S"}) {
        world.press(keys);
        world.press("<Enter>");
        for (int i = 0; i < 3; ++i) world.press("<Esc>");
        world.press(keys);
        for (int i = 0; i < 10; ++i) {
            world.wait();
            world.press(std::string_view(keys).substr(1));
        }
        for (int i = 0; i < 3; ++i) world.press("<Esc>");
        EXPECT_EQ(world.events(), before) << keys;
        EXPECT_EQ(world.desk().top_dialog(), nullptr) << keys;
    }
}

TEST(Desk, APasteIntoAListChangesNothing) {
    World world;
    const std::int64_t before = world.events();
    for (const char* screen : {"1", "2", "3", "4", "5", "6", "7"}) {
        world.press(screen);
        const std::string shown = world.row(3);
        world.paste("Ly\nXD\nq");
        EXPECT_TRUE(world.shows("The paste was dropped")) << screen;
        EXPECT_EQ(world.row(3), shown);
        EXPECT_EQ(world.desk().top_dialog(), nullptr);
    }
    EXPECT_EQ(world.events(), before);
    EXPECT_FALSE(world.desk().wants_to_quit());
}

TEST(Desk, APasteIntoADangerousDialogDoesNotConfirm) {
    World world;
    const std::int64_t before = world.events();
    world.press("L");
    world.wait();
    world.paste("y");
    EXPECT_EQ(world.events(), before);
    EXPECT_NE(world.desk().top_dialog(), nullptr);
}

// Keys, pastes, sizes and time at random. Confirming needs y, S, C or D: without those keys nothing may be written, whatever
// happens.
TEST(Desk, NothingIsWrittenWithoutAConfirmation) {
    World world;
    std::mt19937 random(7);  // NOLINT: the same keys each time
    const std::int64_t before = world.events();
    constexpr std::string_view kKeys = "1234567jkgGhl-/?!uwsLeadXcnrpRVKUWtfmbz x01";
    for (int i = 0; i < 3000; ++i) {
        const auto pick = random();
        switch (pick % 40) {
            case 0:
                world.paste("y S C D <paste>\nsecond");
                break;
            case 1:
                world.resize({16 + static_cast<int>(random() % 40), 60 + static_cast<int>(random() % 140)});
                break;
            case 2:
                world.wait();
                break;
            case 3:
                world.resize({5, 20});
                break;
            case 4:
                world.resize({24, 80});
                break;
            case 5:
                world.press("<Esc>");
                break;
            case 6:
                world.press("<Tab>");
                break;
            case 7:
                world.press("<BS>");
                break;
            case 8:
                world.press("<PgDn>");
                break;
            case 9:
                world.touch();
                break;
            default:
                world.press(kKeys.substr(pick / 40 % kKeys.size(), 1));
                break;
        }
        ASSERT_FALSE(world.desk().wants_to_quit()) << i;
    }
    EXPECT_EQ(world.events(), before);
}

TEST(Desk, HelpListsExactlyWhatWorksAndWhyTheRestDoesNot) {
    World world;
    world.press("4?");
    EXPECT_TRUE(world.shows("Help"));
    EXPECT_TRUE(world.shows("wallets of this key"));
    EXPECT_TRUE(world.shows("off here: only a disabled key can be enabled"));
    world.press("disable");
    EXPECT_TRUE(world.shows("Searching: disable"));
    EXPECT_FALSE(world.shows("wallets of this key"));
    world.press("<Esc>");
    EXPECT_EQ(world.desk().top_dialog(), nullptr);
}

TEST(Desk, AKeyThatIsOffSaysWhy) {
    World world;
    world.press("4e");
    EXPECT_TRUE(world.shows("e: only a disabled key can be enabled"));
    EXPECT_EQ(world.desk().top_dialog(), nullptr);
}

TEST(Desk, EveryHintFitsTheScreen) {
    World world;
    for (const Size size : {Size{24, 80}, Size{16, 60}, Size{36, 120}}) {
        world.resize(size);
        for (const char* screen : {"1", "2", "3", "4", "5", "6", "7"}) {
            world.press(screen);
            const std::string hints = world.row(size.rows - 1);
            EXPECT_TRUE(hints.ends_with("? help")) << hints;
        }
    }
}

TEST(Desk, ReadOnlyRefusesWithAReason) {
    HarnessOptions options;
    options.read_only = true;
    Harness world(options);
    ASSERT_TRUE(world.engine_of_another_process().add_user(world.operator_session(), "alice"));
    world.touch();
    EXPECT_TRUE(world.shows("  RO  "));
    EXPECT_TRUE(world.shows("alice"));
    for (const char* keys : {"2u", "2w", "2L", "3n", "3m", "4X", "4R", "4m", "4t", "6p", "7S"}) {
        world.press(keys);
        EXPECT_TRUE(world.shows("read-only (RO)")) << keys << world.screen();
        EXPECT_EQ(world.desk().top_dialog(), nullptr) << keys;
        world.wait(Desk::kToast);
    }
}

TEST(Desk, ToastsFadeAndCountThemselves) {
    World world;
    world.press("4e");
    world.press("e");
    EXPECT_TRUE(world.shows("(x2)"));
    world.wait(Desk::kToast);
    EXPECT_FALSE(world.shows("only a disabled key"));
}

TEST(Desk, IsIdleBetweenMinutes) {
    World world;
    world.wait(Desk::kToast);
    const std::string before = world.screen();
    world.wait(std::chrono::seconds(20));
    EXPECT_EQ(world.screen(), before);
    const auto left = world.desk().next_deadline(world.now) - world.now.steady;
    EXPECT_GT(left, std::chrono::seconds(5)) << "nothing to wake for but the clock's next minute";
    EXPECT_LE(left, std::chrono::seconds(60));
}

TEST(Desk, TooSmallSaysSoAndComesBackWithEverything) {
    World world;
    world.press("u");
    world.press("dave");
    world.resize({10, 40});
    EXPECT_TRUE(world.shows("Keydeck needs at least 60x16"));
    EXPECT_TRUE(world.shows("now 40x10"));
    world.press("x<Enter>q");
    EXPECT_FALSE(world.desk().wants_to_quit()) << "q may be the next letter of the name";
    world.resize({24, 80});
    EXPECT_TRUE(world.shows("[dave")) << "typed text is kept, and what was typed unseen is not";
    EXPECT_FALSE(world.shows("davex"));
    world.press("<Esc>");
    world.resize({10, 40});
    world.press("q");
    EXPECT_TRUE(world.desk().wants_to_quit());
}

TEST(Desk, ResizeStormsKeepTheDialogWhole) {
    World world;
    world.press("u");
    world.press("dave");
    for (int cols = 200; cols >= 60; cols -= 7) {
        for (int rows = 60; rows >= 16; rows -= 11) {
            world.resize({rows, cols});
            EXPECT_TRUE(world.shows("dave")) << cols << "x" << rows;
        }
    }
}

TEST(Desk, QuittingAsksOnlyWhileSomethingIsWritten) {
    World world;
    world.press("L");
    world.wait();
    world.hold = true;
    world.press("y");
    EXPECT_TRUE(world.desk().is_writing());
    world.press("q");
    EXPECT_FALSE(world.desk().wants_to_quit());
    EXPECT_TRUE(world.shows("Leave anyway?"));
    world.press("<Esc>");
    world.run_held();
    EXPECT_TRUE(world.shows("User alice is locked"));
    world.press("q");
    EXPECT_TRUE(world.desk().wants_to_quit());
}

TEST(Desk, SlowTasksAreNamedAfterASecond) {
    World world;
    world.hold = true;
    world.press("4");
    world.hold = false;
    EXPECT_FALSE(world.shows("read the keys…"));
    world.wait(std::chrono::seconds(3));
    EXPECT_TRUE(world.shows("read the keys… 3 s")) << world.screen();
    world.run_held();
    EXPECT_FALSE(world.shows("read the keys…"));
}

TEST(Desk, WalletsOpenForSigningAreForgottenAfterFiveIdleMinutes) {
    World world;
    world.press("3smhello<Tab><Tab><Enter>");
    world.wait();
    world.press("S");
    ASSERT_TRUE(world.shows("Signed by alice")) << world.screen();
    world.press("<Esc>");
    world.wait(Desk::kForgetAfter - std::chrono::seconds(1));
    world.hold = true;
    world.wait(std::chrono::seconds(2));
    ASSERT_EQ(world.held.size(), 1U);
    EXPECT_EQ(world.held.front().what, "forget idle wallets");
    world.run_held();
}

TEST(Desk, TheSuspendKeyAsksTheLoop) {
    World world;
    world.press("<C-z>");
    EXPECT_TRUE(world.suspended);
    world.suspended = false;
    world.press("u<C-z>");
    EXPECT_TRUE(world.suspended) << "in dialogs too";
}

}  // namespace
}  // namespace keydeck::ui
