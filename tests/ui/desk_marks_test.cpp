// Marks, what is done to all that are marked, and taking it back.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "engine/bulk.hpp"
#include "harness.hpp"
#include "ui/undo_list.hpp"
#include "ui/widgets/marks.hpp"

namespace keydeck::ui {
namespace {

class ManyUsers : public Harness {
public:
    explicit ManyUsers(int count) {
        for (int i = 0; i < count; ++i)
            EXPECT_TRUE(engine_of_another_process().add_user(operator_session(), fmt::format("user-{:03}", i)));
        touch();
    }
    bool locked(std::string_view name) { return engine().user(operator_session(), name)->locked; }
    int locked_users() {
        const auto users = engine().list_users(operator_session(), {});
        return users ? static_cast<int>(std::ranges::count_if(*users, &User::locked)) : -1;
    }
};

TEST(DeskMarks, AreShownCountedAndTakenAway) {
    ManyUsers world(5);
    world.press("<Space>jj<Space>");
    EXPECT_TRUE(world.shows("* user-000")) << world.screen();
    EXPECT_TRUE(world.shows(">*user-002"));
    EXPECT_TRUE(world.shows("2 marked · row 3 of 5"));
    world.press("<Space>");
    EXPECT_TRUE(world.shows("1 marked")) << world.screen();
    EXPECT_TRUE(world.shows("> user-002"));
    world.press("V");
    EXPECT_FALSE(world.shows("marked"));
    world.press("V");
    EXPECT_TRUE(world.shows("V: no row is marked"));
}

TEST(DeskMarks, SurviveFilterOrderAndOthersChanges) {
    ManyUsers world(30);
    world.press("jj<Space>/user-01<Enter>");
    EXPECT_TRUE(world.shows("1 marked")) << world.screen();
    world.press("<Esc>O");
    EXPECT_TRUE(world.engine_of_another_process().add_user(world.operator_session(), "aaa"));
    world.touch();
    world.press("G<Up><Up>");
    EXPECT_TRUE(world.shows("*user-002") || world.shows("* user-002")) << world.screen();
    EXPECT_TRUE(world.shows("1 marked"));
}

TEST(DeskMarks, ARangeGoesFromTheLastMarkToHere) {
    ManyUsers world(10);
    world.press("v");
    EXPECT_TRUE(world.shows("no row was marked last")) << world.screen();
    world.press("jjj<Space>jjjv");
    world.wait(Desk::kToast);
    EXPECT_TRUE(world.shows("4 marked")) << world.screen();
    world.press("gv");
    world.wait(Desk::kToast);
    EXPECT_TRUE(world.shows("7 marked")) << "on from where the last range ended" << world.screen();
    EXPECT_FALSE(world.shows("* user-007"));
}

TEST(DeskMarks, ARangeReadsWhatIsNotInMemory) {
    ManyUsers world(300);
    world.press("jj<Space>G");
    world.press("v");
    EXPECT_TRUE(world.shows("297 more users marked")) << world.screen();
    world.press("gG<Up>");
    world.wait(Desk::kToast);
    EXPECT_TRUE(world.shows("298 marked")) << world.screen();
    world.press("V<Space>gv");
    EXPECT_TRUE(world.shows("298 more users marked")) << "backwards too" << world.screen();
}

TEST(ReadRange, SaysThatTheOtherEndIsTooFarAwayOrNotThere) {
    const auto list = [](const PageQuery& page) -> Result<std::vector<User>> {
        std::vector<User> out;
        const std::int64_t step = page.backwards ? -1 : 1;
        for (std::int64_t id = *page.after + step; id >= 1 && id <= 3'000 && std::ssize(out) < page.limit; id += step) {
            out.emplace_back();
            out.back().id = id;
        }
        if (page.backwards) std::ranges::reverse(out);
        return out;
    };
    const auto range = [&](std::int64_t from, std::int64_t to) {
        return read_range<User>(from, to, 1'500, list, [] { return false; });
    };
    const auto down = range(1'000, 2'400);
    ASSERT_TRUE(down);
    EXPECT_EQ(down->size(), 1'400U);
    EXPECT_EQ(down->back().id, 2'400);
    EXPECT_EQ(range(1'000, 1)->size(), 999U);
    EXPECT_EQ(range(1, 2'999).error().code, ErrorCode::kRejected);
    EXPECT_EQ(range(2'000, 4'000).error().code, ErrorCode::kRejected);
    EXPECT_EQ(read_range<User>(1, 2, 10, list, [] { return true; }).error().code, ErrorCode::kCancelled);
}

TEST(Marks, AreBounded) {
    Marks<User> marks;
    User user;
    for (user.id = 1; user.id <= static_cast<std::int64_t>(Marks<User>::kMost); ++user.id) ASSERT_TRUE(marks.add(user));
    EXPECT_FALSE(marks.toggle(user));
    EXPECT_EQ(marks.size(), Marks<User>::kMost);
    user.id = 1;
    EXPECT_TRUE(marks.toggle(user)) << "taking one away is always possible";
    EXPECT_EQ(marks.size(), Marks<User>::kMost - 1);
}

TEST(DeskBulk, LocksAllThatAreMarkedAfterOneQuestion) {
    ManyUsers world(12);
    world.press("<Space>Gv");
    world.press("L");
    EXPECT_TRUE(world.shows("Lock 12 users?")) << world.screen();
    EXPECT_TRUE(world.shows("user-007"));
    EXPECT_TRUE(world.shows("… 4 more (l lists all of them)"));
    EXPECT_TRUE(world.shows("[ Cancel ]"));
    const std::int64_t before = world.events();
    world.press("yL<Enter>");
    EXPECT_EQ(world.events(), before) << "too early, the opening key, and Enter on Cancel";
    world.press("L");
    world.wait();
    world.press("l");
    EXPECT_TRUE(world.shows("user-011")) << world.screen();
    world.press("<Esc>");
    world.press("y");
    EXPECT_EQ(world.locked_users(), 12) << world.screen();
    EXPECT_TRUE(world.shows("12 users are locked · z undoes it")) << world.screen();
    EXPECT_EQ(world.desk().view(ScreenId::kUsers).marked(), 0U) << "what was done is marked no more";
    world.press("z");
    EXPECT_TRUE(world.shows("Unlock 12 users again?")) << world.screen();
    world.press("<Enter>");
    world.wait();
    world.press("y");
    EXPECT_EQ(world.locked_users(), 0);
    EXPECT_TRUE(world.shows("12 users are unlocked"));
}

TEST(DeskBulk, ActsOnTheMarkedRowsAndNotOnTheCursor) {
    ManyUsers world(5);
    world.press("<Space>jj");
    world.press("L");
    EXPECT_TRUE(world.shows("Lock 1 user?")) << world.screen();
    world.wait();
    world.press("y");
    EXPECT_TRUE(world.locked("user-000"));
    EXPECT_FALSE(world.locked("user-002"));
}

TEST(DeskBulk, WhatFailedIsToldAndTriedAgainOnTheJobsScreen) {
    ManyUsers world(4);
    world.press("<Space>Gv");
    world.press("L");
    world.wait();
    ASSERT_TRUE(world.engine_of_another_process().remove_user(world.operator_session(), "user-001"));
    world.press("y");
    EXPECT_EQ(world.desk().top_dialog(), nullptr) << "nothing opens over what is being typed" << world.screen();
    EXPECT_TRUE(world.shows("1 user could not be locked: There is no user")) << world.screen();
    EXPECT_EQ(world.locked_users(), 3) << "the others were done";
    EXPECT_EQ(world.desk().view(ScreenId::kUsers).marked(), 1U) << "what failed stays marked";
    world.press("!");
    EXPECT_TRUE(world.shows("t on the Jobs screen tries those of job #1 again")) << world.screen();
    world.press("<Esc>6<Enter>");
    EXPECT_TRUE(world.shows("✓ user-000") && world.shows("× user-001") && world.shows("✓ user-003")) << world.screen();
    world.press("h");
    EXPECT_EQ(world.desk().top_dialog(), nullptr) << "h goes back";
    world.press("t");
    EXPECT_TRUE(world.shows("Try 1 failed item of job #1 again?")) << world.screen();
    EXPECT_TRUE(world.shows("user-001"));
    ASSERT_TRUE(world.engine_of_another_process().add_user(world.operator_session(), "user-001"));
    world.press("y");
    EXPECT_FALSE(world.locked("user-001")) << "too early";
    world.wait();
    world.press("y");
    EXPECT_TRUE(world.locked("user-001")) << world.screen();
    EXPECT_TRUE(world.shows("1 user is locked · z undoes it")) << world.screen();
    world.press("gt");
    EXPECT_TRUE(world.shows("t: nothing failed in it")) << world.screen();
    world.press("z");
    EXPECT_TRUE(world.shows("Unlock 1 user again?")) << world.screen();
    EXPECT_TRUE(world.shows("Unlock 3 users again?"));
}

TEST(DeskBulk, ATakingBackThatFailsIsNotCalledDone) {
    ManyUsers world(3);
    world.press("<Space>Gv");
    world.press("L");
    world.wait();
    world.press("y");
    ASSERT_TRUE(world.engine_of_another_process().remove_user(world.operator_session(), "user-001"));
    world.press("z<Enter>");
    world.wait();
    world.press("y");
    EXPECT_EQ(world.locked_users(), 0) << world.screen();
    world.press("<Esc>z");
    EXPECT_TRUE(world.shows("Unlock 3 users again?")) << world.screen();
    EXPECT_FALSE(world.shows("taken back at"));
}

TEST(DeskBulk, TakesBackOnlyWhatItDid) {
    ManyUsers world(3);
    world.press("<Space>Gv");
    world.press("L");
    world.wait();
    ASSERT_TRUE(world.engine_of_another_process().lock_user(world.operator_session(), "user-001"));
    world.press("y");
    EXPECT_TRUE(world.shows("3 users are locked")) << world.screen();
    world.press("z");
    EXPECT_TRUE(world.shows("Unlock 2 users again?")) << world.screen();
    world.press("<Enter>");
    world.wait();
    world.press("y");
    EXPECT_TRUE(world.locked("user-001")) << "that was another's decision";
    EXPECT_EQ(world.locked_users(), 1);
}

TEST(DeskBulk, IsAJobThatNobodyWaitsFor) {
    ManyUsers world(4);
    world.press("<Space>Gv");
    world.press("L");
    world.wait();
    world.hold = true;
    world.press("y");
    EXPECT_EQ(world.desk().top_dialog(), nullptr) << "the screen is free" << world.screen();
    world.wait(Desk::kToast);
    EXPECT_TRUE(world.shows("lock 4 users… ")) << world.screen();
    EXPECT_TRUE(world.shows("6 shows it"));
    world.press("g");
    EXPECT_TRUE(world.shows("> user-000") || world.shows(">*user-000")) << world.screen();
    world.run_held();
    world.hold = false;
    EXPECT_EQ(world.locked_users(), 4);
    EXPECT_TRUE(world.shows("4 users are locked · z undoes it")) << world.screen();
    world.press("6");
    EXPECT_TRUE(world.shows("lock 4 users")) << world.screen();
    EXPECT_TRUE(world.shows("✓ done"));
}

TEST(DeskBulk, WhatWasBegunElsewhereGoesOn) {
    ManyUsers world(4);
    std::stop_source stop;
    Progress progress;
    progress.stop = stop.get_token();
    progress.report = [&](std::int64_t done, std::int64_t) {
        if (done == 1) stop.request_stop();
    };
    const std::vector<std::string> all{"user-000", "user-001", "user-002", "user-003"};
    const auto run =
        world.engine_of_another_process().start_bulk(world.operator_session(), BulkAction::kLockUsers, all, progress);
    ASSERT_TRUE(run && run->stopped);
    world.touch();
    world.press("6");
    EXPECT_TRUE(world.shows("lock 4 users")) << world.screen();
    EXPECT_TRUE(world.shows("○ paused"));
    EXPECT_EQ(world.locked_users(), 1);
    world.press("<Enter>");
    EXPECT_TRUE(world.shows("✓ user-000")) << world.screen();
    EXPECT_TRUE(world.shows("· user-001"));
    world.press("<Esc>p");
    world.wait();
    world.press("y");
    EXPECT_EQ(world.locked_users(), 4) << world.screen();
    EXPECT_TRUE(world.shows("3 users are locked · z undoes it")) << "what this run did" << world.screen();
}

TEST(DeskBulk, APauseIsToldWithItsPlace) {
    ManyUsers world(4);
    world.press("<Space>Gv");
    world.press("L");
    world.wait();
    world.hold = true;
    world.press("y");
    world.stop_tasks.request_stop();
    world.run_held();
    EXPECT_EQ(world.locked_users(), 0);
    EXPECT_TRUE(world.shows("is paused, 4 left as they were")) << world.screen();
    EXPECT_EQ(world.desk().view(ScreenId::kUsers).marked(), 4U);
}

class FourWallets : public Harness {
public:
    FourWallets() {
        EXPECT_TRUE(engine_of_another_process().add_user(operator_session(), "alice"));
        for (int i = 1; i <= 4; ++i) import_known(engine_of_another_process(), "alice", i, fmt::format("w{}", i));
        touch();
        press("3");
    }
    std::size_t wallets() { return engine().list_wallets(operator_session(), {})->size(); }
};

TEST(DeskBulk, RemovesWalletsAndBringsThemBack) {
    FourWallets world;
    world.press("j<Space>j<Space>X");
    EXPECT_TRUE(world.shows("Remove 2 wallets?")) << world.screen();
    EXPECT_TRUE(world.shows("alice  w2"));
    world.wait();
    world.press("y");
    EXPECT_EQ(world.wallets(), 2U) << world.screen();
    world.press("z<Enter>");
    EXPECT_TRUE(world.shows("Restore 2 wallets?")) << world.screen();
    world.wait();
    world.press("y");
    EXPECT_EQ(world.wallets(), 4U);
    EXPECT_TRUE(world.engine().wallet(world.operator_session(), "w2")) << "with their labels";
}

TEST(DeskBulk, MovesWhatIsMarkedToAnotherKey) {
    FourWallets world;
    ASSERT_TRUE(world.engine().add_pool_keys(world.operator_session(), 1));
    const auto before = world.engine().list_wallets(world.operator_session(), {});
    world.press("<Space>jjj<Space>m");
    EXPECT_TRUE(world.shows("Move 2 marked wallets to another key")) << world.screen();
    world.press("<Right><Right><Tab><Tab><Enter>");
    world.wait();
    EXPECT_TRUE(world.shows("alice  w1")) << world.screen();
    EXPECT_TRUE(world.shows("alice  w4"));
    world.press("<End>M");
    const auto after = world.engine().list_wallets(world.operator_session(), {});
    ASSERT_TRUE(before && after);
    for (std::size_t i = 0; i < 4; ++i)
        EXPECT_EQ((*before)[i].key_id != (*after)[i].key_id, i == 0 || i == 3) << i << world.screen();
}

TEST(DeskBulk, DisablesTheKeysThatAreEnabled) {
    FourWallets world;
    const Session session = world.operator_session();
    CreateKey spare;
    spare.alias = "spare-1";
    ASSERT_TRUE(world.engine().create_key(session, spare));
    spare.alias = "spare-2";
    const auto second = world.engine().create_key(session, spare);
    ASSERT_TRUE(second);
    ASSERT_TRUE(world.engine().disable_key(session, second->id));
    world.press("4<Space>Gvd");
    EXPECT_TRUE(world.shows("Disable 2 keys?")) << world.screen();
    EXPECT_TRUE(world.shows("1 key marked that is not enabled"));
    world.wait();
    world.press("y");
    const auto keys = world.engine().list_keys(session, {});
    ASSERT_TRUE(keys);
    for (const KeyInfo& key : *keys) EXPECT_EQ(key.state, "Disabled") << key.alias;
    world.press("V<Space>d");
    EXPECT_TRUE(world.shows("none of those marked is enabled")) << world.screen();
}

TEST(DeskUndo, ListsWhatWasDoneAndSaysWhyItCannotBeTakenBackAnyMore) {
    ManyUsers world(3);
    world.press("z");
    EXPECT_TRUE(world.shows("nothing was done here that could be taken back")) << world.screen();
    world.press("L");
    world.wait();
    world.press("y");
    world.wait(std::chrono::seconds(30));
    world.press("jL");
    world.wait();
    world.press("y");
    world.wait(std::chrono::seconds(40));
    world.press("z");
    EXPECT_TRUE(world.shows("done more than a minute ago")) << world.screen();
    const std::string screen = world.screen();
    EXPECT_LT(screen.find("Unlock user user-001"), screen.find("Unlock user user-000")) << "newest first";
    world.press("j<Enter>");
    EXPECT_NE(world.desk().top_dialog(), nullptr);
    EXPECT_TRUE(world.locked("user-000")) << "too late";
    world.press("k<Enter>");
    EXPECT_TRUE(world.locked("user-001")) << "asked first";
    world.wait();
    world.press("y");
    EXPECT_FALSE(world.locked("user-001")) << world.screen();
    world.press("zj");
    EXPECT_TRUE(world.shows("taken back at")) << world.screen();
}

TEST(UndoList, IsBounded) {
    UndoList list;
    for (int i = 0; i < 100; ++i) list.add({.question = std::to_string(i)}, {});
    EXPECT_EQ(list.entries().size(), UndoList::kMost);
    EXPECT_EQ(list.entries().front().undo.question, "99");
}

}  // namespace
}  // namespace keydeck::ui
