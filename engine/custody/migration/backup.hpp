// The copy of the application's database from before its migration.
#pragma once

#include <filesystem>
#include <vector>

#include "engine/base/clock.hpp"
#include "engine/error.hpp"
#include "engine/sqlite/database.hpp"

namespace keydeck::custody::migration {

/// Copies the database in one step beside itself, `NAME.before-keydeck-YYYYMMDDTHHMMSSZ` (UTC), mode 0600, and looks whether
/// the copy is sound. A file that is there already is never taken for one, but stays. Errors: corrupt where the database
/// (and so its copy) is damaged; unavailable (the disk is full).
[[nodiscard]] Result<std::filesystem::path> back_up(sqlite::Database& database, Timestamp when);

/// The files beside the database that are called as such copies are, in the order of their names.
[[nodiscard]] std::vector<std::filesystem::path> copies_beside(const sqlite::Database& database);

/// Opens such a copy, which nobody writes.
[[nodiscard]] Result<sqlite::Database> open_backup(const std::filesystem::path& path);

}  // namespace keydeck::custody::migration
