// AWS's prices as the user's prices.toml has them, and money as text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/cli/settings.hpp"
#include "engine/types.hpp"

namespace keydeck::cli {

/// `prices.toml` beside config.toml.
[[nodiscard]] std::string prices_file_path();

/// A prices file as read. What it leaves out, or says wrongly, has its default.
struct PricesFile {
    bool is_there = false;
    Prices prices;
    std::vector<ConfigProblem> problems;  ///< by line
};
/// Errors: denied, unavailable. A missing file is no error.
Result<PricesFile> read_prices_file(const std::string& path);

/// The user's prices. Error: invalid_input with the first problem of the file.
Result<Prices> load_prices();

/// `12`, `0.03`: dollars in decimal digits, at most six of them behind the point, at most a million; exactly. Error:
/// invalid_input naming `what`.
Result<MicroDollars> parse_dollars(std::string_view text, std::string_view what);

/// `0.03`, `12.00`, `0.000003`: exact, with two decimals at least.
[[nodiscard]] std::string dollars(MicroDollars amount);

}  // namespace keydeck::cli
