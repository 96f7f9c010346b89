// What a migration refuses, and what it finds before it begins.
#include "tests/custody/migration_fixture.hpp"

namespace keydeck {
namespace {

TEST_F(MigrationTest, ColumnsAreFoundByNameOrRefused) {
    run("CREATE VIEW people AS SELECT * FROM users");
    run("CREATE VIRTUAL TABLE words USING fts5(secret)");
    run("CREATE TABLE computed (id INTEGER PRIMARY KEY, a TEXT, b TEXT AS (a || 'x'))");
    run("CREATE TABLE all_hidden (rowid TEXT, _rowid_ TEXT, oid TEXT, secret TEXT)");
    struct Case {
        const char* column;
        ErrorCode code;
        const char* says;
    };
    for (const Case& c :
         {Case{"secret", ErrorCode::kInvalidInput, "TABLE.COLUMN"},
          Case{".secret", ErrorCode::kInvalidInput, "TABLE.COLUMN"},
          Case{"usres.secret", ErrorCode::kNotFound, "no table usres in app.db"},
          Case{"users.sercet", ErrorCode::kNotFound, "no column sercet"},
          Case{"users.id", ErrorCode::kRejected, "primary key"}, Case{"people.secret", ErrorCode::kRejected, "view"},
          Case{"words.secret", ErrorCode::kRejected, "virtual"}, Case{"computed.b", ErrorCode::kRejected, "computed"},
          Case{"all_hidden.secret", ErrorCode::kRejected, "told apart"},
          Case{"keydeck_migrations.backup", ErrorCode::kNotFound, "no table"},
          Case{"sqlite_schema.sql", ErrorCode::kNotFound, "no table"}}) {
        const auto report = engine_->check_fernet(operator_, request({c.column}));
        EXPECT_TRUE(fails_with(c.code, report)) << c.column;
        EXPECT_NE(why(report).find(c.says), std::string::npos) << why(report);
    }
    EXPECT_NE(engine_->check_fernet(operator_, request({"usres.secret"})).error().hint.find("It has: users"),
              std::string::npos);
    EXPECT_NE(engine_->check_fernet(operator_, request({"users.sercet"})).error().hint.find("It has: secret"),
              std::string::npos);
    EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput, engine_->check_fernet(operator_, request({}))));
    EXPECT_EQ(engine_->check_fernet(operator_, request({"users.secret", "USERS.SECRET"}))->columns.size(), 1U);
}

TEST_F(MigrationTest, DiscoversColumns) {
    fill(3);
    run("CREATE TABLE notes (body TEXT)");
    run("INSERT INTO notes VALUES ('gAAAAA is how they begin'), ('nothing')");
    run("CREATE TABLE wagers (id INTEGER PRIMARY KEY, escrow BLOB)");
    run("INSERT INTO wagers VALUES (1, CAST('" + token("w") + "' AS BLOB)), (2, NULL)");
    const auto columns = engine_->discover_fernet(operator_, app_);
    ASSERT_TRUE(columns) << why(columns);
    ASSERT_EQ(columns->size(), 3U);
    EXPECT_EQ((*columns)[0].column, "secret");
    EXPECT_EQ((*columns)[0].tokens, 3);
    EXPECT_EQ((*columns)[1].column, "escrow");
    EXPECT_EQ((*columns)[2].table, "wagers");
    EXPECT_EQ((*columns)[2].rows, 2);
    EXPECT_EQ((*columns)[2].tokens, 1);
}

TEST_F(MigrationTest, FilesThatAreNoDatabase) {
    const auto check = [&](const std::filesystem::path& file) {
        FernetMigration elsewhere = request();
        elsewhere.database = file;
        return engine_->migrate_fernet(operator_, elsewhere);
    };
    EXPECT_TRUE(fails_with(ErrorCode::kNotFound, check(base_ / "missing.db")));
    EXPECT_FALSE(std::filesystem::exists(base_ / "missing.db"));
    EXPECT_TRUE(fails_with(ErrorCode::kCorrupt, check(base_)));
    std::ofstream(base_ / "empty.db").close();
    EXPECT_TRUE(fails_with(ErrorCode::kCorrupt, check(base_ / "empty.db")));
    std::ofstream(base_ / "text.db") << std::string(5000, 't');
    EXPECT_TRUE(fails_with(ErrorCode::kCorrupt, check(base_ / "text.db")));
}

TEST_F(MigrationTest, ALockedDatabaseIsLeftAsItIs) {
    fill(3);
    sqlite::Database other = app();
    ASSERT_TRUE(other.execute("BEGIN EXCLUSIVE"));
    FernetMigration impatient = request();
    impatient.patience = std::chrono::milliseconds(20);
    const auto locked = engine_->migrate_fernet(operator_, impatient);
    EXPECT_TRUE(fails_with(ErrorCode::kUnavailable, locked));
    ASSERT_TRUE(other.execute("ROLLBACK"));
    const auto report = migrate();
    ASSERT_TRUE(report) << why(report);
    expect_all_migrated(3);
}

TEST_F(MigrationTest, KeysThatCannotBeUsed) {
    fill(1);
    FernetMigration wanted = request();
    wanted.to = "alias/none";
    EXPECT_TRUE(fails_with(ErrorCode::kNotFound, engine_->migrate_fernet(operator_, wanted)));
    wanted.to.clear();
    EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput, engine_->migrate_fernet(operator_, wanted)));
    CreateKey signing;
    signing.spec = "ECC_SECG_P256K1";
    wanted.to = engine_->create_key(operator_, signing)->id;
    EXPECT_TRUE(fails_with(ErrorCode::kRejected, engine_->migrate_fernet(operator_, wanted)));
    ASSERT_TRUE(engine_->disable_key(operator_, key_id_));
    EXPECT_TRUE(fails_with(ErrorCode::kRejected, migrate()));
    ASSERT_TRUE(engine_->enable_key(operator_, key_id_));
    add_user("alice");
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, engine_->migrate_fernet(alice_, request())));
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, engine_->check_fernet(alice_, request())));
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, engine_->discover_fernet(alice_, app_)));
    ASSERT_TRUE(migrate());
    CreateKey other;
    other.alias = "other";
    wanted.to = engine_->create_key(operator_, other)->id;
    EXPECT_TRUE(fails_with(ErrorCode::kRejected, engine_->migrate_fernet(operator_, wanted))) << "it was begun with another";
}

}  // namespace
}  // namespace keydeck
