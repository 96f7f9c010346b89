// An opened vault: what every use case works with.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>

#include "engine/base/clock.hpp"
#include "engine/base/random.hpp"
#include "engine/base/secret.hpp"
#include "engine/custody/open_wallets.hpp"
#include "engine/custody/vault_kms.hpp"
#include "engine/engine.hpp"
#include "engine/error.hpp"
#include "engine/kms/kms.hpp"
#include "engine/kms/weather.hpp"
#include "engine/oversight/audit_log.hpp"
#include "engine/oversight/metered_kms.hpp"
#include "engine/oversight/usage_recorder.hpp"
#include "engine/store/store.hpp"
#include "engine/types.hpp"

namespace keydeck::custody {

/// Puts something around the vault's KMS: one that lies (tests). It is metered too.
using KmsWrapper = std::function<std::unique_ptr<kms::Kms>(kms::Kms& inner)>;

/// Thread-safe. Opening makes no KMS call and needs no secret.
class OpenVault {
public:
    /// Errors: not_found, corrupt, rejected (also: weather, and the vault is no demo with the embedded KMS), invalid_input
    /// (a weather that cannot be), denied; nothing is modified by a failure.
    [[nodiscard]] static Result<std::unique_ptr<OpenVault>> open(const EngineOptions& options, const KmsWrapper& wrap = {});
    /// Writes down what calls are still pending, unless that would have to wait.
    ~OpenVault();
    OpenVault(const OpenVault&) = delete;
    OpenVault& operator=(const OpenVault&) = delete;

    [[nodiscard]] store::Store& store() { return *store_; }
    [[nodiscard]] const store::VaultRecord& record() const { return store_->vault(); }
    [[nodiscard]] const EngineOptions& options() const { return options_; }
    [[nodiscard]] Timestamp now() const { return clock_->now(); }
    [[nodiscard]] Random& random() { return *random_; }
    [[nodiscard]] OpenWallets& open_wallets() { return open_wallets_; }

    /// The KMS for what needs no key material: describe, lists, states. Its calls are metered.
    [[nodiscard]] kms::Kms& kms() { return metered_; }
    /// The calls of the KMS that are not in the database yet.
    [[nodiscard]] const oversight::UsageRecorder& usage() const { return usage_; }
    [[nodiscard]] oversight::UsageRecorder& usage() { return usage_; }
    /// What is peculiar to the embedded KMS; null where the keys are in AWS.
    [[nodiscard]] kms::LocalKms* local_kms() { return vault_kms_->local(); }
    /// What is peculiar to AWS's; null where the keys are in the embedded KMS.
    [[nodiscard]] kms::aws::AwsKms* aws_kms() { return vault_kms_->aws(); }
    /// Whether a KMS call takes a network's time.
    [[nodiscard]] bool has_remote_kms() const {
        return vault_kms_->is_remote() ||
               (options_.weather && options_.weather->latency > std::chrono::milliseconds::zero());
    }
    /// The KMS with its key material open: the key file is read at the first need. Errors: locked (a passphrase is wanted),
    /// denied, corrupt.
    [[nodiscard]] Result<kms::Kms*> unlocked_kms();

    [[nodiscard]] bool needs_unlock() const;
    Status unlock(const SecretBytes& passphrase);
    void lock();

    /// Error: denied when the vault was opened read-only.
    [[nodiscard]] Status require_writable() const;

    /// Runs `change` and appends the audit events, in one DbTransaction, durable when it returns; pending usage rides along
    /// where anything was changed. The events' time is that of the writing. Errors: locked, denied (read-only), those of
    /// `change` and of the store; then nothing of it happened.
    [[nodiscard]] Status write(const std::function<Status(sqlite::Database&)>& change, std::span<AuditEvent> events);
    /// The same without audit events: bookkeeping (reserving ids, the key journal, states as last seen).
    [[nodiscard]] Status write(const std::function<Status(sqlite::Database&)>& change);

    /// Writes pending usage, where there is any, and nothing else: for a process that seldom writes.
    Status write_usage();

    /// Whether the audit log can be extended: for a change outside the database that must not go unrecorded.
    [[nodiscard]] Status check_audit_head();
    /// The chain as it stands. Errors: locked, corrupt.
    [[nodiscard]] Result<AuditVerification> verify_audit(const std::optional<Hash32>& expected_head);
    /// The audit seal's key, had once the KMS is open. Errors: locked; those of the seal file.
    [[nodiscard]] Result<std::shared_ptr<const SecretBytes>> seal_key();

private:
    OpenVault(EngineOptions options, std::unique_ptr<store::Store> store, std::unique_ptr<VaultKms> kms,
              const KmsWrapper& wrap);
    /// Commits, and with it what usage is pending: a commit that changes nothing takes nothing along, so that whoever looks
    /// again after each change comes to rest.
    Status commit(sqlite::Database& database, sqlite::DbTransaction& db_transaction, std::int64_t changes_before);
    void write_pending_usage();
    Status write_usage(sqlite::Database& database);

    EngineOptions options_;
    const Clock* clock_;
    Random* random_;
    std::unique_ptr<store::Store> store_;
    std::unique_ptr<VaultKms> vault_kms_;
    std::unique_ptr<kms::Weather> weather_;  // around vault_kms_'s, where there is one
    std::unique_ptr<kms::Kms> wrapped_;      // around that
    oversight::UsageRecorder usage_;
    oversight::MeteredKms metered_;  // around them all
    OpenWallets open_wallets_;
    std::mutex mutex_;  // guards unlocking and seal_key_
    std::shared_ptr<const SecretBytes> seal_key_;
};

/// Leases a connection and asks with it: `query` takes a sqlite::Database& and returns a Result.
template <class F>
auto ask_store(OpenVault& vault, F&& query) -> decltype(query(std::declval<sqlite::Database&>())) {
    Result<store::Lease> lease = vault.store().lease();
    if (!lease) return fail(lease);
    return query(**lease);
}

/// The same with the audit log's seal: `query` takes a sqlite::Database& and a const oversight::AuditSeal&. Errors: locked.
template <class F>
auto ask_sealed(OpenVault& vault, F&& query)
    -> decltype(query(std::declval<sqlite::Database&>(), std::declval<const oversight::AuditSeal&>())) {
    const Result<std::shared_ptr<const SecretBytes>> key = vault.seal_key();
    if (!key) return fail(key);
    const oversight::AuditSeal seal{vault.record().id, (*key)->view()};
    return ask_store(vault, [&](sqlite::Database& database) { return query(database, seal); });
}

}  // namespace keydeck::custody
