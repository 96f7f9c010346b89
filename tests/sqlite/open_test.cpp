// Opening: what is accepted, what is refused, and that a refused file is left as it was.
#include <sys/stat.h>

#include <atomic>
#include <thread>

#include "engine/base/file.hpp"
#include "tests/sqlite/vault_directory.hpp"
#include "tests/support/child.hpp"

namespace keydeck::sqlite {
namespace {

namespace fs = std::filesystem;
using testing_support::holds_as_nobody;

class Open : public InDirectory {
protected:
    [[nodiscard]] ErrorCode code(OpenMode mode) const {
        const auto opened = open(mode);
        return opened ? ErrorCode::kCancelled : opened.error().code;
    }
    /// Both ways of opening refuse the file as corrupt, say its name, and do not change it.
    void expect_refused_unchanged() const {
        const std::string before = content_of(path_);
        for (const OpenMode mode : {OpenMode::kReadOnly, OpenMode::kReadWrite}) {
            const auto opened = open(mode);
            ASSERT_FALSE(opened);
            EXPECT_EQ(opened.error().code, ErrorCode::kCorrupt) << opened.error().message;
            EXPECT_NE(opened.error().message.find("test.db"), std::string::npos) << opened.error().message;
        }
        EXPECT_EQ(content_of(path_), before);
    }
};

TEST_F(Open, CreatesWithMode0600WhateverTheUmask) {
    const mode_t before = umask(0);
    {
        Database database = made();
        for (const char* suffix : {"", "-wal", "-shm"})
            EXPECT_EQ(file_mode(path_.string() + suffix).value(), 0600U) << suffix;
    }
    umask(before);
    EXPECT_EQ(file_mode(path_).value(), 0600U);
    EXPECT_EQ(entries(), 1U);  // closed cleanly, the others are gone
}

TEST_F(Open, SettingsAreTheOnesPromised) {
    Database database = made();
    const auto pragma = [&database](const char* sql) {
        Statement statement = database.prepare(sql);
        EXPECT_TRUE(statement.step().value());
        return std::string(statement.text(0));
    };
    EXPECT_EQ(pragma("PRAGMA journal_mode"), "wal");
    EXPECT_EQ(pragma("PRAGMA synchronous"), "2");
    EXPECT_EQ(pragma("PRAGMA foreign_keys"), "1");
    EXPECT_EQ(pragma("PRAGMA trusted_schema"), "0");
    EXPECT_EQ(pragma("PRAGMA secure_delete"), "0");
    EXPECT_EQ(pragma("PRAGMA temp_store"), "2");
    EXPECT_EQ(pragma("PRAGMA application_id"), std::to_string(kTestId));
    EXPECT_NE(pragma("PRAGMA mmap_size"), "0");
}

TEST_F(Open, AMissingFileIsNotFound) {
    for (const OpenMode mode : {OpenMode::kReadOnly, OpenMode::kReadWrite}) {
        const auto opened = open(mode);
        ASSERT_FALSE(opened);
        EXPECT_EQ(opened.error().code, ErrorCode::kNotFound);
        EXPECT_NE(opened.error().message.find(path_.string()), std::string::npos);
    }
    EXPECT_EQ(entries(), 0U);
    path_ = directory_ / "no" / "test.db";
    EXPECT_EQ(code(OpenMode::kReadWrite), ErrorCode::kNotFound);
    EXPECT_EQ(code(OpenMode::kCreate), ErrorCode::kNotFound);
}

TEST_F(Open, ADirectoryIsRefused) {
    fs::create_directory(path_);
    for (const OpenMode mode : {OpenMode::kReadOnly, OpenMode::kReadWrite, OpenMode::kCreate}) {
        EXPECT_EQ(code(mode), ErrorCode::kCorrupt);
    }
}

TEST_F(Open, AnEmptyFileIsOnlyCreatedInto) {
    write(path_, "");
    expect_refused_unchanged();
    EXPECT_TRUE(open(OpenMode::kCreate));
    EXPECT_TRUE(open(OpenMode::kReadWrite));
}

TEST_F(Open, CreatingAgainOpens) {
    {
        Database database = made();
    }
    Database again = open(OpenMode::kCreate).value();
    EXPECT_EQ(count(again), 1);
}

TEST_F(Open, AnotherProgramsDatabaseIsRefused) {
    {
        auto other = Database::open(path_, {.mode = OpenMode::kCreate, .application_id = 7});
    }
    expect_refused_unchanged();
    EXPECT_EQ(code(OpenMode::kCreate), ErrorCode::kCorrupt);
    EXPECT_NE(open(OpenMode::kReadWrite).error().message.find("is not a Keydeck vault file"), std::string::npos);
}

TEST_F(Open, WhatIsNoDatabaseIsRefused) {
    for (const std::string& content :
         {std::string("x"), std::string("hello, I am a text file\n"), std::string(100'000, 'z'), std::string(4096, '\0'),
          std::string("SQLite format 3\0", 16), std::string("SQLite format 2")}) {
        write(path_, content);
        expect_refused_unchanged();
    }
}

TEST_F(Open, ATruncatedFileIsRefused) {
    {
        Database database = made();
        ASSERT_TRUE(database.execute("CREATE TABLE u (x BLOB); INSERT INTO u VALUES (randomblob(100000))"));
    }
    const std::string whole = content_of(path_);
    ASSERT_GT(whole.size(), 100'000U);
    for (const std::size_t size : {std::size_t{1}, std::size_t{16}, std::size_t{99}, std::size_t{100}, std::size_t{4095},
                                   std::size_t{4096}, std::size_t{50'000}, whole.size() - 4096, whole.size() - 1}) {
        write(path_, std::string_view(whole).substr(0, size));
        expect_refused_unchanged();
    }
}

TEST_F(Open, ADamagedHeaderIsRefused) {
    {
        Database database = made();
    }
    const std::string whole = content_of(path_);
    for (const std::size_t byte : {0U, 15U, 16U, 17U, 18U, 19U, 21U, 22U, 23U, 68U, 69U, 70U, 71U}) {
        std::string damaged = whole;
        damaged[byte] = static_cast<char>(damaged[byte] ^ 0x55);
        write(path_, damaged);
        const auto opened = open(OpenMode::kReadWrite);
        EXPECT_FALSE(opened) << byte;
        if (!opened) {
            // Byte 18 is the write version: a file from the future may be read, not written.
            EXPECT_EQ(opened.error().code, byte == 18 ? ErrorCode::kDenied : ErrorCode::kCorrupt)
                << byte << opened.error().message;
        }
    }
}

TEST_F(Open, DamagedPagesAreCorruptNotWrong) {
    {
        Database database = made();
        auto transaction = DbTransaction::begin_write(database).value();
        for (int i = 0; i < 500; ++i) {
            ASSERT_TRUE(database.prepare("INSERT INTO t (name, data) VALUES (?, ?)")
                            .bind(1, std::to_string(i))
                            .bind(2, Bytes(100))
                            .run());
        }
        ASSERT_TRUE(transaction.commit());
    }
    std::string content = content_of(path_);
    for (std::size_t page = 1; page < content.size() / 4096; ++page) content.replace(page * 4096, 200, 200, '\xee');
    write(path_, content);
    Database database = open(OpenMode::kReadWrite).value();
    EXPECT_EQ(database.quick_check().error().code, ErrorCode::kCorrupt);
    const auto row = database.prepare("SELECT * FROM t WHERE name = '77'").step();
    ASSERT_FALSE(row);
    EXPECT_EQ(row.error().code, ErrorCode::kCorrupt);
}

TEST_F(Open, QuickCheckPassesASoundFile) {
    Database database = made();
    EXPECT_TRUE(database.quick_check());
}

TEST_F(Open, AWriteProtectedFileIsDeniedForWritingOnly) {
    {
        Database database = made();
    }
    fs::permissions(directory_, fs::perms::all);
    fs::permissions(path_, fs::perms(0444));
    EXPECT_TRUE(holds_as_nobody([this] { return code(OpenMode::kReadWrite) == ErrorCode::kDenied; }));
    EXPECT_TRUE(holds_as_nobody([this] { return code(OpenMode::kCreate) == ErrorCode::kDenied; }));
    EXPECT_TRUE(holds_as_nobody([this] {
        auto database = open(OpenMode::kReadOnly);
        return database && count(*database) == 1;
    }));
    fs::permissions(path_, fs::perms::none);
    EXPECT_TRUE(holds_as_nobody([this] { return code(OpenMode::kReadOnly) == ErrorCode::kDenied; }));
    EXPECT_TRUE(holds_as_nobody([this] { return code(OpenMode::kReadWrite) == ErrorCode::kDenied; }));
}

TEST_F(Open, ADirectoryWithoutWritePermissionAllowsReading) {
    {
        Database database = made();
    }
    fs::permissions(path_, fs::perms(0644));
    fs::permissions(directory_, fs::perms(0555));
    EXPECT_TRUE(holds_as_nobody([this] {
        auto database = open(OpenMode::kReadOnly);
        return database && count(*database) == 1 && database->execute("DELETE FROM t").error().code == ErrorCode::kDenied;
    }));
    EXPECT_TRUE(holds_as_nobody([this] { return code(OpenMode::kReadWrite) == ErrorCode::kDenied; }));
}

TEST_F(Open, OddNamesAreFilesNotUris) {
    for (const char* name : {"file:x?mode=memory", ":memory:", "a b%20#?&.db", "caf\xc3\xa9.db"}) {
        path_ = directory_ / name;
        {
            Database database = made();
        }
        EXPECT_TRUE(fs::exists(path_)) << name;
        EXPECT_EQ(count(*std::make_unique<Database>(open(OpenMode::kReadOnly).value())), 1);
        fs::permissions(path_, fs::perms(0644));
    }
    fs::permissions(directory_, fs::perms(0555));
    EXPECT_TRUE(holds_as_nobody([this] { return open(OpenMode::kReadOnly).has_value(); }));
}

TEST_F(Open, RelativePathsWork) {
    const fs::path before = fs::current_path();
    fs::current_path(directory_);
    path_ = "file:relative";
    {
        Database database = made();
    }
    fs::current_path(before);
    EXPECT_TRUE(fs::exists(directory_ / "file:relative"));
}

TEST_F(Open, AReaderSeesTheWal) {
    Database writer = made();  // its rows are in the WAL only
    Database reader = open(OpenMode::kReadOnly).value();
    EXPECT_EQ(count(reader), 1);
    EXPECT_EQ(reader.execute("DELETE FROM t").error().code, ErrorCode::kDenied);
}

TEST_F(Open, ManyCreateAtOnce) {
    std::atomic<int> opened = 0;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 6; ++i) {
            threads.emplace_back([this, &opened, i] {
                auto database = Database::open(path_, {.mode = OpenMode::kCreate, .application_id = kTestId});
                ASSERT_TRUE(database) << database.error().message;
                const std::string sql = "CREATE TABLE IF NOT EXISTS t (id INTEGER, name TEXT)";
                EXPECT_TRUE(database->execute(sql));
                EXPECT_TRUE(database->prepare("INSERT INTO t VALUES (?, 'x')").bind(1, i).run());
                ++opened;
            });
        }
    }
    EXPECT_EQ(opened, 6);
    Database database = open(OpenMode::kReadWrite).value();
    EXPECT_EQ(count(database), 6);
}

}  // namespace
}  // namespace keydeck::sqlite
