#include "engine/base/clock.hpp"

#include <fmt/format.h>

#include <optional>

namespace keydeck {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::seconds;

/// Takes exactly `width` digits off the front.
std::optional<int> take_number(std::string_view& text, std::size_t width) {
    if (text.size() < width) return std::nullopt;
    int value = 0;
    for (std::size_t i = 0; i < width; ++i) {
        if (text[i] < '0' || text[i] > '9') return std::nullopt;
        value = value * 10 + (text[i] - '0');
    }
    text.remove_prefix(width);
    return value;
}

bool take(std::string_view& text, char c) {
    if (!text.starts_with(c)) return false;
    text.remove_prefix(1);
    return true;
}

/// Takes `.` and 1 to 6 digits, or nothing.
std::optional<microseconds> take_fraction(std::string_view& text) {
    if (!take(text, '.')) return microseconds(0);
    int micros = 0;
    int digits = 0;
    while (digits < 6 && !text.empty() && text.front() >= '0' && text.front() <= '9') {
        micros = micros * 10 + (text.front() - '0');
        text.remove_prefix(1);
        ++digits;
    }
    if (digits == 0) return std::nullopt;
    for (; digits < 6; ++digits) micros *= 10;
    return microseconds(micros);
}

std::optional<std::chrono::sys_days> take_date(std::string_view& text) {
    const auto year = take_number(text, 4);
    if (!year || !take(text, '-')) return std::nullopt;
    const auto month = take_number(text, 2);
    if (!month || !take(text, '-')) return std::nullopt;
    const auto day = take_number(text, 2);
    if (!day) return std::nullopt;
    const std::chrono::year_month_day date(std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day)));
    if (!date.ok()) return std::nullopt;
    return std::chrono::sys_days(date);
}

std::optional<microseconds> take_time(std::string_view& text) {
    const auto hour = take_number(text, 2);
    if (!hour || *hour > 23 || !take(text, ':')) return std::nullopt;
    const auto minute = take_number(text, 2);
    if (!minute || *minute > 59 || !take(text, ':')) return std::nullopt;
    const auto second = take_number(text, 2);
    if (!second || *second > 59) return std::nullopt;
    const auto fraction = take_fraction(text);
    if (!fraction) return std::nullopt;
    return hours(*hour) + minutes(*minute) + seconds(*second) + *fraction;
}

}  // namespace

std::string to_rfc3339(Timestamp t) {
    const auto day = std::chrono::floor<days>(t);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss<microseconds> time(t - day);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), time.hours().count(),
                       time.minutes().count(), time.seconds().count(), time.subseconds().count());
}

Result<Timestamp> from_rfc3339(std::string_view text) {
    const auto date = take_date(text);
    if (date && take(text, 'T')) {
        const auto time = take_time(text);
        if (time && text == "Z") return Timestamp(*date + *time);
    }
    return fail(ErrorCode::kInvalidInput, "The time is not of the form 2026-09-28T12:04:28Z (UTC, RFC 3339).");
}

Timestamp SystemClock::now() const { return std::chrono::time_point_cast<microseconds>(std::chrono::system_clock::now()); }

}  // namespace keydeck
