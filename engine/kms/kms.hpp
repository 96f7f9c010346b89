// A key management service, in AWS's vocabulary: https://docs.aws.amazon.com/kms/latest/APIReference/
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/bytes.hpp"
#include "engine/base/clock.hpp"
#include "engine/base/secret.hpp"
#include "engine/error.hpp"

namespace keydeck::kms {

enum class KeySpec : std::uint8_t { kSymmetricDefault, kEccSecgP256k1, kHmac224, kHmac256, kHmac384, kHmac512 };
enum class KeyUsage : std::uint8_t { kEncryptDecrypt, kSignVerify, kGenerateVerifyMac };
enum class KeyState : std::uint8_t { kEnabled, kDisabled, kPendingDeletion, kPendingImport };
/// Where a key's material comes from: the KMS made it, or somebody imports it.
enum class Origin : std::uint8_t { kAwsKms, kExternal };
enum class MessageType : std::uint8_t { kRaw, kDigest };

/// AWS's names: SYMMETRIC_DEFAULT, SIGN_VERIFY, PendingDeletion, …
[[nodiscard]] std::string_view to_string(KeySpec spec);
[[nodiscard]] std::string_view to_string(KeyUsage usage);
[[nodiscard]] std::string_view to_string(KeyState state);
[[nodiscard]] std::string_view to_string(Origin origin);
/// Error: invalid_input listing the names that exist.
[[nodiscard]] Result<KeySpec> parse_key_spec(std::string_view text);
[[nodiscard]] Result<KeyUsage> parse_key_usage(std::string_view text);
[[nodiscard]] Result<KeyState> parse_key_state(std::string_view text);
[[nodiscard]] Result<Origin> parse_origin(std::string_view text);
/// The one usage that fits a spec (of those a KMS here knows).
[[nodiscard]] KeyUsage usage_of(KeySpec spec);
[[nodiscard]] bool is_hmac(KeySpec spec);

/// Tag keys 1..128 characters, values 0..256, at most 50, no duplicates, not beginning `aws:`.
using Tags = std::vector<std::pair<std::string, std::string>>;
/// Exact, case-sensitive, free of order. Ids only, no secrets: it is plaintext in the audit trail.
using EncryptionContext = std::map<std::string, std::string>;

struct KeyMetadata {
    std::string key_id;  ///< UUID
    std::string arn;     ///< arn:aws:kms:<region>:<account>:key/<key_id>
    KeySpec spec = KeySpec::kSymmetricDefault;
    KeyUsage usage = KeyUsage::kEncryptDecrypt;
    KeyState state = KeyState::kEnabled;
    std::string description;
    Timestamp created_at{};
    std::optional<Timestamp> deletion_date{};  ///< while pending deletion
    Origin origin = Origin::kAwsKms;
    std::optional<Timestamp> valid_to{};  ///< when imported material expires; none: never, or there is none
};

struct CreateKeyRequest {
    KeySpec spec = KeySpec::kSymmetricDefault;
    KeyUsage usage = KeyUsage::kEncryptDecrypt;
    std::string description;  ///< at most 8192 characters
    Tags tags;
    Origin origin = Origin::kAwsKms;  ///< kExternal: the key waits for its material (PendingImport)
    std::string policy{};             ///< JSON; empty: the KMS's own
};

struct Alias {
    std::string name;  ///< alias/…
    std::string arn;
    std::string target_key_id;
};

/// One page of a list. `next_marker` is empty on the last.
template <class T>
struct Page {
    std::vector<T> items;
    std::string next_marker;
};

struct PageRequest {
    std::optional<int> limit;  ///< 1..1000, default 100 (aliases, keys), 50 (tags)
    std::string marker;
};

struct KeyListEntry {
    std::string key_id;
    std::string arn;
};

struct RotationStatus {
    bool enabled = false;
    int period_days = 365;
    std::optional<Timestamp> next_rotation;
    std::optional<Timestamp> on_demand_start;  ///< an on-demand rotation in progress (AWS only)
};

struct Rotation {
    Timestamp at{};
    bool on_demand = false;
};

struct EncryptResult {
    Bytes ciphertext;
    std::string key_arn;
};
struct DecryptResult {
    SecretBytes plaintext;
    std::string key_arn;
};
struct ReEncryptRequest {
    ByteView ciphertext;
    EncryptionContext source_context;
    std::string source_key_id;  ///< may be empty: the blob names its key; else IncorrectKeyException where it differs
    std::string destination_key_id;
    EncryptionContext destination_context;
};
struct ReEncryptResult {
    Bytes ciphertext;
    std::string source_key_arn;
    std::string key_arn;
};
struct DataKey {
    SecretBytes plaintext;  ///< empty from …without_plaintext
    Bytes ciphertext;
    std::string key_arn;
};
struct DataKeyPair {
    SecretBytes private_key_plaintext;  ///< PKCS#8 DER; empty from …without_plaintext
    Bytes private_key_ciphertext;       ///< Encrypt of that DER under the wrapping key
    Bytes public_key;                   ///< SubjectPublicKeyInfo DER
    std::string key_arn;
};
struct PublicKeyResult {
    Bytes public_key;  ///< SubjectPublicKeyInfo DER (OID 1.3.132.0.10, uncompressed point)
    std::string key_arn;
    KeySpec spec = KeySpec::kEccSecgP256k1;
    KeyUsage usage = KeyUsage::kSignVerify;
};
struct SignResult {
    Bytes signature;  ///< DER ECDSA-Sig-Value; s may be high
    std::string key_arn;
};

/// A KMS. `LocalKms` and `AwsKms` implement it with the same semantics: states, errors, limits. Thread-safe.
///
/// `key_id` is a key id or key ARN everywhere; aliases (name or ARN) are accepted by the cryptographic calls, describe_key
/// and get_public_key. Every error carries AWS's name in `Error::kms_error` and AWS's text in `message`. Codes:
/// ValidationException and the like → invalid_input; NotFoundException → not_found; AlreadyExistsException → already_exists;
/// DisabledException, KMSInvalidStateException, UnsupportedOperationException, InvalidKeyUsageException,
/// LimitExceededException → rejected; AccessDeniedException → denied; InvalidCiphertextException, IncorrectKeyException,
/// KMSInvalidSignatureException → corrupt; ThrottlingException → throttled. Where AWS's text is empty, `hint` says what may
/// be wrong. Failures that AWS has no name for (an embedded KMS's own file) have a code and a sentence only; one whose key
/// material cannot be opened yet answers `locked`.
class Kms {
public:
    Kms() = default;
    Kms(const Kms&) = delete;
    Kms& operator=(const Kms&) = delete;
    virtual ~Kms() = default;

