// A sheet to print: what must be known to find everything again, and no secret.
#pragma once

#include <string>

#include "engine/backup.hpp"
#include "engine/custody/open_vault.hpp"

namespace keydeck::custody::backup {

/// As Engine::recovery_sheet(). Reads columns that lists read, none that is sealed. Errors: denied (not the operator),
/// not_found (no such user).
[[nodiscard]] Result<std::string> recovery_sheet(OpenVault& vault, const Session& session,
                                                 const RecoverySheetOptions& options);

}  // namespace keydeck::custody::backup
