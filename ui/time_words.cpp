#include "ui/time_words.hpp"

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>

#include <fmt/format.h>

namespace keydeck::ui {
namespace {

/// Seconds in a unit; none for what is no unit.
std::optional<std::int64_t> unit_of(char letter) {
    switch (letter) {
        case 's':
            return 1;
        case 'm':
            return 60;
        case 'h':
            return 3'600;
        case 'd':
            return 86'400;
        case 'w':
            return 604'800;
        default:
            return std::nullopt;
    }
}

std::optional<std::chrono::seconds> duration_of(std::string_view text) {
    constexpr std::int64_t kMost = 36'500LL * 86'400;  // a hundred years
    if (text.size() < 2) return std::nullopt;
    const auto unit = unit_of(text.back());
    const std::string_view digits = text.substr(0, text.size() - 1);
    std::int64_t count = 0;
    const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
    if (!unit || problem != std::errc() || end != digits.data() + digits.size() || digits.front() == '-')
        return std::nullopt;
    if (count > kMost / *unit) return std::nullopt;
    return std::chrono::seconds(count * *unit);
}

}  // namespace

Result<std::chrono::seconds> parse_duration(std::string_view text, std::string_view what) {
    if (const auto duration = duration_of(text)) return *duration;
    return fail(ErrorCode::kInvalidInput, fmt::format("{} must be a time like 30m, 2h or 7d.", what));
}

Result<Timestamp> parse_time(std::string_view text, std::string_view what, Timestamp now) {
    constexpr std::size_t kDateLength = 10;
    const std::string today = to_rfc3339(now);
    if (const auto ago = duration_of(text)) return now - *ago;
    if (text == "today") text = std::string_view(today).substr(0, kDateLength);
    if (const auto time = from_rfc3339(text)) return *time;
    if (text.size() == kDateLength) {
        if (const auto day = from_rfc3339(std::string(text) + "T00:00:00Z")) return *day;
    }
    return fail(
        ErrorCode::kInvalidInput,
        fmt::format("{} must be a time: 2026-11-23, 2026-11-23T12:00:00Z, today, or so long ago as 2h or 7d.", what));
}

}  // namespace keydeck::ui
