#include "app/cli/demo_weather.hpp"

#include <charconv>
#include <cstdint>
#include <string_view>

#include <fmt/format.h>

namespace keydeck::cli {
namespace {

constexpr std::chrono::milliseconds kLongestLatency{60'000};

/// All of `text` as a number of this type, written in nothing but digits and, where the type has fractions, one point.
template <class T>
std::optional<T> plain_number(std::string_view text) {
    if (text.empty() || text.find_first_not_of("0123456789.") != text.npos) return std::nullopt;
    if (text.front() == '.' || text.back() == '.') return std::nullopt;
    T value{};
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<std::chrono::milliseconds> latency_of(std::string_view text) {
    const bool in_milliseconds = text.ends_with("ms");
    if (!in_milliseconds && !text.ends_with('s')) return std::nullopt;
    const auto count = plain_number<std::int64_t>(text.substr(0, text.size() - (in_milliseconds ? 2 : 1)));
    if (!count || *count > kLongestLatency.count()) return std::nullopt;
    const auto latency = in_milliseconds ? std::chrono::milliseconds(*count) : std::chrono::seconds(*count);
    if (latency > kLongestLatency) return std::nullopt;
    return latency;
}

/// `5%` or `0.05`. Without a sign, `5` and `1` could mean either.
std::optional<double> share_of(std::string_view text) {
    const bool in_percent = text.ends_with('%');
    if (in_percent) text.remove_suffix(1);
    const auto value = plain_number<double>(text);
    if (!value || *value > (in_percent ? 100 : 1)) return std::nullopt;
    if (!in_percent && *value != 0 && text.find('.') == text.npos) return std::nullopt;
    return in_percent ? *value / 100 : *value;
}

Result<double> parse_share(std::string_view text, std::string_view option) {
    if (text.empty()) return 0.0;
    if (const auto share = share_of(text)) return *share;
    return fail(ErrorCode::kInvalidInput, fmt::format("{} must be a share of the calls like 5% or 0.05.", option));
}

}  // namespace

Result<std::optional<KmsWeather>> parse_weather(const WeatherArgs& args) {
    KmsWeather weather;
    if (!args.seed.empty()) {
        const auto seed = plain_number<std::uint64_t>(args.seed);
        if (!seed) return fail(ErrorCode::kInvalidInput, "--seed must be a whole number from 0 to 18446744073709551615.");
        weather.seed = *seed;
    }
    if (!args.latency.empty()) {
        const auto latency = latency_of(args.latency);
        if (!latency) return fail(ErrorCode::kInvalidInput, "--latency must be a time like 300ms or 2s, at most 60s.");
        weather.latency = *latency;
    }
    const auto throttle = parse_share(args.throttle, "--throttle");
    if (!throttle) return fail(throttle);
    const auto failing = parse_share(args.fail, "--fail");
    if (!failing) return fail(failing);
    if (*throttle + *failing > 1)
        return fail(ErrorCode::kInvalidInput, "--throttle and --fail together can be no more than all calls: 100%.");
    weather.throttle = *throttle;
    weather.fail = *failing;
    if (args.latency.empty() && args.throttle.empty() && args.fail.empty()) {
        if (!args.seed.empty())
            return fail(ErrorCode::kInvalidInput, "--seed is the weather's: it goes with --latency, --throttle or --fail.");
        return std::optional<KmsWeather>();
    }
    return std::optional(weather);
}

std::string in_words(const KmsWeather& weather) {
    // Short, because it stands in the header of 80 columns; what does not happen is not named.
    std::string words;
    const auto add = [&](const std::string& part) { words += (words.empty() ? "" : ", ") + part; };
    if (weather.latency.count() > 0) add(fmt::format("{} ms", weather.latency.count()));
    if (weather.throttle > 0) add(fmt::format("thr {:.4g}%", 100 * weather.throttle));
    if (weather.fail > 0) add(fmt::format("err {:.4g}%", 100 * weather.fail));
    return words.empty() ? "fine weather" : words;
}

}  // namespace keydeck::cli
