#include "ui/remembered.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "harness.hpp"
#include "tests/support/temporary_directory.hpp"

namespace keydeck::ui {
namespace {

namespace fs = std::filesystem;

Remembered example() {
    Remembered out;
    out.screen = "keys";
    out.filter = "50 % „王“";
    out.sorts = {{"keys", {"wallets", true}}, {"users", {"last-sign", false}}};
    return out;
}

TEST(Remembered, ComesBackAsItWasWritten) {
    const auto back = parse_remembered(to_text(example()));
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(*back, example());
    EXPECT_EQ(to_text(example()).find('\x1b'), std::string::npos);
}

TEST(Remembered, AnythingElseIsRefused) {
    const std::string start = "keydeck-tui 1\nscreen users\n";
    ASSERT_TRUE(parse_remembered(start));
    for (const std::string& text : {
             std::string(),
             std::string("keydeck-tui 1\n"),
             std::string("keydeck-tui 2\nscreen users\n"),
             std::string("screen users\n"),
             std::string("keydeck-tui 1\nscreen users"),
             std::string("keydeck-tui 1\nscreen \n"),
             std::string("keydeck-tui 1\nscreen Users\n"),
             std::string("keydeck-tui 1\nscreen ../users\n"),
             start + "screen keys\n",
             start + "\n",
             start + "filter\n",
             start + "filter \n",
             start + "filter a b\n",
             start + "filter a\nfilter b\n",
             start + "filter %\n",
             start + "filter %4\n",
             start + "filter %zz\n",
             start + "filter %-1\n",
             start + "filter %FF\n",
             start + "filter \x1b[2J\n",
             start + "filter \u202Ea\n",
             start + "filter " + std::string(257, 'a') + "\n",
             start + "sort users name\n",
             start + "sort users name sideways\n",
             start + "sort users na/me up\n",
             start + "sort users name up\nsort users name down\n",
             start + "sort users name up extra\n",
             start + "window 30\n",
             start + std::string("sort us\0rs name up\n", 19),
             start + std::string(5'000, 'x') + "\n",
         }) {
        EXPECT_FALSE(parse_remembered(text)) << text;
    }
    std::string many = start;
    for (int i = 0; i < 17; ++i) many += "sort s" + std::to_string(i) + " name up\n";
    EXPECT_FALSE(parse_remembered(many));
}

TEST(Remembered, IsAFileOfOnesOwnThatIsReplacedAsAWhole) {
    const testing_support::TemporaryDirectory base;
    const fs::path path = base.path() / "state" / "keydeck" / "tui-1";
    const auto none = read_remembered(path);
    ASSERT_TRUE(none) << none.error().message;
    EXPECT_FALSE(*none);
    ASSERT_TRUE(write_remembered(path, example()));
    EXPECT_EQ(**read_remembered(path), example());
    struct stat about{};
    ASSERT_EQ(::stat(path.c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777U, 0600U);
    ASSERT_EQ(::stat(path.parent_path().c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777U, 0700U);
    Remembered other = example();
    other.screen = "audit";
    ASSERT_TRUE(write_remembered(path, other));
    EXPECT_EQ((*read_remembered(path))->screen, "audit");
    EXPECT_EQ(std::distance(fs::directory_iterator(path.parent_path()), fs::directory_iterator()), 1)
        << "nothing is left over";
}

TEST(Remembered, WhatIsNoFileOfOursIsNotFollowed) {
    const testing_support::TemporaryDirectory base;
    const fs::path path = base.path() / "tui-1";
    std::ofstream(base.path() / "other") << to_text(example());
    fs::create_symlink(base.path() / "other", path);
    EXPECT_FALSE(read_remembered(path)) << "a link";
    ASSERT_TRUE(write_remembered(path, example()));
    EXPECT_TRUE(fs::is_regular_file(fs::symlink_status(path))) << "the link is replaced, not what it points to";
    fs::remove(path);
    ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
    EXPECT_FALSE(read_remembered(path)) << "a pipe, which would never end";
    EXPECT_FALSE(write_remembered("/proc/nowhere/keydeck/tui-1", example()));
}

TEST(DeskRemembered, ComesBackToScreenFilterAndOrderAndSaysSo) {
    HarnessOptions options;
    options.remembered = Remembered{"wallets", "ali", {{"wallets", {"last-sign", false}}, {"users", {"wallets", true}}}};
    Harness world(options);
    EXPECT_EQ(world.desk().screen(), ScreenId::kWallets);
    EXPECT_TRUE(world.shows("filter: ali")) << world.screen();
    EXPECT_TRUE(world.shows("LAST SIGN▲")) << world.screen();
    EXPECT_TRUE(world.shows("As you left it: Wallets by last sign ▲, filter \"ali\" (Esc clears it)")) << world.screen();
    EXPECT_EQ(world.desk().remember(), *options.remembered);
    world.press("<Esc>2");
    EXPECT_TRUE(world.shows("WALLETS▼"));
    EXPECT_FALSE(world.shows("filter: ali"));
}

TEST(DeskRemembered, WhatIsNotThereAnyMoreIsLeftOut) {
    HarnessOptions options;
    options.remembered = Remembered{"nonsense", "x", {{"users", {"shoe-size", true}}, {"moon", {"name", true}}}};
    Harness world(options);
    EXPECT_EQ(world.desk().screen(), ScreenId::kUsers);
    EXPECT_TRUE(world.shows("USER ▲")) << world.screen();
    EXPECT_FALSE(world.shows("As you left it"));
}

TEST(DeskRemembered, AScreenThatWasAskedForComesFirst) {
    HarnessOptions options;
    options.start = ScreenId::kKeys;
    options.start_was_asked_for = true;
    options.remembered = Remembered{"audit", "action:LockUser", {{"keys", {"wallets", true}}}};
    Harness world(options);
    EXPECT_EQ(world.desk().screen(), ScreenId::kKeys);
    EXPECT_FALSE(world.shows("filter"));
    EXPECT_TRUE(world.shows("As you left it: Keys by wallets ▼")) << world.screen();
}

TEST(DeskRemembered, AnOrdinaryStartSaysNothing) {
    Harness world;
    EXPECT_FALSE(world.shows("As you left it"));
    EXPECT_EQ(world.desk().remember(), (Remembered{"users", "", {}})) << "only what differs from how lists begin";
    world.press("O/bo<Enter>");
    EXPECT_EQ(world.desk().remember(), (Remembered{"users", "bo", {{"users", {"name", true}}}}));
}

}  // namespace
}  // namespace keydeck::ui
