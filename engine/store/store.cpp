#include "engine/store/store.hpp"

#include <fmt/format.h>

#include <mutex>
#include <optional>
#include <system_error>
#include <vector>

#include "engine/base/file.hpp"
#include "engine/sqlite/db_transaction.hpp"
#include "engine/store/rows.hpp"
#include "engine/store/schema.hpp"

namespace keydeck::store {
namespace {

using sqlite::Database;
using sqlite::DbTransaction;

// More idle connections than threads that work at once would only hold memory.
constexpr std::size_t kMaxIdle = 16;

sqlite::OpenOptions options_for(sqlite::OpenMode mode) {
    sqlite::OpenOptions options;
    options.mode = mode;
    options.application_id = kApplicationId;
    options.secure_delete = true;
    return options;
}

Status fill_new_file(const std::filesystem::path& path, const VaultRecord& vault,
                     const std::function<Status(Database&)>& also) {
    auto database = Database::open(path, options_for(sqlite::OpenMode::kCreate));
    if (!database) return fail(database);
    if (const auto migrated = sqlite::migrate(*database, path, schema_steps()); !migrated) return fail(migrated);
    auto db_transaction = DbTransaction::begin_write(*database);
    if (!db_transaction) return fail(db_transaction);
    auto insert = database->prepare(
        "INSERT INTO vault (id, uuid, kms, region, account, key_file, is_demo, created_at, profile, endpoint_url)"
        " VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    insert.bind(1, vault.id).bind(2, vault.kms).bind(3, vault.region);
    insert.bind(4, vault.account).bind(5, vault.key_file);
    insert.bind(6, std::int64_t{vault.is_demo}).bind(7, to_micros(vault.created_at));
    insert.bind(8, vault.profile).bind(9, vault.endpoint_url);
    if (const auto inserted = insert.run(); !inserted) return fail(inserted);
    if (also) {
        if (const auto done = also(*database); !done) return fail(done);
    }
    if (const auto committed = db_transaction->commit(); !committed) return fail(committed);
    return database->checkpoint_truncate();
}

Result<VaultRecord> read_vault(Database& database) {
    auto row = database.prepare(
        "SELECT uuid, kms, region, account, key_file, is_demo, created_at, profile, endpoint_url FROM vault WHERE id = 1");
    const auto found = row.step();
    if (!found) return fail(found);
    if (!*found || row.text(0).empty())
        return fail(ErrorCode::kCorrupt, "keydeck.db does not say which vault it belongs to.");
    VaultRecord vault;
    vault.id = string_at(row, 0);
    vault.kms = string_at(row, 1);
    vault.region = string_at(row, 2);
    vault.account = string_at(row, 3);
    vault.key_file = string_at(row, 4);
    vault.is_demo = row.integer(5) != 0;
    vault.created_at = from_micros(row.integer(6));
    vault.profile = string_at(row, 7);
    vault.endpoint_url = string_at(row, 8);
    return vault;
}

Status check_version_for_reading(Database& database, const std::filesystem::path& path) {
    const auto version = database.user_version();
    if (!version) return fail(version);
    if (*version > kSchemaVersion) return sqlite::migrate(database, path, schema_steps());  // refuses, in its own words
    if (*version < kSchemaVersion) {
        return fail(
            ErrorCode::kRejected,
            fmt::format("{} has an older schema and cannot be brought up to date read-only.", path.filename().string()),
            "Open the vault once without read-only.");
    }
    return {};
}

// We never make triggers or views: one of them is somebody's attempt to change what our statements do.
Status check_schema_is_ours(Database& database) {
    auto row = database.prepare("SELECT name FROM sqlite_schema WHERE type IN ('trigger', 'view') LIMIT 1");
    const auto found = row.step();
    if (!found) return fail(found);
    if (*found) return fail(ErrorCode::kCorrupt, "keydeck.db contains a trigger or a view that Keydeck did not make.");
    return {};
}

void remove_new_file(const std::filesystem::path& path) {
    std::error_code ignored;
    for (const char* suffix : {"", "-wal", "-shm", "-journal"}) {
        std::filesystem::path file = path;
        file += suffix;
        std::filesystem::remove(file, ignored);
    }
}

}  // namespace

struct Store::Impl {
    std::filesystem::path path;
    VaultRecord vault;
    bool read_only = false;
    std::mutex mutex;
    std::vector<std::unique_ptr<Database>> idle;
    std::optional<sqlite::FileIdentity> file;  // guarded by `mutex` once it is open
    // Never writes, so that its data_version moves with everybody's commits, ours too.
    std::mutex watcher_mutex;
    std::unique_ptr<Database> watcher;

