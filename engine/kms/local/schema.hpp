// kms.db: its identity and its tables.
#pragma once

#include <cstdint>
#include <span>

#include "engine/sqlite/database.hpp"

namespace keydeck::kms::local {

inline constexpr std::int32_t kApplicationId = 0x4B444B4D;  // "KDKM"

[[nodiscard]] std::span<const sqlite::Migration> migrations();

}  // namespace keydeck::kms::local
