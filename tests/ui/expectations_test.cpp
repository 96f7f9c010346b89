// Sentences of "What a person expects" that are about a key, a dialog or a screen: each is gone through for every one there
// is. tests/ui/README.md says where the others are checked.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <optional>
#include <ranges>
#include <sstream>

#include "engine/sqlite/database.hpp"
#include "harness.hpp"
#include "ui/views/screens.hpp"

namespace keydeck::ui {
namespace {

// alice and bob have wallets under the first pool key, charlie a key of his own, dave none; a job has stopped, an alert
// fires.
struct World : Harness {
    World() {
        Engine& engine = engine_of_another_process();
        for (const char* name : {"alice", "bob", "charlie", "dave"}) EXPECT_TRUE(engine.add_user(operator_session(), name));
        first = import_known(engine, "alice", 1, "main");
        import_known(engine, "bob", 2, "other");
        CreateWallets inside;
        inside.user = "charlie";
        inside.custody = Custody::kKmsKey;
        const auto own = engine.create_wallets(operator_session(), inside);
        EXPECT_TRUE(own && engine.schedule_key_deletion(operator_session(), own->front().key_id, 7, 1));
        EXPECT_TRUE(engine.add_pool_keys(operator_session(), 1));
        std::stop_source stop;
        stop.request_stop();
        Rewrap move;
        move.from = first.key_id;
        EXPECT_FALSE(engine.rewrap(operator_session(), move, {{}, stop.get_token()}));
        touch();
        wait(std::chrono::minutes(1));
        wait(Desk::kToast);
    }
    // Every cell of the vault's tables but those that count calls: looking at a key is a call.
    std::string everything() {
        auto database = sqlite::Database::open_foreign(directory() / "keydeck.db", {.read_only = true});
        if (!database) return database.error().message;
        std::vector<std::string> tables;
        auto names = database->prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name");
        while (names.step().value_or(false)) {
            if (names.text(0) != "metrics" && names.text(0) != "usage_months") tables.emplace_back(names.text(0));
        }
        std::string out;
        for (const std::string& table : tables) {
            auto columns = database->prepare("SELECT count(*) FROM pragma_table_info(?1)");
            columns.bind(1, table);
            const std::int64_t width = columns.step().value_or(false) ? columns.integer(0) : 0;
            auto rows = database->prepare(fmt::format("SELECT * FROM \"{}\"", table));
            while (rows.step().value_or(false)) {
                out += table;
                for (int column = 0; column < width; ++column) {
                    const ByteView cell = rows.is_null(column) ? ByteView() : rows.blob(column);
                    out += fmt::format("|{}", std::string_view(reinterpret_cast<const char*>(cell.data()), cell.size()));
                }
                out += "\n";
            }
        }
        EXPECT_GT(tables.size(), 10U) << "it is a vault";
        return out;
    }
    void press_key(const Key& one) {
        desk().handle(one, now);
        settle();
    }
    void leave() {
        for (int i = 0; i < 6 && (desk().top_dialog() != nullptr || i < 2); ++i) press("<Esc>");
        EXPECT_EQ(desk().top_dialog(), nullptr) << screen();
    }
    // To the Keys screen, the cursor on the key of alice's and bob's wallets.
    void go_to_their_key() {
        const std::string id = engine().wallet(operator_session(), kFirstAddress)->key_id;
        press("4g");
        for (int i = 0; i < 10 && desk().view(ScreenId::kKeys).place().select != id; ++i) press("j");
        EXPECT_EQ(desk().view(ScreenId::kKeys).place().select, id);
    }
    void go(const ScreenEntry& entry) { press_key(key(entry.number)); }
    std::span<const Action> actions() { return desk().view(desk().screen()).actions(); }
    const Action* bound(const Key& one) {
        View& view = desk().view(desk().screen());
        for (const Actions* table : {&view.actions(), &view.moves(), &desk().global_actions()}) {
            if (const Action* action = find_action(*table, one)) return action;
        }
        return nullptr;
    }
    // As a view would see it now.
    Scene scene() {
        Scene out;
        out.now = now;
        out.screen = size;
        out.vault = *engine().vault();
        return out;
    }
    Size size{24, 80};
    Wallet first;
};

// Whatever a keyboard sends, but what leaves the program.
std::vector<Key> every_key() {
    std::vector<Key> out;
    for (char32_t c = U' '; c < 0x7F; ++c) out.push_back(key(c));
    for (const char32_t c : std::u32string_view(U"éß中")) out.push_back(key(c));
    for (char32_t c = U'a'; c <= U'z'; ++c) out.push_back(ctrl(c));
    for (char32_t c = U'a'; c <= U'z'; ++c) out.push_back({KeyCode::kAlt, c});
    for (char32_t n = 1; n <= 12; ++n) out.push_back(function_key(n));
    for (const KeyCode code : {KeyCode::kEnter, KeyCode::kEscape, KeyCode::kTab, KeyCode::kBackTab, KeyCode::kBackspace,
                               KeyCode::kDelete, KeyCode::kInsert, KeyCode::kUp, KeyCode::kDown, KeyCode::kLeft,
                               KeyCode::kRight, KeyCode::kHome, KeyCode::kEnd, KeyCode::kPageUp, KeyCode::kPageDown}) {
        out.push_back(key(code));
    }
    std::erase(out, key(U'q'));
    std::erase(out, ctrl(U'c'));
    return out;
}

// Where "[ Cancel ]" stands and whether it is the one that is lit.
bool cancel_has_the_focus(const Frame& frame) {
    for (int row = 0; row < frame.size().rows; ++row) {
        const std::string text = frame.row_text(row);
        if (text.find("[ Cancel ]") == std::string::npos) continue;
        const auto cells = frame.row(row);
        for (std::size_t col = 0; col + 10 <= cells.size(); ++col) {
            if (cells[col].text[0] == U'[' && cells[col + 2].text[0] == U'C') return cells[col].style.selected;
        }
    }
    return false;
}

// What leads to each dialog that asks before something happens, from the screen it starts on; the last key opens it.
constexpr std::array kDangerous{"2L",
                                "2w<Tab><Tab><Tab><Enter><Enter>",
                                "3smhello<Tab><Tab><Enter>",
                                "4d",
                                "4R<Enter><Enter>",
                                "4X",
                                "4m<Right><Enter><Enter><Enter>",
                                "4t",
                                "6p",
                                "6C",
                                "7a"};

class EveryScreen : public testing::TestWithParam<ScreenEntry> {};

TEST_P(EveryScreen, NoSingleKeyAndNoneWithEnterWrites) {
    World world;
    const std::string before = world.everything();
    for (const Key& one : every_key()) {
        for (const bool with_enter : {false, true}) {
            world.go(GetParam());
            world.press_key(one);
            world.wait();  // a guard ends
            if (with_enter) world.press("<Enter>");
            ASSERT_EQ(world.everything(), before) << name_of(one) << (with_enter ? " Enter" : "");
            world.leave();
        }
    }
    ASSERT_FALSE(world.desk().wants_to_quit());
    EXPECT_TRUE(world.engine_of_another_process().add_user(world.operator_session(), "erin"));
    EXPECT_NE(world.everything(), before) << "it would have been seen";
}

TEST_P(EveryScreen, IsReachedFromAnywhereInTwoKeys) {
    World world;
    for (const ScreenEntry& from : screens()) {
        for (const char* there : {"", "?", "!", "<Enter>"}) {
            world.go(from);
            world.press(there);
            if (world.desk().top_dialog() != nullptr) world.press("<Esc>");
            world.go(GetParam());
            EXPECT_EQ(world.desk().screen(), GetParam().id) << from.name << there;
            EXPECT_TRUE(world.shows(fmt::format("[{} {}]", static_cast<char>(GetParam().number), GetParam().name)))
                << world.screen();
        }
    }
}

TEST_P(EveryScreen, HelpListsExactlyWhatWorks) {
    World world;
    world.go(GetParam());
    world.size = {120, 100};  // all of it in sight, in one column
    world.resize(world.size);
    std::string shown = world.screen();
    world.press("?");
    std::istringstream screen(world.screen());
    std::string help;
    for (std::string word; screen >> word;) {
        if (word != "│") help += word + " ";
    }
    world.press("<Esc>");
    View& view = world.desk().view(GetParam().id);
    for (const Actions* table : {&view.actions(), &view.moves(), &world.desk().global_actions()}) {
        for (const Action& action : *table) {
            if (action.keys.empty()) continue;
            EXPECT_NE(help.find(fmt::format("{} {}", key_names(action), action.help)), std::string::npos)
                << action.name << "\n"
                << help;
        }
    }
    for (const Key& one : every_key()) {
        const Action* action = world.bound(one);
        if (action == nullptr) {  // not in the help: nothing may come of it
            world.press_key(one);
            EXPECT_EQ(world.screen(), shown) << name_of(one);
            continue;
        }
        const std::string reason = action->reason(world.scene());
        const std::string off = "off here: " + reason;
        if (reason.empty()) continue;
        EXPECT_NE(help.find(off), std::string::npos) << action->name << "\n" << help;
        world.press_key(one);
        EXPECT_TRUE(world.shows(fmt::format("{}: {}", name_of(one), reason))) << action->name << world.screen();
        EXPECT_EQ(world.desk().top_dialog(), nullptr) << action->name;
        world.wait(Desk::kToast);
        shown = world.screen();
    }
}

// A hint is there as a whole or not at all; the last one, which is the way to more, is always there.
TEST_P(EveryScreen, ShowsWholeHintsAt80x24) {
    World world;
    world.go(GetParam());
    std::string line = world.row(23);
    for (const Action& action : world.actions()) {
        if (action.hint.empty() || action.keys.empty() || !action.reason(world.scene()).empty()) continue;
        const std::string hint = fmt::format("{} {}  ", name_of(action.keys.front()), action.hint);
        if (const std::size_t at = line.find(hint); at != std::string::npos) line.erase(at, hint.size());
    }
    EXPECT_EQ(line, " ? help");
}

INSTANTIATE_TEST_SUITE_P(Screens, EveryScreen,
                         testing::ValuesIn(std::vector<ScreenEntry>(screens().begin(), screens().end())),
                         [](const auto& each) { return std::string(each.param.name); });

class EveryDanger : public testing::TestWithParam<const char*> {
protected:
    EveryDanger() {
        if (GetParam()[0] == '4') world.go_to_their_key();
        world.press(std::string_view(GetParam()).substr(GetParam()[0] == '4' ? 1 : 0));
        EXPECT_NE(world.desk().top_dialog(), nullptr) << world.screen();
        level = world.desk().top_dialog() != nullptr ? world.desk().top_dialog()->level() : Level::kLook;
        const std::string_view keys = GetParam();
        opener = keys.ends_with('>') ? keys.substr(keys.rfind('<')) : keys.substr(keys.size() - 1);
    }
    World world;
    Level level;
    std::string opener;
};

TEST_P(EveryDanger, OpensWithCancelFocused) {
    EXPECT_NE(level, Level::kLook);
    EXPECT_TRUE(cancel_has_the_focus(world.desk().draw(world.now))) << world.screen();
    EXPECT_TRUE(world.flushed) << "what was typed ahead is thrown away";
    const std::string before = world.everything();
    world.wait();
    world.press("<Enter>");
    EXPECT_EQ(world.everything(), before);
    EXPECT_FALSE(world.desk().is_writing());
}

TEST_P(EveryDanger, EnterAtOnceAndTheOpeningKeyTenTimesChangeNothing) {
    const std::string before = world.everything();
    for (const char* at_once : {"<Enter>", "y", "S", "C", "D", "M"}) {
        world.press(at_once);
        EXPECT_EQ(world.everything(), before) << at_once;
    }
    for (int i = 0; i < 10; ++i) {
        world.wait(std::chrono::milliseconds(100));
        world.press(opener);
    }
    EXPECT_EQ(world.everything(), before) << opener;
    world.leave();
}

TEST_P(EveryDanger, ShowsWholeHintsAt80x24AndKeepsThemThroughAStormOfSizes) {
    const auto hints = [&] {
        std::string last;
        std::istringstream lines(world.screen());
        for (std::string line; std::getline(lines, line);) {
            if (line.find("│") != std::string::npos && line.find("Esc") != std::string::npos) last = line;
        }
        return last;
    };
    const std::string before = hints();
    EXPECT_NE(before, "") << world.screen();
    EXPECT_EQ(before.find("…"), std::string::npos) << before;
    for (int cols = 200; cols >= 60; cols -= 20) {
        for (int rows = 60; rows >= 16; rows -= 11) {
            world.resize({rows, cols});
            EXPECT_NE(hints(), "") << cols << "x" << rows << world.screen();
        }
    }
    world.resize({8, 30});
    world.resize({24, 80});
    EXPECT_EQ(hints(), before);
}

INSTANTIATE_TEST_SUITE_P(Dialogs, EveryDanger, testing::ValuesIn(kDangerous), [](const auto& each) {
    std::string name;
    for (const char c : std::string_view(each.param)) {
        if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) name += c;
    }
    return name;
});

TEST(Expectations, TheSelectedIdStaysWhenOthersAreRemoved) {
    World world;
    world.press("2jjj");
    ASSERT_TRUE(world.shows("> dave")) << world.screen();
    for (const char* name : {"aaron", "zoe"})
        ASSERT_TRUE(world.engine_of_another_process().add_user(world.operator_session(), name));
    world.touch();
    EXPECT_TRUE(world.shows("> dave"));
    ASSERT_TRUE(world.engine_of_another_process().remove_user(world.operator_session(), "aaron"));
    world.touch();
    EXPECT_TRUE(world.shows("> dave"));
    ASSERT_TRUE(world.engine_of_another_process().remove_user(world.operator_session(), "dave"));
    world.touch();
    EXPECT_TRUE(world.shows("> zoe") || world.shows("> charlie")) << world.screen();
    EXPECT_TRUE(world.shows("dave is no longer in this list"));
}

TEST(Expectations, SchedulingADeletionListsExactlyTheDependants) {
    World world;
    world.go_to_their_key();
    world.press("X");
    world.resize({60, 120});
    const auto wallets = world.engine().list_wallets(world.operator_session(), {});
    ASSERT_TRUE(wallets);
    int dependants = 0;
    for (const Wallet& wallet : *wallets) {
        const bool depends = wallet.key_id == world.desk().view(ScreenId::kKeys).place().select;
        dependants += depends ? 1 : 0;
        EXPECT_EQ(world.shows(checksum_address(wallet.address)), depends) << wallet.user << world.screen();
    }
    EXPECT_GT(dependants, 0);
    EXPECT_LT(dependants, static_cast<int>(wallets->size()));
    EXPECT_TRUE(world.shows(fmt::format("{} wallet", dependants))) << world.screen();
}

TEST(Expectations, WhatHangsCanBeCancelled) {
    World world;
    world.press("3smhello<Tab><Tab><Enter>");
    world.wait();
    world.hold = true;
    world.press("GS");
    const auto writing = std::ranges::find_if(world.held, &Task::writes);
    ASSERT_NE(writing, world.held.end());
    const std::uint64_t hangs = writing->id;
    world.wait(std::chrono::seconds(3));
    EXPECT_TRUE(world.shows("Esc stops waiting")) << world.screen();
    world.press("<Esc>");
    EXPECT_EQ(world.desk().top_dialog(), nullptr);
    EXPECT_NE(std::ranges::find(world.cancelled, hangs), world.cancelled.end());
    world.press("4");
    EXPECT_TRUE(world.shows("[4 Keys]")) << "the rest goes on";
    world.run_held();
    EXPECT_TRUE(world.shows("Done although you stopped waiting")) << world.screen();
}

}  // namespace
}  // namespace keydeck::ui
