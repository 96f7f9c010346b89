// A list without rows says why: nothing matches, there is nothing, it is not allowed.
#include <gtest/gtest.h>

#include "harness.hpp"
#include "ui/views/list_view.hpp"

namespace keydeck::ui {
namespace {

class SomeUsers : public Harness {
public:
    explicit SomeUsers(HarnessOptions options = {}) : Harness(std::move(options)) {
        for (const char* name : {"alice", "alicia", "alina7", "bob"})
            EXPECT_TRUE(engine_of_another_process().add_user(operator_session(), name));
        import_known(engine_of_another_process(), "alice", 1, "savings");
        touch();
    }
};

TEST(DeskEmpty, BecauseOfAFilter) {
    SomeUsers world;
    world.press("/alixe");
    EXPECT_TRUE(world.shows("No users match \"alixe\".")) << world.screen();
    EXPECT_TRUE(world.shows("Esc  clear the filter (4 users)"));
    EXPECT_TRUE(world.shows("u    create user \"alixe\""));
    EXPECT_TRUE(world.shows("Did you mean: alice, alicia, alina7 ?")) << world.screen();
    world.press("<BS>");
    EXPECT_TRUE(world.shows("Did you mean: alice, alicia, alina7 ?"));
    world.press("<Enter>u");
    EXPECT_TRUE(world.shows("[alix")) << "what was looked for is filled in" << world.screen();
    world.press("<Esc><Esc>/zzz");
    EXPECT_FALSE(world.shows("Did you mean")) << "nothing is like it";
}

TEST(DeskEmpty, NearNamesOfWalletsAndKeys) {
    SomeUsers world;
    world.press("3/savinx");
    EXPECT_TRUE(world.shows("No wallets match \"savinx\".")) << world.screen();
    EXPECT_TRUE(world.shows("Did you mean: savings ?")) << world.screen();
    world.press("<Esc>/0x7e5f9");
    EXPECT_TRUE(world.shows("Did you mean: 0x7E5F45…395Bdf ?")) << world.screen();
    world.press("<Esc>4/keydeck-pox");
    EXPECT_TRUE(world.shows("No keys match \"keydeck-pox\".")) << world.screen();
    EXPECT_TRUE(world.shows("Did you mean: keydeck-pool-1 ?")) << world.screen();
}

TEST(DeskEmpty, BecauseThereIsNothing) {
    Harness world;
    EXPECT_TRUE(world.shows("There are no users yet."));
    EXPECT_FALSE(world.shows("match"));
}

TEST(DeskEmpty, BecauseItIsNotAllowed) {
    HarnessOptions options;
    options.session = Session::of_user("alice", "tui");
    SomeUsers world(options);
    world.press("4");
    EXPECT_TRUE(world.shows("You may not see the keys.")) << world.screen();
    EXPECT_FALSE(world.shows("Ctrl-R")) << "reading again would not help";
    EXPECT_FALSE(world.shows("There are no keys yet"));
}

TEST(DeskEmpty, AUserIsNotToldHowManyOthersThereAre) {
    HarnessOptions options;
    options.session = Session::of_user("alice", "tui");
    SomeUsers world(options);
    import_known(world.engine_of_another_process(), "bob", 2, "spare");
    world.touch();
    world.press("2");
    EXPECT_FALSE(world.shows("4 users")) << world.screen();
    world.press("3");
    EXPECT_TRUE(world.shows("savings")) << world.screen();
    EXPECT_FALSE(world.shows("2 wallets") || world.shows("of 2")) << world.screen();
}

TEST(FindNear, LooksOnWhereWhatBeginsAlikeIsFarOff) {
    const std::vector<std::string> there{"alienated", "alice", "bob"};
    const auto begin_with = [&](const std::string& part) -> Result<std::vector<std::string>> {
        std::vector<std::string> out;
        for (const std::string& name : there) {
            if (name.starts_with(part)) out.push_back(name);
        }
        return out;
    };
    EXPECT_EQ(*find_near("aliec", begin_with), (std::vector<std::string>{"alice", "alienated"})) << "two letters swapped";
    EXPECT_EQ(*find_near("alienxyz", begin_with), std::vector<std::string>{"alienated"}) << "nothing is nearer";
    const auto failing = [](const std::string&) -> Result<std::vector<std::string>> {
        return fail(ErrorCode::kUnavailable, "The disk is full.");
    };
    EXPECT_FALSE(find_near("alice", failing));
}

TEST(FindNear, ShortensByCharactersUntilSomethingIsFound) {
    std::vector<std::string> asked;
    const auto near = [&](const std::string& text, const std::string& there) {
        asked.clear();
        return *find_near(text, [&](const std::string& part) -> Result<std::vector<std::string>> {
            asked.push_back(part);
            return there.starts_with(part) ? std::vector<std::string>{there} : std::vector<std::string>{};
        });
    };
    EXPECT_EQ(near("alixe", "alina"), std::vector<std::string>{"alina"});
    EXPECT_EQ(asked, (std::vector<std::string>{"alix", "ali"}));
    EXPECT_TRUE(near("xyz", "alina").empty());
    EXPECT_EQ(asked, std::vector<std::string>{"xy"}) << "one character is like everything";
    EXPECT_TRUE(near("0x12", "0x9").empty());
    EXPECT_TRUE(asked.empty());
    EXPECT_EQ(near("王小明", "王小二"), std::vector<std::string>{"王小二"}) << "characters, not bytes";
    EXPECT_EQ(asked, std::vector<std::string>{"王小"});
}

}  // namespace
}  // namespace keydeck::ui
