#include "tests/sqlite/vault_directory.hpp"

namespace keydeck::sqlite {
namespace {

class Statements : public InDirectory {};

TEST_F(Statements, BindEveryKind) {
    Database database = made();
    Statement echo = database.prepare("SELECT ?1, typeof(?1), length(?1)");
    const auto check = [&echo](std::string_view type, std::int64_t length) {
        ASSERT_TRUE(echo.step().value());
        EXPECT_EQ(echo.text(1), type);
        EXPECT_EQ(echo.integer(2), length);
    };
    echo.bind(1, std::int64_t{-9'223'372'036'854'775'807 - 1});
    check("integer", 20);
    EXPECT_EQ(echo.integer(0), -9'223'372'036'854'775'807 - 1);
    echo.bind(1, "text");
    check("text", 4);
    EXPECT_EQ(echo.text(0), "text");
    const std::string named = "named";
    echo.bind(1, named);
    check("text", 5);
    const Bytes blob = {0, 1, 0, 2};
    echo.bind(1, blob);
    check("blob", 4);
    EXPECT_EQ(to_bytes(echo.blob(0)), blob);
    const FixedBytes<3> fixed = {7, 8, 9};
    echo.bind(1, fixed);
    check("blob", 3);
    echo.bind_null(1);
    check("null", 0);
    EXPECT_TRUE(echo.is_null(0));
    EXPECT_EQ(echo.text(0), "");
    EXPECT_TRUE(echo.blob(0).empty());
    echo.bind(1, std::optional<std::int64_t>());
    check("null", 0);
    echo.bind(1, std::optional<std::int64_t>(5));
    check("integer", 1);
    echo.bind(1, std::optional<std::string>());
    check("null", 0);
    echo.bind(1, std::optional<std::string>("some"));
    check("text", 4);
}

TEST_F(Statements, EmptyIsNotNull) {
    Database database = made();
    Statement echo = database.prepare("SELECT typeof(?1)");
    echo.bind(1, ByteView());
    ASSERT_TRUE(echo.step().value());
    EXPECT_EQ(echo.text(0), "blob");
    echo.bind(1, std::string_view());
    ASSERT_TRUE(echo.step().value());
    EXPECT_EQ(echo.text(0), "text");
    echo.bind(1, Bytes());
    ASSERT_TRUE(echo.step().value());
    EXPECT_EQ(echo.text(0), "blob");
}

TEST_F(Statements, TextMayHoldZeroBytes) {
    Database database = made();
    using namespace std::string_view_literals;
    Statement echo = database.prepare("SELECT ?1");
    echo.bind(1, "a\0b"sv);
    ASSERT_TRUE(echo.step().value());
    EXPECT_EQ(echo.text(0), "a\0b"sv);
}

// With AddressSanitizer this fails when a temporary is not copied.
TEST_F(Statements, TemporariesMayGoBeforeTheStep) {
    Database database = made();
    Statement insert = database.prepare("INSERT INTO t (name, data) VALUES (?, ?)");
    insert.bind(1, std::string(100, 'n'));
    insert.bind(2, Bytes(100, 7));
    ASSERT_TRUE(insert.run());
    insert.bind(1, std::optional<std::string>(std::string(100, 'm')));
    insert.bind(2, FixedBytes<40>{});
    ASSERT_TRUE(insert.run());
    EXPECT_EQ(count(database), 3);
    Statement read = database.prepare("SELECT data FROM t WHERE name = ?");
    read.bind(1, std::string(100, 'n'));
    ASSERT_TRUE(read.step().value());
    EXPECT_EQ(to_bytes(read.blob(0)), Bytes(100, 7));
}

TEST_F(Statements, StayPreparedAndComeBackClean) {
    Database database = made();
    const std::string sql = "SELECT ?1";
    {
        Statement first = database.prepare(sql);
        first.bind(1, "left over");
        ASSERT_TRUE(first.step().value());
    }
    Statement again = database.prepare(sql);
    ASSERT_TRUE(again.step().value());
    EXPECT_TRUE(again.is_null(0));
}

TEST_F(Statements, TheSameTextCanBeInUseTwice) {
    Database database = made();
    ASSERT_TRUE(database.execute("INSERT INTO t (name) VALUES ('second')"));
    const char* sql = "SELECT id FROM t ORDER BY id";
    Statement outer = database.prepare(sql);
    int pairs = 0;
    while (outer.step().value()) {
        Statement inner = database.prepare(sql);
        while (inner.step().value()) ++pairs;
    }
    EXPECT_EQ(pairs, 4);
}

TEST_F(Statements, MoreTextsThanAreKept) {
    Database database = made();
    for (int i = 0; i < 1000; ++i) {
        Statement statement = database.prepare("SELECT " + std::to_string(i));
        ASSERT_TRUE(statement.step().value());
        EXPECT_EQ(statement.integer(0), i);
    }
}

TEST_F(Statements, Move) {
    Database database = made();
    std::optional<Database> moved;
    Statement first = database.prepare("SELECT 7");
    Statement second = std::move(first);
    ASSERT_TRUE(second.step().value());
    EXPECT_EQ(second.integer(0), 7);
    moved = std::move(database);
    EXPECT_EQ(second.integer(0), 7);
    EXPECT_EQ(count(*moved), 1);
}

TEST_F(Statements, BadSqlFailsAtStep) {
    Database database = made();
    for (const char* sql :
         {"SELEC 1", "SELECT nothing FROM t", "SELECT 1; SELECT 2", "", "   ", "-- nothing", "SELECT \"quoted\""}) {
        Statement statement = database.prepare(sql);
        const auto row = statement.step();
        ASSERT_FALSE(row) << sql;
        EXPECT_EQ(row.error().code, ErrorCode::kInternal);
        EXPECT_FALSE(statement.run());
    }
    EXPECT_TRUE(database.prepare("SELECT 1 ; \n").step().value());
    EXPECT_FALSE(database.prepare("SELEC ?").bind(1, 1).bind(1, "x").bind_null(1).step());
    EXPECT_EQ(database.execute("CREATE TABLE").error().code, ErrorCode::kInternal);
    EXPECT_EQ(database.prepare("SELECT ?1").bind(2, 1).step().error().code, ErrorCode::kInternal);
}

TEST_F(Statements, BrokenRules) {
    Database database = made();
    ASSERT_TRUE(
        database.execute("CREATE TABLE u (id INTEGER PRIMARY KEY, t INTEGER NOT NULL REFERENCES t (id), CHECK (id < 10));"
                         "CREATE TRIGGER keep BEFORE UPDATE ON u BEGIN SELECT RAISE(ABORT, 'rows stay as they are'); END;"
                         "CREATE TABLE key (k BLOB PRIMARY KEY) WITHOUT ROWID;"
                         "INSERT INTO u VALUES (1, 1)"));
    const auto code = [&database](std::string_view sql) { return database.execute(sql).error().code; };
    EXPECT_EQ(code("INSERT INTO t (name) VALUES ('first')"), ErrorCode::kAlreadyExists);
    EXPECT_EQ(code("INSERT INTO t (id) VALUES (1)"), ErrorCode::kAlreadyExists);
    EXPECT_EQ(code("INSERT INTO key VALUES (x'00'), (x'00')"), ErrorCode::kAlreadyExists);
    EXPECT_EQ(code("INSERT INTO u VALUES (2, 99)"), ErrorCode::kRejected);
    EXPECT_EQ(code("DELETE FROM t"), ErrorCode::kRejected);
    EXPECT_EQ(code("UPDATE u SET id = 2"), ErrorCode::kRejected);
    EXPECT_EQ(code("INSERT INTO u VALUES (2, NULL)"), ErrorCode::kInternal);
    EXPECT_EQ(code("INSERT INTO u VALUES (10, 1)"), ErrorCode::kInternal);
    EXPECT_EQ(code("INSERT INTO t (name) VALUES (x'00')"), ErrorCode::kInternal);  // STRICT
    EXPECT_NE(database.execute("UPDATE u SET id = 2").error().message.find("rows stay as they are"), std::string::npos);
}

TEST_F(Statements, ErrorsNeverHoldBoundValues) {
    Database database = made();
    Statement insert = database.prepare("INSERT INTO t (name) VALUES (?)");
    ASSERT_TRUE(insert.bind(1, "hunter2").run());
    const auto again = insert.bind(1, "hunter2").run();
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, ErrorCode::kAlreadyExists);
    EXPECT_EQ(again.error().message.find("hunter2"), std::string::npos);
    EXPECT_NE(again.error().message.find("t.name"), std::string::npos);
    EXPECT_TRUE(insert.bind(1, "another").run());  // the statement can be used again
}

TEST_F(Statements, RowidAndChanges) {
    Database database = made();
    ASSERT_TRUE(database.execute("INSERT INTO t (id, name) VALUES (41, 'x'), (42, 'y')"));
    EXPECT_EQ(database.last_insert_rowid(), 42);
    EXPECT_EQ(database.changes(), 2);
}

}  // namespace
}  // namespace keydeck::sqlite
