// Another program's database: used, and left as it is.
#include "engine/base/file.hpp"
#include "tests/sqlite/vault_directory.hpp"
#include "tests/support/child.hpp"

namespace keydeck::sqlite {
namespace {

namespace fs = std::filesystem;
using testing_support::holds_as_nobody;

class Foreign : public InDirectory {
protected:
    /// What a program that knows nothing of us has made.
    void make(const std::string& sql) {
        ASSERT_TRUE(create_private_file(path_, {}));
        OpenOptions as_ours;
        as_ours.mode = OpenMode::kCreate;
        auto database = Database::open(path_, as_ours);
        ASSERT_TRUE(database);
        const Status made =
            database->execute("PRAGMA journal_mode = DELETE; PRAGMA application_id = 77; PRAGMA user_version = 9;" + sql);
        ASSERT_TRUE(made) << made.error().message;
    }
    Result<Database> opened(bool read_only = false) const {
        ForeignOptions options;
        options.read_only = read_only;
        options.busy_timeout_ms = 20;
        return Database::open_foreign(path_, options);
    }
    static std::string asked(Database& database, const char* sql) {
        Statement statement = database.prepare(sql);
        const auto row = statement.step();
        EXPECT_TRUE(row && *row) << sql;
        return std::string(statement.text(0));
    }
};

TEST_F(Foreign, KeepsItsSettings) {
    make("CREATE TABLE t (a TEXT DEFAULT \"a string in double quotes\"); INSERT INTO t DEFAULT VALUES");
    {
        auto database = opened();
        ASSERT_TRUE(database) << database.error().message;
        EXPECT_EQ(asked(*database, "PRAGMA journal_mode"), "delete");
        EXPECT_EQ(asked(*database, "PRAGMA secure_delete"), "1");
        EXPECT_EQ(asked(*database, "PRAGMA synchronous"), "2");
        ASSERT_TRUE(database->execute("INSERT INTO t DEFAULT VALUES"));
        EXPECT_EQ(database->path(), fs::absolute(path_));
    }
    auto again = opened(true);
    ASSERT_TRUE(again);
    EXPECT_EQ(asked(*again, "PRAGMA application_id"), "77");
    EXPECT_EQ(asked(*again, "PRAGMA user_version"), "9");
    EXPECT_EQ(asked(*again, "SELECT count(*) FROM t WHERE a = 'a string in double quotes'"), "2");
    EXPECT_EQ(again->execute("DELETE FROM t").error().code, ErrorCode::kDenied);
    EXPECT_EQ(entries(), 1U);
}

TEST_F(Foreign, IsNeverMadeNorTakenForAnything) {
    EXPECT_EQ(opened().error().code, ErrorCode::kNotFound);
    EXPECT_EQ(entries(), 0U);
    ASSERT_TRUE(create_private_file(path_, {}));
    EXPECT_EQ(opened().error().code, ErrorCode::kCorrupt);
    fs::remove(path_);
    ASSERT_TRUE(create_private_file(path_, as_bytes(std::string(4096, 'x'))));
    EXPECT_EQ(opened().error().code, ErrorCode::kCorrupt);
    EXPECT_EQ(opened(true).error().code, ErrorCode::kCorrupt);
}

TEST_F(Foreign, AWriteProtectedOneIsDenied) {
    make("CREATE TABLE t (a)");
    fs::permissions(directory_, fs::perms::all);
    fs::permissions(path_, fs::perms::owner_read | fs::perms::group_read | fs::perms::others_read);
    EXPECT_TRUE(holds_as_nobody(
        [&] { return !opened() && opened().error().code == ErrorCode::kDenied && opened(true).has_value(); }));
}

TEST_F(Foreign, ABackupIsReadWithoutAFileBesideIt) {
    make("CREATE TABLE t (a); INSERT INTO t VALUES (1); PRAGMA journal_mode = WAL");
    ForeignOptions options;
    options.immutable = true;
    auto database = Database::open_foreign(path_, options);
    ASSERT_TRUE(database) << database.error().message;
    EXPECT_EQ(asked(*database, "SELECT a FROM t"), "1");
    EXPECT_EQ(entries(), 1U);
    EXPECT_FALSE(database->execute("DELETE FROM t"));
}

TEST_F(Foreign, ValuesKeepTheirStorageClass) {
    make("CREATE TABLE t (a, b TEXT, c BLOB, d NUMERIC, e INTEGER)");
    auto database = opened();
    ASSERT_TRUE(database);
    const std::vector<Value> values = {std::monostate(), std::int64_t{-5}, 2.5,    std::string("te\0xt", 5),
                                       Bytes{0, 255},    std::string(),    Bytes{}};
    for (const Value& value : values) {
        ASSERT_TRUE(database->prepare("DELETE FROM t").run());
        ASSERT_TRUE(database->prepare("INSERT INTO t (a) VALUES (?)").bind_value(1, value).run());
        auto row = database->prepare("SELECT a FROM t");
        ASSERT_TRUE(row.step());
        EXPECT_EQ(row.value(0), value) << value.index();
    }
}

TEST_F(Foreign, KnowsThatATriggerHasEndedTheTransaction) {
    make(
        "CREATE TABLE t (a); INSERT INTO t VALUES (1); CREATE TRIGGER no BEFORE UPDATE ON t BEGIN SELECT RAISE(ROLLBACK, "
        "'no'); END");
    auto database = opened();
    ASSERT_TRUE(database);
    EXPECT_FALSE(database->in_transaction());
    auto transaction = DbTransaction::begin_write(*database);
    ASSERT_TRUE(transaction);
    EXPECT_TRUE(database->in_transaction());
    EXPECT_EQ(database->execute("UPDATE t SET a = 2").error().code, ErrorCode::kRejected);
    EXPECT_FALSE(database->in_transaction());
}

}  // namespace
}  // namespace keydeck::sqlite
