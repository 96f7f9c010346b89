#include <algorithm>
#include <random>

#include "engine/base/hex.hpp"
#include "engine/base/text.hpp"
#include "tests/store/fixture.hpp"

namespace keydeck::store {
namespace {

using Ids = std::vector<std::int64_t>;

class WalletListsTest : public StoreTest {
protected:
    Ids ids(const WalletQuery& query) {
        Ids out;
        const auto wallets = list_wallets(db(), query);
        EXPECT_TRUE(wallets) << why(wallets);
        if (wallets) {
            for (const auto& wallet : *wallets) out.push_back(wallet.id);
        }
        return out;
    }
    /// Walks page by page in one direction and puts the list together.
    Ids walk(WalletQuery query) {
        Ids out;
        while (true) {
            const Ids page = ids(query);
            if (page.empty()) return out;
            EXPECT_LE(page.size(), static_cast<std::size_t>(query.page.limit));
            out.insert(query.page.backwards ? out.begin() : out.end(), page.begin(), page.end());
            query.page.after = query.page.backwards ? page.front() : page.back();
        }
    }
};

TEST_F(WalletListsTest, FindsByAddressLabelAndLoneOwner) {
    const auto alice = add_user("alice");
    const auto bob = add_user("bob");
    add_user("charlie");
    add_key("k1");
    const auto main = add_wallet(alice, "k1", "main");
    add_wallet(alice, "k1");
    const auto bobs = add_wallet(bob, "k1");
    std::string upper = to_hex(address_of(main));
    std::ranges::transform(upper, upper.begin(), [](char c) { return c >= 'a' ? static_cast<char>(c - 32) : c; });
    EXPECT_EQ(find_wallet(db(), to_hex_0x(address_of(main)))->id, main);
    EXPECT_EQ(find_wallet(db(), "0x" + upper)->id, main);
    EXPECT_EQ(find_wallet(db(), "main")->id, main);
    EXPECT_EQ(find_wallet(db(), "bob")->id, bobs);
    EXPECT_EQ(code_of(find_wallet(db(), "Main")), ErrorCode::kNotFound);
    EXPECT_EQ(code_of(find_wallet(db(), "")), ErrorCode::kNotFound);
    EXPECT_EQ(code_of(find_wallet(db(), "charlie")), ErrorCode::kNotFound);
    EXPECT_EQ(code_of(find_wallet(db(), "dave")), ErrorCode::kNotFound);
    EXPECT_EQ(code_of(find_wallet(db(), to_hex_0x(address_of(1'000)))), ErrorCode::kNotFound);
    const auto several = find_wallet(db(), "alice");
    EXPECT_EQ(code_of(several), ErrorCode::kInvalidInput);
    EXPECT_NE(several.error().message.find("2 wallets"), std::string::npos) << several.error().message;
}

TEST_F(WalletListsTest, ANameIsAUsersBeforeItIsALabel) {
    const auto alice = add_user("alice");
    const auto bob = add_user("bob");
    add_key("k1");
    const auto bobs = add_wallet(bob, "k1");
    const auto trap = add_wallet(alice, "k1", "trap");
    ASSERT_TRUE(db().execute("UPDATE wallets SET label = 'bob' WHERE label = 'trap'"));  // a vault of before
    EXPECT_EQ(find_wallet(db(), "bob")->id, bobs);
    const auto second = add_wallet(bob, "k1");
    EXPECT_EQ(code_of(find_wallet(db(), "bob")), ErrorCode::kInvalidInput) << "bob has two; the label does not step in";
    ASSERT_TRUE(write([&](auto& d) { return destroy_wallet(d, second); }));
    ASSERT_TRUE(write([&](auto& d) { return destroy_wallet(d, bobs); }));
    EXPECT_EQ(code_of(find_wallet(db(), "bob")), ErrorCode::kNotFound) << "bob has none; nor here";
    EXPECT_EQ(find_labelled_wallet_of(db(), alice, "bob")->id, trap);
    EXPECT_EQ(code_of(find_labelled_wallet_of(db(), bob, "bob")), ErrorCode::kNotFound);
    EXPECT_EQ(code_of(find_labelled_wallet_of(db(), alice, "")), ErrorCode::kNotFound);
    ASSERT_TRUE(write([&](auto& d) { return remove_user(d, "bob", kNow); }));
    EXPECT_EQ(find_wallet(db(), "bob")->id, trap) << "the name is nobody's now";
}

TEST_F(WalletListsTest, ALabelIsNoUsersNameNorTheOtherWayRound) {
    const auto alice = add_user("alice");
    add_user("bob");
    add_key("k1");
    const auto wallet = add_wallet(alice, "k1", "cold");
    EXPECT_EQ(code_of(write([&](auto& d) { return insert_wallet(d, new_wallet(77, alice, "k1", "bob")); })),
              ErrorCode::kAlreadyExists);
    for (const char* name : {"bob", "alice"}) {
        EXPECT_EQ(code_of(check_label_free(db(), name)), ErrorCode::kAlreadyExists);
        EXPECT_EQ(code_of(write([&](auto& d) { return set_wallet_label(d, wallet, name); })), ErrorCode::kAlreadyExists);
    }
    const auto user = write([&](auto& d) { return insert_user(d, "cold", kNow); });
    ASSERT_EQ(code_of(user), ErrorCode::kAlreadyExists);
    EXPECT_NE(user.error().message.find("labelled \"cold\""), std::string::npos) << user.error().message;
    EXPECT_EQ(code_of(write([&](auto& d) { return rename_user(d, "bob", "cold"); })), ErrorCode::kAlreadyExists);
    // A hidden wallet's label is free; it does not come back over the user who took it.
    ASSERT_TRUE(write([&](auto& d) { return hide_wallet(d, wallet, kNow); }));
    ASSERT_TRUE(write([&](auto& d) { return insert_user(d, "cold", kNow); }));
    ASSERT_TRUE(write([&](auto& d) { return unhide_wallet(d, wallet); }));
    EXPECT_EQ(wallet_by_id(db(), wallet)->label, "");
    ASSERT_TRUE(write([&](auto& d) { return remove_user(d, "cold", kNow); }));
    EXPECT_TRUE(write([&](auto& d) { return set_wallet_label(d, wallet, "cold"); })) << "a removed user's name is free";
}

TEST_F(WalletListsTest, ARemovedWalletIsNotFound) {
    const auto alice = add_user("alice");
    add_key("k1");
    const auto id = add_wallet(alice, "k1", "main");
    ASSERT_TRUE(write([&](auto& d) { return hide_wallet(d, id, kNow); }));
    for (const auto& reference : {to_hex_0x(address_of(id)), std::string("main"), std::string("alice")}) {
        EXPECT_EQ(code_of(find_wallet(db(), reference)), ErrorCode::kNotFound) << reference;
    }
    EXPECT_TRUE(ids({}).empty());
    WalletQuery query;
    query.include_removed = true;
    EXPECT_EQ(ids(query), Ids{id});
}

TEST_F(WalletListsTest, FiltersAreNoPatterns) {
    const auto user = add_user("100%_user");
    add_key("k1");
    const auto odd = add_wallet(user, "k1", "50% \"off\" _x\\y*");
    const auto plain = add_wallet(add_user("plain"), "k1", "nothing special here");
    const auto by = [&](const std::string& filter) {
        WalletQuery query;
        query.filter = filter;
        return ids(query);
    };
    for (const std::string part :
         {"%", "_", "\\", "\"", "*", "0%", "50%", "\"off\"", "_x\\", "y*", "%_user", "OFF", "% \"o", "x\\y*"}) {
        EXPECT_EQ(by(part), Ids{odd}) << part;
    }
    for (const std::string part : {"here", "e", "NOTHING", "in", "plain", "special here"}) {
        const auto found = by(part);
        EXPECT_NE(std::ranges::find(found, plain), found.end()) << part;
    }
    for (const std::string part :
         {"xyz", "zz", "q", "a%e", "off\"x", "nothing special heren", "\xFF", "\xC3", "e\n", "herepla"}) {
        EXPECT_EQ(by(part), Ids{}) << part;
    }
    EXPECT_EQ(by(std::string("pl\0ain", 6)), Ids{});
    EXPECT_EQ(by(std::string(5'000, 'a')), Ids{});
    EXPECT_EQ(by("0x"), (Ids{odd, plain}));
    EXPECT_EQ(by("0xzz"), Ids{});
    EXPECT_EQ(by("0x0x"), Ids{});
    EXPECT_EQ(by("0x0x" + std::string(38, '0')), Ids{});
    EXPECT_EQ(by("0x" + std::string(41, '0')), Ids{});
}

TEST_F(WalletListsTest, RefusesALimitUnderOne) {
    WalletQuery query;
    query.page.limit = 0;
    EXPECT_EQ(code_of(list_wallets(db(), query)), ErrorCode::kInvalidInput);
    query.page.limit = -1;
    EXPECT_EQ(code_of(list_wallets(db(), query)), ErrorCode::kInvalidInput);
}

// What a list must be, said as simply as can be.
bool belongs(const Wallet& wallet, const WalletQuery& query) {
    if (!query.include_removed && wallet.state == WalletState::kRemoved) return false;
    if (!query.user.empty() && wallet.user != query.user) return false;
    if (!query.key.empty() && wallet.key_id != query.key) return false;
    if (query.filter.empty()) return true;
    const std::string part = ascii_lower(query.filter);
    if (part.starts_with("0x")) return to_hex_0x(wallet.address).starts_with(part);
    return ascii_lower(wallet.label).find(part) != std::string::npos ||
           ascii_lower(wallet.user).find(part) != std::string::npos;
}

// Whether `a` stands before `b` in a list.
bool stands_before(const Wallet& a, const Wallet& b, const WalletQuery& query) {
    const auto place = [&](const Wallet& wallet) {
        const bool by_signature = query.order == WalletOrder::kLastSigned;
        return std::pair(by_signature ? wallet.last_signed_at.value_or(Timestamp{}) : Timestamp{}, wallet.id);
    };
    return query.descending ? place(b) < place(a) : place(a) < place(b);
}

class ManyWalletsTest : public WalletListsTest {
protected:
    void SetUp() override {
        WalletListsTest::SetUp();
        for (const auto* key : {"k1", "k2", "k3"}) add_key(key);
        const std::vector<std::string> names{"alice", "Alicia", "bob", "charlie", "Ömer", "王小明", "al", "x"};
        std::vector<std::int64_t> users;
        for (const auto& name : names) users.push_back(add_user(name));
        // One user with more wallets than are read through, so that the search index is asked too.
        const auto filled = write([&](sqlite::Database& d) -> Status {
            std::mt19937_64 random(7);
            for (std::int64_t id = 1; id <= kWallets; ++id) {
                const auto user = id % 10 < 7 ? users[0] : users[random() % users.size()];
                const std::string key = id % 20 == 0 ? "k2" : id % 21 == 0 ? "k3" : "k1";
                const std::string label = id % 3 == 0 ? "" : kWords[random() % kWords.size()] + "-" + std::to_string(id);
                if (const auto done = insert_wallet(d, new_wallet(id, user, key, label)); !done) return fail(done);
                if (id % 13 == 0) {
                    if (const auto done = hide_wallet(d, id, kNow); !done) return fail(done);
                }
                // A few signed at the same moment, some at one of their own, most never.
                if (id % 4 != 0) continue;
                const auto at = kNow + std::chrono::microseconds(id % 8 == 0 ? 5 : static_cast<int>(random() % 900));
                if (const auto done = note_signatures(d, id, 1, at); !done) return fail(done);
            }
            return {};
        });
        ASSERT_TRUE(filled) << why(filled);
    }

    static constexpr std::int64_t kWallets = 12'000;
    static inline const std::vector<std::string> kWords{"main", "Savings", "cold", "ölkanne", "zeta", "a"};
};

TEST_F(ManyWalletsTest, EveryListIsWhatTheDefinitionSays) {
    WalletQuery everything;
    everything.include_removed = true;
    const auto all = list_wallets(db(), everything);
    ASSERT_TRUE(all) << why(all);
    ASSERT_EQ(all->size(), static_cast<std::size_t>(kWallets));
    const std::vector<std::string> users{"", "", "alice", "bob", "al", "nobody"};
    const std::vector<std::string> keys{"", "", "k1", "k2", "k9"};
    const std::string address = to_hex_0x(address_of(4'711));
    const std::vector<std::string> filters{"",
                                           "",
                                           "main",
                                           "SAVINGS",
                                           "al",
                                           "a",
                                           "z",
                                           "zeta-1",
                                           "-77",
                                           "7",
                                           "12",
                                           "ölk",
                                           "ö",
                                           "Ömer",
                                           "王小",
                                           "王",
                                           "lici",
                                           "qqqq",
                                           "qq",
                                           "q",
                                           "ain-4",
                                           "e-11",
                                           "0x",
                                           address.substr(0, 3),
                                           address.substr(0, 4),
                                           address.substr(0, 5),
                                           address.substr(0, 9),
                                           address};
    std::mt19937_64 random(11);
    for (int round = 0; round < 400; ++round) {
        WalletQuery query;
        query.user = users[random() % users.size()];
        query.key = keys[random() % keys.size()];
        query.filter = filters[static_cast<std::size_t>(round) % filters.size()];
        query.include_removed = random() % 2 == 0;
        query.page.backwards = random() % 2 == 0;
        query.page.limit = std::vector<std::int64_t>{1, 7, 40, 100'000}[random() % 4];
        query.order = random() % 2 == 0 ? WalletOrder::kCreated : WalletOrder::kLastSigned;
        query.descending = random() % 2 == 0;
        Wallet cursor;
        if (random() % 4 != 0) {
            query.page.after = static_cast<std::int64_t>(random() % (kWallets + 100));
            cursor.id = *query.page.after;
            if (cursor.id > 0 && cursor.id <= kWallets) cursor = (*all)[static_cast<std::size_t>(cursor.id - 1)];
        }
        std::vector<const Wallet*> members;
        for (const auto& wallet : *all) {
            if (!belongs(wallet, query)) continue;
            if (query.page.after &&
                !(query.page.backwards ? stands_before(wallet, cursor, query) : stands_before(cursor, wallet, query)))
                continue;
            members.push_back(&wallet);
        }
        std::ranges::sort(members, [&](const Wallet* a, const Wallet* b) { return stands_before(*a, *b, query); });
        Ids expected;
        for (const Wallet* wallet : members) expected.push_back(wallet->id);
        const auto limit = static_cast<std::size_t>(query.page.limit);
        if (expected.size() > limit) {
            if (query.page.backwards) expected.erase(expected.begin(), expected.end() - static_cast<std::ptrdiff_t>(limit));
            expected.resize(limit);
        }
        ASSERT_EQ(ids(query), expected) << "user '" << query.user << "' key '" << query.key << "' filter '" << query.filter
                                        << "' after " << query.page.after.value_or(-1) << " limit " << query.page.limit
                                        << (query.page.backwards ? " backwards" : "")
                                        << (query.order == WalletOrder::kLastSigned ? " by signature" : "")
                                        << (query.descending ? " descending" : "") << (query.include_removed ? " all" : "");
    }
}

TEST_F(ManyWalletsTest, PagesPutTogetherAreTheList) {
    for (const std::string filter : {"", "ma", "main", "alici", "0x1", "0x1f", "7"}) {
        for (const bool descending : {false, true}) {
            for (const auto order : {WalletOrder::kCreated, WalletOrder::kLastSigned}) {
                WalletQuery query;
                query.filter = filter;
                query.order = order;
                query.descending = descending;
                const Ids whole = ids(query);
                query.page.limit = 97;
                EXPECT_EQ(walk(query), whole) << filter << descending;
                query.page.backwards = true;
                EXPECT_EQ(walk(query), whole) << filter << descending;
            }
        }
    }
}

TEST_F(ManyWalletsTest, TheSearchIndexFollowsEveryChange) {
    const auto by = [&](const std::string& filter) {
        WalletQuery query;
        query.filter = filter;
        query.include_removed = true;
        return ids(query);
    };
    ASSERT_TRUE(write([](auto& d) { return set_wallet_label(d, 5'000, "quetzal one"); }));
    EXPECT_EQ(by("quetzal"), Ids{5'000});
    EXPECT_EQ(by("qu"), Ids{5'000});
    ASSERT_TRUE(write([](auto& d) { return set_wallet_label(d, 5'000, "other"); }));
    EXPECT_EQ(by("quetzal"), Ids{});
    EXPECT_EQ(by("qu"), Ids{});
    const auto of_x = by("x");
    ASSERT_FALSE(of_x.empty());
    ASSERT_TRUE(write([](auto& d) { return rename_user(d, "x", "quasimodo"); }));
    EXPECT_EQ(by("quasimodo"), of_x);
    EXPECT_EQ(by("x"), Ids{});
    const auto gone = of_x.front();
    ASSERT_TRUE(write([&](auto& d) { return destroy_wallet(d, gone); }));
    EXPECT_EQ(by("quasimodo"), Ids(of_x.begin() + 1, of_x.end()));
    EXPECT_TRUE(db().execute("INSERT INTO wallet_search (wallet_search) VALUES ('integrity-check')"));
}

}  // namespace
}  // namespace keydeck::store
