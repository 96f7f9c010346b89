// Counts that stop at the greatest value: what is in a file may be anything. Internal to the room.
#pragma once

#include <cstdint>
#include <limits>

namespace keydeck::oversight {

/// Of two that are not negative.
[[nodiscard]] inline std::int64_t saturating_add(std::int64_t a, std::int64_t b) {
    constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
    return a > kMost - b ? kMost : a + b;
}

/// Of two that are not negative.
[[nodiscard]] inline std::int64_t saturating_multiply(std::int64_t a, std::int64_t b) {
    constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
    return b != 0 && a > kMost / b ? kMost : a * b;
}

}  // namespace keydeck::oversight
