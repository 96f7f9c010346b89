// The engine's verbs on backups, and on what is kept for the day they are needed.
#include <utility>

#include "engine/backup.hpp"
#include "engine/custody/backup/automatic.hpp"
#include "engine/custody/backup/keystores.hpp"
#include "engine/custody/backup/making.hpp"
#include "engine/custody/backup/recovery_sheet.hpp"
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

Result<std::string> Engine::recovery_sheet(const Session& session, const RecoverySheetOptions& options) {
    return custody::backup::recovery_sheet(*vault_, session, options);
}

Result<std::vector<ExportedKeystore>> Engine::export_keystores(const Session& session, std::span<const std::string> wallets,
                                                               const std::filesystem::path& directory,
                                                               const SecretBytes& passphrase, const Progress& progress) {
    return custody::backup::export_keystores(*vault_, session, wallets, directory, passphrase, progress);
}

std::string warn_of_copies_of_destroyed(const std::filesystem::path& directory) {
    return custody::warn_of_old_copies(directory, "what was destroyed");
}

}  // namespace keydeck
