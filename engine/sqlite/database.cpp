#include "engine/sqlite/database.hpp"

#include <sys/stat.h>

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <unordered_map>

#include "engine/base/file.hpp"
#include "engine/base/text.hpp"
#include "engine/sqlite/connect.hpp"
#include "engine/sqlite/failure.hpp"

namespace keydeck::sqlite {
namespace {

/// Texts beyond this many are prepared anew each time: ours are constants, so something builds them.
constexpr std::size_t kMostStatements = 256;

/// A reader of an old snapshot may stay for long, and a later checkpoint does what this one could not.
constexpr int kCheckpointPatienceMs = 2'000;

struct Kept {
    PreparedStatement statement;
    bool in_use = false;
};

/// Lets a map of strings be searched with a view.
struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};

Result<PreparedStatement> prepare_on(sqlite3* connection, std::string_view sql) {
    sqlite3_stmt* raw = nullptr;
    const char* rest = nullptr;
    const int outcome =
        sqlite3_prepare_v3(connection, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &raw, &rest);
    PreparedStatement statement(raw);
    if (outcome != SQLITE_OK) return std::unexpected(error_of(connection, outcome));
    if (raw == nullptr || !trimmed(sql.substr(static_cast<std::size_t>(rest - sql.data()))).empty()) {
        return fail(ErrorCode::kInternal, "A database statement is not exactly one statement.");
    }
    return statement;
}

}  // namespace

std::unexpected<Error> file_replaced(const std::filesystem::path& path) {
    return fail(ErrorCode::kUnavailable,
                fmt::format("A file was replaced or removed while it was open, so nothing was written: {}", path.string()),
                "Leave, and start again with the file that stands there now.");
}

struct Database::Impl {
    int busy_timeout_ms = 0;
    Connection connection;  // before the statements, so that it is closed after them
    std::unordered_map<std::string, Kept, TextHash, std::equal_to<>> statements;
};

