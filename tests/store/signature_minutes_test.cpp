#include "engine/store/signature_minutes.hpp"

#include <gmock/gmock.h>

#include "tests/store/fixture.hpp"

namespace keydeck::store {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

class SignatureMinutesTest : public StoreTest {
protected:
    void count(std::int64_t signatures, Timestamp at) {
        const auto counted = write([&](auto& database) { return count_signatures(database, signatures, at); });
        ASSERT_TRUE(counted) << why(counted);
    }
    std::vector<std::pair<Timestamp, std::int64_t>> since(Timestamp time) {
        const auto found = signatures_since(db(), time);
        EXPECT_TRUE(found) << why(found);
        return found ? *found : std::vector<std::pair<Timestamp, std::int64_t>>{};
    }
    static constexpr Timestamp kMinute = std::chrono::floor<minutes>(kNow);
};

TEST_F(SignatureMinutesTest, AreAddedUpByTheMinute) {
    EXPECT_THAT(since(kMinute), IsEmpty());
    count(1, kMinute);
    count(250, kMinute + seconds(59));
    count(2, kMinute + minutes(3));
    EXPECT_THAT(since(kMinute + seconds(30)), ElementsAre(Pair(kMinute, 251), Pair(kMinute + minutes(3), 2)));
    EXPECT_THAT(since(kMinute + minutes(1)), ElementsAre(Pair(kMinute + minutes(3), 2)));
}

TEST_F(SignatureMinutesTest, AreKeptForThirtyDays) {
    count(1, kMinute);
    count(2, kMinute + minutes(1));
    count(3, kMinute + kSignatureMinutesKept + minutes(1));
    EXPECT_THAT(since({}),
                ElementsAre(Pair(kMinute + minutes(1), 2), Pair(kMinute + kSignatureMinutesKept + minutes(1), 3)));
}

TEST_F(SignatureMinutesTest, BeginAnewWhereTheCountCannotBe) {
    count(5, kMinute);
    ASSERT_TRUE(db().execute("UPDATE signature_minutes SET signatures = -7"));
    EXPECT_THAT(since(kMinute), IsEmpty());
    count(2, kMinute);
    EXPECT_THAT(since(kMinute), ElementsAre(Pair(kMinute, 2)));
    ASSERT_TRUE(db().execute("UPDATE signature_minutes SET signatures = 9223372036854775807"));
    count(3, kMinute);
    EXPECT_THAT(since(kMinute), ElementsAre(Pair(kMinute, 3)));
}

}  // namespace
}  // namespace keydeck::store
