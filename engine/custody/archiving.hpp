// Moving the audit log's old events into files.
#pragma once

#include <filesystem>

#include "engine/custody/open_vault.hpp"

namespace keydeck::custody {

/// As Engine::archive_audit(). The file is whole and synced before anything leaves the log; what a crash between both left
/// behind is taken up again by the same command.
[[nodiscard]] Result<AuditArchive> archive_audit(OpenVault& vault, const Session& session, const VaultInfo& info,
                                                 Timestamp before, const std::filesystem::path& file);

}  // namespace keydeck::custody
