#include "ui/widgets/row_window.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

namespace keydeck::ui {
namespace {

// A list of users with ids, as the engine would page it.
struct Source {
    explicit Source(std::int64_t count) {
        for (std::int64_t id = 1; id <= count; ++id) ids.push_back(id);
    }
    Result<std::vector<User>> list(const PageQuery& page) {
        ++queries;
        if (broken) return fail(ErrorCode::kUnavailable, "out of reach");
        std::vector<std::int64_t> matching;
        for (const std::int64_t id : ids) {
            const bool inside = !page.after || (page.backwards ? id < *page.after : id > *page.after);
            if (inside) matching.push_back(id);
        }
        const auto limit = static_cast<std::size_t>(page.limit);
        if (matching.size() > limit) {
            page.backwards ? matching.erase(matching.begin(), matching.end() - static_cast<std::ptrdiff_t>(limit))
                           : matching.erase(matching.begin() + static_cast<std::ptrdiff_t>(limit), matching.end());
        }
        std::vector<User> out;
        for (const std::int64_t id : matching) {
            User user;
            user.id = id;
            out.push_back(user);
        }
        return out;
    }
    std::vector<std::int64_t> ids;
    int queries = 0;
    bool broken = false;
};

struct Fixture {
    explicit Fixture(std::int64_t count, int height = 10) : source(count) {
        window.set_height(height);
        load(window.reset());
    }
    // Does what the window asks for until it asks for nothing more.
    bool load(RowWindow<User>::Request request) {
        bool vanished = false;
        while (request) {
            const auto applied = window.apply(*request, read(*request));
            vanished = vanished || applied.vanished;
            request = applied.next ? applied.next : window.top_up();
        }
        return vanished;
    }
    void settle() { load(window.top_up()); }
    Result<RowPage<User>> read(const Fetch<std::int64_t>& fetch) {
        return read_page<User>(fetch, [this](const PageQuery& page) { return source.list(page); });
    }
    void move(std::int64_t by) {
        for (std::int64_t i = 0; i < std::abs(by); ++i) {
            window.move(by > 0 ? 1 : -1);
            settle();
        }
    }
    std::int64_t id() const { return window.selected() == nullptr ? -1 : window.selected()->id; }
    void remove(std::int64_t id) { std::erase(source.ids, id); }

