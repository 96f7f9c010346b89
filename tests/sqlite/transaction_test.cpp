#include <csignal>

#include "tests/sqlite/vault_directory.hpp"
#include "tests/support/child.hpp"

namespace keydeck::sqlite {
namespace {

using testing_support::run_in_child;

class Transactions : public InDirectory {
protected:
    static Status insert(Database& database, std::string_view name) {
        return database.prepare("INSERT INTO t (name) VALUES (?)").bind(1, name).run();
    }
};

TEST_F(Transactions, CommitOrNothing) {
    Database database = made();
    {
        auto transaction = DbTransaction::begin_write(database).value();
        ASSERT_TRUE(insert(database, "dropped"));
    }
    EXPECT_EQ(count(database), 1);
    {
        auto transaction = DbTransaction::begin_write(database).value();
        ASSERT_TRUE(insert(database, "kept"));
        auto moved = std::move(transaction);
        EXPECT_TRUE(moved.commit());
        EXPECT_EQ(moved.commit().error().code, ErrorCode::kInternal);
    }
    EXPECT_EQ(count(database), 2);
}

TEST_F(Transactions, AreRefusedWhereTheFileIsAnotherOrNone) {
    const auto away = directory_ / "away.db";
    for (const bool another : {false, true}) {
        Database database = made();
        auto begun = DbTransaction::begin_write(database).value();
        ASSERT_TRUE(insert(database, "lost"));
        std::filesystem::rename(path_, away);
        if (another) std::filesystem::copy_file(away, path_);
        const Status committed = begun.commit();
        ASSERT_FALSE(committed) << "it went into a file that nobody finds";
        EXPECT_EQ(committed.error().code, ErrorCode::kUnavailable);
        EXPECT_NE(committed.error().message.find("replaced or removed"), std::string::npos);
        EXPECT_EQ(DbTransaction::begin_write(database).error().code, ErrorCode::kUnavailable);
        std::filesystem::remove(path_);
        std::filesystem::rename(away, path_);  // and back: it is the same file again
        EXPECT_EQ(count(database), 1) << "rolled back";
        EXPECT_TRUE(DbTransaction::begin_write(database));
        std::filesystem::remove(path_);
    }
}

TEST_F(Transactions, DoNotNest) {
    Database database = made();
    auto outer = DbTransaction::begin_write(database).value();
    EXPECT_EQ(DbTransaction::begin_write(database).error().code, ErrorCode::kInternal);
    EXPECT_EQ(DbTransaction::begin_read(database).error().code, ErrorCode::kInternal);
    ASSERT_TRUE(insert(database, "kept"));
    EXPECT_TRUE(outer.commit());
    EXPECT_EQ(count(database), 2);
}

TEST_F(Transactions, ASecondWriterIsTurnedAwayAfterItsTimeout) {
    Database first = made();
    Database second = open(OpenMode::kReadWrite).value();
    auto writing = DbTransaction::begin_write(first).value();
    const auto refused = DbTransaction::begin_write(second);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
    EXPECT_NE(refused.error().message.find("in use by another program"), std::string::npos);
    EXPECT_EQ(count(second), 1);  // readers are not
    ASSERT_TRUE(writing.commit());
    EXPECT_TRUE(DbTransaction::begin_write(second));
}

TEST_F(Transactions, AReadSeesOneMoment) {
    Database reader = made();
    Database writer = open(OpenMode::kReadWrite).value();
    {
        auto snapshot = DbTransaction::begin_read(reader).value();
        ASSERT_TRUE(insert(writer, "later"));
        EXPECT_EQ(count(reader), 1);
    }
    EXPECT_EQ(count(reader), 2);
}

TEST_F(Transactions, DataVersionTellsOthersCommits) {
    Database mine = made();
    Database other = open(OpenMode::kReadWrite).value();
    const auto before = mine.data_version().value();
    ASSERT_TRUE(insert(mine, "mine"));
    EXPECT_EQ(mine.data_version().value(), before);
    ASSERT_TRUE(insert(other, "theirs"));
    EXPECT_NE(mine.data_version().value(), before);
}

TEST_F(Transactions, ACommittedRowSurvivesAKill) {
    {
        Database database = made();
    }
    const int status = run_in_child([this] {
        Database database = open(OpenMode::kReadWrite).value();
        auto transaction = DbTransaction::begin_write(database).value();
        const bool done = insert(database, "survivor") && transaction.commit();
        auto open_one = DbTransaction::begin_write(database).value();
        static_cast<void>(insert(database, "victim"));
        if (done) std::raise(SIGKILL);
        return false;
    });
    ASSERT_TRUE(WIFSIGNALED(status));
    Database database = open(OpenMode::kReadWrite).value();
    EXPECT_EQ(count(database), 2);
    EXPECT_TRUE(database.quick_check());
}

TEST_F(Transactions, AFullDiskChangesNothing) {
    Database database = made();
    ASSERT_TRUE(database.checkpoint_truncate());
    ASSERT_TRUE(database.execute("PRAGMA max_page_count = 10"));
    {
        auto transaction = DbTransaction::begin_write(database).value();
        Status status;
        for (int i = 0; i < 100 && status; ++i) {
            status = database.prepare("INSERT INTO t (name, data) VALUES (?, ?)")
                         .bind(1, std::to_string(i))
                         .bind(2, Bytes(5000))
                         .run();
        }
        ASSERT_FALSE(status);
        EXPECT_EQ(status.error().code, ErrorCode::kUnavailable);
        EXPECT_NE(status.error().message.find("no space"), std::string::npos);
        EXPECT_FALSE(transaction.commit());
    }
    EXPECT_EQ(count(database), 1);
    ASSERT_TRUE(database.execute("PRAGMA max_page_count = 1000000"));
    EXPECT_TRUE(insert(database, "again"));  // the connection is of use again
    EXPECT_TRUE(database.quick_check());
}

TEST_F(Transactions, AFileThatMayNotGrowChangesNothing) {
    {
        Database database = made();
    }
    const int status = run_in_child([this] {
        Database database = open(OpenMode::kReadWrite).value();
        std::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{40'000, 40'000};
        setrlimit(RLIMIT_FSIZE, &limit);
        auto transaction = DbTransaction::begin_write(database).value();
        Status done = database.prepare("INSERT INTO t (name, data) VALUES ('big', ?)").bind(1, Bytes(200'000)).run();
        if (done) done = transaction.commit();
        return !done && done.error().code == ErrorCode::kUnavailable;
    });
    EXPECT_EQ(status, 0);
    Database database = open(OpenMode::kReadWrite).value();
    EXPECT_EQ(count(database), 1);
    EXPECT_TRUE(database.quick_check());
}

}  // namespace
}  // namespace keydeck::sqlite
