// Where a restored vault's key file goes.
#pragma once

#include <filesystem>
#include <string>

#include "engine/backup.hpp"
#include "engine/base/secret.hpp"
#include "engine/custody/backup/restored_files.hpp"
#include "engine/error.hpp"

namespace keydeck::custody::backup {

struct KeyFilePlace {
    std::filesystem::path path;    ///< absolute; empty: the vault has none
    bool is_written = false;       ///< by write_key_file(); else it is there already, or nowhere
    bool is_in_the_vault = false;  ///< it comes and goes with the vault's directory
    SecretBytes bytes;             ///< the backup's, or those of the file that is there; empty: neither
};

/// Looks for a place and touches nothing. `directory` is where the vault will be; a key file that was in the old vault's
/// directory goes into the new one's. Errors: already_exists (another file is there), not_found (the folder is missing),
/// invalid_input (a key file named for a vault that has none); those of read_key_file().
[[nodiscard]] Result<KeyFilePlace> place_key_file(const RestoredFiles& files, const BackupManifest& manifest,
                                                  const std::filesystem::path& directory,
                                                  const std::filesystem::path& wanted);

/// Writes it, where it is to be written: into `folder` where it is in the vault. Errors: those of create_private_file().
[[nodiscard]] Status write_key_file(const KeyFilePlace& place, const std::filesystem::path& folder);

}  // namespace keydeck::custody::backup
