#include "engine/sqlite/connect.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <string>

#include "engine/base/file.hpp"
#include "engine/sqlite/failure.hpp"

namespace keydeck::sqlite {
namespace {

namespace fs = std::filesystem;

constexpr int kMmapBytes = 1 << 30;
constexpr int kWalKeptBytes = 64 << 20;

/// Not a file of ours at all: refused before SQLite touches it.
Status check_kind(const fs::path& path) {
    std::error_code ignored;
    const fs::file_status status = fs::status(path, ignored);
    if (!fs::exists(status) || fs::is_regular_file(status)) return {};
    return fail(ErrorCode::kCorrupt, fmt::format("{} is not a file.", path.string()));
}

Result<Connection> open_handle(const fs::path& path, const std::string& name, int flags) {
    sqlite3* raw = nullptr;
    const int outcome = sqlite3_open_v2(name.c_str(), &raw, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
    Connection connection(raw);
    if (outcome != SQLITE_OK) return std::unexpected(error_of(raw, outcome, path.string()));
    return connection;
}

/// The path as a URI that tells SQLite that nobody will write: it then needs no -shm file beside the database.
std::string immutable_uri(const fs::path& path) {
    std::string uri = "file:";
    for (const char c : path.string()) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
                           c == '.' || c == '-' || c == '_';
        uri += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return uri + "?immutable=1";
}

Status run(sqlite3* connection, const std::string& sql) {
    const int outcome = sqlite3_exec(connection, sql.c_str(), nullptr, nullptr, nullptr);
    if (outcome != SQLITE_OK) return std::unexpected(error_of(connection, outcome));
    return {};
}

Result<std::int64_t> number(sqlite3* connection, const char* sql) {
    sqlite3_stmt* raw = nullptr;
    int outcome = sqlite3_prepare_v2(connection, sql, -1, &raw, nullptr);
    const PreparedStatement statement(raw);
    if (outcome == SQLITE_OK) outcome = sqlite3_step(raw);
    if (outcome != SQLITE_ROW) return std::unexpected(error_of(connection, outcome));
    return sqlite3_column_int64(raw, 0);
}

void forbid_surprises(sqlite3* connection, const OpenOptions& options) {
    sqlite3_busy_timeout(connection, options.busy_timeout_ms);
    sqlite3_db_config(connection, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(connection, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_db_config(connection, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
    sqlite3_db_config(connection, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
}

/// Whether changes that are not yet in the database itself stand in its WAL.
bool has_wal(const fs::path& path) {
    std::error_code error;
    const auto size = fs::file_size(path.string() + "-wal", error);
    return !error && size > 0;
}

/// SQLite notices missing pages, but takes a part of the last one for the whole until it reads there, perhaps after much was
/// written. While a WAL has content the file may rightly be short: what is missing is in there. (The file is not opened for
/// this: closing it again would drop the locks that this process holds on it.)
Status check_whole(sqlite3* connection, const fs::path& path, std::int64_t pages) {
    if (has_wal(path)) return {};
    const Result<std::int64_t> page_size = number(connection, "PRAGMA page_size");
    if (!page_size) return fail(page_size);
    std::error_code error;
    const auto wanted = static_cast<std::uintmax_t>(pages * *page_size);
    const std::uintmax_t size = fs::file_size(path, error);
    if (error || size >= wanted || has_wal(path)) return {};
    return fail(ErrorCode::kCorrupt, fmt::format("{} is cut short: {} bytes of {} are there.", path.string(), size, wanted),
                "Put a backup of the vault in its place.");
}

/// Refuses a file that is not ours before anything in it is changed; makes an empty one ours (kCreate).
Status claim(sqlite3* connection, const fs::path& path, const OpenOptions& options) {
    const Result<std::int64_t> pages = number(connection, "PRAGMA page_count");
    if (!pages) return fail(pages);
    if (*pages == 0) {
        if (options.mode == OpenMode::kCreate) {
            return run(connection, fmt::format("PRAGMA application_id = {}", options.application_id));
        }
        return fail(ErrorCode::kCorrupt, fmt::format("{} is empty.", path.string()),
                    "Put a backup of the vault in its place.");
    }
    const Result<std::int64_t> id = number(connection, "PRAGMA application_id");
    if (!id) return fail(id);
    if (*id != options.application_id) {
        return fail(ErrorCode::kCorrupt, fmt::format("{} is not a Keydeck vault file.", path.string()));
    }
    return check_whole(connection, path, *pages);
}

/// Switching to WAL needs the file for itself for a moment, and SQLite does not wait for that by itself.
Status switch_to_wal(sqlite3* connection, int timeout_ms) {
    constexpr int kPauseMs = 5;
    for (int waited = 0;; waited += kPauseMs) {
        Status done = run(connection, "PRAGMA journal_mode = WAL");
        if (done || done.error().code != ErrorCode::kUnavailable || waited >= timeout_ms) return done;
        sqlite3_sleep(kPauseMs);
    }
}

Status configure(sqlite3* connection, const OpenOptions& options) {
    if (options.mode != OpenMode::kReadOnly) {
        if (Status wal = switch_to_wal(connection, options.busy_timeout_ms); !wal) return wal;
    }
    return run(connection, fmt::format("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;"
                                       "PRAGMA mmap_size = {}; PRAGMA journal_size_limit = {}; PRAGMA secure_delete = {};",
                                       kMmapBytes, kWalKeptBytes, options.secure_delete ? "ON" : "OFF"));
}

Result<Connection> set_up(Result<Connection> connection, const fs::path& path, const OpenOptions& options) {
    if (!connection) return connection;
    forbid_surprises(connection->get(), options);
    Status status = claim(connection->get(), path, options);
    // Asked for writing, SQLite opens a write-protected file for reading only.
    if (status && options.mode != OpenMode::kReadOnly && sqlite3_db_readonly(connection->get(), "main") == 1) {
        status = std::unexpected(error_of(connection->get(), SQLITE_READONLY));
    }
    if (status) status = configure(connection->get(), options);
    if (!status) return fail(status);
    return connection;
}

/// SQLite's own busy handler asks ever less often, ten times a second in the end: a program that writes one row after the
/// other would hardly ever be met between two of them.
int ask_again_soon(void* patience_ms, int times) {
    constexpr int kPauseMs = 2;
    if (times * kPauseMs >= *static_cast<const int*>(patience_ms)) return 0;
    sqlite3_sleep(kPauseMs);
    return 1;
}

/// A schema that is somebody else's may say things that ours must not (a string in double quotes).
Result<Connection> set_up_foreign(Result<Connection> connection, const fs::path& path, const ForeignOptions& options,
                                  int* patience_ms) {
    if (!connection) return connection;
    sqlite3* const raw = connection->get();
    sqlite3_busy_handler(raw, ask_again_soon, patience_ms);
    sqlite3_db_config(raw, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(raw, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    const Result<std::int64_t> pages = number(raw, "PRAGMA page_count");
    if (!pages) return fail(pages);
    if (*pages == 0) return fail(ErrorCode::kCorrupt, fmt::format("{} is empty: it is no database.", path.string()));
    if (const auto tables = number(raw, "SELECT count(*) FROM sqlite_schema"); !tables) return fail(tables);
    if (!options.read_only && !options.immutable && sqlite3_db_readonly(raw, "main") == 1)
        return std::unexpected(error_of(raw, SQLITE_READONLY));
    if (Status set = run(raw, "PRAGMA synchronous = FULL; PRAGMA secure_delete = ON"); !set) return fail(set);
    return connection;
}

}  // namespace

Result<Connection> connect_foreign(const fs::path& given, const ForeignOptions& options, int* patience_ms) {
    std::error_code error;
    const fs::path path = fs::absolute(given, error);
    if (error) return fail(ErrorCode::kUnavailable, "The current directory cannot be found.");
    if (const Status kind = check_kind(path); !kind) return fail(kind);
    const auto open_immutable = [&] {
        const int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI;
        return set_up_foreign(open_handle(path, immutable_uri(path), flags), path, options, patience_ms);
    };
    if (options.immutable) return open_immutable();
    const int flags = options.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    Result<Connection> opened = set_up_foreign(open_handle(path, path.string(), flags), path, options, patience_ms);
    const bool refused = !opened && opened.error().code == ErrorCode::kDenied;
    if (!options.read_only || !refused || has_wal(path)) return opened;  // as in connect()
    return open_immutable();
}

Result<Connection> connect(const fs::path& given, const OpenOptions& options) {
    // An absolute path is never taken for a URI or for ":memory:".
    std::error_code error;
    const fs::path path = fs::absolute(given, error);
    if (error) return fail(ErrorCode::kUnavailable, "The current directory cannot be found.");
    if (const Status kind = check_kind(path); !kind) return fail(kind);
    if (options.mode == OpenMode::kCreate) {
        const Status created = create_private_file(path, {});
        if (!created && created.error().code != ErrorCode::kAlreadyExists) return fail(created);
    }
    if (options.mode != OpenMode::kReadOnly)
        return set_up(open_handle(path, path.string(), SQLITE_OPEN_READWRITE), path, options);
    Result<Connection> opened = set_up(open_handle(path, path.string(), SQLITE_OPEN_READONLY), path, options);
    // On read-only media SQLite cannot make its -shm file. Nobody else can write there either, so none is needed.
    const bool refused = !opened && opened.error().code == ErrorCode::kDenied;
    if (!refused || has_wal(path)) return opened;
    return set_up(open_handle(path, immutable_uri(path), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI), path, options);
}

Result<Connection> connect_plainly(const fs::path& path) {
    std::error_code error;
    const fs::path whole = fs::absolute(path, error);
    return open_handle(path, whole.string(), SQLITE_OPEN_READWRITE);
}

}  // namespace keydeck::sqlite
