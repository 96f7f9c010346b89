// Times and durations as people type them, on the command line and in filters.
#pragma once

#include <chrono>
#include <string_view>

#include "engine/error.hpp"
#include "engine/types.hpp"

namespace keydeck::ui {

/// `90s`, `15m`, `2h`, `7d`, `2w`. Error: invalid_input naming `what`.
Result<std::chrono::seconds> parse_duration(std::string_view text, std::string_view what);

/// A moment: RFC 3339 in UTC, a date (its beginning in UTC), `today`, or a duration before `now`. Error: invalid_input
/// naming `what`.
Result<Timestamp> parse_time(std::string_view text, std::string_view what, Timestamp now);

}  // namespace keydeck::ui