Database::Database(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;
Database::~Database() = default;

Result<Database> Database::open(const std::filesystem::path& path, const OpenOptions& options) {
    Result<Connection> connection = connect(path, options);
    if (!connection) return fail(connection);
    auto impl = std::make_unique<Impl>();
    impl->busy_timeout_ms = options.busy_timeout_ms;
    impl->connection = std::move(*connection);
    return Database(std::move(impl));
}

Result<Database> Database::open_foreign(const std::filesystem::path& path, const ForeignOptions& options) {
    auto impl = std::make_unique<Impl>();
    impl->busy_timeout_ms = options.busy_timeout_ms;
    Result<Connection> connection = connect_foreign(path, options, &impl->busy_timeout_ms);
    if (!connection) return fail(connection);
    impl->connection = std::move(*connection);
    return Database(std::move(impl));
}

Statement Database::prepare(std::string_view sql) {
    const auto found = impl_->statements.find(sql);
    if (found != impl_->statements.end() && !found->second.in_use) {
        found->second.in_use = true;
        return Statement(found->second.statement.get(), &found->second.in_use);
    }
    Result<PreparedStatement> made = prepare_on(impl_->connection.get(), sql);
    if (!made) return Statement(made.error());
    if (found != impl_->statements.end() || impl_->statements.size() >= kMostStatements)
        return Statement(made->release(), nullptr);
    Kept& kept = impl_->statements[std::string(sql)];
    kept = {std::move(*made), true};
    return Statement(kept.statement.get(), &kept.in_use);
}

Status Database::execute(std::string_view sql) {
    sqlite3* const connection = impl_->connection.get();
    const int outcome = sqlite3_exec(connection, std::string(sql).c_str(), nullptr, nullptr, nullptr);
    if (outcome != SQLITE_OK) return std::unexpected(error_of(connection, outcome));
    return {};
}

std::filesystem::path Database::path() const { return sqlite3_db_filename(impl_->connection.get(), "main"); }

Status Database::require_in_place() {
    int moved = 0;
    const int asked = sqlite3_file_control(impl_->connection.get(), "main", SQLITE_FCNTL_HAS_MOVED, &moved);
    if (asked != SQLITE_OK) return std::unexpected(error_of(impl_->connection.get(), asked, path().string()));
    return moved == 0 ? Status{} : file_replaced(path());
}

Status Database::require_same_file(std::optional<FileIdentity>& first) {
    struct stat found{};
    if (::stat(path().c_str(), &found) != 0) return file_replaced(path());
    if (Status in_place = require_in_place(); !in_place) return in_place;
    const FileIdentity identity{found.st_dev, found.st_ino};
    if (!first) first = identity;
    return *first == identity ? Status{} : file_replaced(path());
}

std::int64_t Database::last_insert_rowid() const { return sqlite3_last_insert_rowid(impl_->connection.get()); }

std::int64_t Database::changes() const { return sqlite3_changes64(impl_->connection.get()); }

bool Database::in_transaction() const { return sqlite3_get_autocommit(impl_->connection.get()) == 0; }

Result<std::int32_t> Database::user_version() {
    Statement statement = prepare("PRAGMA user_version");
    const Result<bool> row = statement.step();
    if (!row) return fail(row);
    return static_cast<std::int32_t>(statement.integer(0));
}

Result<std::int64_t> Database::data_version() {
    Statement statement = prepare("PRAGMA data_version");
    const Result<bool> row = statement.step();
    if (!row) return fail(row);
    return statement.integer(0);
}

Status Database::checkpoint_truncate() {
    sqlite3* const connection = impl_->connection.get();
    sqlite3_busy_timeout(connection, std::min(impl_->busy_timeout_ms, kCheckpointPatienceMs));
    const int outcome = sqlite3_wal_checkpoint_v2(connection, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
    sqlite3_busy_timeout(connection, impl_->busy_timeout_ms);
    if (outcome != SQLITE_OK) return std::unexpected(error_of(connection, outcome));
    return {};
}

Status Database::quick_check() {
    Statement statement = prepare("PRAGMA quick_check(1)");
    const Result<bool> row = statement.step();
    if (!row) return fail(row);
    if (statement.text(0) == "ok") return {};
    return fail(ErrorCode::kCorrupt,
                fmt::format("{} is damaged: {}.", sqlite3_db_filename(impl_->connection.get(), "main"), statement.text(0)));
}

namespace {

struct FinishBackup {
    void operator()(sqlite3_backup* backup) const { sqlite3_backup_finish(backup); }
};

Status copy_pages(sqlite3* from, sqlite3* to) {
    const std::unique_ptr<sqlite3_backup, FinishBackup> backup(sqlite3_backup_init(to, "main", from, "main"));
    if (!backup) return std::unexpected(error_of(to, sqlite3_extended_errcode(to)));
    const int outcome = sqlite3_backup_step(backup.get(), -1);
    if (outcome != SQLITE_DONE) return std::unexpected(error_of(to, outcome));
    return {};
}

Status copy_into(sqlite3* from, const std::filesystem::path& path) {
    const Result<Connection> target = connect_plainly(path);
    if (!target) return fail(target);
    sqlite3_busy_timeout(target->get(), 1000);
    const int outcome = sqlite3_exec(target->get(), "PRAGMA synchronous = FULL", nullptr, nullptr, nullptr);
    if (outcome != SQLITE_OK) return std::unexpected(error_of(target->get(), outcome));
    return copy_pages(from, target->get());
}

}  // namespace

Status Database::backup_to(const std::filesystem::path& path) {
    std::error_code ignored;
    if (std::filesystem::exists(path, ignored)) {
        return fail(ErrorCode::kAlreadyExists, fmt::format("{} exists already.", path.string()));
    }
    // Under a passing name until it is whole.
    const std::filesystem::path passing = path.string() + ".part";
    std::filesystem::remove(passing, ignored);
    Status status = create_private_file(passing, {});
    if (status) status = copy_into(impl_->connection.get(), passing);
    if (status) status = rename_to_free_name(passing, path);
    if (!status) std::filesystem::remove(passing, ignored);
    return status;
}

}  // namespace keydeck::sqlite
