// Backups of a vault and what comes of them, as they cross the engine's public surface.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/clock.hpp"
#include "engine/base/secret.hpp"
#include "engine/types.hpp"

namespace keydeck {

struct BackupFile {
    std::string name;  ///< `keydeck.db`
    std::int64_t size = 0;
    Hash32 sha256{};
};

/// What a backup says of itself; all of it is encrypted and authenticated.
struct BackupManifest {
    std::string vault_id;
    std::string kms;        ///< `local` or `aws`
    std::string directory;  ///< where the vault was
    std::string key_file;   ///< where its key file was; empty: it had none
    Timestamp made_at{};
    std::string keydeck_version;
    std::vector<BackupFile> files;
    std::int64_t users = 0;
    std::int64_t wallets = 0;
    std::int64_t secrets = 0;
    std::int64_t audit_events = 0;
    Hash32 audit_head{};
    bool has_key_file = false;  ///< the embedded KMS's key file is in it
};

struct BackupOptions {
    std::filesystem::path file;  ///< must not exist yet
    SecretBytes passphrase;
    bool without_key_file = false;                ///< leave the embedded KMS's key file out: it is kept elsewhere
    std::vector<std::filesystem::path> settings;  ///< more files to keep: the configuration
    std::uint64_t scrypt_n = 131'072;             ///< lowered in tests only
};

struct RestoreOptions {
    std::filesystem::path file;
    std::filesystem::path directory;  ///< must not exist, or be empty
    SecretBytes passphrase;
    SecretBytes vault_passphrase;    ///< of a vault that has one, to check and write its audit log; empty: neither is done
    std::filesystem::path key_file;  ///< where the key file goes; empty: where it was
    std::uint64_t largest_scrypt_n = 1'048'576;
};

/// Wallets and secrets that do not open, or will not for long, after a restore.
struct RestoreLoss {
    std::string key_id;
    std::string key_state;  ///< Disabled, PendingDeletion, Destroyed, Unreadable; `NoDataKey`: the wallets' rows lack theirs
    std::int64_t wallets = 0;
    std::int64_t secrets = 0;
    std::vector<AddressBytes> first_wallets;  ///< up to 100
};

struct RestoreReport {
    BackupManifest manifest;
    std::filesystem::path directory;
    std::filesystem::path key_file;     ///< written or found there; empty: none
    std::vector<std::string> settings;  ///< files that were put into DIRECTORY/restored-settings
    bool keys_were_checked = false;     ///< whether a KMS could be asked
    std::vector<RestoreLoss> losses;
    std::vector<std::string> notices;
};

/// What a recovery sheet tells of: nothing in it is secret.
struct RecoverySheetOptions {
    std::string user;   ///< empty: everybody's
    bool html = false;  ///< else plain text
};

/// A wallet's key, encrypted, for the emergency kit.
struct ExportedKeystore {
    Wallet wallet;
    std::filesystem::path file;  ///< a V3 keystore; empty where it was not written
    std::string skipped;         ///< why not: it has a KMS key of its own
};

/// After a wallet or a secret was destroyed: that copies of its databases which the vault in this directory has made by
/// itself still hold it, and how they are removed, in one sentence for people; empty: there are none.
[[nodiscard]] std::string warn_of_copies_of_destroyed(const std::filesystem::path& directory);

}  // namespace keydeck
