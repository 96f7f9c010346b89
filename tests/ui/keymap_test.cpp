#include "ui/keymap.hpp"

#include <gtest/gtest.h>

#include <array>
#include <set>

#include "harness.hpp"
#include "ui/views/screens.hpp"

namespace keydeck::ui {
namespace {

TEST(Keymap, TheTablesInForceTogetherDoNotConflict) {
    Desk desk{DeskOptions{}};
    for (const ScreenEntry& entry : screens()) {
        View& view = desk.view(entry.id);
        const std::array<std::span<const Action>, 3> tables{view.actions(), view.moves(), desk.global_actions()};
        EXPECT_EQ(conflicts(tables), std::vector<std::string>{}) << entry.name;
    }
}

TEST(Keymap, FindsConflicts) {
    const Actions first{{"a", {key(U'x')}, "", "", {}, {}}, {"b", {key(U'x'), ctrl(U'a')}, "", "", {}, {}}};
    const Actions second{{"a", {function_key(10)}, "", "", {}, {}}};
    const std::array<std::span<const Action>, 2> tables{first, second};
    EXPECT_EQ(conflicts(tables),
              (std::vector<std::string>{"x is bound to a and to b", "b is bound to the reserved key Ctrl-A",
                                        "a stands in the table twice", "a is bound to the reserved key F10"}));
}

TEST(Keymap, LeavesAloneWhatTerminalsNeed) {
    for (const char32_t letter : std::u32string_view(U"absqkwj ")) EXPECT_TRUE(is_reserved(ctrl(letter)));
    EXPECT_TRUE(is_reserved({KeyCode::kAlt, U'x'}));
    EXPECT_TRUE(is_reserved(function_key(11)));
    EXPECT_FALSE(is_reserved(ctrl(U'r')));
    EXPECT_FALSE(is_reserved(function_key(1)));
}

TEST(Keymap, EveryActionSaysWhatItDoes) {
    Desk desk{DeskOptions{}};
    for (const ScreenEntry& entry : screens()) {
        for (const Actions* table : {&desk.view(entry.id).actions(), &desk.view(entry.id).moves(), &desk.global_actions()}) {
            for (const Action& action : *table) {
                EXPECT_FALSE(action.name.empty());
                EXPECT_FALSE(action.help.empty()) << action.name;
                EXPECT_FALSE(action.keys.empty()) << action.name;
                EXPECT_TRUE(action.run) << action.name;
            }
        }
    }
}

TEST(Keymap, HintsAreNeverCut) {
    const Actions actions{{"a", {key(U'a')}, "", "first thing", {}, {}},
                          {"b", {key(U'b')}, "", "off here", {}, [](const Scene&) { return std::string("because"); }},
                          {"c", {key(U'c')}, "", "another thing", {}, {}}};
    const Scene scene;
    EXPECT_EQ(hint_line(actions, scene, 80), " a first thing  c another thing  ? help");
    EXPECT_EQ(hint_line(actions, scene, 30), " a first thing  ? help");
    EXPECT_EQ(hint_line(actions, scene, 10), " ? help");
}

}  // namespace
}  // namespace keydeck::ui
