// What the operations of LocalKms stand on. Seen by the .cpp files of this folder only.
#pragma once

#include <atomic>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "engine/kms/local/ciphertext_blob.hpp"
#include "engine/kms/local/connection_pool.hpp"
#include "engine/kms/local/key_name.hpp"
#include "engine/kms/local/key_ring.hpp"
#include "engine/kms/local/local_kms.hpp"
#include "engine/kms/local/records.hpp"
#include "engine/sqlite/db_transaction.hpp"

namespace keydeck::kms {

/// Every operation reads the key's row from the file in that very call, so that a key another process has disabled is
/// refused at once; only opened material is kept. No lock is held while cryptography runs.
struct LocalKms::Impl {
    using Lease = local::ConnectionPool::Lease;
    using MaterialPtr = std::shared_ptr<const local::Material>;
    /// A change of one key inside the write that change_key() has begun.
    using Change = std::function<Status(sqlite::Database&, const local::KeyRecord&)>;

    Impl(std::filesystem::path path, const sqlite::OpenOptions& options, local::VaultRecord vault_record,
         const Clock& a_clock, Random& a_random)
        : clock(a_clock),
          random(a_random),
          pool(std::move(path), options),
          vault(std::move(vault_record)),
          place{vault.region, vault.account},
          read_only(options.mode == sqlite::OpenMode::kReadOnly) {}

    const Clock& clock;
    Random& random;
    local::ConnectionPool pool;
    local::VaultRecord vault;
    local::Place place;
    const bool read_only;
    local::KeyRing ring;

    // Reading (access.cpp)

    /// A connection, after whatever the clock has made due was done.
    Result<Lease> begin();
    /// NotFoundException when there is none.
    Result<local::KeyRecord> find(sqlite::Database& database, std::string_view key_id, local::Aliases aliases) const;
    /// Imported material past its date is as good as gone, though its bytes go with the next look at the clock only.
    void drop_expired(local::KeyRecord& key) const;
    /// Enabled, else DisabledException or KMSInvalidStateException. Material of an unusable key is forgotten.
    Status check_usable(const local::KeyRecord& key);
    /// find() and check_usable(), then InvalidKeyUsageException for a key of another usage; `operation` is AWS's name of it.
    Result<local::KeyRecord> find_usable(sqlite::Database& database, std::string_view key_id, KeyUsage usage,
                                         std::string_view operation);
    /// One version of the key's material; null when there is no such version. Errors: locked, corrupt.
    Result<MaterialPtr> open_material(sqlite::Database& database, const local::KeyRecord& key, std::int64_t version);
    /// The current version's; a missing one is corrupt.
    Result<MaterialPtr> open_current(sqlite::Database& database, const local::KeyRecord& key);
    [[nodiscard]] std::string arn_of(const local::KeyRecord& key) const { return place.key_arn(key.key_id); }
    Result<KeyMetadata> metadata_of(sqlite::Database& database, const local::KeyRecord& key) const;

    // Writing (access.cpp)

    /// BEGIN IMMEDIATE, find the key (no aliases), refuse it while pending deletion, apply, commit.
    Status change_key(std::string_view key_id, const Change& change);
    /// The same for the operations that look at the state themselves.
    Status change_key_in_any_state(std::string_view key_id, const Change& change);
    /// Empty material for a key of origin EXTERNAL.
    Result<KeyMetadata> create(const CreateKeyRequest& request, SecretBytes material);
    /// A version of the key with this material, sealed. Errors: locked.
    Result<local::VersionRecord> seal_version(const local::KeyRecord& key, const SecretBytes& material);

    // Time (expiry.cpp)

    /// Inside every write: notes that now is a time this file has seen, unless the clock jumped while keys are pending
    /// deletion.
    Status note_event(sqlite::Database& database);
    /// At most once a minute, and whenever a deletion falls due: destroys, and notes that time passes.
    void look_after(sqlite::Database& database);
    /// Destroys what is due; rejected when the clock jumped.
    Result<int> destroy_due(sqlite::Database& database);
    /// Takes destroyed material out of the WAL as well.
    Status scrub();
    std::mutex expiry_mutex;
    std::atomic<std::int64_t> looked_at{std::numeric_limits<std::int64_t>::max()};  ///< microseconds
    std::atomic<std::int64_t> look_again_at{0};

    // Rotation (rotation.cpp)

    /// Automatic rotation that has fallen due; `key` is then the rotated one. Does nothing while locked.
    Status rotate_if_due(sqlite::Database& database, local::KeyRecord& key);
    /// Adds a version inside a write that has begun.
    Status add_version(sqlite::Database& database, const local::KeyRecord& key, bool on_demand);

    // Encryption (encryption.cpp)

    /// The steps all encrypting operations share: a key that may encrypt, rotated if due, its material opened.
    struct Sealer {
        std::string key_arn;
        std::string key_id;
        std::int64_t version;
        MaterialPtr material;
    };
    Result<Sealer> sealer(std::string_view key_id, std::string_view operation);
    Bytes seal(const Sealer& with, ByteView plaintext, const EncryptionContext& context);
    /// The key that `key_id` (may be empty) or the blob names, opened.
    struct Opener {
        std::string key_arn;
        MaterialPtr material;
        local::CiphertextBlob blob;
    };
    Result<Opener> opener(std::string_view key_id, ByteView ciphertext);
    Result<DataKey> generate_data_key(std::string_view key_id, int number_of_bytes, const EncryptionContext& context,
                                      std::string_view operation);
    Result<DataKeyPair> generate_data_key_pair(std::string_view key_id, const EncryptionContext& context,
                                               std::string_view operation);

    // Signing (signing.cpp)

    struct Signer {
        std::string key_arn;
        MaterialPtr material;
    };
    Result<Signer> signer(std::string_view key_id, std::string_view operation);

    // Message authentication (mac.cpp)

    /// The key's code over the message, and the key's ARN.
    Result<MacResult> authenticate(std::string_view key_id, ByteView message, MacAlgorithm algorithm,
                                   std::string_view operation);

    // Imported material (imports.cpp)

    /// Keeps material that fits; IncorrectKeyMaterialException when the key had another before.
    Status store_imported(std::string_view key_id, const SecretBytes& material, const std::optional<Timestamp>& valid_to);
    /// Inside a write: takes the key's material out of the file; scrub() then takes it out of the WAL.
    Status erase_material(sqlite::Database& database, const local::KeyRecord& key);

    // Access keys (access_keys.cpp): as they lie in the file, and opened. A row is read for each request, so that a key that
    // was removed is refused at once; only the opening is saved.
    struct KnownAccessKey {
        Bytes sealed;
        std::shared_ptr<const AccessKey> opened;
    };
    std::mutex access_keys_mutex;
    std::map<std::string, KnownAccessKey, std::less<>> access_keys;
};

/// The answer of whatever needs key material before unlock().
[[nodiscard]] std::unexpected<Error> vault_locked();

}  // namespace keydeck::kms
