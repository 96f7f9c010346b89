// The values that cross the engine's public surface. Plain data; no third-party header.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/bytes.hpp"
#include "engine/base/clock.hpp"
#include "engine/base/secret.hpp"
#include "engine/error.hpp"

namespace keydeck {

/// 20 bytes; shown as EIP-55 text by checksum_address().
using AddressBytes = FixedBytes<20>;
[[nodiscard]] std::string checksum_address(const AddressBytes& address);
/// Error: invalid_input (length, digit, EIP-55 checksum).
[[nodiscard]] Result<AddressBytes> parse_address_text(std::string_view text);

/// Who is acting. Every verb of the engine takes one; a user's session sees and uses that user's wallets only.
class Session {
public:
    [[nodiscard]] static Session of_operator(std::string surface) { return {std::nullopt, std::move(surface)}; }
    [[nodiscard]] static Session of_user(std::string user_name, std::string surface) {
        return {std::move(user_name), std::move(surface)};
    }
    [[nodiscard]] bool is_operator() const { return !user_; }
    [[nodiscard]] const std::optional<std::string>& user() const { return user_; }
    /// Where it comes from: "cli", "tui", "demo"; kept in the audit log.
    [[nodiscard]] const std::string& surface() const { return surface_; }
    /// "operator" or the user's name.
    [[nodiscard]] std::string actor() const { return user_ ? *user_ : "operator"; }

private:
    Session(std::optional<std::string> user, std::string surface) : user_(std::move(user)), surface_(std::move(surface)) {}
    std::optional<std::string> user_;
    std::string surface_;
};

enum class Custody : std::uint8_t { kKmsKey, kEnvelope, kKeyPair };
[[nodiscard]] std::string_view to_string(Custody custody);  ///< kms-key, envelope, key-pair
[[nodiscard]] Result<Custody> parse_custody(std::string_view text);

struct User {
    std::int64_t id = 0;
    std::string name;  ///< 1..64 characters, no control characters, unique
    bool locked = false;
    Timestamp created_at{};
    std::int64_t wallets = 0;
    std::optional<AddressBytes> default_address;  ///< of the oldest wallet
    std::optional<Timestamp> last_signed_at;
};

enum class WalletState : std::uint8_t {
    kReady,
    kUserLocked,
    kKeyDisabled,
    kAtRisk,  ///< its key is pending deletion
    kLost,    ///< its key is destroyed
    kRemoved,
};
[[nodiscard]] std::string_view to_string(WalletState state);

struct Wallet {
    std::int64_t id = 0;
    std::int64_t user_id = 0;
    std::string user;
    std::string label;  ///< unique in the vault; may be empty
    AddressBytes address{};
    Custody custody = Custody::kEnvelope;
    std::string key_id;     ///< the signing key (kms-key) or the pool key that wraps the wallet
    std::string key_alias;  ///< as last seen, for people; may be empty
    std::string region;
    std::int64_t key_version = 1;  ///< of its pool key, from 1: the one known when it was sealed, or an older one
    Bytes public_key;              ///< 65 bytes, 0x04 ‖ X ‖ Y
    std::string path;              ///< derivation path; empty for a bare private key, kms-key and key-pair
    bool has_mnemonic = false;
    bool imported = false;
    WalletState state = WalletState::kReady;
    Timestamp created_at{};
    std::optional<Timestamp> last_signed_at;
    std::int64_t signatures = 0;
};

/// A page by keyset: `after` is the id of the last row seen; `limit` rows follow it in the list's order.
struct PageQuery {
    std::int64_t limit = 100'000;
    std::optional<std::int64_t> after;
    bool backwards = false;  ///< the rows before `after` instead (nearest last); without `after`: the last page
};

enum class UserOrder : std::uint8_t { kName, kLastSigned, kWallets };
enum class WalletOrder : std::uint8_t { kCreated, kLastSigned };

struct UserQuery {
    PageQuery page;
    std::string prefix;  ///< of the name, ASCII case-insensitive
    UserOrder order = UserOrder::kName;
    bool descending = false;
};

struct WalletQuery {
    PageQuery page;
    std::string user;    ///< exact name; empty: every user's
    std::string key;     ///< key id; empty: any
    std::string filter;  ///< part of label or user name, or the beginning of an address (0x…)
    bool include_removed = false;
    WalletOrder order = WalletOrder::kCreated;
    bool descending = false;
};

struct CreateWallets {
    std::string user;
    Custody custody = Custody::kEnvelope;
    unsigned words = 12;  ///< 12, 15, 18, 21 or 24; envelope only
    std::string label;    ///< with count > 1: label-1 … label-N
    std::int64_t count = 1;
};

/// What an import brings. Exactly one of the secrets is set.
struct ImportWallet {
    std::string user;
    std::string label;
    std::string path;         ///< for a mnemonic; empty: m/44'/60'/0'/0/0
    SecretBytes mnemonic;     ///< text
    SecretBytes private_key;  ///< hex text, with or without 0x
    std::string keystore_json;
    SecretBytes keystore_passphrase;
};

/// Progress of long work: called now and then from the working thread, never after the verb has returned.
struct Progress {
    std::function<void(std::int64_t done, std::int64_t total)> report;
    std::stop_token stop;
};

struct MessageSignature {
    AddressBytes address{};
    Hash32 digest{};
    FixedBytes<65> signature{};  ///< r ‖ s ‖ v, v 27 or 28
};

struct TransactionSignature {
    AddressBytes address{};
    int type = 0;
    Bytes raw;
    Hash32 hash{};
};

struct AuthorizationSignature {
    AddressBytes address{};  ///< who authorizes
    std::string chain_id;    ///< decimal
    AddressBytes delegate{};
    std::uint64_t nonce = 0;
    int y_parity = 0;
    FixedBytes<32> r{};
    FixedBytes<32> s{};
    Hash32 digest{};
};

/// How much a signature can hurt: level 2 is an ordinary one, 3 needs a typed challenge (or --yes).
enum class Risk : std::uint8_t { kOrdinary = 2, kRisky = 3 };

struct PreviewLine {
    std::string name;   ///< "To", "Value"; empty: a continuation or a rule
    std::string value;  ///< in full; from outside: not yet made safe for a terminal
    bool warning = false;
};

enum class SigningKind : std::uint8_t { kMessage, kTypedData, kTransaction, kAuthorization };

/// What will be signed, for a person: one plain sentence, then everything that matters. What is shown is what is signed.
struct SigningPreview {
    SigningKind kind = SigningKind::kMessage;
    std::string sentence;
    std::vector<PreviewLine> lines;
    std::vector<std::string> warnings;  ///< graded: only what deserves to be read
    Risk risk = Risk::kOrdinary;
    std::string challenge;  ///< level 3: what must be typed (characters 17–20 of the recipient, or a word)
    std::string challenge_prompt;
    Wallet wallet;
    Hash32 digest{};
    std::vector<PreviewLine> digests;  ///< to compare on a second device: what each is, and `0x` with 64 digits
};

/// What calls of the KMS came to, over some time.
struct CallStats {
    std::int64_t calls = 0;  ///< failed ones included
    std::int64_t failures = 0;
    /// AWS's name (or ours, where it has none) and how often. Beside those of failed calls: `Retried.ThrottlingException`,
    /// tries that were throttled and made again, and `Keydeck.SealBroken`, what did not open though the KMS's part of it
    /// did.
    std::vector<std::pair<std::string, std::int64_t>> errors;
    std::chrono::microseconds p50{};  ///< of the latency; within 5 %
    std::chrono::microseconds p95{};
    std::chrono::microseconds p99{};
};

/// Millionths of a US dollar.
using MicroDollars = std::int64_t;

struct KeyInfo {
    std::string id;
    std::string arn;
    std::string alias;  ///< alias/NAME, the first one; may be empty
    std::string spec;
    std::string usage;
    std::string state;  ///< Enabled, Disabled, PendingDeletion; `Unreadable` when the KMS would not say
    std::string region;
    std::string description;
    Timestamp created_at{};
    std::optional<Timestamp> deletion_date;
    std::optional<Timestamp> last_used_at;
    std::string rotation;  ///< `off`, `365d next 2027-01-01`, `n/a (ECC)`
    int versions = 1;
    std::int64_t wallets = 0;
    std::int64_t secrets = 0;
    std::vector<std::pair<std::string, std::string>> tags;
    std::string purpose;  ///< `pool`, `wallet` or empty (made by hand)
    // Rotation: symmetric keys only, in figures.
    int rotation_period_days = 0;              ///< automatic; 0: off
    std::optional<Timestamp> next_rotation;    ///< automatic
    std::optional<Timestamp> rotated_at;       ///< the newest version's beginning, where it is not the first
    std::optional<Timestamp> rotation_due;     ///< by the vault's policy; none where the key cannot rotate
    bool retiring = false;                     ///< nothing new is sealed under it
    CallStats last_day;                        ///< cryptographic operations of the last 24 hours
    std::optional<MicroDollars> month_so_far;  ///< none for keys of the embedded KMS, which cost nothing
};

struct KeyQuery {
    std::optional<std::pair<std::string, std::string>> tag;
    std::string state;  ///< as KeyInfo::state, any case; empty: any
};

struct CreateKey {
    std::string spec = "SYMMETRIC_DEFAULT";
    std::string usage;  ///< empty: what the spec implies
    std::string alias;  ///< NAME or alias/NAME; may be empty
    std::string description;
};

/// What is lost when a key is destroyed.
/// An application's database with values that were migrated to a key.
struct MigratedDatabase {
    std::string database;     ///< its path, as it was when it was migrated
    std::int64_t values = 0;  ///< by the jobs of this vault; at most so many where a migration has not ended
};

struct DeletionImpact {
    KeyInfo key;
    std::int64_t wallets = 0;
    std::int64_t secrets = 0;
    std::int64_t users = 0;
    std::vector<Wallet> first_wallets;        ///< up to 100
    std::vector<MigratedDatabase> databases;  ///< outside the vault; not rolled back
    [[nodiscard]] std::int64_t migrated_values() const {
        std::int64_t sum = 0;
        for (const MigratedDatabase& each : databases) sum += each.values;
        return sum;
    }
    /// What must be acknowledged.
    [[nodiscard]] std::int64_t total() const { return wallets + secrets + migrated_values(); }
};

/// Moves sealed wallets and secrets to another key, or to the newest version of theirs.
struct Rewrap {
    std::string from;                  ///< a pool key; empty: see `wallets`
    std::string to;                    ///< a pool key; empty: each to one drawn from the enabled others
    std::vector<std::string> wallets;  ///< only these. Neither these nor `from`: whatever stands under an old version of its
                                       ///< key, under the newest of the same key; with fresh_data_keys: everything
    bool fresh_data_keys = false;      ///< new data keys, which alone cures a leaked one; else ReEncrypt of the old ones
    /// With fresh_data_keys: only data keys from before this moment, which must not be to come. Empty: from before now, so
    /// that what an earlier rewrap did that was stopped is done again, after what it left. (Where `from` is to be emptied:
    /// whatever is under it.)
    std::optional<Timestamp> older_than;
};

/// Work that takes long. One that stopped before its end is taken up again by resume_job(), or by asking for the same.
struct JobInfo {
    std::int64_t id = 0;
    std::string kind;   ///< `create-wallets`, `rewrap`, `bulk`, `migrate-fernet`, …
    std::string title;  ///< for people: "rewrap pool-2 → pool-5"
    std::string actor;
    std::int64_t total = 0;
    std::int64_t done = 0;    ///< failed ones not included
    std::int64_t failed = 0;  ///< each is told by job_failures()
    std::string state;        ///< running, pausing, cancelling, paused, interrupted (its process is gone), done, cancelled
    std::string error;        ///< why it paused, one sentence; may be empty
    Timestamp created_at{};
    Timestamp updated_at{};
};

struct JobFailure {
    std::string item;  ///< an address, a user's or a secret's name, a key's id
    std::string error;
    Timestamp at{};
};

/// Calls of one operation with one key. `key_id` is empty for calls that name none (ListKeys).
struct Metric {
    std::optional<Timestamp> minute;  ///< its beginning; none in a total
    std::string key_id;
    std::string operation;  ///< `Decrypt`
    CallStats stats;
};

struct MetricsQuery {
    std::optional<Timestamp> since;  ///< none: 24 hours ago. Minutes are kept for 30 days
    std::optional<Timestamp> until;
    std::string key;         ///< key id; empty: any
    std::string operation;   ///< empty: any
    bool by_minute = false;  ///< a row a minute, key and operation; else one a key and operation
};

/// When alerts are raised. A rule at 0 is off.
struct AlertRules {
    int decrypts_per_minute = 100;    ///< more than that many Decrypt calls in one minute
    int error_percent = 5;            ///< of at least 20 calls in five minutes
    int failed_decrypts = 3;          ///< that many InvalidCiphertext and the like, or seals of wallets, in five minutes
    int access_denied = 1;            ///< that many in five minutes
    int throttled = 10;               ///< that many tries in five minutes, though calls succeed in the end
    int rotation_days = 365;          ///< a symmetric key older than that since its last rotation
    int deletion_days = 30;           ///< a key pending deletion with dependants, that near its end
    bool audit = true;                ///< the audit chain is broken
    MicroDollars monthly_budget = 0;  ///< the month's forecast is above it
    std::string command;              ///< run by the shell for each alert raised; empty: none
};

struct Alert {
    std::int64_t id = 0;
    std::string rule;      ///< decrypt-rate error-rate failed-decrypts access-denied throttling rotation-late deletion-near
                           ///< audit-broken over-budget
    std::string subject;   ///< a key id, or empty
    std::string sentence;  ///< as it is now, or was when it cleared
    std::string command;   ///< what mends it; may be empty
    Timestamp raised_at{};
    std::optional<Timestamp> cleared_at;
    std::optional<Timestamp> acknowledged_at;
    std::string acknowledged_by;
    std::optional<Timestamp> silenced_until;
    [[nodiscard]] bool firing() const { return !cleared_at; }
};

/// AWS's prices, as the user's prices file has them.
/// https://aws.amazon.com/kms/pricing/
struct Prices {
    MicroDollars key_month = 1'000'000;
    int paid_rotations = 2;               ///< of a key; each costs another key_month, further ones nothing
    MicroDollars symmetric_10k = 30'000;  ///< 10,000 requests
    MicroDollars ecc_10k = 150'000;       ///< Sign, Verify, GetPublicKey of ECC keys
    MicroDollars key_pair_10k = 100'000;  ///< GenerateDataKeyPair of ECC kinds
    std::int64_t free_requests = 20'000;  ///< symmetric, a month
};

struct CostLine {
    std::string name;        ///< a user, a custody, "keys", "symmetric requests", …
    std::int64_t count = 0;  ///< keys or requests
    MicroDollars month_so_far = 0;
    MicroDollars forecast = 0;  ///< of the whole month
};

/// What AWS bills for the vault's keys and the calls this program made. For the embedded KMS: what it would be in AWS.
struct CostReport {
    std::string month;  ///< 2026-11
    bool is_billed = false;
    CostLine total;
    std::vector<CostLine> by_kind;
    std::vector<CostLine> by_user;  ///< the largest first; the pool's costs by their shares in it
    std::vector<CostLine> by_custody;
};

/// What a month would cost with each of the custodies.
struct CostQuestion {
    std::int64_t users = 0;
    std::int64_t wallets_per_user = 1;
    std::int64_t signs = 0;  ///< a month, all users together
    int pool_size = 10;
};
struct CostEstimate {
    Custody custody = Custody::kEnvelope;
    std::int64_t keys = 0;
    std::int64_t making_requests = 0;  ///< once, for the making of the wallets
    MicroDollars making = 0;
    MicroDollars keys_month = 0;
    MicroDollars signs_month = 0;  ///< a wallet opened for each signature
    [[nodiscard]] MicroDollars month() const { return keys_month + signs_month; }
};

struct PoolStatus {
    std::string alias_prefix;
    std::vector<KeyInfo> keys;
    std::int64_t wallets = 0;
};

struct AuditEvent {
    std::int64_t id = 0;  ///< 1, 2, 3, … in chain order
    Timestamp time{};
    std::string actor;
    std::string surface;
    std::string action;  ///< CloudTrail's eventName style: `SignMessage`, `CreateWallet`, `ScheduleKeyDeletion`
    std::string target;  ///< address, user name or key id
    std::string user;    ///< whose wallet; may be empty
    std::string key_id;
    std::string result;  ///< `ok` or the error's code
    std::string digest;  ///< 0x…, of a signature
    std::string detail;  ///< JSON object with the rest (request parameters, what was shown)
    Hash32 previous{};
    Hash32 hash{};
};

/// What a request to the served KMS is signed with; the secret is seen once.
struct NewAccessKey {
    std::string id;
    SecretBytes secret;
    SecretBytes session_token;  ///< may be empty
};

struct AccessKeyInfo {
    std::string id;
    Timestamp created_at{};
    bool has_session_token = false;
};

struct AuditQuery {
    PageQuery page;
    bool newest_first = false;
    std::string actor;
    std::string action;
    std::string target;
    std::string user;
    std::string key;
    std::string result;
    std::optional<Timestamp> since;
    std::optional<Timestamp> until;
};

struct AuditVerification {
    bool valid = false;
    std::int64_t events = 0;
    std::optional<std::int64_t> first_bad;
    std::string reason;  ///< one sentence when not valid
    Hash32 head{};
    std::int64_t archived = 0;  ///< events before the first one here, which are in archives; `events` counts them too
};

/// What was taken out of the audit log into a file.
struct AuditArchive {
    std::string file;
    std::int64_t first = 0;
    std::int64_t last = 0;
    Hash32 head{};  ///< of the last one: what the log goes on from
};

struct DoctorFinding {
    std::string check;     ///< `orphan-key`, `clock`, …
    std::string severity;  ///< `problem` or `notice`
    std::string sentence;
    std::string command;  ///< what mends it
    std::string key_id;
};

/// A decoded raw transaction for people and JSON.
struct DecodedTransaction {
    std::vector<PreviewLine> lines;
    std::string json;  ///< one object with the JSON-RPC field names, and hash, from, r, s, yParity or v
    AddressBytes from{};
    Hash32 hash{};
};

struct Verification {
    bool valid = false;
    AddressBytes address{};  ///< who signed
};

struct VaultInfo {
    std::string id;  ///< UUID
    std::string path;
    std::string kms;  ///< `local` or `aws`
    std::string region;
    std::string account;
    std::string key_file;  ///< absolute path, or empty with a passphrase
    bool needs_passphrase = false;
    bool is_demo = false;
    bool read_only = false;
    std::string database_path;
    std::int64_t users = 0;
    std::int64_t wallets = 0;
};

/// What goes wrong with the calls of a demo's KMS, and how slow they are. Drawn from `seed`, so that it can be shown again.
struct KmsWeather {
    std::chrono::milliseconds latency{};  ///< added to each call
    double throttle = 0;                  ///< 0 to 1: share of calls that are answered with ThrottlingException
    double fail = 0;                      ///< 0 to 1: share of calls that are answered with KMSInternalException
    std::uint64_t seed = 1;
};

/// Where a vault's KMS is and as whom it is called.
struct KmsConnection {
    std::string kms;  ///< `local` or `aws`
    std::string region;
    // With AWS only:
    std::string endpoint;            ///< "https://kms.us-east-1.amazonaws.com/"
    std::string endpoint_source;     ///< "the region", "AWS_ENDPOINT_URL", …
    std::string profile;             ///< of the shared configuration files
    std::string credentials_source;  ///< "the environment", "profile \"dev\"", …; empty while none are known
    std::string access_key_id;
    std::optional<Timestamp> credentials_expire_at;
};

}  // namespace keydeck
