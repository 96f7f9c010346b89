#include "engine/custody/open_vault.hpp"

#include <utility>

#include "engine/custody/vault_files.hpp"
#include "engine/sqlite/db_transaction.hpp"

namespace keydeck::custody {
namespace {

const SystemClock kSystemClock;

Random& system_random() {
    static SystemRandom random;
    return random;
}

Status check_weather(const KmsWeather& weather, const store::VaultRecord& record) {
    if (!record.is_demo || record.kms != kKmsLocal) {
        return fail(ErrorCode::kRejected, "Only a demo with the embedded KMS has weather.",
                    "`keydeck demo` makes one; --kms aws has a weather of its own.");
    }
    const auto is_share = [](double value) { return value >= 0 && value <= 1; };  // not so a NaN
    if (weather.latency >= std::chrono::milliseconds::zero() && is_share(weather.throttle) && is_share(weather.fail) &&
        is_share(weather.throttle + weather.fail))
        return {};
    return fail(ErrorCode::kInvalidInput,
                "A weather's latency is not negative, and the throttled and failing shares together are 0 to 100 %.");
}

std::unique_ptr<kms::Weather> weather_around(kms::Kms& inner, const std::optional<KmsWeather>& weather, Random& random) {
    if (!weather) return nullptr;
    const kms::WeatherOptions options{weather->latency, weather->throttle, weather->fail, weather->seed};
    return std::make_unique<kms::Weather>(inner, options, random);
}

/// How many rows this connection has changed so far, in all its statements.
Result<std::int64_t> total_changes(sqlite::Database& database) {
    sqlite::Statement statement = database.prepare("SELECT total_changes()");
    const Result<bool> row = statement.step();
    if (!row) return fail(row);
    return statement.integer(0);
}

}  // namespace

OpenVault::OpenVault(EngineOptions options, std::unique_ptr<store::Store> store, std::unique_ptr<VaultKms> kms,
                     const KmsWrapper& wrap)
    : options_(std::move(options)),
      clock_(options_.clock != nullptr ? options_.clock : &kSystemClock),
      random_(options_.random != nullptr ? options_.random : &system_random()),
      store_(std::move(store)),
      vault_kms_(std::move(kms)),
      weather_(weather_around(vault_kms_->kms(), options_.weather, *random_)),
      wrapped_(wrap ? wrap(weather_ ? static_cast<kms::Kms&>(*weather_) : vault_kms_->kms()) : nullptr),
      usage_(*clock_),
      metered_(wrapped_   ? *wrapped_
               : weather_ ? static_cast<kms::Kms&>(*weather_)
                          : vault_kms_->kms(),
               usage_) {}

OpenVault::~OpenVault() {
    if (!options_.read_only && usage_.has_pending()) write_pending_usage();
}

Result<std::unique_ptr<OpenVault>> OpenVault::open(const EngineOptions& options, const KmsWrapper& wrap) {
    harden_process();
    EngineOptions absolute = options;
    std::error_code error;
    absolute.directory = std::filesystem::absolute(options.directory, error).lexically_normal();
    if (Status there = check_vault_files(absolute.directory, options.read_only); !there) return fail(there);
    Result<std::unique_ptr<store::Store>> store = store::Store::open(database_path(absolute.directory), options.read_only);
    if (!store) return fail(store);
    if (options.weather) {
        if (Status possible = check_weather(*options.weather, (*store)->vault()); !possible) return fail(possible);
    }
    const Clock& clock = options.clock != nullptr ? *options.clock : kSystemClock;
    Random& random = options.random != nullptr ? *options.random : system_random();
    Result<std::unique_ptr<VaultKms>> kms =
        VaultKms::open((*store)->vault(), absolute.directory, options.read_only, clock, random);
    if (!kms) return fail(kms);
    return std::unique_ptr<OpenVault>(new OpenVault(std::move(absolute), std::move(*store), std::move(*kms), wrap));
}

Result<kms::Kms*> OpenVault::unlocked_kms() {
    const std::scoped_lock lock(mutex_);
    if (Status unlocked = vault_kms_->unlock(); !unlocked) return fail(unlocked);
    return &kms();
}

bool OpenVault::needs_unlock() const { return vault_kms_->wants_passphrase() && !vault_kms_->is_unlocked(); }

Status OpenVault::unlock(const SecretBytes& passphrase) {
    const std::scoped_lock lock(mutex_);
    return vault_kms_->unlock(passphrase);
}

void OpenVault::lock() {
    {
        const std::scoped_lock lock(mutex_);
        seal_key_.reset();
        vault_kms_->lock();
    }
    // After the KMS: whoever is opening a wallet now either finds it locked, or comes too late to keep the wallet open.
    open_wallets_.forget_all();
}

Status OpenVault::require_writable() const {
    if (!options_.read_only) return {};
    return fail(ErrorCode::kDenied, "The vault was opened read-only: nothing is changed and nothing is signed.",
                "Leave out --read-only.");
}

Result<std::shared_ptr<const SecretBytes>> OpenVault::seal_key() {
    {
        const std::scoped_lock lock(mutex_);
        if (seal_key_) return seal_key_;
    }
    if (Result<kms::Kms*> opened = unlocked_kms(); !opened) return fail(opened);
    const std::scoped_lock lock(mutex_);
    if (!seal_key_) {
        Result<SecretBytes> key = vault_kms_->seal_key();
        if (!key) return fail(key);
        seal_key_ = std::make_shared<const SecretBytes>(std::move(*key));
    }
    return seal_key_;
}

Status OpenVault::write(const std::function<Status(sqlite::Database&)>& change, std::span<AuditEvent> events) {
    if (Status writable = require_writable(); !writable) return writable;
    std::shared_ptr<const SecretBytes> key;
    if (!events.empty()) {
        Result<std::shared_ptr<const SecretBytes>> seal = seal_key();
        if (!seal) return fail(seal);
        key = std::move(*seal);
    }
    Result<store::Lease> lease = store_->lease();
    if (!lease) return fail(lease);
    Result<sqlite::DbTransaction> db_transaction = sqlite::DbTransaction::begin_write(**lease);
    if (!db_transaction) return fail(db_transaction);
    const Result<std::int64_t> before = total_changes(**lease);
    if (!before) return fail(before);
    if (change) {
        if (Status changed = change(**lease); !changed) return changed;
    }
    if (key) {
        // Here nobody else writes: the log's order is the order of its times, however long ago the event was begun.
        for (AuditEvent& event : events) event.time = now();
        const oversight::AuditSeal seal{record().id, key->view()};
        if (Status appended = oversight::append_audit(**lease, seal, events); !appended) return appended;
    }
    return commit(**lease, *db_transaction, *before);
}

Status OpenVault::commit(sqlite::Database& database, sqlite::DbTransaction& db_transaction, std::int64_t changes_before) {
    const Result<std::int64_t> changes = total_changes(database);
    if (!changes) return fail(changes);
    if (*changes == changes_before) return db_transaction.commit();
    std::optional<oversight::UsageFlush> usage = usage_.flush();
    if (usage) {
        if (Status written = usage->write(database, now()); !written) return written;
    }
    Status committed = db_transaction.commit();
    if (committed && usage) usage->committed();
    return committed;
}

void OpenVault::write_pending_usage() {
    Result<store::Lease> lease = store_->lease();
    // Whoever closes a vault does not wait for others: what is lost then are figures.
    if (!lease || !(*lease)->execute("PRAGMA busy_timeout = 200")) return;
    (void)write_usage(**lease);
}

Status OpenVault::write_usage() {
    if (options_.read_only || !usage_.has_pending()) return {};
    Result<store::Lease> lease = store_->lease();
    if (!lease) return fail(lease);
    return write_usage(**lease);
}

Status OpenVault::write_usage(sqlite::Database& database) {
    Result<sqlite::DbTransaction> db_transaction = sqlite::DbTransaction::begin_write(database);
    if (!db_transaction) return fail(db_transaction);
    std::optional<oversight::UsageFlush> usage = usage_.flush();
    if (!usage) return {};
    if (Status written = usage->write(database, now()); !written) return written;
    Status committed = db_transaction->commit();
    if (committed) usage->committed();
    return committed;
}

Status OpenVault::write(const std::function<Status(sqlite::Database&)>& change) { return write(change, {}); }

Status OpenVault::check_audit_head() {
    const Result<std::shared_ptr<const SecretBytes>> key = seal_key();
    if (!key) return fail(key);
    Result<store::Lease> lease = store_->lease();
    if (!lease) return fail(lease);
    return oversight::check_audit_head(**lease, {record().id, (*key)->view()});
}

Result<AuditVerification> OpenVault::verify_audit(const std::optional<Hash32>& expected_head) {
    const Result<std::shared_ptr<const SecretBytes>> key = seal_key();
    if (!key) return fail(key);
    Result<store::Lease> lease = store_->lease();
    if (!lease) return fail(lease);
    return oversight::verify_audit(**lease, {record().id, (*key)->view()}, expected_head);
}

}  // namespace keydeck::custody
