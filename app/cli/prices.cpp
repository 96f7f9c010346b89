#define TOML_EXCEPTIONS 0  // NOLINT(cppcoreguidelines-macro-usage): the library's own switch
#include <toml++/toml.h>

#include "app/cli/prices.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/cli/input.hpp"

namespace keydeck::cli {
namespace {

constexpr std::size_t kPricesLimit = 64UL * 1024;
constexpr std::int64_t kMicro = 1'000'000;
constexpr std::size_t kDecimals = 6;
constexpr std::int64_t kMostDollars = 1'000'000;
constexpr std::int64_t kMostRotations = 1'000;
constexpr std::int64_t kMostFree = 1'000'000'000'000;

/// An amount of the file: `dollars`; or a whole number: `count`, which sets it or says what is wrong.
struct Entry {
    std::string_view name;
    MicroDollars Prices::* dollars;
    void (*set_count)(Prices& prices, std::int64_t count);
    std::int64_t most;
};

constexpr std::array kEntries = {
    Entry{"key_month", &Prices::key_month, nullptr, 0},
    Entry{"paid_rotations", nullptr,
          [](Prices& prices, std::int64_t count) { prices.paid_rotations = static_cast<int>(count); }, kMostRotations},
    Entry{"symmetric_requests_10k", &Prices::symmetric_10k, nullptr, 0},
    Entry{"ecc_requests_10k", &Prices::ecc_10k, nullptr, 0},
    Entry{"key_pair_requests_10k", &Prices::key_pair_10k, nullptr, 0},
    Entry{"free_requests", nullptr, [](Prices& prices, std::int64_t count) { prices.free_requests = count; }, kMostFree},
};

bool is_digits(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::int64_t number_of(std::string_view digits) {
    std::int64_t number = 0;
    const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return problem == std::errc() ? number : std::numeric_limits<std::int64_t>::max();
}

/// A number as it is written in the file: a binary fraction of it would not be the price.
std::string number_as_written(std::string_view file, unsigned line) {
    for (unsigned at = 1; at < line; ++at) file.remove_prefix(std::min(file.find('\n'), file.size() - 1) + 1);
    std::string_view text = file.substr(0, file.find_first_of("#\r\n"));
    text.remove_prefix(std::min(text.find('='), text.size() - 1) + 1);
    std::string number;
    std::ranges::copy_if(text, std::back_inserter(number), [](char c) { return c != ' ' && c != '\t' && c != '_'; });
    return number;
}

Status take(Prices& prices, const Entry& entry, const toml::node& node, std::string_view file) {
    const auto* integer = node.as_integer();
    if (entry.set_count != nullptr) {
        if (integer == nullptr || integer->get() < 0 || integer->get() > entry.most) {
            return fail(ErrorCode::kInvalidInput,
                        fmt::format("{} must be a whole number from 0 to {}.", entry.name, entry.most));
        }
        entry.set_count(prices, integer->get());
        return {};
    }
    std::string text;
    if (const auto* written = node.as_string()) {
        text = written->get();
    } else if (integer != nullptr) {
        text = std::to_string(integer->get());
    } else if (node.is_floating_point()) {
        text = number_as_written(file, node.source().begin.line);
    } else {
        return fail(ErrorCode::kInvalidInput, fmt::format("{} must be an amount in dollars, as \"0.03\".", entry.name));
    }
    const auto amount = parse_dollars(text, entry.name);
    if (!amount) return fail(amount);
    prices.*entry.dollars = *amount;
    return {};
}

Status take(Prices& prices, std::string_view name, const toml::node& node, std::string_view file) {
    const auto* const entry = std::ranges::find(kEntries, name, &Entry::name);
    if (entry != kEntries.end()) return take(prices, *entry, node, file);
    std::vector<std::string_view> names;
    names.reserve(kEntries.size());
    for (const Entry& known : kEntries) names.push_back(known.name);
    return fail(ErrorCode::kInvalidInput,
                fmt::format("there is no price \"{}\"; known are {}.", name, fmt::join(names, ", ")));
}

}  // namespace

Result<MicroDollars> parse_dollars(std::string_view text, std::string_view what) {
    if (text.starts_with('-')) return fail(ErrorCode::kInvalidInput, fmt::format("{} must not be negative.", what));
    const std::size_t point = text.find('.');
    const std::string_view whole = text.substr(0, point);
    const std::string_view decimals = point == std::string_view::npos ? "0" : text.substr(point + 1);
    if (!is_digits(whole) || !is_digits(decimals)) {
        return fail(ErrorCode::kInvalidInput, fmt::format("{} must be an amount in dollars, as \"0.03\".", what));
    }
    if (decimals.size() > kDecimals) {
        return fail(ErrorCode::kInvalidInput, fmt::format("{} has more than {} decimals.", what, kDecimals));
    }
    std::int64_t micros = number_of(decimals);
    for (std::size_t i = decimals.size(); i < kDecimals; ++i) micros *= 10;
    const std::int64_t amount = number_of(whole);
    if (amount > kMostDollars || (amount == kMostDollars && micros > 0)) {
        return fail(ErrorCode::kInvalidInput, fmt::format("{} must be at most {} dollars.", what, kMostDollars));
    }
    return amount * kMicro + micros;
}

std::string dollars(MicroDollars amount) {
    std::string text =
        fmt::format("{}{}.{:06}", amount < 0 ? "-" : "", std::abs(amount / kMicro), std::abs(amount % kMicro));
    while (text.ends_with('0') && text[text.size() - 3] != '.') text.pop_back();
    return text;
}

std::string prices_file_path() {
    const std::string config = config_file_path();
    return config.empty() ? config : config.substr(0, config.rfind('/') + 1) + "prices.toml";
}

Result<PricesFile> read_prices_file(const std::string& path) {
    PricesFile file;
    if (path.empty()) return file;
    const auto text = read_text(path, kPricesLimit);
    if (!text && text.error().code == ErrorCode::kNotFound) return file;
    if (!text) return fail(text);
    file.is_there = true;
    const auto note = [&](unsigned line, std::string_view problem) {
        file.problems.push_back({line, fmt::format("{}, line {}: {}", path, line, problem)});
    };
    const toml::parse_result parsed = toml::parse(*text, path);
    if (!parsed) {
        const toml::parse_error& problem = parsed.error();
        note(problem.source().begin.line, fmt::format("this is not TOML: {}.", problem.description()));
        return file;
    }
    for (const auto& [key, node] : parsed.table()) {
        if (const Status taken = take(file.prices, key.str(), node, *text); !taken)
            note(node.source().begin.line, taken.error().message);
    }
    std::ranges::sort(file.problems, {}, &ConfigProblem::line);
    return file;
}

Result<Prices> load_prices() {
    auto file = read_prices_file(prices_file_path());
    if (!file) return fail(file);
    if (file->problems.empty()) return file->prices;
    return fail(ErrorCode::kInvalidInput, file->problems.front().sentence, "`keydeck config check` lists every problem.");
}

}  // namespace keydeck::cli
