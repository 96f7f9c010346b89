#include "app/cli/settings.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <functional>
#include <optional>

#include <fmt/format.h>

#include "app/cli/input.hpp"
#include "app/cli/output.hpp"

namespace keydeck::cli {
namespace {

constexpr int kMaxPoolSize = 1'000;
constexpr int kMostBackupsKept = 1'000;

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
    Definition{"alert_decrypts_per_minute", "KEYDECK_ALERT_DECRYPTS_PER_MINUTE", nullptr, "100"},
    Definition{"alert_error_percent", "KEYDECK_ALERT_ERROR_PERCENT", nullptr, "5"},
    Definition{"alert_failed_decrypts", "KEYDECK_ALERT_FAILED_DECRYPTS", nullptr, "3"},
    Definition{"alert_access_denied", "KEYDECK_ALERT_ACCESS_DENIED", nullptr, "1"},
    Definition{"alert_throttled", "KEYDECK_ALERT_THROTTLED", nullptr, "10"},
    Definition{"alert_rotation_days", "KEYDECK_ALERT_ROTATION_DAYS", nullptr, "365"},
    Definition{"alert_deletion_days", "KEYDECK_ALERT_DELETION_DAYS", nullptr, "30"},
    Definition{"alert_audit", "KEYDECK_ALERT_AUDIT", nullptr, "true"},
    Definition{"monthly_budget", "KEYDECK_MONTHLY_BUDGET", nullptr, "0"},
    Definition{"alert_command", "KEYDECK_ALERT_COMMAND", nullptr, ""},
    Definition{"secret_environment", "KEYDECK_SECRET_ENVIRONMENT", nullptr, "default"},
    Definition{"secret_keys", "KEYDECK_SECRET_KEYS", nullptr, ""},
    Definition{"kms_key", "AWS_KMS_KEY_ID", nullptr, ""},
    Definition{"backup_keep", "KEYDECK_BACKUP_KEEP", nullptr, "5"},
    Definition{"theme", "KEYDECK_THEME", &SettingOptions::theme, "auto"},
};

/// Never put where settings are, nor shown with them.
constexpr std::array<std::string_view, 2> kSecretVariables = {"ENCRYPTION_KEY", "ENCRYPTION_KEY_LEGACY"};

/// The settings that are a number of the alert rules; 0 turns the rule off.
struct RuleNumber {
    std::string_view name;
    int AlertRules::* field;
    int most;
};
constexpr std::array kRuleNumbers = {
    RuleNumber{"alert_decrypts_per_minute", &AlertRules::decrypts_per_minute, 1'000'000'000},
    RuleNumber{"alert_error_percent", &AlertRules::error_percent, 100},
    RuleNumber{"alert_failed_decrypts", &AlertRules::failed_decrypts, 1'000'000'000},
    RuleNumber{"alert_access_denied", &AlertRules::access_denied, 1'000'000'000},
    RuleNumber{"alert_throttled", &AlertRules::throttled, 1'000'000'000},
    RuleNumber{"alert_rotation_days", &AlertRules::rotation_days, 36'500},
    RuleNumber{"alert_deletion_days", &AlertRules::deletion_days, 36'500},
};

std::optional<int> number_up_to(std::string_view text, int most) {
    int number = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (problem != std::errc() || end != text.data() + text.size() || number < 0 || number > most) return std::nullopt;
    return number;
}

/// `25` or `25.50`: whole dollars and up to six decimals, without rounding.
std::optional<MicroDollars> dollars_of(std::string_view text) {
    constexpr std::size_t kDecimals = 6;
    constexpr int kMostDollars = 1'000'000'000;
    const std::size_t point = text.find('.');
    const auto whole = number_up_to(text.substr(0, point), kMostDollars);
    if (!whole) return std::nullopt;
    MicroDollars amount = *whole * MicroDollars{1'000'000};
    if (point == std::string_view::npos) return amount;
    std::string decimals(text.substr(point + 1));
    if (decimals.empty() || decimals.size() > kDecimals || decimals.front() == '-') return std::nullopt;
    decimals.resize(kDecimals, '0');
    const auto fraction = number_up_to(decimals, 999'999);
    if (!fraction) return std::nullopt;
    return amount + *fraction;
}

std::optional<bool> switch_of(std::string_view text) {
    if (text == "true" || text == "on" || text == "1") return true;
    if (text == "false" || text == "off" || text == "0") return false;
    return std::nullopt;
}

Status check_rule(std::string_view name, std::string_view value) {
    for (const RuleNumber& rule : kRuleNumbers) {
        if (rule.name == name && !number_up_to(value, rule.most)) {
            return fail(ErrorCode::kInvalidInput,
                        fmt::format("{} is \"{}\", not a number from 0 (off) to {}.", name, value, rule.most));
        }
    }
    if (name == "alert_audit" && !switch_of(value))
        return fail(ErrorCode::kInvalidInput, fmt::format("alert_audit is \"{}\", neither true nor false.", value));
    if (name == "monthly_budget" && !dollars_of(value)) {
        return fail(ErrorCode::kInvalidInput,
                    fmt::format("monthly_budget is \"{}\", not an amount of dollars like 25 or 25.50.", value));
    }
    return {};
}

/// `production=alias/prod,staging=alias/staging`.
std::optional<std::vector<std::pair<std::string, std::string>>> secret_keys_of(std::string_view text) {
    std::vector<std::pair<std::string, std::string>> keys;
    while (!text.empty()) {
        const std::size_t comma = text.find(',');
        const std::string_view entry = text.substr(0, comma);
        text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
        const std::size_t equals = entry.find('=');
        if (equals == 0 || equals == std::string_view::npos || equals + 1 == entry.size()) return std::nullopt;
        keys.emplace_back(entry.substr(0, equals), entry.substr(equals + 1));
    }
    return keys;
}

/// Of settings that were checked.
AlertRules rules_of(const std::vector<Setting>& settings) {
    AlertRules rules;
    for (const Setting& setting : settings) {
        for (const RuleNumber& rule : kRuleNumbers) {
            if (rule.name == setting.name) rules.*rule.field = number_up_to(setting.value, rule.most).value_or(0);
        }
        if (setting.name == "alert_audit") rules.audit = switch_of(setting.value).value_or(true);
        if (setting.name == "monthly_budget") rules.monthly_budget = dollars_of(setting.value).value_or(0);
        if (setting.name == "alert_command") rules.command = setting.value;
    }
    return rules;
}

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
    if (name == "secret_keys" && !secret_keys_of(value)) {
        return fail(ErrorCode::kInvalidInput,
                    fmt::format("secret_keys is \"{}\", not ENVIRONMENT=KEY,ENVIRONMENT=KEY.", value));
    }
    if (name == "backup_keep" && !number_up_to(value, kMostBackupsKept)) {
        return fail(ErrorCode::kInvalidInput,
                    fmt::format("backup_keep is \"{}\", not a number from 0 (none) to {}.", value, kMostBackupsKept));
    }
    constexpr std::string_view kInThemes = "abcdefghijklmnopqrstuvwxyz0123456789-_";
    constexpr std::size_t kLongestTheme = 32;
    if (name == "theme" &&
        (value.empty() || value.size() > kLongestTheme || value.find_first_not_of(kInThemes) != std::string_view::npos)) {
        return fail(ErrorCode::kInvalidInput,
                    fmt::format("theme is \"{}\"; the name of a theme is made of small letters, digits, - and _.", value));
    }
    return check_rule(name, value);
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
    settings.alerts = rules_of(settings.all);
    for (const Setting& setting : settings.all) {
        if (setting.name == "backup_keep")
            settings.backups_kept = number_up_to(setting.value, kMostBackupsKept).value_or(settings.backups_kept);
        if (setting.name == "theme") settings.theme = setting.value;
        if (setting.name == "kms_key") settings.kms_key = setting.value;
        if (setting.name == "secret_environment") settings.secret_environment = setting.value;
        if (setting.name == "secret_keys")
            settings.secret_keys = secret_keys_of(setting.value).value_or(settings.secret_keys);
    }
    return settings;
}

namespace {

/// Calls `each` with the name and the value of every line. The file may hold secrets: it is read into locked memory, and
/// what is wanted of it is copied by the caller.
Status each_variable(const std::string& path, const std::function<void(std::string_view, std::string_view)>& each) {
    auto text = read_secret(path);
    if (!text) return fail(text);
    const auto trim = [](std::string_view part) {
        const std::size_t first = part.find_first_not_of(" \t\r");
        if (first == std::string_view::npos) return std::string_view();
        return part.substr(first, part.find_last_not_of(" \t\r") - first + 1);
    };
    std::string_view rest = text->text();
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
        each(trim(line.substr(0, equals)), value);
    }
    return {};
}

}  // namespace

Result<std::vector<std::pair<std::string, std::string>>> read_env_file(const std::string& path) {
    std::vector<std::pair<std::string, std::string>> entries;
    Status read = each_variable(path, [&](std::string_view name, std::string_view value) {
        if (std::ranges::find(kSecretVariables, name) == kSecretVariables.end()) entries.emplace_back(name, value);
    });
    if (!read) return fail(read);
    return entries;
}

Result<SecretBytes> secret_setting(const SettingOptions& options, const char* variable) {
    const char* const value = std::getenv(variable);  // NOLINT(concurrency-mt-unsafe): nobody writes the environment
    if (value != nullptr && *value != 0) return SecretBytes::copy_of(std::string_view(value));
    SecretBytes found;
    if (options.env_file.empty()) return found;
    Status read = each_variable(options.env_file, [&](std::string_view name, std::string_view text) {
        if (name == variable && !text.empty()) found = SecretBytes::copy_of(text);
    });
    if (!read) return fail(read);
    return found;
}

}  // namespace keydeck::cli
