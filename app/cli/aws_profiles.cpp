#include "app/cli/aws_profiles.hpp"

#include <algorithm>

#include "app/cli/input.hpp"
#include "app/cli/output.hpp"

namespace keydeck::cli {
namespace {

constexpr std::size_t kMostBytes = 1024UL * 1024;
constexpr std::string_view kBlanks = " \t\r";

std::string_view trimmed_view(std::string_view text) {
    const std::size_t first = std::min(text.find_first_not_of(kBlanks), text.size());
    text.remove_prefix(first);
    return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

std::string file_at(const char* variable, const char* name) {
    const std::string named = environment(variable);
    return !named.empty() ? named : environment("HOME") + "/.aws/" + name;
}

void add(std::vector<std::string>& names, const std::string& path, bool is_credentials) {
    const auto text = read_text(path, kMostBytes);
    if (!text) return;
    for (std::string& name : profiles_in(*text, is_credentials)) {
        if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
    }
}

}  // namespace

std::vector<std::string> profiles_in(std::string_view text, bool is_credentials) {
    constexpr std::string_view kProfile = "profile";
    std::vector<std::string> names;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = trimmed_view(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        const std::size_t close = line.find(']');
        if (!line.starts_with('[') || close == std::string_view::npos) continue;
        line = trimmed_view(line.substr(1, close - 1));
        const bool says_profile = line.starts_with(kProfile) && line.size() > kProfile.size() &&
                                  kBlanks.find(line[kProfile.size()]) != std::string_view::npos;
        if (!is_credentials && !says_profile && line != "default") continue;
        if (!is_credentials && says_profile) line = trimmed_view(line.substr(kProfile.size()));
        if (line.size() >= 2 && (line.front() == '"' || line.front() == '\'') && line.back() == line.front())
            line = line.substr(1, line.size() - 2);
        if (!line.empty()) names.emplace_back(line);
    }
    return names;
}

std::vector<std::string> aws_profiles() {
    std::vector<std::string> names;
    add(names, file_at("AWS_CONFIG_FILE", "config"), false);
    add(names, file_at("AWS_SHARED_CREDENTIALS_FILE", "credentials"), true);
    return names;
}

}  // namespace keydeck::cli
