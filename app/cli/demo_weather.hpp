// The demo's weather, as a command line gives it and as people read it.
#pragma once

#include <optional>
#include <string>

#include "engine/engine.hpp"

namespace keydeck::cli {

/// As given; empty: not given.
struct WeatherArgs {
    std::string latency;   ///< `300ms`, `2s`; at most a minute
    std::string throttle;  ///< `5%` or `0.05`
    std::string fail;      ///< the same
    std::string seed;      ///< a whole number
};

/// Nothing where no option was given. Error: invalid_input naming the option and what it takes.
Result<std::optional<KmsWeather>> parse_weather(const WeatherArgs& args);

/// `300 ms 5% 1%`: latency, throttled, failing.
[[nodiscard]] std::string in_words(const KmsWeather& weather);

}  // namespace keydeck::cli
