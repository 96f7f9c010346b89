// The engine: every verb of the product. The TUI, the command line and later an HTTP service call these same verbs.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/error.hpp"
#include "engine/types.hpp"

namespace keydeck {

class Clock;
class Random;
namespace custody {
class OpenVault;
}
namespace kms::server {
class Server;
}

// engine/secrets.hpp
struct SecretName;
struct PutSecret;
struct SecretVersion;
struct SecretInfo;
struct SecretValue;
struct SecretQuery;
// engine/migration.hpp
struct FernetMigration;
struct FernetColumn;
struct FernetReport;
// engine/contacts.hpp
struct Contact;
// engine/bulk.hpp
enum class BulkAction : std::uint8_t;
struct BulkRun;
// engine/overview.hpp
struct Overview;
// engine/backup.hpp
struct BackupManifest;
struct BackupOptions;
struct RestoreOptions;
struct RestoreReport;
struct RecoverySheetOptions;
struct ExportedKeystore;

struct VaultCreation {
    std::filesystem::path directory;
    std::string kms = "local";             ///< `local`, the embedded one, or `aws`
    std::string region = "us-east-1";      ///< with AWS it may be empty: what the environment or the profile says
    std::string account = "000000000000";  ///< with the embedded KMS: what its ARNs name
    std::string profile;                   ///< AWS: of the shared configuration files; may be empty
    std::string endpoint_url;              ///< AWS: instead of its own; may be empty
    std::filesystem::path key_file;        ///< made if missing, used if there; empty: `passphrase`
    SecretBytes passphrase;
    bool is_demo = false;
    std::uint64_t scrypt_n = 131'072;  ///< lowered in tests only
};

struct EngineOptions {
    std::filesystem::path directory;
    bool read_only = false;
    std::string pool_alias_prefix = "keydeck-pool";
    int pool_size = 10;
    int backups_kept = 5;  ///< automatic copies of keydeck.db, in the vault's `backups`; 0: none is made
    AlertRules alerts{};
    Prices prices{};
    std::vector<std::pair<std::string, std::string>>
        secret_keys{};                                ///< environment and key: where its secrets go by default
    std::chrono::milliseconds key_search_pause{500};  ///< before looking for a key of an unanswered CreateKey; less in tests
    std::optional<KmsWeather> weather{};              ///< a demo's
    const Clock* clock = nullptr;                     ///< the system's when null
    Random* random = nullptr;                         ///< the system's when null
};

/// How the embedded KMS is served to other programs.
struct KmsServing {
    std::string address = "127.0.0.1";  ///< numeric
    std::uint16_t port = 4599;          ///< 0: any that is free
    bool allow_remote = false;          ///< beyond loopback, TLS is needed as well
    std::filesystem::path tls_certificate;
    std::filesystem::path tls_key;
    std::function<void(std::string_view)> note_fault;  ///< told what went wrong on our side; from any thread
};

/// The embedded KMS while it is served, on threads of its own. Stops when it goes; its Engine must outlive it.
class KmsService {
public:
    explicit KmsService(std::unique_ptr<kms::server::Server> server);
    ~KmsService();
    KmsService(const KmsService&) = delete;
    KmsService& operator=(const KmsService&) = delete;
    [[nodiscard]] std::uint16_t port() const;
    [[nodiscard]] std::string url() const;
    /// Lets requests under way be answered, at most ten seconds.
    void stop();

private:
    std::unique_ptr<kms::server::Server> server_;
};

/// Results of a batch arrive in order; an item that failed is an error in its place and the others go on.
template <class T>
using BatchSink = std::function<void(std::size_t index, const Result<T>& result)>;

/// Thread-safe: each call takes a database connection of its own. Errors are those of error.hpp, everywhere.
/// Opening makes no KMS call and needs no unlock; neither do lists. What needs key material or writes the audit log answers
/// `locked` until unlock() where the vault has a passphrase (a key file is read by itself, at the first need).
class Engine {
public:
    /// Makes a vault and nothing else: directory 0700, keydeck.db and kms.db (seal.key with AWS) 0600. With AWS it asks for
    /// one key of the account, to find out whether it may. Errors: already_exists, denied, unavailable; AWS's; a failure
    /// leaves nothing behind.
    static Status create_vault(const VaultCreation& creation);
    /// Errors: not_found (hint: `keydeck init`), corrupt, rejected (newer schema), denied (permissions).
    static Result<std::unique_ptr<Engine>> open(const EngineOptions& options);
    /// Over a vault opened elsewhere: how tests put a KMS of their own in (engine/custody/open_vault.hpp).
    explicit Engine(std::unique_ptr<custody::OpenVault> vault);
    ~Engine();
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    [[nodiscard]] Result<VaultInfo> vault();
    /// Without a call what is known by now; with `fetch` the credentials are looked for where there are none yet. Errors:
    /// those of their source.
    Result<KmsConnection> kms_connection(bool fetch);
    /// What AWS must allow for these custodies, as an IAM policy in JSON; none named: those in use, envelope in an empty
    /// vault. Operator only. Error: rejected where the keys are not in AWS.
    Result<std::string> iam_policy(const Session& session, std::vector<Custody> custodies);
    [[nodiscard]] bool needs_unlock() const;
    /// Errors: denied for a wrong passphrase.
    Status unlock(const SecretBytes& passphrase);
    /// Wipes opened wallets; with a passphrase, also the KMS's root key.
    void lock();
    /// Wipes opened wallets that were not used since `idle`; the TUI calls it.
    void forget_idle_wallets(std::chrono::seconds idle);
    /// Changes when anybody, in any process, committed to the vault.
    [[nodiscard]] Result<std::int64_t> change_counter();

