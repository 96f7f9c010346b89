// The embedded KMS: AWS KMS's semantics over one SQLite file.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/clock.hpp"
#include "engine/base/random.hpp"
#include "engine/kms/kms.hpp"
#include "engine/kms/local/values.hpp"

namespace keydeck::kms {

/// What opens the root key: 32 bytes from a key file, or a passphrase.
struct RootSecret {
    enum class Kind : std::uint8_t { kKeyFile, kPassphrase };
    Kind kind = Kind::kKeyFile;
    SecretBytes bytes;
};

struct LocalKmsOptions {
    std::string region = "us-east-1";
    std::string account = "000000000000";
    /// scrypt's cost for a passphrase, kept in the file when it is made (N is a power of two). Lowered in tests only.
    std::uint64_t scrypt_n = 131'072;
};

/// Thread-safe (its own connections; cryptography outside of locks). Key material stands in `kms.db` sealed under a random
/// root key, which is itself sealed under the key file or the passphrase (scrypt). Opening the file needs no secret:
/// unlock() does, and until then whatever needs key material answers `locked` (get_public_key too: the public key is vouched
/// for by the material), while describe, list and the changes of state work.
///
/// A key whose window has passed is destroyed at the next call or by expire(): material and aliases erased (secure_delete,
/// truncating checkpoint), and it does not exist any more. Nothing is destroyed when the clock stands more than a day past
/// the last event recorded in the file, until confirm_clock(): a wrong clock must not eat keys. Events are the writes and,
/// while keys wait for their deletion, about every hour any call; so a vault in daily use is never asked. A key that is
/// withheld stays pending deletion past its date: unusable, and its deletion can still be cancelled.
class LocalKms final : public Kms {
public:
    /// Makes `path` (mode 0600), whole or not at all. Errors: already_exists, denied, unavailable; invalid_input for an
    /// empty passphrase, a key file that is not 32 bytes, a region or account that fits into no ARN.
    static Status create(const std::filesystem::path& path, const RootSecret& secret, const LocalKmsOptions& options,
                         const Clock& clock, Random& random);
    /// Opens an existing file; locked. One that may only be read can be listed. A damaged one is not touched.
    /// Errors: not_found, corrupt, rejected (newer schema), denied.
    /// Read-only, nothing is written: what is due is neither destroyed nor rotated.
    static Result<std::unique_ptr<LocalKms>> open(const std::filesystem::path& path, const Clock& clock, Random& random,
                                                  bool read_only = false);
    ~LocalKms() override;

    /// Opens the root key. Errors: denied (wrong passphrase or key file: "…does not open this vault"), corrupt.
    Status unlock(const RootSecret& secret);
    /// Forgets the root key and all opened material.
    void lock();
    [[nodiscard]] bool is_unlocked() const;
    /// Which kind of secret the file wants.
    [[nodiscard]] RootSecret::Kind secret_kind() const;

    /// A 32-byte key of its own for another purpose (the audit seal), HKDF of the root key under `label`. Error: locked.
    Result<SecretBytes> derive_key(std::string_view label) const;

    /// Destroys what is due now; returns how many keys. Error: rejected when the clock jumped and nobody confirmed it.
    Result<int> expire();
    /// Whether destruction is withheld because the clock jumped.
    [[nodiscard]] Result<bool> clock_is_suspect();
    /// Accepts the present time as true.
    Status confirm_clock();

    /// What SQLite finds wrong with the file, its indexes too; empty where it is whole.
    [[nodiscard]] Result<std::string> find_damage();

    /// Puts material of the caller's into a fresh key (tests).
    Result<KeyMetadata> create_key_with_material(const CreateKeyRequest& request, const SecretBytes& material);

    [[nodiscard]] const std::string& region() const;
    [[nodiscard]] const std::string& account() const;

