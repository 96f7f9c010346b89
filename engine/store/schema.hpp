// The schema of keydeck.db, step by step. Internal to the room, and to its tests.
#pragma once

#include <cstdint>
#include <span>

#include "engine/sqlite/database.hpp"

namespace keydeck::store {

/// The version this program writes: that of the last step.
inline constexpr std::int32_t kSchemaVersion = 8;

/// The steps, ascending from 1. A step that has shipped is never edited; a change is a new step.
[[nodiscard]] std::span<const sqlite::Migration> schema_steps();

}  // namespace keydeck::store
