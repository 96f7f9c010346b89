// The grammar of `:`: words, quotes, near names, what a line means.
#include "ui/commands/command.hpp"

#include <gtest/gtest.h>

#include <set>

#include "ui/commands/call.hpp"
#include "ui/commands/words.hpp"
#include "ui/desk.hpp"
#include "ui/nearest.hpp"

namespace keydeck::ui {
namespace {

using Strings = std::vector<std::string>;

TEST(Words, AreSplitAsByAShell) {
    struct Case {
        std::string_view text;
        Strings words;
    };
    const std::vector<Case> cases{{"", {}},
                                  {"  key   rotate ", {"key", "rotate"}},
                                  {"user add 'Ann B'", {"user", "add", "Ann B"}},
                                  {R"(a "b c"d e\ f)", {"a", "b cd", "e f"}},
                                  {R"('' "")", {"", ""}},
                                  {R"("a\"b\\c\d")", {R"(a"b\c\d)"}},
                                  {R"('a\b')", {R"(a\b)"}}};
    for (const Case& each : cases) EXPECT_EQ(split_words(each.text).words, each.words) << each.text;
    EXPECT_TRUE(split_words("user add 'Ann").unfinished);
    EXPECT_TRUE(split_words("user add Ann\\").unfinished);
    EXPECT_TRUE(split_words("user ad").in_word);
    EXPECT_FALSE(split_words("user add ").in_word);
    EXPECT_EQ(split_words("user ad").last_begin, 5U);
}

TEST(Words, WhatIsQuotedIsReadBack) {
    for (const std::string& word : Strings{"", "plain", "alias/pool-1", "two words", "it's", "'", "$(rm -rf /)", "a\nb",
                                           "`x`", "\\", "ключ", "-x", "a;b", "~", "*"}) {
        EXPECT_EQ(split_words(shell_quoted(word)).words, Strings{word});
        EXPECT_FALSE(split_words(shell_quoted(word)).unfinished);
    }
    EXPECT_EQ(shell_quoted("alias/pool-1"), "alias/pool-1");
    EXPECT_EQ(shell_quoted("$HOME"), "'$HOME'");
    EXPECT_EQ(shell_quoted("~"), "'~'");
}

TEST(NearNames, TheNearestFirstAndNoneFarOff) {
    const Strings names{"alice", "alicia", "alina7", "bob"};
    EXPECT_EQ(near_names("alixe", names), (Strings{"alice"}));
    EXPECT_EQ(near_names("ali", names), (Strings{"alice", "alicia", "alina7"}));
    EXPECT_EQ(near_names("bbo", names), (Strings{"bob"}));
    EXPECT_EQ(near_names("zebra", names), Strings{});
    EXPECT_EQ(near_names("", names), Strings{});
}

TEST(Commands, TheLongestCommandTakesTheLine) {
    EXPECT_EQ(understand("wallet list").command->words, "wallet list");
    const Understood scoped = understand("keydeck wallet list --user 'Ann B'");
    EXPECT_EQ(scoped.command->words, "wallet list --user");
    EXPECT_EQ(scoped.operand, "Ann B");
    EXPECT_EQ(understand("audit actor:ops action:Sign").operand, "actor:ops action:Sign");
    EXPECT_EQ(understand("  ").command, nullptr);
    EXPECT_EQ(understand("  ").problem, "");
}

TEST(Commands, SaysWhatIsWrong) {
    struct Case {
        std::string_view line;
        std::string_view problem;
        Strings near;
    };
    const std::vector<Case> cases{
        {"usres", "There is no command \"usres\".", {"users"}},
        {"key rotat x", "There is no command \"key rotat\".", {"key rotate"}},
        {"wallet export x",
         "There is no command \"wallet export\" here. The command line has more: keydeck wallet --help",
         {}},
        {"key schedule-deletion x --days 6",
         "Options are chosen in the dialog: key schedule-deletion takes a KEY alone.",
         {}},
        {"kye rotate x", "There is no command \"kye rotate\".", {"key rotate"}},
        {"key", "key needs a word after it.", {"keys"}},
        {"key rotate", "key rotate needs KEY behind it.", {}},
        {"key rotate a b", "One KEY at a time; a name with blanks stands in quotes.", {}},
        {"jobs now", "jobs takes nothing behind it.", {}},
        {"user lock 'x", "A quote is not closed.", {}},
        {"sign message alice text", "One WALLET at a time; a name with blanks stands in quotes.", {}},
    };
    for (const Case& each : cases) {
        const Understood read = understand(each.line);
        EXPECT_EQ(read.problem, each.problem) << each.line;
        EXPECT_EQ(read.near, each.near) << each.line;
    }
}

TEST(Commands, EachLeadsToAnActionThatThereIs) {
    Desk desk{DeskOptions{}};
    std::set<std::string_view> words;
    for (const Command& command : commands()) {
        EXPECT_TRUE(words.insert(command.words).second) << command.words;
        EXPECT_FALSE(command.help.empty()) << command.words;
        EXPECT_EQ(command.operand == Operand::kNone, command.use == Use::kNone) << command.words;
        const std::string_view name = command.actions[0];
        if (name.empty()) continue;
        const bool is_here = command.screen && find_named(desk.view(*command.screen).actions(), name) != nullptr;
        const bool is_global = find_named(desk.global_actions(), name) != nullptr || name == "vault.lock";
        EXPECT_TRUE(command.screen ? is_here : is_global) << command.words;
    }
}

TEST(Calls, AreForThisVaultAndThisSession) {
    EXPECT_EQ(call_line({{"key", "rotate"}, {"alias/a b"}, {}}, {}, Session::of_operator("tui")),
              "keydeck key rotate 'alias/a b'");
    EXPECT_EQ(call_line({{"wallet", "list"}, {}, {}}, {"/x y"}, Session::of_user("-ann", "tui")),
              "keydeck --vault '/x y' --as=-ann wallet list");
    EXPECT_EQ(call_line({{"user", "lock"}, {"-x"}, {}}, {}, Session::of_operator("tui")), "keydeck user lock -- -x");
    EXPECT_EQ(call_line({{"sign", "transaction"}, {"main"}, "{'}"}, {}, Session::of_operator("tui")),
              "printf %s '{'\\''}' | keydeck sign transaction main");
}

}  // namespace
}  // namespace keydeck::ui
