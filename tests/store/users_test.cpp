#include "engine/store/users.hpp"

#include <algorithm>
#include <random>

#include "tests/store/fixture.hpp"

namespace keydeck::store {
namespace {

class UsersTest : public StoreTest {
protected:
    std::vector<std::string> names(UserQuery query) {
        std::vector<std::string> out;
        const auto users = list_users(db(), query);
        EXPECT_TRUE(users) << why(users);
        if (users) {
            for (const auto& user : *users) out.push_back(user.name);
        }
        return out;
    }
    /// Walks page by page in one direction and puts the list together.
    std::vector<std::string> walk(const std::string& prefix, std::int64_t limit, bool backwards) {
        UserQuery query;
        query.prefix = prefix;
        query.page.limit = limit;
        query.page.backwards = backwards;
        return walk(query);
    }
    std::vector<std::string> walk(UserQuery query) {
        const bool backwards = query.page.backwards;
        std::vector<std::string> out;
        while (true) {
            const auto page = list_users(db(), query);
            EXPECT_TRUE(page) << why(page);
            if (!page || page->empty()) return out;
            std::vector<std::string> page_names;
            for (const auto& user : *page) page_names.push_back(user.name);
            out.insert(backwards ? out.begin() : out.end(), page_names.begin(), page_names.end());
            query.page.after = backwards ? page->front().id : page->back().id;
        }
    }
};

using Names = std::vector<std::string>;

TEST_F(UsersTest, AddsAndFinds) {
    const auto id = add_user("alice");
    EXPECT_EQ(id, 1);
    const auto user = user_by_name(db(), "alice");
    ASSERT_TRUE(user) << why(user);
    EXPECT_EQ(user->id, id);
    EXPECT_FALSE(user->locked);
    EXPECT_EQ(user->created_at, kNow);
    EXPECT_EQ(user->wallets, 0);
    EXPECT_FALSE(user->default_address);
    EXPECT_FALSE(user->last_signed_at);
    EXPECT_EQ(user_by_id(db(), id)->name, "alice");
    EXPECT_EQ(code_of(user_by_name(db(), "Alice")), ErrorCode::kNotFound) << "names are exact";
    EXPECT_EQ(code_of(user_by_id(db(), 77)), ErrorCode::kNotFound);
    EXPECT_EQ(totals(db())->users, 1);
}

TEST_F(UsersTest, ANameIsTakenOnce) {
    add_user("alice");
    EXPECT_EQ(code_of(write([](auto& d) { return insert_user(d, "alice", kNow); })), ErrorCode::kAlreadyExists);
    EXPECT_EQ(code_of(write([](auto& d) { return insert_user(d, "bad\n", kNow); })), ErrorCode::kInvalidInput);
    EXPECT_EQ(totals(db())->users, 1);
}

TEST_F(UsersTest, Renames) {
    const auto id = add_user("alice");
    add_user("bob");
    add_key("k1");
    const auto wallet = add_wallet(id, "k1", "main");
    EXPECT_EQ(code_of(write([](auto& d) { return rename_user(d, "alice", "bob"); })), ErrorCode::kAlreadyExists);
    EXPECT_EQ(code_of(write([](auto& d) { return rename_user(d, "dave", "erin"); })), ErrorCode::kNotFound);
    EXPECT_EQ(code_of(write([](auto& d) { return rename_user(d, "alice", ""); })), ErrorCode::kInvalidInput);
    const auto renamed = write([](auto& d) { return rename_user(d, "alice", "Alicia"); });
    ASSERT_TRUE(renamed) << why(renamed);
    EXPECT_EQ(renamed->name, "Alicia");
    EXPECT_EQ(renamed->id, id);
    EXPECT_EQ(wallet_by_id(db(), wallet)->user, "Alicia");
    EXPECT_TRUE(write([](auto& d) { return rename_user(d, "Alicia", "Alicia"); }));
}

TEST_F(UsersTest, LocksAndUnlocks) {
    add_user("alice");
    for (int i = 0; i < 2; ++i) {
        const auto locked = write([](auto& d) { return set_user_locked(d, "alice", true); });
        ASSERT_TRUE(locked);
        EXPECT_TRUE(locked->locked);
    }
    EXPECT_TRUE(user_by_name(db(), "alice")->locked);
    EXPECT_FALSE(write([](auto& d) { return set_user_locked(d, "alice", false); })->locked);
    EXPECT_EQ(code_of(write([](auto& d) { return set_user_locked(d, "bob", true); })), ErrorCode::kNotFound);
}

TEST_F(UsersTest, GoesOnlyWithoutWallets) {
    const auto id = add_user("alice");
    add_key("k1");
    const auto wallet = add_wallet(id, "k1");
    const auto refused = write([](auto& d) { return remove_user(d, "alice", kNow); });
    EXPECT_EQ(code_of(refused), ErrorCode::kRejected);
    ASSERT_TRUE(write([&](auto& d) { return hide_wallet(d, wallet, kNow); }));
    const auto removed = write([](auto& d) { return remove_user(d, "alice", kNow); });
    ASSERT_TRUE(removed) << why(removed);
    EXPECT_EQ(code_of(user_by_name(db(), "alice")), ErrorCode::kNotFound);
    EXPECT_EQ(names({}), Names{});
    EXPECT_EQ(totals(db())->users, 0);
    EXPECT_EQ(wallet_by_id(db(), wallet)->user, "alice") << "a hidden wallet keeps its owner";
    EXPECT_EQ(code_of(write([&](auto& d) { return unhide_wallet(d, wallet); })), ErrorCode::kRejected);
    const auto again = add_user("alice");
    EXPECT_NE(again, id) << "ids are never reused";
    EXPECT_EQ(user_by_name(db(), "alice")->wallets, 0);
    EXPECT_EQ(code_of(write([](auto& d) { return remove_user(d, "bob", kNow); })), ErrorCode::kNotFound);
}

TEST_F(UsersTest, PagesByNameInBothDirections) {
    for (const char* name : {"delta", "Bravo", "alpha", "charlie", "echo", "Alpha", "Ångström", "alpine", "王"})
        add_user(name);
    const Names all{"alpha", "Alpha", "alpine", "Bravo", "charlie", "delta", "echo", "Ångström", "王"};
    EXPECT_EQ(names({}), all);
    for (std::int64_t limit = 1; limit <= 10; ++limit) {
        EXPECT_EQ(walk("", limit, false), all) << limit;
        EXPECT_EQ(walk("", limit, true), all) << limit;
        EXPECT_EQ(walk("AL", limit, false), (Names{"alpha", "Alpha", "alpine"})) << limit;
        EXPECT_EQ(walk("al", limit, true), (Names{"alpha", "Alpha", "alpine"})) << limit;
    }
    EXPECT_EQ(walk("alphabet", 3, false), Names{});
    EXPECT_EQ(walk("Å", 3, true), Names{"Ångström"});
    EXPECT_EQ(walk("%", 3, false), Names{}) << "the prefix is no pattern";
}

TEST_F(UsersTest, PagesInEveryOrderAreTheListSorted) {
    std::mt19937_64 random(5);
    add_key("k1");
    std::vector<std::int64_t> all;
    for (int i = 0; i < 300; ++i) {
        all.push_back(add_user((i % 3 == 0 ? "Ann" : "bea") + std::to_string(i)));
        for (std::uint64_t n = random() % 4; n > 1; --n) {
            const auto wallet = add_wallet(all.back(), "k1");
            const auto at = kNow + std::chrono::microseconds(random() % 40);
            if (random() % 2 != 0) continue;
            ASSERT_TRUE(write([&](auto& d) { return note_signatures(d, wallet, 1, at); }));
        }
    }
    add_user("Annie");
    ASSERT_TRUE(write([](auto& d) { return remove_user(d, "Annie", kNow); }));
    for (const auto order : {UserOrder::kName, UserOrder::kLastSigned, UserOrder::kWallets}) {
        for (const bool descending : {false, true}) {
            for (const char* prefix : {"", "ann", "bea1", "zed"}) {
                UserQuery query;
                query.prefix = prefix;
                std::vector<User> expected = list_users(db(), query).value();  // by name
                const auto place = [&](const User& user) {
                    return std::pair(
                        order == UserOrder::kWallets ? user.wallets : to_micros(user.last_signed_at.value_or(Timestamp{})),
                        user.id);
                };
                if (order != UserOrder::kName)
                    std::ranges::sort(expected, [&](const User& a, const User& b) { return place(a) < place(b); });
                if (descending) std::ranges::reverse(expected);
                Names sorted;
                for (const User& user : expected) sorted.push_back(user.name);
                query.order = order;
                query.descending = descending;
                EXPECT_EQ(names(query), sorted) << prefix << descending;
                query.page.limit = 7;
                EXPECT_EQ(walk(query), sorted) << prefix << descending;
                query.page.backwards = true;
                EXPECT_EQ(walk(query), sorted) << prefix << descending;
            }
        }
    }
}

TEST_F(UsersTest, ACursorOutsideThePrefixStandsBeforeOrBehindIt) {
    const auto alpha = add_user("alpha");
    add_user("mike");
    const auto zulu = add_user("zulu");
    UserQuery query;
    query.prefix = "m";
    query.page.after = alpha;
    EXPECT_EQ(names(query), Names{"mike"});
    query.page.backwards = true;
    EXPECT_EQ(names(query), Names{});
    query.page.after = zulu;
    EXPECT_EQ(names(query), Names{"mike"});
    query.page.backwards = false;
    EXPECT_EQ(names(query), Names{});
}

TEST_F(UsersTest, ARemovedUserIsStillACursor) {
    add_user("a");
    const auto b = add_user("b");
    add_user("c");
    ASSERT_TRUE(write([](auto& d) { return remove_user(d, "b", kNow); }));
    UserQuery query;
    query.page.after = b;
    EXPECT_EQ(names(query), Names{"c"});
    query.page.after = 99;
    EXPECT_EQ(code_of(list_users(db(), query)), ErrorCode::kInvalidInput);
    query.page = {.limit = 0, .after = std::nullopt, .backwards = false};
    EXPECT_EQ(code_of(list_users(db(), query)), ErrorCode::kInvalidInput);
}

}  // namespace
}  // namespace keydeck::store
