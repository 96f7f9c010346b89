// The engine's verbs on backups.
#include <utility>

#include "engine/backup.hpp"
#include "engine/custody/backup/making.hpp"
#include "engine/custody/backup/restoring.hpp"
#include "engine/custody/open_vault.hpp"
#include "engine/engine.hpp"

namespace keydeck {

Result<BackupManifest> Engine::back_up(const Session& session, const BackupOptions& options, const Progress& progress) {
    return custody::backup::make_backup(*vault_, session, options, progress);
}

Result<BackupManifest> Engine::verify_backup(const std::filesystem::path& file, const SecretBytes& passphrase,
                                             const Progress& progress) {
    return custody::backup::verify(file, passphrase, progress);
}

Result<RestoreReport> Engine::restore_backup(const Session& session, const RestoreOptions& options,
                                             const Progress& progress) {
    const SystemClock clock;
    SystemRandom random;
    return custody::backup::restore(session, options, progress, clock, random);
}

}  // namespace keydeck