    // Users. Operator only, but user() of oneself.
    Result<User> add_user(const Session& session, std::string_view name);
    Result<std::vector<User>> list_users(const Session& session, const UserQuery& query);
    Result<User> user(const Session& session, std::string_view name);
    Result<User> rename_user(const Session& session, std::string_view name, std::string_view new_name);
    Result<User> lock_user(const Session& session, std::string_view name);
    Result<User> unlock_user(const Session& session, std::string_view name);
    /// Error: rejected while the user has wallets or secrets.
    Status remove_user(const Session& session, std::string_view name);

    // Wallets. `wallet` is an address, a label, or a user's name where the user has one wallet.
    Result<std::vector<Wallet>> create_wallets(const Session& session, const CreateWallets& request,
                                               const Progress& progress = {});
    Result<Wallet> import_wallet(const Session& session, ImportWallet request);
    Result<std::vector<Wallet>> list_wallets(const Session& session, const WalletQuery& query);
    Result<Wallet> wallet(const Session& session, std::string_view wallet);
    Result<Wallet> label_wallet(const Session& session, std::string_view wallet, std::string_view label);
    /// Hides the wallet, keeps its row and sealed key.
    Status remove_wallet(const Session& session, std::string_view wallet);
    /// Brings a hidden wallet back, named by its address; its label comes back unless it is taken meanwhile. One that is not
    /// hidden stays as it is. Error: rejected where its user has been removed.
    Result<Wallet> restore_wallet(const Session& session, std::string_view wallet);
    /// Erases the row's key material too. `acknowledge` must be 1. Touches no KMS key.
    Status destroy_wallet(const Session& session, std::string_view wallet, std::int64_t acknowledge);
    /// Error: rejected where the custody has none (kms-key; a bare private key has no mnemonic).
    Result<SecretBytes> export_mnemonic(const Session& session, std::string_view wallet);
    Result<SecretBytes> export_private_key(const Session& session, std::string_view wallet);  ///< `0x` and 64 digits
    Result<std::string> export_keystore(const Session& session, std::string_view wallet, const SecretBytes& passphrase);

    // Signing: authorise, digest, sign, low s, recover, compare, audit, answer. A preview changes nothing and signs nothing.
    Result<SigningPreview> preview_message(const Session& session, std::string_view wallet, ByteView message);
    Result<SigningPreview> preview_typed_data(const Session& session, std::string_view wallet, std::string_view json);
    Result<SigningPreview> preview_transaction(const Session& session, std::string_view wallet, std::string_view json);
    Result<SigningPreview> preview_authorization(const Session& session, std::string_view wallet, std::string_view chain_id,
                                                 std::string_view delegate, std::uint64_t nonce);
    Result<MessageSignature> sign_message(const Session& session, std::string_view wallet, ByteView message);
    Result<MessageSignature> sign_typed_data(const Session& session, std::string_view wallet, std::string_view json);
    Result<TransactionSignature> sign_transaction(const Session& session, std::string_view wallet, std::string_view json);
    /// Chain id 0 (every chain) needs `any_chain`.
    Result<AuthorizationSignature> sign_authorization(const Session& session, std::string_view wallet,
                                                      std::string_view chain_id, std::string_view delegate,
                                                      std::uint64_t nonce, bool any_chain);

