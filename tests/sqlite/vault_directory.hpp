// A temporary directory and the database file in it.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "engine/sqlite/database.hpp"
#include "engine/sqlite/db_transaction.hpp"

namespace keydeck::sqlite {

inline constexpr std::int32_t kTestId = 0x4b447431;

class InDirectory : public testing::Test {
protected:
    void SetUp() override {
        std::string name = testing::TempDir() + "keydeck-sqlite-XXXXXX";
        ASSERT_NE(mkdtemp(name.data()), nullptr);
        directory_ = name;
        path_ = directory_ / "test.db";
    }
    void TearDown() override {
        std::filesystem::permissions(directory_, std::filesystem::perms::owner_all);
        std::filesystem::remove_all(directory_);
    }

    [[nodiscard]] Result<Database> open(OpenMode mode, bool secure_delete = false) const {
        return Database::open(
            path_, {.mode = mode, .application_id = kTestId, .secure_delete = secure_delete, .busy_timeout_ms = 0});
    }
    /// A database with the table `t (id, name)` that holds one row, "first".
    [[nodiscard]] Database made() const {
        Database database = open(OpenMode::kCreate).value();
        EXPECT_TRUE(database.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT UNIQUE, data BLOB) STRICT"));
        EXPECT_TRUE(database.execute("INSERT INTO t (name) VALUES ('first')"));
        return database;
    }
    [[nodiscard]] static std::string content_of(const std::filesystem::path& path) {
        std::ifstream file(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    static void write(const std::filesystem::path& path, std::string_view content) {
        std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
    }
    [[nodiscard]] static std::int64_t count(Database& database) {
        Statement statement = database.prepare("SELECT count(*) FROM t");
        EXPECT_TRUE(statement.step().value());
        return statement.integer(0);
    }
    [[nodiscard]] std::size_t entries() const {
        return static_cast<std::size_t>(
            std::distance(std::filesystem::directory_iterator(directory_), std::filesystem::directory_iterator()));
    }

    std::filesystem::path directory_;
    std::filesystem::path path_;
};

}  // namespace keydeck::sqlite
