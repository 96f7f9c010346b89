// Opening a file as one of ours. Internal to the room.
#pragma once

#include <filesystem>

#include "engine/sqlite/database.hpp"
#include "engine/sqlite/handle.hpp"

namespace keydeck::sqlite {

/// Opens, checks and sets a connection up as Database::open promises.
[[nodiscard]] Result<Connection> connect(const std::filesystem::path& path, const OpenOptions& options);

/// Opens and sets a connection up as Database::open_foreign promises. `patience_ms` is read whenever the database is busy:
/// it outlives the connection.
[[nodiscard]] Result<Connection> connect_foreign(const std::filesystem::path& path, const ForeignOptions& options,
                                                 int* patience_ms);

/// Opens an existing file for writing, as it is: no checks, no settings.
[[nodiscard]] Result<Connection> connect_plainly(const std::filesystem::path& path);

}  // namespace keydeck::sqlite
