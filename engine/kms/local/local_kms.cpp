// Making, opening, unlocking.
#include "engine/kms/local/local_kms.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

#include "engine/base/file.hpp"
#include "engine/base/hex.hpp"
#include "engine/kms/local/impl.hpp"
#include "engine/kms/local/schema.hpp"
#include "engine/kms/local/sealing.hpp"

namespace keydeck::kms {
namespace {

using sqlite::Database;
using sqlite::DbTransaction;

sqlite::OpenOptions open_options(sqlite::OpenMode mode) {
    return {.mode = mode, .application_id = local::kApplicationId, .secure_delete = true};
}

// What stands in every ARN must have the shape of one.
Status check_place(const LocalKmsOptions& options) {
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    const bool region =
        !options.region.empty() && options.region.size() <= 32 &&
        std::ranges::all_of(options.region, [&](char c) { return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-'; });
    if (!region) return fail(ErrorCode::kInvalidInput, "The region must be 1 to 32 of a-z, 0-9 and -, like us-east-1.");
    const bool account = options.account.size() == 12 && std::ranges::all_of(options.account, is_digit);
    if (!account) return fail(ErrorCode::kInvalidInput, "The account must be 12 digits.");
    return {};
}

Status make_database(const std::filesystem::path& path, const local::VaultRecord& vault) {
    Result<Database> database = Database::open(path, open_options(sqlite::OpenMode::kCreate));
    if (!database) return fail(database);
    if (Status migrated = sqlite::migrate(*database, path, local::migrations()); !migrated) return migrated;
    Result<DbTransaction> write = DbTransaction::begin_write(*database);
    if (!write) return fail(write);
    if (Status inserted = local::insert_vault(*database, vault); !inserted) return inserted;
    if (Status committed = write->commit(); !committed) return committed;
    return database->checkpoint_truncate();
}

Result<std::int64_t> pragma(Database& database, std::string_view sql) {
    sqlite::Statement statement = database.prepare(sql);
    const Result<bool> row = statement.step();
    if (!row) return fail(row);
    return statement.integer(0);
}

// SQLite notices missing pages, but not that the last one is cut short.
Status check_not_cut_short(Database& database, const std::filesystem::path& path) {
    const Result<std::int64_t> pages = pragma(database, "PRAGMA page_count");
    if (!pages) return fail(pages);
    const Result<std::int64_t> page_size = pragma(database, "PRAGMA page_size");
    if (!page_size) return fail(page_size);
    std::error_code error;
    // Pages may still stand in the WAL alone.
    const auto wal = std::filesystem::file_size(path.string() + "-wal", error);
    if (!error && wal > 0) return {};
    const auto size = std::filesystem::file_size(path, error);
    if (error || size >= static_cast<std::uintmax_t>(*pages * *page_size)) return {};
    return fail(ErrorCode::kCorrupt, path.string() + " is cut short.", "Put a backup of the vault in its place.");
}

void remove_database(const std::filesystem::path& path) {
    for (const char* suffix : {"", "-wal", "-shm", "-journal"}) {
        std::error_code ignored;
        std::filesystem::remove(path.string() + suffix, ignored);
    }
}

}  // namespace

LocalKms::LocalKms(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LocalKms::~LocalKms() = default;

Status LocalKms::create(const std::filesystem::path& path, const RootSecret& secret, const LocalKmsOptions& options,
                        const Clock& clock, Random& random) {
    if (Status placed = check_place(options); !placed) return placed;
    local::VaultRecord vault{.vault_id = random.bytes<16>(),
                             .region = options.region,
                             .account = options.account,
                             .created_at = clock.now(),
                             .scrypt_n = options.scrypt_n};
    if (Status sealed = local::seal_new_root(vault, secret, random); !sealed) return sealed;
    std::error_code error;
    if (std::filesystem::exists(std::filesystem::symlink_status(path, error))) {
        return fail(ErrorCode::kAlreadyExists, "There is a key store already: " + path.string());
    }
    // Under a passing name of its own until it is whole, so that neither a crash leaves a half-made key store under this
    // name nor two that are made at once get into each other's way.
    const std::filesystem::path passing = path.string() + "." + to_hex(random.bytes<8>()) + ".part";
    Status made = make_database(passing, vault);
    if (made) made = rename_to_free_name(passing, path);
    if (!made) remove_database(passing);
    return made;
}

Result<std::unique_ptr<LocalKms>> LocalKms::open(const std::filesystem::path& path, const Clock& clock, Random& random,
                                                 bool read_only) {
    sqlite::OpenOptions options = open_options(read_only ? sqlite::OpenMode::kReadOnly : sqlite::OpenMode::kReadWrite);
    Result<Database> database = Database::open(path, options);
    if (!database && database.error().code == ErrorCode::kDenied) {
        // A vault one may only read can still be listed.
        Result<Database> readable = Database::open(path, open_options(sqlite::OpenMode::kReadOnly));
        if (!readable) return fail(database);
        options.mode = sqlite::OpenMode::kReadOnly;
        database = std::move(readable);
    }
    if (!database) return fail(database);
    if (Status whole = check_not_cut_short(*database, path); !whole) return fail(whole);
    if (Status migrated = sqlite::migrate(*database, path, local::migrations()); !migrated) return fail(migrated);
    Result<local::VaultRecord> vault = local::read_vault(*database);
    if (!vault) return fail(vault);
    auto impl = std::make_unique<Impl>(path, options, std::move(*vault), clock, random);
    impl->pool.give_back(std::move(*database));
    return std::unique_ptr<LocalKms>(new LocalKms(std::move(impl)));
}

Status LocalKms::unlock(const RootSecret& secret) {
    Result<local::RootKey> root = local::open_root(impl_->vault, secret);
    if (!root) return fail(root);
    impl_->ring.unlock(std::move(*root));
    return {};
}

void LocalKms::lock() {
    impl_->ring.lock();
    const std::scoped_lock lock(impl_->access_keys_mutex);
    impl_->access_keys.clear();
}

bool LocalKms::is_unlocked() const { return impl_->ring.root() != nullptr; }

RootSecret::Kind LocalKms::secret_kind() const { return impl_->vault.secret_kind; }

Result<SecretBytes> LocalKms::derive_key(std::string_view label) const {
    const std::shared_ptr<const local::RootKey> root = impl_->ring.root();
    if (!root) return vault_locked();
    return local::derive_from_root(*root, impl_->vault, label);
}

const std::string& LocalKms::region() const { return impl_->vault.region; }

const std::string& LocalKms::account() const { return impl_->vault.account; }

}  // namespace keydeck::kms
