// The help lists exactly what works: a line for every action of every table, by the keys that run it, or with the reason why
// not.
#include "ui/widgets/help.hpp"

#include <gtest/gtest.h>

#include "harness.hpp"
#include "ui/views/screens.hpp"

namespace keydeck::ui {
namespace {

struct World : Harness {
    explicit World(HarnessOptions options = {}) : Harness(std::move(options)) {
        EXPECT_TRUE(engine_of_another_process().add_user(operator_session(), "alice"));
        import_known(engine_of_another_process(), "alice", 1, "main");
        touch();
    }
    std::vector<const Action*> in_force() {
        std::vector<const Action*> out;
        View& view = desk().view(desk().screen());
        for (const Actions* table : {&view.actions(), &view.moves(), &desk().global_actions()}) {
            for (const Action& action : *table) out.push_back(&action);
        }
        return out;
    }
};

TEST(Help, HasALineForEveryActionOfEveryScreenWithItsKeysAndItsReason) {
    for (const ScreenEntry& entry : screens()) {
        World world(HarnessOptions{.size = {200, 120}});
        world.press(std::string(1, static_cast<char>(entry.number)));
        std::vector<std::pair<std::string, std::string>> expected;
        for (const Action* action : world.in_force()) expected.emplace_back(key_names(*action), action->help);
        world.press("?");
        const std::string screen = world.screen();
        for (const auto& [keys, help] : expected) {
            EXPECT_NE(screen.find(keys.substr(0, 18)), std::string::npos) << entry.name << ": " << keys;
            EXPECT_NE(screen.find(help.substr(0, 14)), std::string::npos) << entry.name << ": " << help;
        }
    }
}

TEST(Help, EachKeyReachesTheActionOfItsLineOrSaysTheReason) {
    for (const ScreenEntry& entry : screens()) {
        World world(HarnessOptions{.read_only = true});
        world.press(std::string(1, static_cast<char>(entry.number)));
        const Scene scene = [] {
            Scene out;
            out.read_only = true;
            return out;
        }();
        for (const Action* action : world.in_force()) {
            for (const Key& each : action->keys) {
                const Action* reached = nullptr;
                View& view = world.desk().view(entry.id);
                for (const Actions* table : {&view.actions(), &view.moves(), &world.desk().global_actions()}) {
                    if (reached == nullptr) reached = find_action(*table, each);
                }
                ASSERT_EQ(reached, action) << entry.name << " " << name_of(each);
                const std::string reason = action->reason(scene);
                if (!reason.contains("read-only")) continue;
                world.desk().handle(each, world.now);
                world.settle();
                EXPECT_TRUE(world.shows(name_of(each) + ": ")) << entry.name << " " << action->name << "\n"
                                                               << world.screen();
            }
        }
    }
}

TEST(Help, StandsInTwoColumnsWhereThereIsRoom) {
    World world(HarnessOptions{.size = {36, 120}});
    world.press("?");
    EXPECT_TRUE(world.shows("│ Here")) << world.screen();
    bool beside = false;
    for (int row = 0; row < 36; ++row)
        beside = beside || (world.row(row).contains("Here") && world.row(row).contains("Everywhere"));
    EXPECT_TRUE(beside) << world.screen();
    world.press("theme");
    EXPECT_FALSE(world.shows("Here"));
    EXPECT_TRUE(world.shows("another theme"));
}

TEST(Help, F1ExplainsADialogAndTypedTextIsLeftAlone) {
    World world;
    world.press("u?");
    EXPECT_FALSE(world.shows("Help")) << "it is typed";
    world.press("<F1>");
    EXPECT_TRUE(world.shows("Help on this dialog")) << world.screen();
    EXPECT_TRUE(world.shows("Shift-Tab"));
    world.press("<F1><Esc>L");
    world.press("<F1>");
    EXPECT_FALSE(world.shows("Help on this dialog")) << "only Esc and n within the guard";
    world.wait();
    world.press("<F1>");
    EXPECT_TRUE(world.shows("Enter/Esc/n")) << world.screen();
    EXPECT_TRUE(world.shows("the command line of what it does"));
    world.press("y");
    EXPECT_FALSE(world.engine().user(world.operator_session(), "alice")->locked) << "the help is on top";
    world.press("<Esc><Esc>");
}

}  // namespace
}  // namespace keydeck::ui
