// Small helpers for reading and binding rows. Internal to the room.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/clock.hpp"
#include "engine/sqlite/database.hpp"

namespace keydeck::store {

[[nodiscard]] inline std::optional<Timestamp> optional_time(const sqlite::Statement& row, int column) {
    if (row.is_null(column)) return std::nullopt;
    return from_micros(row.integer(column));
}

[[nodiscard]] inline std::optional<std::int64_t> optional_micros(const std::optional<Timestamp>& time) {
    if (!time) return std::nullopt;
    return to_micros(*time);
}

[[nodiscard]] inline std::string string_at(const sqlite::Statement& row, int column) {
    return std::string(row.text(column));
}

/// Adds `by` to one of the kept counters. Error: corrupt where the counter is missing.
[[nodiscard]] Status add_to_counter(sqlite::Database& database, std::string_view name, std::int64_t by);

}  // namespace keydeck::store
