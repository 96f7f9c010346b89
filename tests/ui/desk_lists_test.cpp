// What all lists can do: sorting.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "harness.hpp"

namespace keydeck::ui {
namespace {

constexpr int kFirstRow = 4;

// bob has signed and has one wallet, charlie has two, alice has none.
class ThreeUsers : public Harness {
public:
    explicit ThreeUsers(HarnessOptions options = {}) : Harness(std::move(options)) {
        const Session session = operator_session();
        for (const char* name : {"alice", "bob", "charlie"})
            EXPECT_TRUE(engine_of_another_process().add_user(session, name));
        import_known(engine_of_another_process(), "bob", 1, "one");
        import_known(engine_of_another_process(), "charlie", 2, "two");
        import_known(engine_of_another_process(), "charlie", 3, "three");
        EXPECT_TRUE(engine_of_another_process().sign_message(session, "one", as_bytes("hi")));
        touch();
    }
    bool first_row_is(std::string_view name) { return row(kFirstRow).find(name) != std::string::npos; }
    bool titles_show(std::string_view title) { return row(kFirstRow - 1).find(title) != std::string::npos; }
};

TEST(DeskLists, UsersAreSortedByColumnAndTurnedRound) {
    ThreeUsers world;
    EXPECT_TRUE(world.titles_show("USER ▲")) << world.screen();
    EXPECT_TRUE(world.first_row_is("alice"));
    world.press("O");
    EXPECT_TRUE(world.titles_show("USER ▼"));
    EXPECT_TRUE(world.first_row_is("charlie")) << world.screen();
    world.press("o");
    EXPECT_TRUE(world.titles_show("LAST SIGN ▼")) << world.screen();
    EXPECT_FALSE(world.titles_show("USER ▼"));
    EXPECT_TRUE(world.first_row_is("bob")) << world.screen();
    world.press("o");
    EXPECT_TRUE(world.titles_show("WALLETS▼")) << world.screen();
    EXPECT_TRUE(world.first_row_is("charlie"));
    world.press("O");
    EXPECT_TRUE(world.first_row_is("alice"));
    world.press("o");
    EXPECT_TRUE(world.titles_show("USER ▲")) << "round and round";
}

TEST(DeskLists, TheCursorStaysOnItsRowThroughASort) {
    ThreeUsers world;
    world.press("j");
    EXPECT_TRUE(world.shows("> bob")) << world.screen();
    for (const char* key : {"O", "o", "O", "o", "O", "o"}) {
        world.press(key);
        EXPECT_TRUE(world.shows("> bob")) << key << world.screen();
    }
}

TEST(DeskLists, TheCursorStaysAlsoWhereItsRowIsFarAway) {
    Harness world;
    for (int i = 0; i < 300; ++i)
        EXPECT_TRUE(world.engine_of_another_process().add_user(world.operator_session(), fmt::format("user-{:03}", i)));
    world.touch();
    world.press("G<Up><Up>");
    EXPECT_TRUE(world.shows("> user-297")) << world.screen();
    world.press("O");
    EXPECT_TRUE(world.shows("> user-297")) << world.screen();
    EXPECT_TRUE(world.shows("  user-298"));
    world.press("k");
    EXPECT_TRUE(world.shows("> user-298"));
    world.press("G");
    EXPECT_TRUE(world.shows("> user-000")) << "the whole list is turned round, not what was loaded";
}

TEST(DeskLists, KeysPressedWhileTheOrderIsReadKeepTheCursorToo) {
    ThreeUsers world;
    world.press("j");
    world.hold = true;
    world.press("ooO");
    world.press("L");
    EXPECT_EQ(world.desk().top_dialog(), nullptr) << "no row is selected while another order is read";
    world.run_held();
    EXPECT_TRUE(world.titles_show("WALLETS▲")) << world.screen();
    EXPECT_TRUE(world.shows("> bob"));
}

TEST(DeskLists, AsciiSaysTheOrderWithoutTheSignOfAWarning) {
    HarnessOptions options;
    options.charset = Charset::kAscii;
    ThreeUsers world(options);
    EXPECT_TRUE(world.titles_show("USER ^")) << world.screen();
    world.press("O");
    EXPECT_TRUE(world.titles_show("USER v"));
}

TEST(DeskLists, WalletsAreSortedAndTheBarSaysWhatNoColumnShows) {
    ThreeUsers world;
    world.press("3");
    EXPECT_TRUE(world.shows("all wallets · by creation ▲")) << world.screen();
    EXPECT_TRUE(world.first_row_is("one"));
    world.press("O");
    EXPECT_TRUE(world.first_row_is("three")) << world.screen();
    world.press("o");
    EXPECT_TRUE(world.titles_show("LAST SIGN▼")) << world.screen();
    EXPECT_FALSE(world.shows("by creation"));
    EXPECT_TRUE(world.first_row_is("one"));
    world.press("O");
    EXPECT_TRUE(world.first_row_is("two")) << "never signed is earliest; equals by age";
    world.resize({16, 60});
    EXPECT_TRUE(world.shows("by last sign ▲")) << "its column is dropped here" << world.screen();
}

TEST(DeskLists, TheAuditLogIsTurnedRound) {
    ThreeUsers world;
    world.press("5");
    EXPECT_TRUE(world.titles_show("TIME ▼")) << world.screen();
    EXPECT_TRUE(world.first_row_is("SignMessage")) << world.screen();
    world.press("<End>");
    const std::string oldest = world.row(kFirstRow);
    world.press("o");
    EXPECT_TRUE(world.shows("oldest first"));
    EXPECT_TRUE(world.titles_show("TIME ▲"));
    world.press("<Home>");
    EXPECT_TRUE(world.first_row_is("CreateUser")) << world.screen();
}

TEST(DeskLists, KeysAreSortedByWhatTheyCarry) {
    ThreeUsers world;
    const Session session = world.operator_session();
    for (const char* alias : {"spare-10", "spare-9"}) {
        CreateKey spare;
        spare.alias = alias;
        ASSERT_TRUE(world.engine().create_key(session, spare));
    }
    world.press("4");
    EXPECT_TRUE(world.titles_show("KEY ▲"));
    const std::string screen = world.screen();
    EXPECT_LT(screen.find("spare-9"), screen.find("spare-10")) << "numbers count as numbers" << screen;
    world.press("ooO");
    EXPECT_TRUE(world.titles_show("WALLETS▲")) << world.screen();
    EXPECT_FALSE(world.first_row_is("pool"));
    world.press("O");
    EXPECT_TRUE(world.first_row_is("pool")) << world.screen();
    world.press("/spare");
    EXPECT_TRUE(world.titles_show("WALLETS▼")) << "a filter keeps the order" << world.screen();
}

}  // namespace
}  // namespace keydeck::ui