    // Batches: the wallet is opened once, audit rows and commits are grouped, and no result is given before its audit row is
    // durable. `allow_risky` false: a level-3 item fails with `rejected` in its place.
    Status sign_messages(const Session& session, std::string_view wallet, std::span<const std::string_view> messages,
                         const BatchSink<MessageSignature>& sink);
    /// JSON values one after another.
    Status sign_typed_data_batch(const Session& session, std::string_view wallet, std::string_view json_values,
                                 bool allow_risky, const BatchSink<MessageSignature>& sink);
    Status sign_transactions(const Session& session, std::string_view wallet, std::string_view json_values, bool allow_risky,
                             const BatchSink<TransactionSignature>& sink);

    // Without a vault.
    /// Cuts JSON values that stand one after another; each view is one value.
    static std::vector<std::string_view> split_json_values(std::string_view text);
    static Result<Verification> verify_message(ByteView message, std::string_view signature_hex,
                                               const std::optional<AddressBytes>& expected);
    static Result<Verification> verify_typed_data(std::string_view json, std::string_view signature_hex,
                                                  const std::optional<AddressBytes>& expected);
    static Result<DecodedTransaction> decode_transaction(std::string_view raw_hex);

    // The address book (engine/contacts.hpp). The operator's; everybody reads it.
    /// Errors: already_exists (the name, or the address under another name), invalid_input.
    Result<Contact> add_contact(const Session& session, const Contact& contact);
    /// By name. `filter`: part of a name, or the beginning of an address (0x…).
    Result<std::vector<Contact>> list_contacts(const Session& session, std::string_view filter = {});
    Status remove_contact(const Session& session, std::string_view name);

    /// The vault at a glance (engine/overview.hpp): no KMS call, nothing counted row by row. A user's session: their part.
    Result<Overview> overview(const Session& session);

    // Keys. Operator only. `key` is a key id, an ARN, or alias/NAME.
    Result<KeyInfo> create_key(const Session& session, const CreateKey& request);
    Result<std::vector<KeyInfo>> list_keys(const Session& session, const KeyQuery& query, const Progress& progress = {});
    Result<KeyInfo> key(const Session& session, std::string_view key);
    Result<KeyInfo> alias_key(const Session& session, std::string_view key, std::string_view alias);
    Result<KeyInfo> tag_key(const Session& session, std::string_view key, std::string_view tag, std::string_view value);
    Result<KeyInfo> enable_key(const Session& session, std::string_view key);
    Result<KeyInfo> disable_key(const Session& session, std::string_view key);
    /// On demand. Error: rejected (UnsupportedOperationException) where the key is not symmetric.
    Result<KeyInfo> rotate_key(const Session& session, std::string_view key);
    /// Automatically, every 90 to 2560 days; 0: not any more. Errors as above; invalid_input.
    Result<KeyInfo> set_key_rotation(const Session& session, std::string_view key, int period_days);
    Result<DeletionImpact> deletion_impact(const Session& session, std::string_view key);
    /// Error: rejected while anything depends on the key unless `acknowledge` is that very number.
    Result<KeyInfo> schedule_key_deletion(const Session& session, std::string_view key, int days, std::int64_t acknowledge);
    Result<KeyInfo> cancel_key_deletion(const Session& session, std::string_view key);

    // Secrets (engine/secrets.hpp). The operator's session sees everybody's, a user's session that user's own.
    /// A new secret, or a new version of one. Errors: rejected for a key that is not symmetric, not for encryption, or not
    /// enabled; invalid_input without a key where there is no version before, for a wrong name, and beyond kLargestSecret.
    Result<SecretInfo> put_secret(const Session& session, const PutSecret& request, const SecretBytes& value);
    /// `version` 0: the newest. Errors: not_found; corrupt where it was altered or belongs elsewhere.
    Result<SecretValue> get_secret(const Session& session, const SecretName& name, std::int64_t version = 0);
    /// By owner, environment and name; never a value, and no KMS call.
    Result<std::vector<SecretInfo>> list_secrets(const Session& session, const SecretQuery& query);
    Result<std::vector<SecretVersion>> secret_versions(const Session& session, const SecretName& name);
    /// Hides it, keeps its sealed versions.
    Result<SecretInfo> remove_secret(const Session& session, const SecretName& name);
    /// Brings back the one hidden last. Error: already_exists where there is a new one of that name.
    Result<SecretInfo> restore_secret(const Session& session, const SecretName& name);
    /// Erases it and its versions, hidden or not. `acknowledge` must be 1. Touches no KMS key.
    Status destroy_secret(const Session& session, const SecretName& name, std::int64_t acknowledge);

