// A backup of a running vault: made, read back, and only then given its name.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "engine/backup.hpp"
#include "engine/custody/open_vault.hpp"

namespace keydeck::custody::backup {

/// As Engine::back_up(). The event is written first, so that the log in the backup ends with it.
[[nodiscard]] Result<BackupManifest> make_backup(OpenVault& vault, const Session& session, const BackupOptions& options,
                                                 const Progress& progress);

/// As Engine::verify_backup().
[[nodiscard]] Result<BackupManifest> verify(const std::filesystem::path& file, const SecretBytes& passphrase,
                                            const Progress& progress);

/// The beginning of the folders' names in which copies of a vault lie in its directory until they are used up.
inline constexpr std::string_view kStagingOfBackup = ".keydeck-backup-";

/// What the header may ask for where nobody says otherwise: 1 GiB of memory.
inline constexpr std::uint64_t kLargestScryptN = 1'048'576;

}  // namespace keydeck::custody::backup