    // Keys
    virtual Result<KeyMetadata> create_key(const CreateKeyRequest& request) = 0;
    virtual Result<KeyMetadata> describe_key(std::string_view key_id) = 0;
    virtual Result<Page<KeyListEntry>> list_keys(const PageRequest& page) = 0;
    virtual Status update_key_description(std::string_view key_id, std::string_view description) = 0;
    virtual Status enable_key(std::string_view key_id) = 0;
    virtual Status disable_key(std::string_view key_id) = 0;
    /// `pending_window_days` 7..30. The key's aliases go at the end of the window, not now.
    virtual Result<KeyMetadata> schedule_key_deletion(std::string_view key_id, int pending_window_days) = 0;
    /// The key comes back Disabled.
    virtual Status cancel_key_deletion(std::string_view key_id) = 0;

    // Aliases and tags
    virtual Status create_alias(std::string_view alias_name, std::string_view target_key_id) = 0;
    virtual Status update_alias(std::string_view alias_name, std::string_view target_key_id) = 0;
    virtual Status delete_alias(std::string_view alias_name) = 0;
    /// Of one key where `key_id` is not empty.
    virtual Result<Page<Alias>> list_aliases(std::string_view key_id, const PageRequest& page) = 0;
    virtual Status tag_resource(std::string_view key_id, const Tags& tags) = 0;
    virtual Status untag_resource(std::string_view key_id, const std::vector<std::string>& tag_keys) = 0;
    virtual Result<Page<std::pair<std::string, std::string>>> list_resource_tags(std::string_view key_id,
                                                                                 const PageRequest& page) = 0;

    // Rotation (symmetric keys only)
    virtual Status enable_key_rotation(std::string_view key_id, int period_days) = 0;  ///< 90..2560
    virtual Status disable_key_rotation(std::string_view key_id) = 0;
    virtual Result<RotationStatus> get_key_rotation_status(std::string_view key_id) = 0;
    virtual Status rotate_key_on_demand(std::string_view key_id) = 0;  ///< at most 25 a key
    virtual Result<Page<Rotation>> list_key_rotations(std::string_view key_id, const PageRequest& page) = 0;

    // Symmetric cryptography. plaintext 1..4096 bytes, ciphertext 1..6144
    virtual Result<EncryptResult> encrypt(std::string_view key_id, ByteView plaintext, const EncryptionContext& context) = 0;
    /// `key_id` may be empty: the blob names its key. IncorrectKeyException where both differ.
    virtual Result<DecryptResult> decrypt(std::string_view key_id, ByteView ciphertext,
                                          const EncryptionContext& context) = 0;
    virtual Result<ReEncryptResult> re_encrypt(const ReEncryptRequest& request) = 0;
    virtual Result<DataKey> generate_data_key(std::string_view key_id, int number_of_bytes,
                                              const EncryptionContext& context) = 0;
    virtual Result<DataKey> generate_data_key_without_plaintext(std::string_view key_id, int number_of_bytes,
                                                                const EncryptionContext& context) = 0;
    virtual Result<DataKeyPair> generate_data_key_pair(std::string_view key_id, const EncryptionContext& context) = 0;
    virtual Result<DataKeyPair> generate_data_key_pair_without_plaintext(std::string_view key_id,
                                                                         const EncryptionContext& context) = 0;
    virtual Result<Bytes> generate_random(int number_of_bytes) = 0;  ///< 1..1024

    // Signing (ECDSA_SHA_256). A message has 1..4096 bytes, a digest exactly 32 and is not hashed again
    virtual Result<PublicKeyResult> get_public_key(std::string_view key_id) = 0;
    virtual Result<SignResult> sign(std::string_view key_id, ByteView message, MessageType type) = 0;
    /// A wrong signature is the error KMSInvalidSignatureException, never a quiet `false`.
    virtual Status verify(std::string_view key_id, ByteView message, MessageType type, ByteView signature) = 0;
};

}  // namespace keydeck::kms
