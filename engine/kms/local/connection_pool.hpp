// The connections of one LocalKms.
#pragma once

#include <filesystem>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "engine/error.hpp"
#include "engine/sqlite/database.hpp"

namespace keydeck::kms::local {

/// Lends connections to one file, each to one thread at a time, and opens as many as are used at once. Thread-safe.
class ConnectionPool {
public:
    ConnectionPool(std::filesystem::path path, const sqlite::OpenOptions& options)
        : path_(std::move(path)), options_(options) {}

    /// A borrowed connection; it goes back when the lease ends, which must be before the pool does.
    class Lease {
    public:
        Lease(ConnectionPool& pool, sqlite::Database database) : pool_(&pool), database_(std::move(database)) {}
        Lease(Lease&& other) noexcept : pool_(other.pool_), database_(std::exchange(other.database_, std::nullopt)) {}
        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;
        Lease& operator=(Lease&&) = delete;
        ~Lease() {
            if (database_) pool_->give_back(std::move(*database_));
        }
        [[nodiscard]] sqlite::Database& operator*() { return *database_; }
        [[nodiscard]] sqlite::Database* operator->() { return &*database_; }

    private:
        ConnectionPool* pool_;
        std::optional<sqlite::Database> database_;
    };

    /// Error also: unavailable where the file is not that of the first lease any more.
    [[nodiscard]] Result<Lease> lease();
    /// A connection outside of the pool that does not wait long for others.
    [[nodiscard]] Result<sqlite::Database> open_impatient() const;
    void give_back(sqlite::Database database) noexcept;

private:
    std::filesystem::path path_;
    sqlite::OpenOptions options_;
    std::mutex mutex_;
    std::vector<sqlite::Database> idle_;
    std::optional<sqlite::FileIdentity> file_;
};

}  // namespace keydeck::kms::local
