// A database transaction. (The word "transaction" alone is Ethereum's.)
#pragma once

#include "engine/sqlite/database.hpp"

namespace keydeck::sqlite {

/// BEGIN IMMEDIATE (or a read snapshot) until commit(); rolled back when it goes out of scope uncommitted.
/// Thread rule: that of its Database, which must outlive it.
class DbTransaction {
public:
    /// Error also: unavailable where the file was replaced or removed (Database::require_in_place).
    [[nodiscard]] static Result<DbTransaction> begin_write(Database& database);
    /// A snapshot for several reads that must agree.
    [[nodiscard]] static Result<DbTransaction> begin_read(Database& database);
    DbTransaction(DbTransaction&& other) noexcept
        : database_(std::exchange(other.database_, nullptr)), writes_(other.writes_) {}
    DbTransaction(const DbTransaction&) = delete;
    DbTransaction& operator=(const DbTransaction&) = delete;
    DbTransaction& operator=(DbTransaction&&) = delete;
    ~DbTransaction();

    /// Durable when it returns (WAL, FULL), in the file that stands at the path. After an error everything is rolled back.
    [[nodiscard]] Status commit();

private:
    DbTransaction(Database& database, bool writes) : database_(&database), writes_(writes) {}
    Database* database_;
    bool writes_;
};

}  // namespace keydeck::sqlite