    [[nodiscard]] Result<std::unique_ptr<Database>> connect() const {
        auto database =
            Database::open(path, options_for(read_only ? sqlite::OpenMode::kReadOnly : sqlite::OpenMode::kReadWrite));
        if (!database) return fail(database);
        return std::make_unique<Database>(std::move(*database));
    }
    /// A further one. What stands at the path may be another vault's by now.
    [[nodiscard]] Result<std::unique_ptr<Database>> connect_again() {
        auto database = connect();
        if (!database && database.error().code == ErrorCode::kNotFound) return sqlite::file_replaced(path);
        if (!database) return database;
        const std::scoped_lock guard(mutex);
        if (Status same = (*database)->require_same_file(file); !same) return fail(same);
        return database;
    }
};

Lease::~Lease() {
    if (database_) store_->give_back(std::move(database_));
}

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::~Store() = default;

Status Store::create(const std::filesystem::path& path, const VaultRecord& vault,
                     const std::function<Status(sqlite::Database&)>& also) {
    // Made empty first, exclusively: two programs that create the same vault cannot both believe they did.
    if (const auto made = create_private_file(path, {}); !made) return fail(made);
    auto filled = fill_new_file(path, vault, also);
    if (!filled) remove_new_file(path);
    return filled;
}

Result<std::unique_ptr<Store>> Store::open(const std::filesystem::path& path, bool read_only) {
    auto impl = std::make_unique<Impl>();
    impl->path = path;
    impl->read_only = read_only;
    auto database = impl->connect();
    if (!database) return fail(database);
    const auto ready =
        read_only ? check_version_for_reading(**database, path) : sqlite::migrate(**database, path, schema_steps());
    if (!ready) return fail(ready);
    if (const auto ours = check_schema_is_ours(**database); !ours) return fail(ours);
    if (Status seen = (*database)->require_same_file(impl->file); !seen) return fail(seen);
    auto vault = read_vault(**database);
    if (!vault) return fail(vault);
    impl->vault = std::move(*vault);
    impl->idle.reserve(kMaxIdle);  // so that giving a connection back never allocates
    impl->idle.push_back(std::move(*database));
    return std::unique_ptr<Store>(new Store(std::move(impl)));
}

Result<Lease> Store::lease() {
    {
        const std::scoped_lock guard(impl_->mutex);
        if (!impl_->idle.empty()) {
            // Not even read: what a file says that is gone is no longer true.
            if (Status in_place = impl_->idle.back()->require_in_place(); !in_place) return fail(in_place);
            auto database = std::move(impl_->idle.back());
            impl_->idle.pop_back();
            return Lease(*this, std::move(database));
        }
    }
    auto database = impl_->connect_again();
    if (!database) return fail(database);
    return Lease(*this, std::move(*database));
}

void Store::give_back(std::unique_ptr<sqlite::Database> database) noexcept {
    const std::scoped_lock guard(impl_->mutex);
    if (impl_->idle.size() < kMaxIdle) impl_->idle.push_back(std::move(database));
}

const VaultRecord& Store::vault() const { return impl_->vault; }
const std::filesystem::path& Store::path() const { return impl_->path; }
bool Store::read_only() const { return impl_->read_only; }

Result<std::int64_t> Store::change_counter() {
    const std::scoped_lock guard(impl_->watcher_mutex);
    if (!impl_->watcher) {
        auto database = impl_->connect_again();
        if (!database) return fail(database);
        impl_->watcher = std::move(*database);
    }
    if (Status in_place = impl_->watcher->require_in_place(); !in_place) return fail(in_place);
    return impl_->watcher->data_version();
}

Status Store::purge() {
    auto connection = lease();
    if (!connection) return fail(connection);
    return (*connection)->checkpoint_truncate();
}

Status add_to_counter(sqlite::Database& database, std::string_view name, std::int64_t by) {
    auto update = database.prepare("UPDATE counters SET value = value + ? WHERE name = ?");
    if (const auto done = update.bind(1, by).bind(2, name).run(); !done) return fail(done);
    if (database.changes() != 1) return fail(ErrorCode::kCorrupt, "keydeck.db has lost one of its counters.");
    return {};
}

Status note_account(Database& database, std::string_view account) {
    auto update = database.prepare("UPDATE vault SET account = ? WHERE account = ''");
    return update.bind(1, account).run();
}

Result<Totals> totals(sqlite::Database& database) {
    Totals totals;
    auto row = database.prepare("SELECT name, value FROM counters");
    auto more = row.step();
    for (; more && *more; more = row.step()) {
        const auto name = row.text(0);
        if (name == "users") totals.users = row.integer(1);
        if (name == "wallets") totals.wallets = row.integer(1);
        if (name == "keys") totals.keys = row.integer(1);
    }
    if (!more) return fail(more);
    return totals;
}

}  // namespace keydeck::store
