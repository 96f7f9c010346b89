// Backups, migrations and the wiping of deleted rows.
#include <sys/stat.h>

#include <csignal>

#include "engine/base/file.hpp"
#include "tests/sqlite/vault_directory.hpp"
#include "tests/support/child.hpp"

namespace keydeck::sqlite {
namespace {

namespace fs = std::filesystem;
using testing_support::holds_as_nobody;
using testing_support::run_in_child;

class Upkeep : public InDirectory {
protected:
    [[nodiscard]] bool on_disk(std::string_view marker) const {
        for (const auto& entry : fs::directory_iterator(directory_)) {
            if (content_of(entry.path()).find(marker) != std::string::npos) return true;
        }
        return false;
    }
    [[nodiscard]] Database backup(const fs::path& path) const {
        return Database::open(path, {.mode = OpenMode::kReadOnly, .application_id = kTestId}).value();
    }
};

const Migration kSteps[] = {
    {1, "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO t (name) VALUES ('one')"},
    {2, "ALTER TABLE t ADD COLUMN extra TEXT; CREATE TABLE u (x)"},
    {3, "INSERT INTO u VALUES (3)"},
};
const std::span<const Migration> kAll(kSteps);

TEST_F(Upkeep, BackupIsWholeAndPrivate) {
    Database database = made();  // its rows stand in the WAL
    const fs::path copy = directory_ / "copy.db";
    const mode_t before = umask(0);
    ASSERT_TRUE(database.backup_to(copy));
    umask(before);
    EXPECT_EQ(file_mode(copy).value(), 0600U);
    Database opened = backup(copy);
    EXPECT_EQ(count(opened), 1);
    EXPECT_TRUE(opened.quick_check());
    EXPECT_EQ(count(database), 1);
}

TEST_F(Upkeep, BackupNeverReplacesAFile) {
    Database database = made();
    const fs::path copy = directory_ / "copy.db";
    write(copy, "mine");
    EXPECT_EQ(database.backup_to(copy).error().code, ErrorCode::kAlreadyExists);
    EXPECT_EQ(content_of(copy), "mine");
    EXPECT_EQ(database.backup_to(directory_ / "no" / "copy.db").error().code, ErrorCode::kNotFound);
}

TEST_F(Upkeep, AFailedBackupLeavesNothing) {
    Database database = made();
    ASSERT_TRUE(database.execute("INSERT INTO t (name, data) VALUES ('big', zeroblob(500000))"));
    const std::size_t before = entries();
    const int status = run_in_child([this, &database] {
        std::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{100'000, 100'000};
        setrlimit(RLIMIT_FSIZE, &limit);
        const Status done = database.backup_to(directory_ / "copy.db");
        return !done && done.error().code == ErrorCode::kUnavailable;
    });
    EXPECT_EQ(status, 0);
    EXPECT_EQ(entries(), before);
}

TEST_F(Upkeep, MigratesFromNothingWithoutABackup) {
    Database database = open(OpenMode::kCreate).value();
    EXPECT_EQ(database.user_version().value(), 0);
    ASSERT_TRUE(migrate(database, path_, kAll));
    EXPECT_EQ(database.user_version().value(), 3);
    ASSERT_TRUE(migrate(database, path_, kAll));  // nothing left to do
    EXPECT_EQ(count(database), 1);
    EXPECT_FALSE(fs::exists(path_.string() + ".v0.bak"));
}

TEST_F(Upkeep, MigratesWithABackup) {
    Database database = open(OpenMode::kCreate).value();
    ASSERT_TRUE(migrate(database, path_, kAll.first(1)));
    ASSERT_TRUE(migrate(database, path_, kAll));
    EXPECT_EQ(database.user_version().value(), 3);
    Database old = backup(path_.string() + ".v1.bak");
    EXPECT_EQ(old.user_version().value(), 1);
    EXPECT_EQ(count(old), 1);
    EXPECT_EQ(file_mode(path_.string() + ".v1.bak").value(), 0600U);
}

TEST_F(Upkeep, AnEarlierBackupIsKept) {
    Database database = open(OpenMode::kCreate).value();
    ASSERT_TRUE(migrate(database, path_, kAll.first(1)));
    write(path_.string() + ".v1.bak", "earlier");
    ASSERT_TRUE(migrate(database, path_, kAll));
    EXPECT_EQ(content_of(path_.string() + ".v1.bak"), "earlier");
    EXPECT_EQ(backup(path_.string() + ".v1.2.bak").user_version().value(), 1);
}

TEST_F(Upkeep, ANewerSchemaIsRefusedUntouched) {
    {
        Database database = open(OpenMode::kCreate).value();
        ASSERT_TRUE(migrate(database, path_, kAll));
    }
    const std::string before = content_of(path_);
    {
        Database database = open(OpenMode::kReadWrite).value();
        const Status status = migrate(database, path_, kAll.first(2));
        ASSERT_FALSE(status);
        EXPECT_EQ(status.error().code, ErrorCode::kRejected);
        EXPECT_NE(status.error().message.find("newer Keydeck (its schema is 3, this one knows up to 2)"), std::string::npos);
        EXPECT_FALSE(status.error().hint.empty());
    }
    EXPECT_EQ(content_of(path_), before);
    EXPECT_EQ(entries(), 1U);
}

TEST_F(Upkeep, AFailingStepLeavesTheVersionBefore) {
    const Migration bad[] = {kSteps[0], {2, "CREATE TABLE u (x); CREATE TABLE v (x); CREATE TABLE u (y)"}};
    Database database = open(OpenMode::kCreate).value();
    EXPECT_EQ(migrate(database, path_, bad).error().code, ErrorCode::kInternal);
    EXPECT_EQ(database.user_version().value(), 1);
    EXPECT_FALSE(database.execute("SELECT * FROM v"));
    EXPECT_TRUE(migrate(database, path_, kAll));  // a mended program goes on from there
}

/// Each row of `t` once more, and a table, large enough for many writes.
const Migration kHeavy[] = {
    {1, "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO t (name) VALUES ('one')"},
    {2,
     "CREATE TABLE u (x); WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40)"
     "INSERT INTO u SELECT randomblob(3000) FROM n; INSERT INTO t (name) VALUES ('two')"},
};

// The system kills the child at the write that passes the limit; the limit grows until no write is left.
TEST_F(Upkeep, AMigrationKilledAtAnyWriteIsWholeOrNotThere) {
    {
        Database database = open(OpenMode::kCreate).value();
        ASSERT_TRUE(migrate(database, path_, std::span(kHeavy).first(1)));
    }
    const std::string start = content_of(path_);
    int killed = 0;
    bool finished = false;
    for (rlim_t limit = 4096; !finished && limit < 2'000'000; limit += 8192) {
        for (const auto& entry : fs::directory_iterator(directory_)) fs::remove(entry.path());
        write(path_, start);
        const int status = run_in_child([this, limit] {
            const rlimit most{limit, limit};
            setrlimit(RLIMIT_FSIZE, &most);
            auto database = open(OpenMode::kReadWrite);
            return database && migrate(*database, path_, kHeavy);
        });
        finished = WIFEXITED(status) && WEXITSTATUS(status) == 0;
        killed += WIFSIGNALED(status) ? 1 : 0;
        Database database = open(OpenMode::kReadWrite).value();
        const std::int32_t version = database.user_version().value();
        EXPECT_TRUE(database.quick_check());
        EXPECT_EQ(count(database), version);
        EXPECT_EQ(database.execute("SELECT * FROM u").has_value(), version == 2);
        ASSERT_TRUE(migrate(database, path_, kHeavy)) << limit;
        EXPECT_EQ(count(database), 2);
    }
    EXPECT_TRUE(finished);
    EXPECT_GT(killed, 10);
}

TEST_F(Upkeep, SecureDeleteWipesRowsFromAllFiles) {
    constexpr std::string_view kMarker = "a marker that must be gone";
    for (const bool secure : {true, false}) {
        {
            Database database = open(OpenMode::kCreate, secure).value();
            ASSERT_TRUE(database.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, data TEXT)"));
            for (int i = 0; i < 50; ++i) {
                ASSERT_TRUE(database.prepare("INSERT INTO t (data) VALUES (?)").bind(1, kMarker).run());
            }
            ASSERT_TRUE(database.prepare("INSERT INTO t (data) VALUES (?)")
                            .bind(1, std::string(20'000, 'x') + std::string(kMarker))
                            .run());
            ASSERT_TRUE(database.checkpoint_truncate());
            EXPECT_TRUE(on_disk(kMarker));
            ASSERT_TRUE(database.execute("DELETE FROM t"));
            ASSERT_TRUE(database.checkpoint_truncate());
            EXPECT_EQ(fs::file_size(path_.string() + "-wal"), 0U);
            EXPECT_EQ(on_disk(kMarker), !secure);  // without it the rows stay: the test can fail
        }
        fs::remove(path_);
    }
}

TEST_F(Upkeep, CheckpointWaitsForNoReader) {
    Database writer = made();
    Database reader = open(OpenMode::kReadOnly).value();
    auto snapshot = DbTransaction::begin_read(reader).value();
    ASSERT_TRUE(writer.execute("INSERT INTO t (name) VALUES ('x')"));
    EXPECT_EQ(writer.checkpoint_truncate().error().code, ErrorCode::kUnavailable);
    static_cast<void>(snapshot.commit());
    EXPECT_TRUE(writer.checkpoint_truncate());
}

}  // namespace
}  // namespace keydeck::sqlite