    Source source;
    RowWindow<User> window;
};

TEST(RowWindow, WalksThroughAMillionRowsWithAFewPagesInMemory) {
    Fixture list(1'000'000, 20);
    for (int i = 0; i < 3000; ++i) list.move(1);
    EXPECT_EQ(list.id(), 3001);
    EXPECT_LE(list.window.rows().size(), 100U);
    EXPECT_TRUE(list.window.more_before());
    for (int i = 0; i < 3000; ++i) list.move(-1);
    EXPECT_EQ(list.id(), 1);
    EXPECT_FALSE(list.window.more_before());
    EXPECT_LE(list.window.rows().size(), 100U);
}

TEST(RowWindow, JumpsToBothEnds) {
    Fixture list(100'000);
    list.load(list.window.to_last());
    EXPECT_EQ(list.id(), 100'000);
    EXPECT_FALSE(list.window.more_after());
    list.load(list.window.to_first());
    EXPECT_EQ(list.id(), 1);
    Fixture few(3);
    EXPECT_FALSE(few.window.to_last()) << "all there: nothing to read";
    EXPECT_EQ(few.id(), 3);
}

TEST(RowWindow, MovesByPages) {
    Fixture list(1000, 10);
    list.window.move_pages(2);
    list.settle();
    EXPECT_EQ(list.id(), 11);
    list.window.move_pages(-2);
    EXPECT_EQ(list.id(), 1);
    list.window.move_pages(-2);
    EXPECT_EQ(list.id(), 1);
}

TEST(RowWindow, TheCursorIsAnIdNotARow) {
    Fixture list(100);
    list.move(49);
    EXPECT_EQ(list.id(), 50);
    list.source.ids.insert(list.source.ids.begin(), {-3, -2, -1});
    EXPECT_FALSE(list.load(list.window.refresh()));
    EXPECT_EQ(list.id(), 50);
    list.remove(10);
    list.remove(51);
    EXPECT_FALSE(list.load(list.window.refresh()));
    EXPECT_EQ(list.id(), 50);
}

TEST(RowWindow, ItsNeighbourWhenItIsGone) {
    Fixture list(100);
    list.move(49);
    list.remove(50);
    EXPECT_TRUE(list.load(list.window.refresh())) << "and it says so";
    EXPECT_EQ(list.id(), 51);
    list.load(list.window.to_last());
    list.remove(100);
    list.remove(99);
    EXPECT_TRUE(list.load(list.window.refresh()));
    EXPECT_EQ(list.id(), 98);
}

TEST(RowWindow, NothingLeft) {
    Fixture list(2);
    list.source.ids.clear();
    EXPECT_TRUE(list.load(list.window.refresh()));
    EXPECT_EQ(list.id(), -1);
    list.move(1);
    list.window.move_pages(1);
    EXPECT_FALSE(list.window.to_last());
    list.source.ids = {7};
    list.load(list.window.refresh());
    EXPECT_EQ(list.id(), 7);
}

TEST(RowWindow, TheScrollPositionStays) {
    Fixture list(1000);
    list.move(30);
    list.move(-5);
    const std::size_t offset = list.window.selected_index() - list.window.top();
    list.load(list.window.refresh());
    EXPECT_EQ(list.window.selected_index() - list.window.top(), offset);
}

TEST(RowWindow, NewRowsAtTheTopComeIntoSightWhileTheTopIsInSight) {
    Fixture list(100);
    list.move(2);
    list.source.ids.insert(list.source.ids.begin(), 0);
    list.load(list.window.refresh());
    EXPECT_EQ(list.id(), 3);
    EXPECT_EQ(list.window.top(), 0U);
    EXPECT_EQ(list.window.rows().front().id, 0);
}

TEST(RowWindow, AnOldAnswerIsDropped) {
    Fixture list(50);
    const auto old = list.window.refresh();
    ASSERT_TRUE(old);
    EXPECT_FALSE(list.window.reset()) << "one request at a time: this one waits";
    EXPECT_TRUE(list.window.stale());
    EXPECT_EQ(list.window.selected(), nullptr) << "a key typed now must not act on a row of the list before";
    list.source.ids = {200, 201};
    Source before(50);
    const auto applied =
        list.window.apply(*old, read_page<User>(*old, [&](const PageQuery& page) { return before.list(page); }));
    ASSERT_TRUE(applied.next) << "now the new query";
    EXPECT_EQ(applied.next->kind, FetchKind::kFirst);
    EXPECT_TRUE(list.window.stale()) << "the old answer did not count";
    list.load(applied.next);
    EXPECT_EQ(list.id(), 200);
    EXPECT_FALSE(list.window.stale());
}

TEST(RowWindow, TypingFastAsksForTheFirstAndTheLastAnswerOnly) {
    Fixture list(50);
    list.source.queries = 0;
    auto request = list.window.reset();
    for (int i = 0; i < 20; ++i) EXPECT_FALSE(list.window.reset());
    list.load(request);
    EXPECT_LE(list.source.queries, 2);
}

TEST(RowWindow, AStormOfChangesDoesNotStarveAFilter) {
    Fixture list(50);
    auto request = list.window.refresh();
    EXPECT_FALSE(list.window.reset());
    EXPECT_FALSE(list.window.refresh());
    EXPECT_FALSE(list.window.refresh());
    const auto applied = list.window.apply(*request, list.read(*request));
    ASSERT_TRUE(applied.next);
    EXPECT_EQ(applied.next->kind, FetchKind::kFirst) << "the new query, not the refresh of the old one";
}

TEST(RowWindow, MovingOnWhileARefreshIsUnderWayLosesNothing) {
    Fixture list(10'000);
    const auto request = list.window.refresh();
    list.window.move(39);
    const auto answer = list.read(*request);
    for (int i = 0; i < 3; ++i) list.window.move(10);
    const std::int64_t id = list.id();
    const auto applied = list.window.apply(*request, answer);
    EXPECT_FALSE(applied.vanished);
    list.load(applied.next);
    EXPECT_EQ(list.id(), id);
}

TEST(RowWindow, AimsAtARow) {
    Fixture list(1000);
    list.load(list.window.reset_to(700));
    EXPECT_EQ(list.id(), 700);
    list.load(list.window.reset_to(123'456));
    EXPECT_NE(list.id(), -1) << "not there: some row is selected";
}

TEST(RowWindow, AnotherPlaceStartsWithNothing) {
    Fixture list(50);
    const auto old = list.window.refresh();
    list.window.clear();
    EXPECT_EQ(list.id(), -1);
    EXPECT_FALSE(list.window.reset_to(700));
    EXPECT_FALSE(list.window.refresh()) << "a change meanwhile does not make it forget where to go";
    list.source = Source(1000);
    const auto applied = list.window.apply(*old, list.read(*old));
    EXPECT_EQ(list.id(), -1) << "the rows of before do not come back";
    list.load(applied.next);
    EXPECT_EQ(list.id(), 700);
}

TEST(RowWindow, NoRowIsSelectedWhileAnotherQueryIsRead) {
    Fixture list(50);
    const auto request = list.window.reset();
    EXPECT_EQ(list.window.selected(), nullptr);
    EXPECT_FALSE(list.window.rows().empty()) << "but the old ones are still shown";
    list.load(request);
    EXPECT_EQ(list.id(), 1);
}

TEST(RowWindow, KeepsOldRowsWhenReadingFails) {
    Fixture list(50);
    list.move(4);
    list.source.broken = true;
    const auto request = list.window.refresh();
    list.window.apply(*request, list.read(*request));
    ASSERT_TRUE(list.window.error());
    EXPECT_EQ(list.id(), 5);
    list.source.broken = false;
    list.load(list.window.refresh());
    EXPECT_FALSE(list.window.error());
    EXPECT_EQ(list.id(), 5);
}

TEST(RowWindow, GrowsWithTheScreen) {
    Fixture list(1000, 10);
    list.window.set_height(60);
    list.settle();
    EXPECT_GE(list.window.rows().size(), 120U);
    list.move(59);
    EXPECT_EQ(list.window.top(), 0U);
    list.window.set_height(5);
    EXPECT_EQ(list.id(), 60) << "the cursor stays";
    EXPECT_EQ(list.window.top(), 55U) << "and stays in sight";
}

TEST(RowWindow, AnotherOrderKeepsTheCursorOnItsRow) {
    Fixture list(1'000);
    list.move(500);
    EXPECT_EQ(list.id(), 501);
    auto request = list.window.resort();
    ASSERT_TRUE(request);
    EXPECT_EQ(request->anchor, 501);
    EXPECT_EQ(list.window.selected(), nullptr) << "none while another order is read";
    EXPECT_FALSE(list.window.resort()) << "one request at a time";
    EXPECT_FALSE(list.window.resort());
    list.load(request);
    EXPECT_EQ(list.id(), 501);
}

TEST(RowWindow, ARowThatComesTwiceIsTakenOnce) {
    Fixture list(1'000);
    const std::size_t before = list.window.rows().size();
    constexpr std::uint64_t kGeneration = 2;  // one reset so far
    const Fetch<std::int64_t> after{FetchKind::kAfter, list.window.rows().back().id, 20, kGeneration, false};
    auto page = list.read(after);
    ASSERT_TRUE(page);
    ASSERT_EQ(page->rows.size(), 20U);
    page->rows.front().id = 1;  // it has moved behind the others meanwhile
    static_cast<void>(list.window.apply(after, page));
    EXPECT_EQ(list.window.rows().size(), before + 19);
    EXPECT_EQ(std::ranges::count(list.window.rows(), 1, &User::id), 1);
}

}  // namespace
}  // namespace keydeck::ui
