// The verbs on an application's database that was encrypted with Fernet.
#pragma once

#include <string_view>
#include <vector>

#include "engine/custody/open_vault.hpp"
#include "engine/migration.hpp"

namespace keydeck::custody::migration {

/// Kinds of jobs. Neither can be resumed by its number: the Fernet keys are kept nowhere.
inline constexpr std::string_view kMigrateFernetKind = "migrate-fernet";
inline constexpr std::string_view kRollBackFernetKind = "roll-back-fernet";

/// Engine's verbs of the same names.
[[nodiscard]] Result<std::vector<FernetColumn>> discover_fernet(const Session& session,
                                                                const std::filesystem::path& database);
[[nodiscard]] Result<FernetReport> check_fernet(OpenVault& vault, const Session& session, const FernetMigration& request,
                                                const Progress& progress);
[[nodiscard]] Result<FernetReport> migrate_fernet(OpenVault& vault, const Session& session, const FernetMigration& request,
                                                  const Progress& progress);
[[nodiscard]] Result<FernetReport> verify_fernet(OpenVault& vault, const Session& session, const FernetMigration& request,
                                                 const Progress& progress);
[[nodiscard]] Result<FernetReport> roll_back_fernet(OpenVault& vault, const Session& session, const FernetMigration& request,
                                                    const Progress& progress);

}  // namespace keydeck::custody::migration
