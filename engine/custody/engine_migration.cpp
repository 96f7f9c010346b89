// The engine's verbs on an application's database that was encrypted with Fernet.
#include "engine/custody/migration/migrate.hpp"
#include "engine/custody/open_vault.hpp"
#include "engine/engine.hpp"

namespace keydeck {

namespace migration = custody::migration;

Result<std::vector<FernetColumn>> Engine::discover_fernet(const Session& session, const std::filesystem::path& database) {
    return migration::discover_fernet(session, database);
}
Result<FernetReport> Engine::check_fernet(const Session& session, const FernetMigration& request, const Progress& progress) {
    return migration::check_fernet(*vault_, session, request, progress);
}
Result<FernetReport> Engine::migrate_fernet(const Session& session, const FernetMigration& request,
                                            const Progress& progress) {
    return migration::migrate_fernet(*vault_, session, request, progress);
}
Result<FernetReport> Engine::verify_fernet(const Session& session, const FernetMigration& request,
                                           const Progress& progress) {
    return migration::verify_fernet(*vault_, session, request, progress);
}
Result<FernetReport> Engine::roll_back_fernet(const Session& session, const FernetMigration& request,
                                              const Progress& progress) {
    return migration::roll_back_fernet(*vault_, session, request, progress);
}

}  // namespace keydeck
