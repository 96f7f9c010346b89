// SQLite, one class a concept. Knows no domain.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/base/bytes.hpp"
#include "engine/error.hpp"
#include "engine/sqlite/value.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace keydeck::sqlite {

/// A prepared statement, reset and unbound when it goes out of scope (it stays prepared in its Database).
/// Must not outlive its Database. Thread rule: that of its Database. The values bound are never logged nor put into errors.
class Statement {
public:
    Statement(Statement&& other) noexcept;
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;
    Statement& operator=(Statement&&) = delete;
    ~Statement();

    /// Parameters count from 1. Each returns *this for chaining. What a view or a named variable holds is not copied and
    /// must live until the statement has run; a temporary is copied.
    Statement& bind(int parameter, std::int64_t value);
    Statement& bind(int parameter, std::string_view text);
    Statement& bind(int parameter, const char* text) { return bind(parameter, std::string_view(text)); }
    Statement& bind(int parameter, const std::string& text) { return bind(parameter, std::string_view(text)); }
    Statement& bind(int parameter, std::string&& text);
    Statement& bind(int parameter, ByteView blob);
    Statement& bind(int parameter, Bytes&& blob) { return bind_copy(parameter, blob); }
    template <std::size_t N>
    Statement& bind(int parameter, FixedBytes<N>&& blob) {
        return bind_copy(parameter, blob);
    }
    Statement& bind_null(int parameter);
    Statement& bind(int parameter, const std::optional<std::int64_t>& value);
    Statement& bind(int parameter, const std::optional<std::string>& value);
    /// In its own storage class. Not copied.
    Statement& bind_value(int parameter, const Value& value);

    /// true: there is a row; false: done. Errors as in Database.
    [[nodiscard]] Result<bool> step();
    /// Steps a statement that returns no rows, and resets it for the next binding.
    [[nodiscard]] Status run();
    void reset();

    /// Columns count from 0. Text and blob views live until the next step.
    [[nodiscard]] std::int64_t integer(int column) const;
    [[nodiscard]] std::string_view text(int column) const;
    [[nodiscard]] ByteView blob(int column) const;
    [[nodiscard]] bool is_null(int column) const;
    /// A copy, in the storage class that the cell has.
    [[nodiscard]] Value value(int column) const;

private:
    friend class Database;
    Statement(sqlite3_stmt* statement, bool* in_use) : statement_(statement), in_use_(in_use) {}
    explicit Statement(Error prepare_error) : error_(std::move(prepare_error)), failed_(true) {}
    Statement& bind_copy(int parameter, ByteView blob);
    void ready_to_bind();
    Statement& bound(int outcome);

    sqlite3_stmt* statement_ = nullptr;
    bool* in_use_ = nullptr;  // the Database's mark; none: this is a second use of the same text, finalised at its end
    Error error_;             // of prepare or bind; step() returns it
    bool failed_ = false;
    bool stepped_ = false;
};

enum class OpenMode : std::uint8_t { kCreate, kReadWrite, kReadOnly };

/// What a database file must be: its application id, and how it is opened.
struct OpenOptions {
    OpenMode mode = OpenMode::kReadWrite;
    std::int32_t application_id = 0;
    bool secure_delete = false;  ///< overwrite freed pages with zeros
    int busy_timeout_ms = 10'000;
};

/// How the database of another program is opened.
struct ForeignOptions {
    bool read_only = false;
    bool immutable = false;  ///< nobody writes it (a backup): read without a lock, and without a file beside it
    int busy_timeout_ms = 10'000;
};

/// Which file it is, whatever it is called (stat(2)).
struct FileIdentity {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    bool operator==(const FileIdentity&) const = default;
};

/// The error of Database::require_in_place(), for whoever finds out in another way.
[[nodiscard]] std::unexpected<Error> file_replaced(const std::filesystem::path& path);

/// A connection in WAL mode with synchronous=FULL, foreign keys on, mode 0600, NOMUTEX.
/// Thread rule: one thread at a time.
/// Errors of everything here: not_found (no file), denied (permissions, a read-only file), corrupt (not a database, wrong
/// application id, damaged), unavailable (disk full, I/O, busy after the timeout), already_exists (a unique column),
/// rejected (a foreign key or a trigger forbids it), internal (a defect in our SQL).
class Database {
public:
    /// Creates a missing file with mode 0600 (kCreate only). A file on read-only media opens with kReadOnly.
    [[nodiscard]] static Result<Database> open(const std::filesystem::path& path, const OpenOptions& options);
    /// Opens another program's database and leaves it as it is: its journal mode, its application id, its format. What this
    /// connection frees is overwritten with zeros, and its commits are durable. Never makes a file. Errors also: corrupt for
    /// one that is empty.
    [[nodiscard]] static Result<Database> open_foreign(const std::filesystem::path& path, const ForeignOptions& options);
    Database(Database&&) noexcept;
    Database& operator=(Database&&) noexcept;
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;
    ~Database();

    /// A statement for this text, prepared once and kept. A text that does not prepare fails at step().
    [[nodiscard]] Statement prepare(std::string_view sql);
    /// Runs one or more statements without parameters (schema steps, pragmas).
    [[nodiscard]] Status execute(std::string_view sql);

    /// The file, absolute.
    [[nodiscard]] std::filesystem::path path() const;
    /// Whether the path still leads to the file that was opened. Somebody who removes, restores or moves it leaves this
    /// connection with a file that nobody will find again: what is written there is lost. Error: unavailable then.
    [[nodiscard]] Status require_in_place();
    /// The same for one of several connections: that it is the file of the first, which `first` keeps.
    [[nodiscard]] Status require_same_file(std::optional<FileIdentity>& first);
    [[nodiscard]] std::int64_t last_insert_rowid() const;
    [[nodiscard]] std::int64_t changes() const;
    /// Whether a DbTransaction is open: a trigger may have ended it (RAISE(ROLLBACK)), or a full disk.
    [[nodiscard]] bool in_transaction() const;
    [[nodiscard]] Result<std::int32_t> user_version();
    /// PRAGMA data_version: differs from an earlier answer when another connection committed.
    [[nodiscard]] Result<std::int64_t> data_version();
    /// Copies the whole database into a new file (mode 0600) with the online backup API. Error: already_exists.
    [[nodiscard]] Status backup_to(const std::filesystem::path& path);
    /// Moves the WAL into the database and truncates it, so that overwritten pages are gone from both files.
    /// Error: unavailable when somebody reads an older snapshot for more than two seconds.
    [[nodiscard]] Status checkpoint_truncate();
    /// PRAGMA quick_check. Error: corrupt with SQLite's first line.
    [[nodiscard]] Status quick_check();

private:
    struct Impl;
    explicit Database(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// One step of a schema: raises the version from `version - 1` to `version`.
struct Migration {
    std::int32_t version;
    std::string_view sql;
};

/// Brings a database to the newest of `migrations` (ascending from 1). Each step and its version stand in one BEGIN
/// IMMEDIATE; a backup
/// `<file>.v<N>.bak` (or `.v<N>.2.bak`, when that is there already) is made before an existing (version over 0) schema
/// changes. Error: rejected with a clear sentence when the file's schema is newer than ours.
[[nodiscard]] Status migrate(Database& database, const std::filesystem::path& path, std::span<const Migration> migrations);

}  // namespace keydeck::sqlite
