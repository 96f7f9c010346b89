// config.toml.
#define TOML_EXCEPTIONS 0  // NOLINT(cppcoreguidelines-macro-usage): the library's own switch
#include <toml++/toml.h>

#include <algorithm>

#include <fmt/format.h>

#include "app/cli/input.hpp"
#include "app/cli/settings.hpp"

namespace keydeck::cli {
namespace {

constexpr std::size_t kConfigLimit = 1024UL * 1024;

/// The value as text, or nothing where it is a list, a table or a time.
std::optional<std::string> value_text(const toml::node& node) {
    if (const auto* text = node.as_string()) return text->get();
    if (const auto* number = node.as_integer()) return std::to_string(number->get());
    if (const auto* number = node.as_floating_point()) return fmt::format("{}", number->get());
    if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
    return std::nullopt;
}

/// What is wrong with an entry; empty where nothing is.
std::string problem_with(std::string_view name, const std::optional<std::string>& value) {
    const auto known = setting_names();
    if (std::find(known.begin(), known.end(), name) == known.end()) {
        return fmt::format("there is no setting \"{}\"; known are {}.", name, fmt::join(known, ", "));
    }
    if (!value) return fmt::format("{} must be a text, a number, true or false.", name);
    const Status fits = check_setting(name, *value);
    return fits ? std::string() : fits.error().message;
}

}  // namespace

Result<ConfigFile> read_config_file(const std::string& path) {
    auto text = read_text(path, kConfigLimit);
    if (!text && text.error().code == ErrorCode::kNotFound) return ConfigFile{};
    if (!text) return fail(text);
    ConfigFile file;
    const toml::parse_result parsed = toml::parse(*text, path);
    if (!parsed) {
        const toml::parse_error& problem = parsed.error();
        const unsigned line = problem.source().begin.line;
        file.problems.push_back(
            {line, fmt::format("{}, line {}: this is not TOML: {}.", path, line, problem.description())});
        return file;
    }
    for (const auto& [key, node] : parsed.table()) {
        const unsigned line = node.source().begin.line;
        const auto value = value_text(node);
        const std::string problem = problem_with(key.str(), value);
        if (problem.empty()) {
            file.entries.push_back({std::string(key.str()), *value, line});
        } else {
            file.problems.push_back({line, fmt::format("{}, line {}: {}", path, line, problem)});
        }
    }
    const auto by_line = [](const auto& a, const auto& b) { return a.line < b.line; };
    std::sort(file.entries.begin(), file.entries.end(), by_line);
    std::sort(file.problems.begin(), file.problems.end(), by_line);
    return file;
}

}  // namespace keydeck::cli
