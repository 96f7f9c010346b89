// A person's keymap: names of keys read back, everything wrong told with its line, and the bindings in force everywhere.
#include "ui/keymap_check.hpp"

#include <gtest/gtest.h>

#include "harness.hpp"

namespace keydeck::ui {

static void PrintTo(const UiProblem& problem, std::ostream* out) { *out << problem.line << ": " << problem.sentence; }
namespace {

using Problems = std::vector<UiProblem>;

TEST(KeyNames, AreReadBack) {
    std::vector<Key> keys{key(U' '), key(U'j'), key(U'?'), key(U'ä'), key(U'字'), key(U'-'), key(U'F'), ctrl(U' ')};
    for (const KeyCode code : {KeyCode::kEnter, KeyCode::kEscape, KeyCode::kTab, KeyCode::kBackTab, KeyCode::kBackspace,
                               KeyCode::kDelete, KeyCode::kInsert, KeyCode::kUp, KeyCode::kDown, KeyCode::kLeft,
                               KeyCode::kRight, KeyCode::kHome, KeyCode::kEnd, KeyCode::kPageUp, KeyCode::kPageDown}) {
        keys.push_back(key(code));
    }
    for (char32_t letter = U'a'; letter <= U'z'; ++letter) keys.push_back(ctrl(letter));
    for (char32_t number = 1; number <= 12; ++number) keys.push_back(function_key(number));
    keys.push_back({KeyCode::kAlt, U'x'});
    keys.push_back({KeyCode::kAlt, U' '});
    for (const Key& each : keys) EXPECT_EQ(key_named(name_of(each)), each) << name_of(each);
    for (char32_t character = 0x21; character < 0x7f; ++character)
        EXPECT_EQ(key_named(name_of(key(character))), key(character));
}

TEST(KeyNames, WhatIsNoneIsRefused) {
    for (const std::string_view name :
         {"", "ctrl-r", "Ctrl-", "Ctrl-RR", "Ctrl-1", "F0", "F13", "F01", "F1x", "jj", "Escape", "enter", "Alt-", "Alt-F1",
          "\xff", "\xe2\x80\xae", "\x01", "Ctrl-Ö", "F"}) {
        if (name == "F") continue;  // the letter
        EXPECT_FALSE(key_named(name)) << name;
    }
}

TEST(KeymapFile, TellsEveryProblemWithItsLine) {
    const ReadKeymap read = read_keymap({{"key.disabel", {"D"}, 1},
                                         {"copy", {"Ctrl-Ö"}, 2},
                                         {"refresh", {"Ctrl-W"}, 3},
                                         {"undo", {"F10"}, 4},
                                         {"theme.next", {"Ctrl-I"}, 5},
                                         {"quit", {}, 6},
                                         {"key.rotate", {"e"}, 7},
                                         {"help", {"!"}, 8},
                                         {"help", {"H"}, 9}});
    EXPECT_EQ(read.problems, (Problems{{1, "there is no action \"key.disabel\"; did you mean key.disable?"},
                                       {2, "copy: there is no key \"Ctrl-Ö\"."},
                                       {3, "refresh: Ctrl-W is reserved for terminals and window managers."},
                                       {4, "undo: F10 is reserved for terminals and window managers."},
                                       {5, "theme.next: terminals send Ctrl-I as Backspace, Tab or Enter."},
                                       {6, "quit needs a key: it is a way out."},
                                       {7, "e is bound to key.enable and to key.rotate on the same screen."},
                                       {8, "! is bound to messages and to help on the same screen."},
                                       {9, "help stands here twice."}}));
}

TEST(KeymapFile, TwoScreensMayUseAKeyForTwoThings) {
    EXPECT_EQ(read_keymap({{"job.pause", {"d"}, 1}}).problems, Problems{}) << "d disables a key, on another screen";
    EXPECT_EQ(read_keymap({{"key.disable", {}, 1}, {"key.enable", {"d"}, 2}}).problems, Problems{});
}

TEST(KeymapFile, TheDefaultsWrittenOutAreAKeymapThatChangesNothing) {
    std::vector<KeyBinding> bindings;
    for (const DefaultBinding& binding : default_keymap()) {
        EXPECT_FALSE(binding.help.empty()) << binding.action;
        bindings.push_back({binding.action, binding.keys, static_cast<unsigned>(bindings.size() + 1)});
    }
    EXPECT_GT(bindings.size(), 40U);
    EXPECT_EQ(read_keymap(bindings).problems, Problems{});
}

TEST(KeymapFile, IsInForceInListHelpAndHints) {
    Harness world(HarnessOptions{.size = {40, 120},
                                 .keymap = {{"user.create", {"F5"}, 1}, {"move.down", {"F6"}, 2}, {"theme.next", {}, 3}}});
    EXPECT_TRUE(world.engine_of_another_process().add_user(world.operator_session(), "alice"));
    EXPECT_TRUE(world.engine_of_another_process().add_user(world.operator_session(), "bob"));
    world.touch();
    EXPECT_TRUE(world.shows("F5 new user")) << world.screen();
    world.press("u");
    EXPECT_FALSE(world.shows("New user")) << "its old key is free";
    world.press("j");
    EXPECT_TRUE(world.shows("> alice"));
    world.press("<F6>");
    EXPECT_TRUE(world.shows("> bob")) << world.screen();
    world.press("T");
    EXPECT_TRUE(world.themes.empty()) << "unbound";
    world.press("?new user");
    EXPECT_TRUE(world.shows("F5")) << world.screen();
}

TEST(KeymapFile, ProblemsAreToldAtTheStartAndTheDefaultsHold) {
    Desk desk{DeskOptions{.problems = {"keymap.toml, line 3: there is no action \"x\"."}}};
    desk.start({24, 80}, Now{});
    EXPECT_NE(desk.draw(Now{}).text().find("! keymap.toml, line 3"), std::string::npos);
    EXPECT_NE(desk.draw(Now{}).text().find("! shows it all"), std::string::npos);
}

}  // namespace
}  // namespace keydeck::ui