    // Migration of an application's database from Fernet (engine/migration.hpp). Operator only.
    Result<std::vector<FernetColumn>> discover_fernet(const Session& session, const std::filesystem::path& database);
    /// Looks only: what there is, what would be migrated, what could not.
    Result<FernetReport> check_fernet(const Session& session, const FernetMigration& request, const Progress& progress = {});
    /// A job. Each value is read back through the KMS and compared before the old one goes; a journal in that database says
    /// at every moment which cell is what. The same request goes on after an interruption. Errors: unavailable (locked, disk
    /// full), corrupt, not_found; cells that could not be migrated are in the report, and the others go on.
    Result<FernetReport> migrate_fernet(const Session& session, const FernetMigration& request,
                                        const Progress& progress = {});
    /// Whether every cell is a ciphertext under the expected key that opens to a plausible value.
    Result<FernetReport> verify_fernet(const Session& session, const FernetMigration& request,
                                       const Progress& progress = {});
    /// Back to Fernet from the backup. Error: rejected where cells were written since, unless `force`.
    Result<FernetReport> roll_back_fernet(const Session& session, const FernetMigration& request,
                                          const Progress& progress = {});

    // Backup (engine/backup.hpp). Operator only.
    /// A consistent copy of the running vault, encrypted under a passphrase, read back before it gets its name. Errors:
    /// already_exists, unavailable (disk full), invalid_input (no passphrase), cancelled.
    Result<BackupManifest> back_up(const Session& session, const BackupOptions& options, const Progress& progress = {});
    /// Reads all of it. Errors: denied (wrong passphrase), corrupt (altered, truncated).
    static Result<BackupManifest> verify_backup(const std::filesystem::path& file, const SecretBytes& passphrase,
                                                const Progress& progress = {});
    /// Writes nothing before the whole file was found sound, and never over a vault. Errors: as above; already_exists.
    static Result<RestoreReport> restore_backup(const Session& session, const RestoreOptions& options,
                                                const Progress& progress = {});
    /// Addresses, custodies, keys: what must be known to find everything again, and no secret.
    Result<std::string> recovery_sheet(const Session& session, const RecoverySheetOptions& options);
    /// Each into a new file `ADDRESS.json` in a directory that exists, under one passphrase. A user's session: their own
    /// wallets. One that could not be written is told in its place, and the others go on.
    Result<std::vector<ExportedKeystore>> export_keystores(const Session& session, std::span<const std::string> wallets,
                                                           const std::filesystem::path& directory,
                                                           const SecretBytes& passphrase, const Progress& progress = {});

    // The pool. Operator only.
    /// Makes it, or tops it up to `size` (0: the configured size).
    Result<PoolStatus> init_pool(const Session& session, int size, std::string_view alias_prefix = {});
    Result<PoolStatus> pool_status(const Session& session);
    Result<PoolStatus> add_pool_keys(const Session& session, int count);
    /// A job: each wallet and secret read back and opened before its old ciphertext goes. One that cannot be moved stays as
    /// it is, is told by job_failures(), and the others go on. Nothing to do is a job that is done, without an id.
    Result<JobInfo> rewrap(const Session& session, const Rewrap& request, const Progress& progress = {});
    /// Rewraps everything off a pool key and disables it then. Its deletion is a step of its own. Errors: rejected where it
    /// is the last enabled key, or where something could not be moved: the key stays enabled then, and is drawn no more.
    Result<KeyInfo> retire_pool_key(const Session& session, std::string_view key, const Progress& progress = {});

    /// Does the same to each of these (users by name, wallets by address, keys by id), one after another, once each where
    /// one is named twice: as lock_user(), remove_wallet(), … do it, each with its own audit event. A new job of the kind
    /// `bulk`, ended or stopped when this returns: one item that fails is told, and the others go on; what would fail for
    /// all (the KMS does not answer) pauses it, and resume_job() goes on. Errors, with nothing begun: invalid_input (no
    /// item, more than 10,000), denied (in a user's session all but that user's wallets), locked.
    Result<BulkRun> start_bulk(const Session& session, BulkAction action, std::span<const std::string> items,
                               const Progress& progress = {});
    /// resume_job() of such a job, telling what this run did.
    Result<BulkRun> resume_bulk(const Session& session, std::int64_t id, const Progress& progress = {});
    /// A new job of the items that failed in such a job. Error: rejected where none did.
    Result<BulkRun> retry_bulk(const Session& session, std::int64_t id, const Progress& progress = {});
    /// What such a job is done to, in its order: the first JobInfo::done + failed of them are settled.
    Result<std::vector<std::string>> bulk_items(const Session& session, std::int64_t id);

