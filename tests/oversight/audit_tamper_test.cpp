// What someone with the database file, but without the seal key, can do to the log.
#include <functional>

#include "engine/base/hex.hpp"
#include "engine/oversight/audit_chain.hpp"
#include "tests/oversight/fixture.hpp"

namespace keydeck::oversight {
namespace {

constexpr std::int64_t kEvents = 20;

class AuditTamperTest : public AuditTest {
protected:
    void SetUp() override {
        AuditTest::SetUp();
        fill(kEvents);
        ASSERT_TRUE(verify().valid);
    }
    /// Computes every hash anew from `first` on, as an attacker would.
    void rehash_from(std::int64_t first) {
        AuditQuery query;
        const auto events = list_audit(db(), query);
        ASSERT_TRUE(events);
        Hash32 previous = audit_genesis(kVaultId);
        for (const auto& event : *events) {
            previous = event.id < first ? event.hash : audit_hash(previous, event);
            sql("UPDATE audit SET hash = x'" + to_hex(previous) + "' WHERE id = " + std::to_string(event.id));
        }
    }
    void expect_bad(std::optional<std::int64_t> first_bad, const std::string& what) {
        const auto result = verify();
        EXPECT_FALSE(result.valid) << what;
        EXPECT_EQ(result.first_bad, first_bad) << what << ": " << result.reason;
        EXPECT_FALSE(result.reason.empty()) << what;
    }
    /// The log must not be extended over the damage.
    void expect_refused(const std::string& what) {
        const auto appended = append({event_of(99)});
        ASSERT_FALSE(appended) << what;
        EXPECT_EQ(appended.error().code, ErrorCode::kCorrupt) << what;
        EXPECT_FALSE(appended.error().hint.empty()) << what;
    }
};

TEST_F(AuditTamperTest, AChangeInAnyColumnOfAnyRowIsFound) {
    const std::vector<std::string> columns{"time",   "actor",  "surface", "action", "target", "user",
                                           "key_id", "result", "digest",  "detail", "hash"};
    for (const auto& column : columns) {
        for (const std::int64_t id : {std::int64_t{1}, std::int64_t{2}, kEvents / 2, kEvents}) {
            sql("SAVEPOINT before");
            const std::string where = " WHERE id = " + std::to_string(id);
            if (column == "time") {
                sql("UPDATE audit SET time = time + 1" + where);
            } else if (column == "hash") {
                sql("UPDATE audit SET hash = x'" + std::string(64, '0') + "'" + where);
            } else {
                sql("UPDATE audit SET " + column + " = " + column + " || ' '" + where);
            }
            sql("RELEASE before");
            expect_bad(id, column);
            if (column == "time") {
                sql("UPDATE audit SET time = time - 1" + where);
            } else if (column == "hash") {
                rehash_from(id);
            } else {
                sql("UPDATE audit SET " + column + " = substr(" + column + ", 1, length(" + column + ") - 1)" + where);
            }
            ASSERT_TRUE(verify().valid) << column << " was not put back";
        }
    }
}

TEST_F(AuditTamperTest, TextMovedBetweenColumnsIsFound) {
    sql("UPDATE audit SET actor = actor || 'c', surface = 'li' WHERE id = 4");
    expect_bad(4, "the same characters in other columns");
}

struct Damage {
    const char* name;
    std::string sql;
    std::optional<std::int64_t> first_bad;
    bool refuses_more;  // append looks at the head and the newest row only; verify looks at all
};

TEST_F(AuditTamperTest, RowsRemovedAddedAndReorderedAreFound) {
    const std::string copy_of =
        "INSERT INTO audit SELECT %, time, actor, surface, action, target, user, key_id, result, digest, detail, hash FROM "
        "audit"
        " WHERE id = 3";
    const auto copy_as = [&](std::int64_t id) {
        std::string text = copy_of;
        return text.replace(text.find('%'), 1, std::to_string(id));
    };
    const std::string swap =
        "UPDATE audit SET id = -1 WHERE id = 5; UPDATE audit SET id = 5 WHERE id = 6; UPDATE audit SET id = 6 WHERE id = -1";
    const std::string renumber =
        "DELETE FROM audit WHERE id = 5; UPDATE audit SET id = -(id - 1) WHERE id > 5; UPDATE audit SET id = -id WHERE id < "
        "0";
    const std::vector<Damage> damages{
        {"first removed", "DELETE FROM audit WHERE id = 1", 1, false},
        {"middle removed", "DELETE FROM audit WHERE id = 7", 7, false},
        {"several removed", "DELETE FROM audit WHERE id BETWEEN 7 AND 9", 7, false},
        {"newest removed", "DELETE FROM audit WHERE id = 20", 20, true},
        {"tail removed", "DELETE FROM audit WHERE id > 12", 13, true},
        {"all removed", "DELETE FROM audit", 1, true},
        {"removed and closed up", renumber, 5, true},
        {"swapped", swap, 5, false},
        {"added at the end", copy_as(21), 21, true},
        {"added far behind", copy_as(1'000), 1'000, true},
        {"added at 0", copy_as(0), 0, false},
        {"added before", copy_as(-4), -4, false},
        {"hash of another length", "UPDATE audit SET hash = x'00' WHERE id = 8", 8, false},
        {"newest hash emptied", "UPDATE audit SET hash = x'' WHERE id = 20", 20, true},
        {"head removed", "DELETE FROM audit_head", std::nullopt, true},
        {"head emptied", "UPDATE audit_head SET hash = x''", std::nullopt, true},
        {"head's count raised", "UPDATE audit_head SET events = 21", std::nullopt, true},
        {"head's count lowered", "UPDATE audit_head SET events = 19", std::nullopt, true},
        {"head's hash changed", "UPDATE audit_head SET hash = x'" + std::string(64, 'a') + "'", std::nullopt, true},
        {"seal changed", "UPDATE audit_head SET seal = x'" + std::string(64, 'a') + "'", std::nullopt, true},
        {"seal shortened", "UPDATE audit_head SET seal = x'00'", std::nullopt, true},
        {"seal emptied", "UPDATE audit_head SET seal = x''", std::nullopt, true},
        {"tail and head cut together",
         "DELETE FROM audit WHERE id > 12; UPDATE audit_head SET events = 12, hash = (SELECT hash FROM audit WHERE id = 12)",
         std::nullopt, true},
        {"all and head removed", "DELETE FROM audit; DELETE FROM audit_head", std::nullopt, true},
    };
    for (const auto& damage : damages) {
        sql("BEGIN");
        sql(damage.sql);
        sql("COMMIT");
        expect_bad(damage.first_bad, damage.name);
        if (std::string_view(damage.name).starts_with("added")) {
            EXPECT_NE(verify().reason.find("was added"), std::string::npos) << damage.name << ": " << verify().reason;
        }
        if (damage.refuses_more) expect_refused(damage.name);
        SCOPED_TRACE(damage.name);
        TearDown();
        SetUp();
    }
}

TEST_F(AuditTamperTest, AChainWrittenAnewIsFoundByTheSeal) {
    sql("UPDATE audit SET actor = 'mallory' WHERE id = 9");
    rehash_from(9);
    expect_bad(kEvents, "rehashed");
    expect_refused("rehashed");
    sql("UPDATE audit_head SET hash = (SELECT hash FROM audit WHERE id = 20)");
    expect_bad(std::nullopt, "rehashed with its head");
    expect_refused("rehashed with its head");
}

TEST_F(AuditTamperTest, AnEventAddedWithAGoodHashIsFound) {
    const auto events = list_audit(db(), {});
    AuditEvent forged = event_of(99);
    forged.id = kEvents + 1;
    const Hash32 hash = audit_hash(events->back().hash, forged);
    sql("INSERT INTO audit SELECT 21, time, actor, surface, action, target, user, key_id, result, digest, detail, hash FROM "
        "audit WHERE id = 3");
    sql("UPDATE audit SET time = " + std::to_string(to_micros(forged.time)) + ", actor = '" + forged.actor +
        "', action = '" + forged.action + "', target = '" + forged.target + "', key_id = '" + forged.key_id +
        "', result = '" + forged.result + "', detail = '" + forged.detail + "', hash = x'" + to_hex(hash) +
        "' WHERE id = 21");
    expect_bad(kEvents + 1, "a good link behind the sealed end");
    expect_refused("a good link behind the sealed end");
}

TEST_F(AuditTamperTest, TheLogOfAnotherVaultDoesNotFit) {
    sql("UPDATE vault SET uuid = 'another'");
    const auto result = verify_audit(db(), {"another", seal_key_}, std::nullopt);
    ASSERT_TRUE(result);
    EXPECT_FALSE(result->valid);
    EXPECT_EQ(result->first_bad, 1);
}

TEST_F(AuditTamperTest, AColumnKeepsItsType) {
    EXPECT_FALSE(db().execute("UPDATE audit SET actor = CAST(actor AS BLOB) WHERE id = 1"));
    EXPECT_FALSE(db().execute("UPDATE audit SET time = 'soon' WHERE id = 1"));
    EXPECT_FALSE(db().execute("UPDATE audit SET detail = NULL WHERE id = 1"));
    EXPECT_TRUE(verify().valid);
}

// How long it takes is bench/store_bench.cpp's to say.
TEST_F(AuditTamperTest, OneRowAmongAHundredThousandIsFoundAndNamed) {
    constexpr std::int64_t kMany = 100'000;
    for (std::int64_t n = kEvents + 1; n <= kMany;) {
        std::vector<AuditEvent> batch;
        while (batch.size() < 5'000 && n <= kMany) batch.push_back(event_of(n++));
        ASSERT_TRUE(append(std::move(batch)));
    }
    ASSERT_TRUE(verify().valid);
    struct Case {
        const char* what;
        std::string damage;
        std::string mend;
        std::int64_t first_bad;
    };
    const std::string swap =
        "UPDATE audit SET id = -1 WHERE id = 41000; UPDATE audit SET id = 41000 WHERE id = 87000;"
        " UPDATE audit SET id = 87000 WHERE id = -1";
    const std::string copy = "CREATE TEMP TABLE kept AS SELECT * FROM audit WHERE id = 77777";
    const std::string put_back = "INSERT INTO audit SELECT * FROM kept; DROP TABLE kept";
    const std::string appended =
        "INSERT INTO audit SELECT 100001, time, actor, surface, action, target, user, key_id, result, digest, detail, hash"
        " FROM audit WHERE id = 100000";
    const std::vector<Case> cases{
        {"altered", "UPDATE audit SET result = 'ok ' WHERE id = 50002", "UPDATE audit SET result = 'ok' WHERE id = 50002",
         50'002},
        {"removed", copy + "; DELETE FROM audit WHERE id = 77777", put_back, 77'777},
        {"swapped", swap, swap, 41'000},
        {"appended", appended, "DELETE FROM audit WHERE id = 100001", 100'001},
    };
    for (const Case& one : cases) {
        sql(one.damage);
        expect_bad(one.first_bad, one.what);
        EXPECT_NE(verify().reason.find(std::to_string(one.first_bad)), std::string::npos) << verify().reason;
        sql(one.mend);
        ASSERT_TRUE(verify().valid) << one.what << " was not put back";
    }
}

}  // namespace
}  // namespace keydeck::oversight
