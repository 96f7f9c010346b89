// Events that have left the log for a file, and what somebody may do to the file, the log, and what joins them.
#include "engine/oversight/audit_archive.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "engine/base/hex.hpp"
#include "engine/oversight/cloudtrail.hpp"
#include "tests/oversight/fixture.hpp"

namespace keydeck::oversight {
namespace {

namespace fs = std::filesystem;
constexpr std::int64_t kEvents = 20;

class ArchiveTest : public AuditTest {
protected:
    void SetUp() override {
        AuditTest::SetUp();
        fill(kEvents);
        vault_.id = kVaultId;
    }
    fs::path file(const char* name) { return directory_ / name; }
    static Timestamp time_of(std::int64_t event) { return event_of(event).time; }
    Result<AuditArchive> write(std::int64_t up_to, const fs::path& path) {
        return write_audit_archive(db(), seal(), vault_, time_of(up_to + 1), path);
    }
    Status remove(const AuditArchive& archive) {
        auto db_transaction = sqlite::DbTransaction::begin_write(db());
        if (!db_transaction) return fail(db_transaction);
        if (const auto done = remove_archived(db(), seal(), archive); !done) return fail(done);
        return db_transaction->commit();
    }
    void archive(std::int64_t up_to, const fs::path& path) {
        const auto written = write(up_to, path);
        ASSERT_TRUE(written) << why(written);
        const auto removed = remove(*written);
        ASSERT_TRUE(removed) << why(removed);
    }
    AuditVerification verify_with(std::vector<fs::path> files, const std::optional<Hash32>& head = std::nullopt) {
        const auto result = verify_audit_archives(db(), seal(), files, head);
        EXPECT_TRUE(result) << why(result);
        return result ? *result : AuditVerification{};
    }
    static std::vector<std::string> lines_of(const fs::path& path) {
        std::ifstream in(path);
        std::vector<std::string> lines;
        for (std::string line; std::getline(in, line);) lines.push_back(line);
        return lines;
    }
    static void put_lines(const fs::path& path, const std::vector<std::string>& lines) {
        std::ofstream out(path, std::ios::trunc);
        for (const auto& line : lines) out << line << '\n';
    }
    std::vector<AuditEvent> all() {
        auto events = list_audit(db(), {});
        EXPECT_TRUE(events) << why(events);
        return events ? *events : std::vector<AuditEvent>{};
    }
    VaultInfo vault_;
};

TEST_F(ArchiveTest, TheLogAndItsArchivesAreOneChain) {
    const auto before = all();
    archive(5, file("a"));
    archive(12, file("b"));
    const auto result = verify();
    EXPECT_TRUE(result.valid) << result.reason;
    EXPECT_EQ(result.archived, 12);
    EXPECT_EQ(result.events, kEvents);
    const auto rest = all();
    ASSERT_EQ(rest.size(), 8U);
    EXPECT_EQ(rest.front().id, 13);
    EXPECT_EQ(rest.front().previous, before[11].hash);
    EXPECT_EQ(rest.back().hash, before.back().hash);
    const auto both = verify_with({file("a"), file("b")});
    EXPECT_TRUE(both.valid) << both.reason;
    EXPECT_EQ(both.events, kEvents);
    fill(3);  // and it goes on
    EXPECT_TRUE(verify().valid);
    EXPECT_EQ(all().back().id, kEvents + 3);
    EXPECT_TRUE(verify_with({file("a"), file("b")}).valid);
}

TEST_F(ArchiveTest, ANotedHeadIsFoundWhereverItsEventIs) {
    const auto before = all();
    archive(5, file("a"));
    archive(12, file("b"));
    const std::vector<fs::path> files{file("a"), file("b")};
    for (const AuditEvent& event : before) EXPECT_TRUE(verify_with(files, event.hash).valid) << event.id;
    const auto in_the_log_alone = verify_audit(db(), seal(), before[2].hash);
    ASSERT_TRUE(in_the_log_alone) << why(in_the_log_alone);
    EXPECT_FALSE(in_the_log_alone->valid);
    EXPECT_NE(in_the_log_alone->reason.find("--archive"), std::string::npos) << in_the_log_alone->reason;
    Hash32 foreign = before[2].hash;
    foreign[0] ^= 1;
    const AuditVerification unknown = verify_with(files, foreign);
    EXPECT_FALSE(unknown.valid);
    EXPECT_NE(unknown.reason.find("neither in these archives nor in the log"), std::string::npos) << unknown.reason;
    EXPECT_EQ(unknown.first_bad, std::nullopt);
    // What is wrong with the chain is told first, and a head before it does not hide it.
    const AuditVerification missing = verify_with({file("a")}, before[2].hash);
    EXPECT_FALSE(missing.valid);
    EXPECT_EQ(missing.first_bad, 6);
    sql("UPDATE audit SET actor = 'mallory' WHERE id = 15");
    EXPECT_FALSE(verify_with(files, before[2].hash).valid);
}

TEST_F(ArchiveTest, TheFileIsPrivateAndHoldsTheExportsLines) {
    const auto before = all();
    archive(5, file("a"));
    struct stat info{};
    ASSERT_EQ(stat(file("a").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0600U);
    const auto lines = lines_of(file("a"));
    ASSERT_EQ(lines.size(), 5U);
    for (std::size_t i = 0; i < lines.size(); ++i) EXPECT_EQ(lines[i], to_cloudtrail_json(before[i], vault_));
    EXPECT_EQ(std::distance(fs::directory_iterator(directory_), fs::directory_iterator()),
              4);  // the database, its -wal and -shm, the archive
}

TEST_F(ArchiveTest, TheNewestEventStays) {
    const auto written = write_audit_archive(db(), seal(), vault_, kNow + std::chrono::days(1), file("a"));
    ASSERT_TRUE(written) << why(written);
    EXPECT_EQ(written->last, kEvents - 1);
    ASSERT_TRUE(remove(*written));
    EXPECT_TRUE(verify().valid);
    EXPECT_EQ(all().size(), 1U);
    const auto again = write_audit_archive(db(), seal(), vault_, kNow + std::chrono::days(1), file("b"));
    EXPECT_EQ(code_of(again), ErrorCode::kRejected);
    EXPECT_FALSE(fs::exists(file("b")));
}

TEST_F(ArchiveTest, NothingYoungerGoesWhereTheClockWentBack) {
    auto early = event_of(3);
    ASSERT_TRUE(append({early}));  // event 21, as old as event 3
    const auto written = write(5, file("a"));
    ASSERT_TRUE(written) << why(written);
    EXPECT_EQ(written->last, 5);
}

TEST_F(ArchiveTest, WhatJsonDoesNotHoldIsKeptExactly) {
    auto odd = event_of(30);
    odd.target = "\xFF\xFE";
    odd.detail = "{ \"n\" : 1 }";
    auto broken = event_of(31);
    broken.detail = "no JSON\nat all";
    auto text = event_of(32);
    text.detail = "\"a text\"";
    auto empty = event_of(33);
    empty.detail.clear();
    empty.result.clear();
    ASSERT_TRUE(append({odd, broken, text, empty, event_of(34)}));
    archive(33, file("a"));
    EXPECT_TRUE(verify_with({file("a")}).valid) << verify_with({file("a")}).reason;
    EXPECT_NE(lines_of(file("a"))[20].find("\"exact\""), std::string::npos);
    EXPECT_EQ(lines_of(file("a"))[19].find("\"exact\""), std::string::npos);
}

TEST_F(ArchiveTest, AnyChangeOfALineIsFoundAndNamed) {
    archive(5, file("a"));
    archive(12, file("b"));
    const auto sound = lines_of(file("b"));
    ASSERT_EQ(sound.size(), 7U);
    const auto expect = [&](const std::vector<std::string>& lines, std::int64_t first_bad, const std::string& what) {
        put_lines(file("b"), lines);
        const auto result = verify_with({file("a"), file("b")});
        EXPECT_FALSE(result.valid) << what;
        EXPECT_EQ(result.first_bad, first_bad) << what << ": " << result.reason;
        EXPECT_NE(result.reason.find(file("b").string()), std::string::npos) << result.reason;
    };
    // Every character of a line, in turn.
    for (std::size_t at = 0; at < sound[2].size(); at += 7) {
        auto lines = sound;
        lines[2][at] = lines[2][at] == 'x' ? 'y' : 'x';
        expect(lines, 8, "character " + std::to_string(at));
    }
    auto lines = sound;
    lines.erase(lines.begin() + 3);
    expect(lines, 9, "a line removed");
    lines = sound;
    lines.pop_back();
    put_lines(file("b"), lines);
    EXPECT_EQ(verify_with({file("a"), file("b")}).first_bad, 12) << "the last line removed";
    lines = sound;
    std::swap(lines[1], lines[2]);
    expect(lines, 7, "two lines swapped");
    lines = sound;
    lines.insert(lines.begin() + 4, lines[3]);
    expect(lines, 9, "a line twice");
    put_lines(file("b"), sound);
    EXPECT_TRUE(verify_with({file("a"), file("b")}).valid);
}

TEST_F(ArchiveTest, AnArchiveWrittenAnewIsFound) {
    archive(5, file("a"));
    auto lines = lines_of(file("a"));
    Hash32 previous = audit_genesis(kVaultId);
    for (auto& line : lines) {
        auto event = from_cloudtrail_json(line)->event;
        if (event.id >= 3) event.actor = "mallory";
        event.previous = previous;
        event.hash = previous = audit_hash(previous, event);
        line = to_cloudtrail_json(event, vault_);
    }
    put_lines(file("a"), lines);
    const auto result = verify_with({file("a")});
    EXPECT_FALSE(result.valid);
    EXPECT_EQ(result.first_bad, 5);
}

TEST_F(ArchiveTest, ArchivesMustBeAllThereAndInOrder) {
    archive(5, file("a"));
    archive(12, file("b"));
    EXPECT_EQ(verify_with({file("b")}).first_bad, 1);
    EXPECT_EQ(verify_with({file("a")}).first_bad, 6);
    EXPECT_EQ(verify_with({file("b"), file("a")}).first_bad, 1);
    EXPECT_EQ(verify_with({file("a"), file("a"), file("b")}).first_bad, 1);
    EXPECT_EQ(verify_with({}).first_bad, 1);
    EXPECT_EQ(code_of(verify_audit_archives(db(), seal(), std::vector{file("nowhere")})), ErrorCode::kNotFound);
}

TEST_F(ArchiveTest, ABaseCannotBeForgedNorTakenAway) {
    archive(5, file("a"));
    const std::string zeros = "x'" + std::string(64, '0') + "'";
    const std::vector<std::pair<std::string, std::optional<std::int64_t>>> damages{
        {"DELETE FROM audit_base", 1},
        {"UPDATE audit_base SET events = 4", std::nullopt},
        {"UPDATE audit_base SET hash = " + zeros, std::nullopt},
        {"UPDATE audit_base SET seal = x''", std::nullopt},
        // Rows taken away, and a base written for what is left.
        {"DELETE FROM audit WHERE id <= 8; UPDATE audit_base SET events = 8, hash = " + zeros, std::nullopt},
        // The head's own seal is one over events and a hash too.
        {"DELETE FROM audit; UPDATE audit_base SET events = 20, hash = (SELECT hash FROM audit_head),"
         " seal = (SELECT seal FROM audit_head)",
         std::nullopt},
        {"DELETE FROM audit WHERE id = 6", 6},
        {"INSERT INTO audit SELECT 5, time, actor, surface, action, target, user, key_id, result, digest, detail, hash"
         " FROM audit WHERE id = 7",
         5},
    };
    for (const auto& [damage, first_bad] : damages) {
        sql("BEGIN");
        sql(damage);
        const Status kept = db().execute("COMMIT");
        ASSERT_TRUE(kept);
        const auto result = verify();
        EXPECT_FALSE(result.valid) << damage;
        EXPECT_TRUE(!first_bad || result.first_bad == first_bad) << damage << ": " << result.reason;
        EXPECT_FALSE(result.reason.empty()) << damage;
        EXPECT_EQ(code_of(write(12, file("c"))), ErrorCode::kRejected) << damage;
        EXPECT_FALSE(fs::exists(file("c")));
        TearDown();
        SetUp();
        archive(5, file("a"));
    }
}

TEST_F(ArchiveTest, ABaseInALogThatWasNeverArchivedIsFound) {
    const auto hash = to_hex(all()[4].hash);
    sql("DELETE FROM audit WHERE id <= 5");
    sql("INSERT INTO audit_base VALUES (1, 5, x'" + hash + "', x'" + std::string(64, 'a') + "')");
    const auto result = verify();
    EXPECT_FALSE(result.valid);
    EXPECT_EQ(result.archived, 0);
}

TEST_F(ArchiveTest, ABrokenLogIsNotArchived) {
    sql("UPDATE audit SET actor = 'mallory' WHERE id = 15");  // behind what would go
    EXPECT_EQ(code_of(write(5, file("a"))), ErrorCode::kRejected);
    EXPECT_FALSE(fs::exists(file("a")));
}

TEST_F(ArchiveTest, WhatACrashBeforeTheCommitLeftIsTakenUpAgain) {
    ASSERT_TRUE(write(5, file("a")));  // the process ends here
    EXPECT_TRUE(verify().valid) << "the log lost nothing";
    const auto too_few = write(3, file("a"));
    EXPECT_EQ(code_of(too_few), ErrorCode::kAlreadyExists) << "younger events than were asked for";
    const auto again = write(12, file("a"));
    ASSERT_TRUE(again) << why(again);
    EXPECT_EQ(again->last, 5) << "what the file holds, and no more";
    ASSERT_TRUE(remove(*again));
    EXPECT_TRUE(verify_with({file("a")}).valid);
    EXPECT_EQ(code_of(write(12, file("a"))), ErrorCode::kAlreadyExists) << "it is not the log's oldest events any more";
}

// No hash holds them, so they are held against the vault's own.
TEST_F(ArchiveTest, AnotherAccountOrRegionIsAChange) {
    archive(5, file("a"));
    const auto sound = lines_of(file("a"));
    for (const bool account : {true, false}) {
        VaultInfo other = vault_;
        (account ? other.account : other.region) = account ? "999999999999" : "eu-west-9";
        auto lines = sound;
        lines[2] = to_cloudtrail_json(from_cloudtrail_json(sound[2])->event, other);
        ASSERT_NE(lines[2], sound[2]);
        put_lines(file("a"), lines);
        EXPECT_EQ(verify_with({file("a")}).first_bad, 3) << lines[2];
    }
}

TEST_F(ArchiveTest, ALeftoverOfAnotherAccountOrRegionIsAnotherFile) {
    ASSERT_TRUE(write(5, file("a")));
    vault_.account = "999999999999";
    EXPECT_EQ(code_of(write(5, file("a"))), ErrorCode::kAlreadyExists);
    vault_.account.clear();
    vault_.region = "eu-west-9";
    EXPECT_EQ(code_of(write(5, file("a"))), ErrorCode::kAlreadyExists);
}

TEST_F(ArchiveTest, AnotherFileIsNeverTouched) {
    put_lines(file("a"), {"something else"});
    EXPECT_EQ(code_of(write(5, file("a"))), ErrorCode::kAlreadyExists);
    EXPECT_EQ(lines_of(file("a")), std::vector<std::string>{"something else"});
    fs::create_symlink(directory_ / "nowhere", file("link"));
    EXPECT_EQ(code_of(write(5, file("link"))), ErrorCode::kAlreadyExists);
    EXPECT_EQ(code_of(write(5, directory_ / "no" / "such" / "directory")), ErrorCode::kNotFound);
}

TEST_F(ArchiveTest, TwoAtOnceRemoveOnlyOnce) {
    const auto one = write(5, file("a"));
    const auto other = write(7, file("b"));
    ASSERT_TRUE(one && other);
    ASSERT_TRUE(remove(*one));
    EXPECT_EQ(code_of(remove(*other)), ErrorCode::kRejected);
    EXPECT_TRUE(verify().valid);
    EXPECT_EQ(verify().archived, 5);
    EXPECT_TRUE(verify_with({file("a")}).valid);
    const auto early = verify_with({file("b")});
    EXPECT_FALSE(early.valid);
    EXPECT_NE(early.reason.find("cut short"), std::string::npos);
}

// What alerts look at each minute.
TEST_F(ArchiveTest, APartIsVerifiedInTurns) {
    const auto part = [&](std::uint64_t turn) {
        const auto result = verify_audit_part(db(), seal(), {.newest = 4, .others = 3, .turn = turn});
        EXPECT_TRUE(result) << why(result);
        return result ? *result : AuditVerification{};
    };
    archive(2, file("a"));
    for (std::uint64_t turn = 0; turn < 6; ++turn) EXPECT_TRUE(part(turn).valid) << part(turn).reason;
    for (std::int64_t bad = 3; bad <= kEvents; ++bad) {
        const std::string where = " WHERE id = " + std::to_string(bad);
        sql("UPDATE audit SET actor = actor || ' '" + where);
        int found = 0;
        for (std::uint64_t turn = 0; turn < 5; ++turn) {  // (18 - 4) / 3, rounded up
            const auto result = part(turn);
            if (result.valid) continue;
            ++found;
            EXPECT_EQ(result.first_bad, bad) << result.reason;
        }
        EXPECT_EQ(found, bad > kEvents - 4 ? 5 : 1) << "event " << bad;
        sql("UPDATE audit SET actor = substr(actor, 1, length(actor) - 1)" + where);
    }
    EXPECT_TRUE(verify().valid);
    sql("DELETE FROM audit WHERE id = 20");
    EXPECT_EQ(part(0).first_bad, 20);
    sql("DELETE FROM audit_head");
    EXPECT_FALSE(part(0).valid);
}

}  // namespace
}  // namespace keydeck::oversight
