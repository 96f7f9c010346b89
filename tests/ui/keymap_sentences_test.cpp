// Sentences name the keys that are bound: with every action on another key, no old one is left on any screen.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cctype>
#include <map>
#include <set>

#include "harness.hpp"
#include "ui/dialog_keys.hpp"
#include "ui/key_words.hpp"
#include "ui/views/screens.hpp"

namespace keydeck::ui {
namespace {

/// A key of its own for every action that a keymap can bind: Cyrillic and Greek letters, which nothing here says otherwise.
const std::map<std::string, std::string>& new_keys() {
    static const std::map<std::string, std::string> kKeys = [] {
        std::vector<char32_t> letters;
        for (char32_t c = U'А'; c <= U'я'; ++c) letters.push_back(c);
        for (char32_t c = U'Α'; c <= U'ω'; ++c) {
            if (c != 0x3A2 && (c < 0x3AA || c > 0x3B0)) letters.push_back(c);
        }
        std::map<std::string, std::string> out;
        for (const DefaultBinding& binding : default_keymap()) {
            EXPECT_LT(out.size(), letters.size());
            out[binding.action] = name_of(key(letters[out.size()]));
        }
        return out;
    }();
    return kKeys;
}

HarnessOptions rebound(HarnessOptions options = {}) {
    for (const auto& [action, name] : new_keys())
        options.keymap.push_back({action, {name}, static_cast<unsigned>(options.keymap.size() + 1)});
    options.size = {58, 140};
    return options;
}

/// The words of a row that are old keys. `fixed`: letters that a dialog keeps for its guard, and the ways out of it.
std::vector<std::string> old_keys_in(const std::string& row, const std::set<std::string>& fixed) {
    static const std::set<std::string> kNames{"Enter", "Esc", "Space", "F1", "F2", "Ctrl-R", "Ctrl-L", "Ctrl-Z", "Ctrl-C"};
    std::vector<std::string> out;
    std::string before;
    std::string word;
    const auto end_word = [&] {
        if (word.empty()) return;
        const bool one = word.size() == 1 && std::string_view("?!").contains(word[0]);
        const bool letter = word.size() == 1 && std::isalpha(static_cast<unsigned char>(word[0])) != 0 && word != "a";
        const bool amount = !before.empty() && std::isdigit(static_cast<unsigned char>(before.back())) != 0;  // 3 d
        const bool old = kNames.contains(word) || one || (letter && !amount);
        if (old && !fixed.contains(word)) out.push_back(word);
        before = std::exchange(word, "");
    };
    std::string text = row;
    for (std::size_t at = text.find("n/a"); at != std::string::npos; at = text.find("n/a")) text.erase(at, 3);
    for (const char c : text) {
        const bool inside = std::isalnum(static_cast<unsigned char>(c)) != 0 ||
                            (static_cast<unsigned char>(c) & 0x80U) != 0 || std::string_view("-?!'").contains(c);
        if (inside) {
            word += c;
        } else {
            end_word();
        }
    }
    end_word();
    return out;
}

class Rebound : public Harness {
public:
    explicit Rebound(HarnessOptions options = {}) : Harness(rebound(std::move(options))) {}
    std::string key_of(const std::string& action) const { return new_keys().at(action); }
    void act(const std::string& action) { press(key_of(action)); }
    /// Looks at the whole screen; a dialog on it may name `fixed` keys.
    void look(std::string_view where, const std::set<std::string>& fixed = {}) {
        const Frame frame = desk().draw(now);
        for (int row = 0; row < frame.size().rows; ++row) {
            const std::string text = frame.row_text(row);
            EXPECT_THAT(old_keys_in(text, fixed), testing::IsEmpty()) << where << ": " << text << "\n" << frame.text();
        }
        ++looks;
    }
    /// Every row of the list that is shown, and the help on it, which says why what does not work does not.
    void look_at_rows(std::string_view where) {
        act("move.first");
        for (int i = 0; i < 12; ++i) {
            look(where);
            act("help");
            look(std::string(where) + ", help", kWaysOut);
            press("<Esc>");
            act("move.down");
        }
    }
    void filter(const std::string& text) {
        act("filter");
        press(text + "<Enter>");
    }
    const std::set<std::string> kWaysOut{"Esc", "Enter", "Tab", "n"};
    int looks = 0;
};

class World : public Rebound {
public:
    explicit World(HarnessOptions options = {}) : Rebound(std::move(options)) {
        Engine& other = engine_of_another_process();
        const Session session = operator_session();
        for (const char* name : {"alice", "bob", "charlie"}) EXPECT_TRUE(other.add_user(session, name));
        import_known(other, "alice", 1, "one");
        import_known(other, "alice", 2, "two");
        import_known(other, "bob", 3, "three");
        CreateWallets create;
        create.user = "bob";
        create.custody = Custody::kKmsKey;
        for (int i = 0; i < 2; ++i) {
            const auto made = other.create_wallets(session, create);
            EXPECT_TRUE(made);
            signing_keys.push_back(made->front().key_id);
        }
        EXPECT_TRUE(other.disable_key(session, signing_keys[0]));
        EXPECT_TRUE(other.schedule_key_deletion(session, signing_keys[1], 7, 1));
        EXPECT_TRUE(other.lock_user(session, "bob"));
        touch();
    }
    std::vector<std::string> signing_keys;
};

TEST(KeymapSentences, EveryActionHasAKeyOfItsOwn) {
    EXPECT_GT(new_keys().size(), 70U);
    EXPECT_TRUE(new_keys().contains("sign.as-given"));
    EXPECT_TRUE(new_keys().contains("contact.add"));
}

TEST(KeymapSentences, OfAllScreensAndTheirRows) {
    World world;
    for (const ScreenEntry& entry : screens()) {
        world.act(std::string(entry.action));
        world.look_at_rows(entry.name);
        EXPECT_FALSE(world.row(1).contains(std::string(1, static_cast<char>(entry.number)) + " ")) << world.row(1);
    }
    EXPECT_GT(world.looks, 150);
}

TEST(KeymapSentences, OfEmptyListsAndFirstSteps) {
    Rebound nothing;
    for (const ScreenEntry& entry : screens()) {
        nothing.act(std::string(entry.action));
        nothing.look(std::string(entry.name) + ", empty");
    }
    nothing.act("contacts");
    nothing.look("contacts, empty", nothing.kWaysOut);
    World world;
    for (const char* screen : {"screen.users", "screen.wallets", "screen.keys", "screen.audit"}) {
        world.act(screen);
        world.filter("zzz");
        world.look(std::string(screen) + ", no match");
        EXPECT_TRUE(world.shows(world.key_of("close"))) << world.screen();
        world.act("close");
    }
    world.act("screen.users");
    world.act("move.last");
    world.act("user.wallets");
    world.look("wallets of charlie");
    EXPECT_TRUE(world.shows(world.key_of("wallet.create") + " makes the first one.")) << world.screen();
}

TEST(KeymapSentences, OfDialogsButForTheirGuard) {
    World world;
    const auto with = [&](std::set<std::string> more) {
        more.insert(world.kWaysOut.begin(), world.kWaysOut.end());
        return more;
    };
    const std::set<std::string> moves{"j", "k", "Esc", "Enter", "Tab", "n"};
    world.act("screen.wallets");
    world.act("move.first");
    world.act("wallet.detail");
    world.look("wallet in full", world.kWaysOut);
    world.press("<Esc>");
    world.act("calls");
    world.look("command lines", moves);
    world.press("<Esc>");
    world.act("wallet.sign");
    world.look("what to sign", world.kWaysOut);
    world.act("sign.message");
    world.press("hello<Tab><Tab><Enter>");
    ASSERT_TRUE(world.shows("EIP-191 digest")) << world.screen();
    world.wait();
    world.look("preview of a message", with({"S"}));
    world.act("sign.as-given");
    world.look("bytes of a message", with({"S"}));
    EXPECT_TRUE(world.shows("68 65 6c 6c 6f")) << world.screen();
    for (const char* old : {"x", "t", "b"}) {
        world.press(old);
        EXPECT_TRUE(world.shows("68 65 6c 6c 6f")) << old << " is free now" << world.screen();
    }
    world.act("sign.as-given");
    world.act("sign.copy-digest");
    ASSERT_FALSE(world.copied.empty());
    world.press("<Esc>");
    world.act("wallet.move");
    world.press("<Tab><Tab><Enter>");
    world.look("preview of moving", with({"M"}));
    world.press("<Esc>");
    world.act("screen.keys");
    world.act("move.first");
    for (const char* action : {"key.rotate", "key.disable", "key.schedule-deletion", "key.retire", "key.move"}) {
        world.act(action);
        world.wait();
        world.look(action, with({"y", "C", "D", "M", "I", "Space"}));  // "I know", ticked with Space
        world.press("<Esc>");
    }
    world.act("contacts");
    world.look("contacts", world.kWaysOut);
}

TEST(KeymapSentences, OfToastsAndTheTour) {
    World world({.is_demo = true});
    world.act("screen.users");
    world.act("user.create");
    world.press("dora<Tab><Enter>");
    world.look("a user was made");
    EXPECT_TRUE(world.shows("dora was created; " + world.key_of("wallet.create") + " makes a wallet")) << world.screen();
    world.act("move.first");
    world.act("user.lock");
    world.wait();
    world.press("y");
    world.look("a user was locked");
    EXPECT_TRUE(world.shows(world.key_of("undo") + " undoes it")) << world.screen();
    world.act("tour");
    world.look("the tour");
    EXPECT_TRUE(world.shows(world.key_of("close") + " leaves the tour")) << world.screen();
    world.resize({10, 30});
    world.look("too small");
    world.press("q");
    EXPECT_FALSE(world.desk().wants_to_quit()) << "its old key";
    world.act("quit");
    EXPECT_TRUE(world.desk().wants_to_quit());
}

TEST(KeymapSentences, WhatIsUnboundIsSaidAsACommand) {
    Harness world({.keymap = {{"user.create", {}, 1}, {"audit.pause", {}, 2}}});
    EXPECT_TRUE(world.shows(":user add makes the first one.")) << world.screen();
    world.press("5");
    EXPECT_TRUE(world.shows("LIVE (audit.pause pauses)")) << world.screen();
}

TEST(DialogKeys, AreKnownAndHaveTheKeysOfTheScreens) {
    Desk desk{DeskOptions{}};
    std::set<std::string_view> used;
    for (const DialogKeys& dialog : dialog_keys()) {
        for (const std::string_view name : dialog.actions) {
            const Action* action = find_named(dialog_actions(), name);
            ASSERT_NE(action, nullptr) << name;
            used.insert(name);
            for (const Key& key : action->keys)
                EXPECT_FALSE(key.code == KeyCode::kChar && dialog.confirming.contains(key.character))
                    << name << " in " << dialog.name;
            for (const ScreenEntry& entry : screens()) {
                const View& view = desk.view(entry.id);
                for (const Actions* table : {&view.actions(), &view.moves(), &desk.global_actions()}) {
                    const Action* there = find_named(*table, name);
                    EXPECT_TRUE(there == nullptr || there->keys == action->keys) << name;
                }
            }
        }
    }
    for (const Action& action : dialog_actions()) {
        EXPECT_TRUE(used.contains(action.name)) << action.name << " is in no dialog";
        EXPECT_FALSE(action.help.empty()) << action.name;
    }
}

TEST(DialogKeys, MayNotTakeWhatConfirmsMovesOrLeaves) {
    const auto problems = [](const std::string& action, const std::string& key) {
        std::vector<std::string> out;
        for (const UiProblem& problem : check_keymap({{action, {key}, 1}})) out.push_back(problem.sentence);
        return out;
    };
    using testing::ElementsAre;
    EXPECT_THAT(problems("sign.as-given", "S"),
                ElementsAre("sign.as-given: in the preview of a signature, S says yes or no."));
    EXPECT_THAT(problems("sign.as-given", "n"),
                ElementsAre("sign.as-given: in the preview of a signature, n says yes or no."));
    EXPECT_THAT(problems("sign.as-given", "t"),
                ElementsAre("t is bound to sign.text-or-hex and to sign.as-given in the preview of a signature."));
    EXPECT_THAT(problems("sign.as-given", "j"), ElementsAre("sign.as-given: dialogs move or close by j."));
    EXPECT_THAT(problems("bulk.list", "y"), testing::Contains("bulk.list: in the question about many, y says yes or no."));
    EXPECT_THAT(problems("sign.as-given", "v"), ElementsAre());
}

}  // namespace
}  // namespace keydeck::ui
