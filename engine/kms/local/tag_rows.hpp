// Tags as rows.
#pragma once

#include <cstdint>

#include "engine/kms/kms.hpp"
#include "engine/sqlite/database.hpp"

namespace keydeck::kms::local {

/// Adds tags, or changes the values of those the key has. TagException when it would then have more than 50.
[[nodiscard]] Status put_tags(sqlite::Database& database, std::int64_t key_row, const Tags& tags);

}  // namespace keydeck::kms::local
