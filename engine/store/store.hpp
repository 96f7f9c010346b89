// The file keydeck.db: its schema, its connections, and who may lease one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "engine/base/clock.hpp"
#include "engine/error.hpp"
#include "engine/sqlite/database.hpp"

namespace keydeck::store {

/// "KDCK", big-endian, in the file's header.
inline constexpr std::int32_t kApplicationId = 0x4B44434B;

/// What a vault is; written once, when it is made.
struct VaultRecord {
    std::string id;             ///< UUID; bound into every sealed thing and into the audit log's seal
    std::string kms = "local";  ///< `local` or `aws`
    std::string region;
    std::string account;       ///< 12 digits; empty where AWS has not told it yet
    std::string key_file;      ///< absolute path, or empty with a passphrase or with AWS
    std::string profile;       ///< of the AWS configuration files; empty: what the environment says
    std::string endpoint_url;  ///< instead of AWS's own; empty: what the environment or the profile says
    bool is_demo = false;
    Timestamp created_at{};
};

class Store;

/// A connection lent to one thread; it goes back when this goes out of scope. Finish statements and DbTransactions first.
class Lease {
public:
    Lease(Lease&& other) noexcept = default;
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    Lease& operator=(Lease&&) = delete;
    ~Lease();

    [[nodiscard]] sqlite::Database& operator*() const { return *database_; }
    [[nodiscard]] sqlite::Database* operator->() const { return database_.get(); }

private:
    friend class Store;
    Lease(Store& store, std::unique_ptr<sqlite::Database> database) : store_(&store), database_(std::move(database)) {}
    Store* store_;
    std::unique_ptr<sqlite::Database> database_;
};

/// The open keydeck.db. Thread-safe; it must outlive its leases. Errors of all of it are sqlite::Database's.
///
/// The records stand in their own headers (users.hpp, wallets.hpp, keys.hpp, key_journal.hpp) as functions on a
/// sqlite::Database&, so that a use case composes several of them, and the audit rows, in one DbTransaction. Functions that
/// write must be called inside a DbTransaction of the caller's; those that read may be.
class Store {
public:
    /// Makes the file (mode 0600) with its schema and the vault's row; `also` runs in the same DbTransaction (the audit
    /// log's genesis). A failure leaves no file behind. Errors: already_exists, denied, unavailable, and what `also`
    /// answers.
    [[nodiscard]] static Status create(const std::filesystem::path& path, const VaultRecord& vault,
                                       const std::function<Status(sqlite::Database&)>& also = {});

    /// Opens it, and brings an older schema up to date (after a backup `keydeck.db.v<N>.bak`) unless read-only.
    /// Errors: not_found; corrupt (no keydeck.db, damaged); rejected (a newer schema, or an older one and read-only);
    /// denied.
    [[nodiscard]] static Result<std::unique_ptr<Store>> open(const std::filesystem::path& path, bool read_only);
    ~Store();
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    /// A connection, from the idle ones or new. With secure_delete on.
    [[nodiscard]] Result<Lease> lease();

    [[nodiscard]] const VaultRecord& vault() const;
    [[nodiscard]] const std::filesystem::path& path() const;
    [[nodiscard]] bool read_only() const;

    /// A number that differs from an earlier answer when anybody, in this process or another, committed in between.
    [[nodiscard]] Result<std::int64_t> change_counter();

    /// Takes destroyed bytes out of the WAL as well (truncating checkpoint). Call it after the commit of a destroy_wallet().
    /// Error: unavailable while another process reads an old snapshot; the erased row stays erased and the next call
    /// finishes.
    [[nodiscard]] Status purge();

private:
    friend class Lease;
    struct Impl;
    explicit Store(std::unique_ptr<Impl> impl);
    void give_back(std::unique_ptr<sqlite::Database> database) noexcept;
    std::unique_ptr<Impl> impl_;
};

/// Writes the account down once it is known (the first key's ARN tells it); a known one stays. Seen from the next opening
/// on.
[[nodiscard]] Status note_account(sqlite::Database& database, std::string_view account);

/// How many there are, from counters kept with each change (no COUNT(*)).
struct Totals {
    std::int64_t users = 0;
    std::int64_t wallets = 0;  ///< removed ones not counted
    std::int64_t keys = 0;     ///< known KMS keys, destroyed ones not counted
};
[[nodiscard]] Result<Totals> totals(sqlite::Database& database);

}  // namespace keydeck::store
