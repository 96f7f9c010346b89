// The emergency kit's keystores: wallets' keys, each in a file that any wallet program opens with a passphrase.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "engine/backup.hpp"
#include "engine/custody/open_vault.hpp"

namespace keydeck::custody::backup {

/// As Engine::export_keystores(). Each export is recorded in the audit log before its file is written; a
/// file that is there already, of that wallet and with this passphrase, is left and counts as written. Errors: invalid_input
/// (no passphrase, no such directory); not_found, denied (a wallet that is named, before anything is written); locked;
/// cancelled (what was written stays).
[[nodiscard]] Result<std::vector<ExportedKeystore>> export_keystores(OpenVault& vault, const Session& session,
                                                                     std::span<const std::string> wallets,
                                                                     const std::filesystem::path& directory,
                                                                     const SecretBytes& passphrase,
                                                                     const Progress& progress);

}  // namespace keydeck::custody::backup
