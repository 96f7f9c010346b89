// SQLite's outcomes in our words. Internal to the room.
#pragma once

#include "engine/error.hpp"

struct sqlite3;

namespace keydeck::sqlite {

/// The error that `outcome` (an extended result code) of the last call on `connection` stands for. Names the file and, for a
/// violated constraint, the column; never a value. `file` is for a connection that did not come about and knows no name.
[[nodiscard]] Error error_of(sqlite3* connection, int outcome, std::string file = {});

}  // namespace keydeck::sqlite
