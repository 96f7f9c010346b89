// A backup's files while they lie in a folder of their own, not yet a vault: written, checked, put right.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/backup.hpp"
#include "engine/base/clock.hpp"
#include "engine/base/random.hpp"
#include "engine/base/secret.hpp"
#include "engine/custody/backup/contents.hpp"
#include "engine/error.hpp"
#include "engine/store/backup_rows.hpp"

namespace keydeck::custody::backup {

/// The name of the folder in a restored vault that settings are put into: a configuration is not the vault's to replace.
inline constexpr std::string_view kSettingsFolder = "restored-settings";

struct RestoredFiles {
    std::filesystem::path folder;
    SecretBytes key_file;  ///< the bytes of the key file; empty where there is none in the backup
    std::vector<std::string> settings;
    store::VaultIdentity identity;
};

/// Reads the backup once more and writes its files into `folder`, each synced; the key file stays in memory. `expected` is
/// what the first reading found. Errors: corrupt (also where it is another file by now), unavailable, cancelled.
[[nodiscard]] Result<RestoredFiles> write_files(SealedReader& reader, const BackupManifest& expected,
                                                const std::filesystem::path& folder, ByteProgress& progress);

/// Whether the databases are whole, of one vault, that of the manifest, and of schemas this version knows. Errors: corrupt,
/// rejected (newer).
[[nodiscard]] Status check_files(RestoredFiles& files, const BackupManifest& manifest);

/// What opens the embedded KMS: the key file's bytes, or the passphrase; both empty where there is neither at hand.
struct Opener {
    const SecretBytes* key_file = nullptr;
    const SecretBytes* passphrase = nullptr;
};
/// The seal of the audit log, where `opener` (or the seal file of an AWS vault) gives it; empty where nothing at hand does.
/// Error: denied where it is not what opens this vault.
[[nodiscard]] Result<std::optional<SecretBytes>> audit_seal_key(const RestoredFiles& files, const Opener& opener,
                                                                const Clock& clock, Random& random);

/// What is wrong with the audit chain; empty where nothing is.
[[nodiscard]] Result<std::string> find_broken_chain(const RestoredFiles& files, const SecretBytes& seal_key);

/// Says where the key file is from now on, and that no process works on any job.
[[nodiscard]] Status put_right(const RestoredFiles& files, const std::filesystem::path& key_file);

}  // namespace keydeck::custody::backup
