// A value as a cell holds it, whatever the column was declared to be.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "engine/base/bytes.hpp"

namespace keydeck::sqlite {

/// NULL, INTEGER, REAL, TEXT (in UTF-8) or BLOB: SQLite's storage classes, https://sqlite.org/datatype3.html
using Value = std::variant<std::monostate, std::int64_t, double, std::string, Bytes>;

}  // namespace keydeck::sqlite
