// The copy of the application's database from before its migration.
#pragma once

#include <filesystem>

#include "engine/base/clock.hpp"
#include "engine/error.hpp"
#include "engine/sqlite/database.hpp"

namespace keydeck::custody::migration {

/// Copies the database in one step beside itself, `NAME.before-keydeck-YYYYMMDDTHHMMSSZ` (UTC), mode 0600, and looks whether
/// the copy is sound. `resumed`: a copy of this very time was made by the same job, and is taken as it is. Errors: corrupt
/// where the database (and so its copy) is damaged; unavailable (the disk is full).
[[nodiscard]] Result<std::filesystem::path> back_up(sqlite::Database& database, Timestamp when, bool resumed);

/// Opens such a copy, which nobody writes.
[[nodiscard]] Result<sqlite::Database> open_backup(const std::filesystem::path& path);

}  // namespace keydeck::custody::migration
