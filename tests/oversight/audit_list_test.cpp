#include <algorithm>
#include <random>

#include "tests/oversight/fixture.hpp"

namespace keydeck::oversight {
namespace {

using Ids = std::vector<std::int64_t>;
constexpr std::int64_t kEvents = 300;

class AuditListTest : public AuditTest {
protected:
    void SetUp() override {
        AuditTest::SetUp();
        fill(kEvents);
    }
    Ids ids(const AuditQuery& query) {
        Ids out;
        const auto events = list_audit(db(), query);
        EXPECT_TRUE(events) << why(events);
        if (events) {
            for (const auto& event : *events) out.push_back(event.id);
        }
        return out;
    }
};

bool belongs(const AuditEvent& event, const AuditQuery& query) {
    const auto fits = [](const std::string& wanted, const std::string& is) { return wanted.empty() || wanted == is; };
    return fits(query.actor, event.actor) && fits(query.action, event.action) && fits(query.target, event.target) &&
           fits(query.user, event.user) && fits(query.key, event.key_id) && fits(query.result, event.result);
}

TEST_F(AuditListTest, ShowsEventsWithTheirLinks) {
    const auto events = list_audit(db(), {});
    ASSERT_TRUE(events) << why(events);
    ASSERT_EQ(events->size(), static_cast<std::size_t>(kEvents));
    Hash32 previous = audit_genesis(kVaultId);
    for (const auto& event : *events) {
        const AuditEvent original = event_of(event.id);
        EXPECT_EQ(event.time, original.time);
        EXPECT_EQ(event.actor, original.actor);
        EXPECT_EQ(event.surface, original.surface);
        EXPECT_EQ(event.action, original.action);
        EXPECT_EQ(event.target, original.target);
        EXPECT_EQ(event.user, original.user);
        EXPECT_EQ(event.key_id, original.key_id);
        EXPECT_EQ(event.result, original.result);
        EXPECT_EQ(event.digest, original.digest);
        EXPECT_EQ(event.detail, original.detail);
        EXPECT_EQ(event.previous, previous);
        EXPECT_EQ(event.hash, audit_hash(previous, event));
        previous = event.hash;
    }
}

TEST_F(AuditListTest, EveryListIsWhatTheDefinitionSays) {
    const auto all = list_audit(db(), {});
    ASSERT_TRUE(all);
    const std::vector<std::string> actors{"", "alice", "operator", "nobody"};
    const std::vector<std::string> actions{"", "SignMessage", "Nothing"};
    const std::vector<std::string> targets{"", all->front().target, "0x"};
    const std::vector<std::string> users{"", "alice", "bob"};
    const std::vector<std::string> keys{"", "key-1", "key-9"};
    const std::vector<std::string> results{"", "ok", "denied", "corrupt"};
    std::mt19937_64 random(5);
    const auto pick = [&](const std::vector<std::string>& from) {
        return random() % 2 == 0 ? std::string() : from[random() % from.size()];
    };
    for (int round = 0; round < 500; ++round) {
        AuditQuery query;
        query.actor = pick(actors);
        query.action = pick(actions);
        query.target = pick(targets);
        query.user = pick(users);
        query.key = pick(keys);
        query.result = pick(results);
        query.newest_first = random() % 2 == 0;
        query.page.backwards = random() % 2 == 0;
        query.page.limit = std::vector<std::int64_t>{1, 7, 40, 100'000}[random() % 4];
        if (random() % 3 != 0) query.page.after = static_cast<std::int64_t>(random() % (kEvents + 20));
        Ids expected;
        for (const auto& event : *all) {
            if (belongs(event, query)) expected.push_back(event.id);
        }
        if (query.newest_first) std::ranges::reverse(expected);
        if (query.page.after) {
            // The rows on the other side of the cursor, in the list's order.
            const bool wants_greater = query.newest_first == query.page.backwards;
            std::erase_if(expected, [&](std::int64_t id) {
                return wants_greater ? id <= *query.page.after : id >= *query.page.after;
            });
        }
        const auto limit = static_cast<std::size_t>(query.page.limit);
        if (expected.size() > limit) {
            if (query.page.backwards) expected.erase(expected.begin(), expected.end() - static_cast<std::ptrdiff_t>(limit));
            expected.resize(limit);
        }
        ASSERT_EQ(ids(query), expected) << "round " << round;
    }
}

TEST_F(AuditListTest, RefusesALimitUnderOne) {
    AuditQuery query;
    query.page.limit = 0;
    EXPECT_EQ(code_of(list_audit(db(), query)), ErrorCode::kInvalidInput);
}

TEST_F(AuditListTest, AMissingPreviousRowDoesNotHideTheNext) {
    sql("DELETE FROM audit WHERE id = 5");
    AuditQuery query;
    query.page.after = 5;
    query.page.limit = 1;
    const auto events = list_audit(db(), query);
    ASSERT_TRUE(events);
    ASSERT_EQ(events->size(), 1U);
    EXPECT_EQ(events->front().id, 6);
    EXPECT_EQ(events->front().previous, Hash32{});
}

}  // namespace
}  // namespace keydeck::oversight
