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
    out.scope = {"Ann B. „王“", "11111111-2222-3333-4444-555555555555", "pool 1",
                 "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf"};
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
             start + "of\n",
             start + "of user\n",
             start + "of user \n",
             start + "of moon a\n",
             start + "of user a\nof user b\n",
             start + "of user %FF\n",
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

class WithAlice : public Harness {
public:
    explicit WithAlice(HarnessOptions options) : Harness(std::move(options)) {
        EXPECT_TRUE(engine_of_another_process().add_user(operator_session(), "alice"));
        EXPECT_TRUE(engine_of_another_process().add_user(operator_session(), "bob"));
        import_known(engine_of_another_process(), "alice", 1, "hers");
        import_known(engine_of_another_process(), "bob", 2, "his");
        touch();
    }
    /// The same vault's screens as they begin when `last` was left behind.
    void begin_again(const Remembered& last) {
        DeskOptions options;
        options.environment = "TEST";
        options.remembered = last;
        again = std::make_unique<Desk>(std::move(options));
        again->start({24, 80}, now);
        while (true) {
            DeskRequests requests = again->take_requests();
            if (requests.tasks.empty()) break;
            for (Task& task : requests.tasks) {
                const TaskContext context{std::stop_token(), [](std::int64_t, std::int64_t) {}};
                again->complete(task.id, task.work(engine(), context), now);
            }
        }
    }
    std::string text() { return again->draw(now).text(); }
    std::unique_ptr<Desk> again;
};

TEST(DeskRemembered, WhoseWalletsWereShownComesBackToo) {
    WithAlice world{HarnessOptions{}};
    world.press("g<Enter>/hers<Enter>");
    const Remembered left = world.desk().remember();
    EXPECT_EQ(left.scope.user, "alice");
    world.begin_again(left);
    EXPECT_NE(world.text().find("Users › alice › Wallets"), std::string::npos) << world.text();
    EXPECT_NE(world.text().find("As you left it: Wallets of alice (3 shows all), filter \"hers\""), std::string::npos)
        << world.text();
    EXPECT_EQ(world.text().find("his"), std::string::npos);
    EXPECT_EQ(world.again->remember(), left);
}

TEST(DeskRemembered, TheWalletsOfAKeyComeBackWithItsName) {
    WithAlice world{HarnessOptions{}};
    world.press("4g<Enter>");
    const Remembered left = world.desk().remember();
    EXPECT_FALSE(left.scope.key_id.empty());
    world.begin_again(left);
    EXPECT_NE(world.text().find("Keys › keydeck-pool-1 › Wallets"), std::string::npos) << world.text();
    EXPECT_NE(world.text().find("As you left it: Wallets of key keydeck-pool-1 (3 shows all)"), std::string::npos)
        << world.text();
    EXPECT_EQ(world.again->remember(), left);
}

TEST(DeskRemembered, WhoHasGoneIsToldAndAllAreShown) {
    WithAlice world{HarnessOptions{}};
    Remembered left;
    left.screen = "wallets";
    left.filter = "h";
    left.scope.user = "charlie";
    world.begin_again(left);
    EXPECT_NE(world.text().find("charlie is not there any more; these are all"), std::string::npos) << world.text();
    EXPECT_NE(world.text().find("filter: h"), std::string::npos) << world.text();
    EXPECT_NE(world.text().find("his"), std::string::npos) << world.text();
    left.scope = {"", "00000000-0000-4000-8000-000000000000", "pool-9", ""};
    world.begin_again(left);
    EXPECT_NE(world.text().find("key pool-9 is not there any more"), std::string::npos) << world.text();
    EXPECT_EQ(world.again->remember().scope, Remembered::Scope{});
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
