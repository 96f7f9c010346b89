#include "app/cli/settings.hpp"

#include <array>
#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "app/cli/input.hpp"
#include "app/cli/output.hpp"

namespace keydeck::cli {
namespace {

constexpr int kMaxPoolSize = 1'000;
constexpr std::size_t kConfigLimit = 1024UL * 1024;

struct Definition {
    std::string_view name;                 ///< in config.toml and `config show`
    const char* variable;                  ///< in the environment and the env file
    std::string SettingOptions::* option;  ///< nullptr: no option
    std::string_view fallback;
};

constexpr std::array kDefinitions = {
    Definition{"vault", "KEYDECK_VAULT", &SettingOptions::vault, ""},
    Definition{"passphrase_file", "KEYDECK_PASSPHRASE_FILE", &SettingOptions::passphrase_file, ""},
    Definition{"pool_size", "KMS_KEY_POOL_SIZE", nullptr, "10"},
    Definition{"pool_alias_prefix", "KMS_KEY_ALIAS_PREFIX", nullptr, "keydeck-pool"},
};

std::optional<int> pool_size_of(std::string_view text) {
    int size = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), size);
    if (problem != std::errc() || end != text.data() + text.size() || size < 1 || size > kMaxPoolSize) return std::nullopt;
    return size;
}

bool is_alias_prefix(std::string_view text) {
    constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:/_-";
    return !text.empty() && text.size() <= 200 && text.find_first_not_of(kAllowed) == std::string_view::npos;
}

/// The specification asks for absolute paths and has others ignored.
Result<std::string> base_directory(const char* variable, std::string_view below_home) {
    std::string directory = environment(variable);
    if (directory.starts_with('/')) return directory;
    const std::string home = environment("HOME");
    if (home.empty()) {
        return fail(ErrorCode::kInvalidInput, fmt::format("Neither {} nor HOME is set.", variable),
                    "Name the vault with --vault.");
    }
    return fmt::format("{}/{}", home, below_home);
}

/// What one layer after the other says; the strongest wins.
class Layers {
public:
    static Result<Layers> read(const SettingOptions& options) {
        Layers layers(options);
        if (!options.env_file.empty()) {
            auto entries = read_env_file(options.env_file);
            if (!entries) return fail(entries);
            layers.env_file_ = std::move(*entries);
        }
        auto file = read_config_file(config_file_path());
        if (!file) return fail(file);
        if (!file->problems.empty()) {
            return fail(ErrorCode::kInvalidInput, file->problems.front().sentence,
                        "`keydeck config check` lists every problem.");
        }
        layers.file_ = std::move(file->entries);
        return layers;
    }

    [[nodiscard]] Setting find(const Definition& definition) const {
        if (definition.option != nullptr && !(options_->*definition.option).empty()) {
            return {definition.name, options_->*definition.option, "option"};
        }
        if (std::string value = environment(definition.variable); !value.empty()) {
            return {definition.name, std::move(value), "environment"};
        }
        for (const auto& [name, value] : env_file_) {
            if (name == definition.variable && !value.empty()) return {definition.name, value, "env-file"};
        }
        for (const ConfigEntry& entry : file_) {
            if (entry.name == definition.name) return {definition.name, entry.value, "file"};
        }
        return {definition.name, std::string(definition.fallback), "default"};
    }

private:
    explicit Layers(const SettingOptions& options) : options_(&options) {}
    const SettingOptions* options_;
    std::vector<std::pair<std::string, std::string>> env_file_;
    std::vector<ConfigEntry> file_;
};

}  // namespace

Status check_setting(std::string_view name, std::string_view value) {
    if (name == "pool_size" && !pool_size_of(value)) {
        return fail(ErrorCode::kInvalidInput,
                    fmt::format("pool_size is \"{}\", not a number from 1 to {}.", value, kMaxPoolSize));
    }
    if (name == "pool_alias_prefix" && !is_alias_prefix(value)) {
        return fail(ErrorCode::kInvalidInput,
                    fmt::format("pool_alias_prefix is \"{}\"; an alias is made of letters, digits and :/_-.", value));
    }
    return {};
}

std::vector<std::string_view> setting_names() {
    std::vector<std::string_view> names;
    names.reserve(kDefinitions.size());
    for (const Definition& definition : kDefinitions) names.push_back(definition.name);
    return names;
}

std::string config_file_path() {
    auto directory = base_directory("XDG_CONFIG_HOME", ".config");
    return directory ? *directory + "/keydeck/config.toml" : std::string();
}

Result<std::string> data_directory(std::string_view name) {
    auto directory = base_directory("XDG_DATA_HOME", ".local/share");
    if (!directory) return fail(directory);
    return fmt::format("{}/{}", *directory, name);
}

Result<Settings> load_settings(const SettingOptions& options) {
    auto layers = Layers::read(options);
    if (!layers) return fail(layers);
    Settings settings;
    for (const Definition& definition : kDefinitions) {
        Setting setting = layers->find(definition);
        if (Status fits = check_setting(setting.name, setting.value); !fits) {
            return fail(ErrorCode::kInvalidInput, fits.error().message, fmt::format("It comes from: {}.", setting.source));
        }
        settings.all.push_back(std::move(setting));
    }
    if (settings.all[0].value.empty()) {
        auto directory = data_directory("keydeck");
        if (!directory) return fail(directory);
        settings.all[0].value = std::move(*directory);
    }
    settings.vault = settings.all[0].value;
    settings.passphrase_file = settings.all[1].value;
    settings.pool_size = pool_size_of(settings.all[2].value).value_or(settings.pool_size);
    settings.pool_alias_prefix = settings.all[3].value;
    return settings;
}

Result<std::vector<std::pair<std::string, std::string>>> read_env_file(const std::string& path) {
    auto text = read_text(path, kConfigLimit);
    if (!text) return fail(text);
    const auto trim = [](std::string_view part) {
        const std::size_t first = part.find_first_not_of(" \t\r");
        if (first == std::string_view::npos) return std::string_view();
        return part.substr(first, part.find_last_not_of(" \t\r") - first + 1);
    };
    std::vector<std::pair<std::string, std::string>> entries;
    std::string_view rest = *text;
    for (unsigned number = 1; !rest.empty(); ++number) {
        const std::size_t end = rest.find('\n');
        std::string_view line = trim(rest.substr(0, end));
        rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
        if (line.empty() || line.front() == '#') continue;
        if (line.starts_with("export ")) line = trim(line.substr(7));
        const std::size_t equals = line.find('=');
        if (equals == std::string_view::npos || equals == 0) {
            return fail(ErrorCode::kInvalidInput, fmt::format("{}, line {}: this is not NAME=value.", path, number));
        }
        std::string_view value = trim(line.substr(equals + 1));
        if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front()) {
            value = value.substr(1, value.size() - 2);
        } else if (const std::size_t comment = value.find(" #"); comment != std::string_view::npos) {
            value = trim(value.substr(0, comment));
        }
        entries.emplace_back(trim(line.substr(0, equals)), value);
    }
    return entries;
}

}  // namespace keydeck::cli
