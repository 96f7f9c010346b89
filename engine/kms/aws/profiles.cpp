#include "engine/kms/aws/profiles.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/base/file.hpp"
#include "engine/base/text.hpp"

namespace keydeck::kms::aws {
namespace {

constexpr std::size_t kMaxFile = std::size_t{1} << 20;

bool is_blank(char c) { return c == ' ' || c == '\t'; }

/// A section's kind and name: `[profile "a b"]` is {profile, a b}, `[default]` is {"", default}.
std::pair<std::string_view, std::string_view> kind_and_name(std::string_view title) {
    const std::size_t blank = title.find_first_of(" \t");
    if (blank == std::string_view::npos) return {"", title};
    std::string_view name = trimmed(title.substr(blank));
    const bool quoted = name.size() >= 2 && (name.front() == '"' || name.front() == '\'') && name.back() == name.front();
    if (quoted) name = name.substr(1, name.size() - 2);
    return {title.substr(0, blank), name};
}

/// Reads line by line into the sections.
class Parser {
public:
    Parser(std::vector<IniFile::Section>& sections, std::string_view what) : sections_(sections), what_(what) {}

    Status line(std::string_view line) {
        ++number_;
        const std::string_view text = trimmed(line);
        if (text.empty() || text.front() == '#' || text.front() == ';') return {};
        if (line.front() == '[') return section(text);
        if (sections_.empty()) return refuse("stands before any section");
        if (is_blank(line.front())) return indented(text);
        const std::size_t equals = text.find('=');
        if (equals == std::string_view::npos || trimmed(text.substr(0, equals)).empty())
            return refuse("is no `name = value`");
        name_ = ascii_lower(trimmed(text.substr(0, equals)));
        const std::string_view value = trimmed(text.substr(equals + 1));
        has_parts_ = value.empty();
        sections_.back().values[name_] = value;
        return {};
    }

private:
    Status section(std::string_view text) {
        const std::size_t end = text.find(']');
        const std::string_view after = end == std::string_view::npos ? "" : trimmed(text.substr(end + 1));
        if (end == std::string_view::npos || !(after.empty() || after.front() == '#' || after.front() == ';'))
            return refuse("is no `[section]`");
        const std::string_view title = trimmed(text.substr(1, end - 1));
        if (title.empty()) return refuse("is no `[section]`");
        sections_.push_back({std::string(title), {}});
        name_.clear();
        has_parts_ = false;
        return {};
    }
    /// A part of the setting above where that has no value of its own; else the value goes on, which nothing here does.
    Status indented(std::string_view text) {
        if (name_.empty()) return refuse("is indented and continues nothing");
        if (!has_parts_) return {};
        const std::size_t equals = text.find('=');
        if (equals == std::string_view::npos) return refuse("is no `name = value`");
        sections_.back().values[fmt::format("{}.{}", name_, ascii_lower(trimmed(text.substr(0, equals))))] =
            trimmed(text.substr(equals + 1));
        return {};
    }
    [[nodiscard]] std::unexpected<Error> refuse(std::string_view why) const {
        return fail(ErrorCode::kInvalidInput, fmt::format("Line {} of {} {}.", number_, what_, why));
    }

    std::vector<IniFile::Section>& sections_;
    std::string_view what_;
    std::size_t number_ = 0;
    std::string name_;
    bool has_parts_ = false;
};

Result<IniFile> read(const std::string& path) {
    if (path.empty()) return IniFile();
    Result<SecretBytes> text = read_secret_file(path, kMaxFile);
    if (!text && text.error().code == ErrorCode::kNotFound) return IniFile();
    if (!text) return fail(text);
    return IniFile::parse(std::move(*text), path);
}

std::string path_of(const Environment& environment, const char* name, std::string_view below_home) {
    const std::string home = variable(environment, "HOME");
    std::string path = variable(environment, name);
    if (path.starts_with("~/")) return home.empty() ? std::string() : home + path.substr(1);
    if (!path.empty()) return path;
    return home.empty() ? std::string() : fmt::format("{}/{}", home, below_home);
}

}  // namespace

Result<IniFile> IniFile::parse(SecretBytes text, std::string_view what) {
    IniFile out;
    out.text_ = std::move(text);
    Parser parser(out.sections_, what);
    std::string_view rest = out.text_.text();
    if (rest.starts_with("\xef\xbb\xbf")) rest.remove_prefix(3);
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        if (Status read = parser.line(rest.substr(0, end)); !read) return fail(read);
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return out;
}

Result<Profiles> Profiles::load(const Environment& environment) {
    Profiles out;
    out.credentials_path_ = path_of(environment, "AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials");
    out.config_path_ = path_of(environment, "AWS_CONFIG_FILE", ".aws/config");
    Result<IniFile> credentials = read(out.credentials_path_);
    if (!credentials) return fail(credentials);
    Result<IniFile> config = read(out.config_path_);
    if (!config) return fail(config);
    out.credentials_ = std::move(*credentials);
    out.config_ = std::move(*config);
    return out;
}

std::vector<const IniFile::Section*> Profiles::sections_of(std::string_view profile) const {
    std::vector<const IniFile::Section*> found;
    // The last of a name says the last word.
    for (auto section = credentials_.sections().rbegin(); section != credentials_.sections().rend(); ++section) {
        if (section->name == profile) found.push_back(&*section);
    }
    for (auto section = config_.sections().rbegin(); section != config_.sections().rend(); ++section) {
        const auto [kind, name] = kind_and_name(section->name);
        if (name == profile && (kind == "profile" || (kind.empty() && profile == "default"))) found.push_back(&*section);
    }
    return found;
}

bool Profiles::has(std::string_view profile) const { return !sections_of(profile).empty(); }

std::string_view Profiles::get(std::string_view profile, std::string_view name) const {
    for (const IniFile::Section* section : sections_of(profile)) {
        const auto found = section->values.find(std::string(name));
        if (found != section->values.end() && !found->second.empty()) return found->second;
    }
    return {};
}

std::string_view Profiles::get_of_service(std::string_view profile, std::string_view service, std::string_view name) const {
    const std::string_view services = get(profile, "services");
    if (services.empty()) return {};
    for (auto section = config_.sections().rbegin(); section != config_.sections().rend(); ++section) {
        if (kind_and_name(section->name) != std::pair<std::string_view, std::string_view>("services", services)) continue;
        const auto found = section->values.find(fmt::format("{}.{}", service, name));
        if (found != section->values.end()) return found->second;
    }
    return {};
}

std::string Profiles::places() const {
    if (credentials_path_.empty() && config_path_.empty()) return "any file (HOME is not set)";
    return fmt::format("{} or {}", credentials_path_, config_path_);
}

}  // namespace keydeck::kms::aws
