// Figures as people read them: latencies, shares, money.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "engine/types.hpp"

namespace keydeck::ui {

/// "0.4 ms", "38 ms", "1.2 s"; "—" for nothing measured.
[[nodiscard]] std::string latency_of(std::chrono::microseconds time);
/// "0.2%", "100%"; "—" of nothing.
[[nodiscard]] std::string share_of(std::int64_t part, std::int64_t whole);
/// "$1,234.56", rounded half up; "< $0.01" for what is not nothing.
[[nodiscard]] std::string money_of(MicroDollars amount);
/// "451/s", "3.2/s"
[[nodiscard]] std::string rate_of(double per_second);
/// "20 s", "9 m", "2 h 5 m", "6 d 4 h"
[[nodiscard]] std::string span_of(std::chrono::seconds time);
/// "in 12 d", "in 6 d 4 h" below ten days, "in 3 h 5 m"; short enough for a column of eleven.
[[nodiscard]] std::string days_until(Timestamp then, Timestamp now);

/// When the key rotates next, or how late it is: "in 12 d", "▲ 12 d late", "n/a (ECC)", "off", "—".
struct RotationText {
    std::string text;
    bool late = false;
};
[[nodiscard]] RotationText rotation_of(const KeyInfo& key, Timestamp now);
/// Whether the KMS can rotate it: symmetric keys only.
[[nodiscard]] bool can_rotate(const KeyInfo& key);

/// How many of the calls ended for having been too many.
[[nodiscard]] std::int64_t throttled_in(const CallStats& stats);

}  // namespace keydeck::ui