    Result<KeyMetadata> create_key(const CreateKeyRequest& request) override;
    Result<KeyMetadata> describe_key(std::string_view key_id) override;
    Result<Page<KeyListEntry>> list_keys(const PageRequest& page) override;
    Status update_key_description(std::string_view key_id, std::string_view description) override;
    Status enable_key(std::string_view key_id) override;
    Status disable_key(std::string_view key_id) override;
    Result<KeyMetadata> schedule_key_deletion(std::string_view key_id, int pending_window_days) override;
    Status cancel_key_deletion(std::string_view key_id) override;
    Status create_alias(std::string_view alias_name, std::string_view target_key_id) override;
    Status update_alias(std::string_view alias_name, std::string_view target_key_id) override;
    Status delete_alias(std::string_view alias_name) override;
    Result<Page<Alias>> list_aliases(std::string_view key_id, const PageRequest& page) override;
    Status tag_resource(std::string_view key_id, const Tags& tags) override;
    Status untag_resource(std::string_view key_id, const std::vector<std::string>& tag_keys) override;
    Result<Page<std::pair<std::string, std::string>>> list_resource_tags(std::string_view key_id,
                                                                         const PageRequest& page) override;
    Status enable_key_rotation(std::string_view key_id, int period_days) override;
    Status disable_key_rotation(std::string_view key_id) override;
    Result<RotationStatus> get_key_rotation_status(std::string_view key_id) override;
    Status rotate_key_on_demand(std::string_view key_id) override;
    Result<Page<Rotation>> list_key_rotations(std::string_view key_id, const PageRequest& page) override;
    Result<EncryptResult> encrypt(std::string_view key_id, ByteView plaintext, const EncryptionContext& context) override;
    Result<DecryptResult> decrypt(std::string_view key_id, ByteView ciphertext, const EncryptionContext& context) override;
    Result<ReEncryptResult> re_encrypt(const ReEncryptRequest& request) override;
    Result<DataKey> generate_data_key(std::string_view key_id, int number_of_bytes,
                                      const EncryptionContext& context) override;
    Result<DataKey> generate_data_key_without_plaintext(std::string_view key_id, int number_of_bytes,
                                                        const EncryptionContext& context) override;
    Result<DataKeyPair> generate_data_key_pair(std::string_view key_id, const EncryptionContext& context) override;
    Result<DataKeyPair> generate_data_key_pair_without_plaintext(std::string_view key_id,
                                                                 const EncryptionContext& context) override;
    Result<Bytes> generate_random(int number_of_bytes) override;
    Result<PublicKeyResult> get_public_key(std::string_view key_id) override;
    Result<SignResult> sign(std::string_view key_id, ByteView message, MessageType type) override;
    Status verify(std::string_view key_id, ByteView message, MessageType type, ByteView signature) override;

    // What the KMS's server offers beyond the Kms interface.

    /// Sign, Verify, Encrypt, … with an algorithm that no key of ours has: the error of the key that is named (it does not
    /// exist, is disabled, has another usage), else InvalidKeyUsageException.
    Status refuse_algorithm(std::string_view key_id, std::string_view operation, KeyUsage usage, std::string_view algorithm);
    /// verify(), answering the key's ARN.
    Result<std::string> verify_signature(std::string_view key_id, ByteView message, MessageType type, ByteView signature);

    /// HMAC keys. A message has 1..4096 bytes. InvalidKeyUsageException for an algorithm that is not the key spec's.
    Result<MacResult> generate_mac(std::string_view key_id, ByteView message, MacAlgorithm algorithm);
    /// The key's ARN; a wrong code is KMSInvalidMacException.
    Result<std::string> verify_mac(std::string_view key_id, ByteView message, ByteView mac, MacAlgorithm algorithm);

    /// For a key of origin EXTERNAL; else UnsupportedOperationException. Good for 24 hours. Makes an RSA key: slow.
    Result<ImportParameters> get_parameters_for_import(std::string_view key_id, WrappingAlgorithm algorithm,
                                                       WrappingKeySpec key_spec);
    /// The key's ARN. Errors: InvalidImportTokenException, ExpiredImportTokenException, InvalidCiphertextException (wrapped
    /// otherwise), IncorrectKeyMaterialException (does not fit, or is not what the key had before).
    Result<std::string> import_key_material(const ImportRequest& request);
    /// The key's ARN. The key waits for its material again; nothing else about it changes.
    Result<std::string> delete_imported_key_material(std::string_view key_id);

    /// Policies are kept and answered, never enforced. An empty name is `default`, the only one there is.
    Result<std::string> get_key_policy(std::string_view key_id, std::string_view policy_name);
    Status put_key_policy(std::string_view key_id, std::string_view policy_name, std::string_view policy);
    Result<Page<std::string>> list_key_policies(std::string_view key_id, const PageRequest& page);

    /// Access keys, sealed under the root key. Errors: locked; not_found.
    Result<AccessKey> create_access_key(bool with_session_token);
    Result<std::vector<AccessKeyEntry>> list_access_keys();
    Status remove_access_key(std::string_view id);
    /// Null when there is none of that id (any more).
    Result<std::shared_ptr<const AccessKey>> find_access_key(std::string_view id);

private:
    struct Impl;
    explicit LocalKms(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace keydeck::kms
