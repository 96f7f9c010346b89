// A vault made of a backup: whole, or not at all.
#pragma once

#include "engine/backup.hpp"
#include "engine/base/clock.hpp"
#include "engine/base/random.hpp"
#include "engine/types.hpp"

namespace keydeck::custody::backup {

/// How the folder's name begins that becomes the vault, while it is made beside it.
inline constexpr std::string_view kStagingOfRestore = ".keydeck-restore-";

/// As Engine::restore_backup(). The whole file is read before anything is written, then written beside the vault's
/// directory, checked there, and renamed into place in one step. What happens after that (the event in the vault's log,
/// asking the KMS what still opens) may fail without the restore doing so: the report's notices tell.
[[nodiscard]] Result<RestoreReport> restore(const Session& session, const RestoreOptions& options, const Progress& progress,
                                            const Clock& clock, Random& random);

}  // namespace keydeck::custody::backup
