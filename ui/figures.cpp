#include "ui/figures.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "ui/format.hpp"

namespace keydeck::ui {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

std::string latency_of(std::chrono::microseconds time) {
    const auto micros = time.count();
    if (micros <= 0) return "—";
    if (micros < 9'950) return fmt::format("{:.1f} ms", static_cast<double>(std::max<std::int64_t>(micros, 100)) / 1e3);
    if (micros < 999'500) return fmt::format("{} ms", (micros + 500) / 1000);
    return fmt::format("{:.1f} s", static_cast<double>(micros) / 1e6);
}

std::string share_of(std::int64_t part, std::int64_t whole) {
    if (whole <= 0) return "—";
    if (part == whole) return "100%";
    return fmt::format("{:.1f}%", 100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

std::string money_of(MicroDollars amount) {
    if (amount > 0 && amount < 5'000) return "< $0.01";
    const MicroDollars cents = (std::abs(amount) + 5'000) / 10'000;
    return fmt::format("{}${}.{:02}", amount < 0 ? "-" : "", grouped(cents / 100), cents % 100);
}

std::string rate_of(double per_second) {
    return per_second < 10 ? fmt::format("{:.1f}/s", per_second) : fmt::format("{:.0f}/s", per_second);
}

std::string span_of(seconds time) {
    if (time < minutes(1)) return fmt::format("{} s", std::max(time, seconds(0)).count());
    if (time < hours(1)) return fmt::format("{} m", std::chrono::ceil<minutes>(time).count());
    const auto whole_hours = std::chrono::floor<hours>(time);
    if (time < days(1))
        return fmt::format("{} h {} m", whole_hours.count(), std::chrono::floor<minutes>(time - whole_hours).count());
    const auto whole_days = std::chrono::floor<days>(time);
    return fmt::format("{} d {} h", whole_days.count(), std::chrono::floor<hours>(time - whole_days).count());
}

std::string days_until(Timestamp then, Timestamp now) {
    constexpr days kFewDays{10};
    if (then - now < kFewDays) return time_until(then, now);
    return fmt::format("in {} d", std::chrono::floor<days>(then - now).count());
}

bool can_rotate(const KeyInfo& key) { return key.spec == "SYMMETRIC_DEFAULT"; }

RotationText rotation_of(const KeyInfo& key, Timestamp now) {
    if (!can_rotate(key)) return {key.rotation.empty() ? "n/a" : key.rotation, false};
    if (key.state != "Enabled") return {"—", false};
    if (key.rotation_due && *key.rotation_due <= now) {
        const auto late = std::chrono::floor<days>(now - *key.rotation_due).count();
        return {late < 100 ? fmt::format("▲ {} d late", late) : fmt::format("▲ {}d late", late), true};
    }
    std::optional<Timestamp> next = key.next_rotation;
    if (key.rotation_due && (!next || *key.rotation_due < *next)) next = key.rotation_due;
    return {next ? days_until(*next, now) : "off", false};
}

std::int64_t throttled_in(const CallStats& stats) {
    std::int64_t out = 0;
    for (const auto& [name, count] : stats.errors) {
        if (name.find("hrottl") != std::string::npos || name.find("LimitExceeded") != std::string::npos) out += count;
    }
    return out;
}

}  // namespace keydeck::ui