    // Jobs. Operator only.
    /// Newest first, `limit` of them with ids below `before` (0: from the newest).
    Result<std::vector<JobInfo>> list_jobs(const Session& session, std::int64_t before, std::int64_t limit);
    Result<JobInfo> job(const Session& session, std::int64_t id);
    Result<std::vector<JobFailure>> job_failures(const Session& session, std::int64_t id, std::int64_t limit);
    /// Asks the process that works on it to stop at the next commit. Error: rejected where it has ended.
    Result<JobInfo> pause_job(const Session& session, std::int64_t id);
    /// The same, for good: what was done stays.
    Result<JobInfo> cancel_job(const Session& session, std::int64_t id);
    /// Works on it, in this process, to its end. Errors: rejected (it has ended), already_exists (another process is at it).
    Result<JobInfo> resume_job(const Session& session, std::int64_t id, const Progress& progress = {});

    // The embedded KMS for other programs, over AWS's protocol. Operator only. Errors: rejected where the vault's keys are
    // not in the embedded KMS.
    Result<NewAccessKey> create_access_key(const Session& session, bool with_session_token);
    Result<std::vector<AccessKeyInfo>> list_access_keys(const Session& session);
    /// Requests signed with it are refused from now on. Error: not_found.
    Status remove_access_key(const Session& session, std::string_view id);
    /// Errors: denied (beyond loopback without both), unavailable (the port is taken), invalid_input.
    Result<std::unique_ptr<KmsService>> serve_kms(const Session& session, const KmsServing& serving);

    // Oversight. Operator only.
    /// In the order of minute, key, operation. Calls of every process are in it, those of this one up to now.
    Result<std::vector<Metric>> metrics(const Session& session, const MetricsQuery& query);
    /// Of the last 24 hours, in Prometheus's text format 0.0.4.
    Result<std::string> metrics_text(const Session& session);
    /// Looks, raises, clears, runs the command for what was raised; answers what fires now. Without `write` (a vault that is
    /// read-only or locked) it looks only.
    Result<std::vector<Alert>> check_alerts(const Session& session, bool write = true);
    /// As last checked, newest first; with `cleared` also those that are over.
    Result<std::vector<Alert>> list_alerts(const Session& session, bool cleared);
    Result<Alert> acknowledge_alert(const Session& session, std::int64_t id);
    /// It and its like (same rule, same subject) are not shown and run no command for so long.
    Result<Alert> silence_alert(const Session& session, std::int64_t id, std::chrono::seconds time);
    Result<CostReport> cost(const Session& session);
    static std::vector<CostEstimate> estimate_cost(const CostQuestion& question, const Prices& prices);

    // Audit. Operator only, but a user may list their own events.
    Result<std::vector<AuditEvent>> list_audit(const Session& session, const AuditQuery& query);
    Result<AuditVerification> verify_audit(const Session& session, const std::optional<Hash32>& expected_head);
    /// Moves the events before `before` out of the log into a new file, as `audit export` writes them; the chain goes on
    /// from there, sealed. Errors: already_exists (the file), rejected (nothing is that old, or the chain is broken).
    Result<AuditArchive> archive_audit(const Session& session, Timestamp before, const std::filesystem::path& file);
    /// Whether archives, oldest first, and the log make one chain, and an expected head is in it. The files of
    /// archive_audit(); errors: corrupt, not_found.
    Result<AuditVerification> verify_audit_archives(const Session& session, std::span<const std::filesystem::path> files,
                                                    const std::optional<Hash32>& expected_head = std::nullopt);
    /// One CloudTrail-shaped JSON object of an event, without a line end.
    static std::string to_cloudtrail_json(const AuditEvent& event, const VaultInfo& vault);

    // Doctor. Operator only.
    Result<std::vector<DoctorFinding>> doctor(const Session& session);
    /// Records an orphaned key: a signing key becomes the wallet it was meant for, a pool key joins the pool.
    Result<KeyInfo> adopt_key(const Session& session, std::string_view key);
    Status confirm_clock(const Session& session);

private:
    std::unique_ptr<custody::OpenVault> vault_;
};

}  // namespace keydeck
