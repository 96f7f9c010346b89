// Configuration: every setting, its value and where it came from.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/error.hpp"
#include "engine/types.hpp"

namespace keydeck::cli {

/// One setting as `config show` prints it. `source` is option, environment, env-file, file or default.
struct Setting {
    std::string_view name;
    std::string value;
    std::string source;
};

struct Settings {
    std::string vault;
    std::string passphrase_file;  ///< may be empty
    int pool_size = 10;
    std::string pool_alias_prefix;
    std::string kms_key;  ///< what a migration encrypts under unless it is told otherwise; may be empty
    int backups_kept = 5;
    AlertRules alerts;
    std::vector<std::pair<std::string, std::string>> secret_keys;  ///< environment and key
    std::string theme = "auto";                                    ///< of the screens
    std::string secret_environment;                                ///< of secrets whose command names none
    std::vector<Setting> all;                                      ///< in the order of the table in settings.cpp
};

/// What the command line itself said; empty where it said nothing.
struct SettingOptions {
    std::string vault;
    std::string passphrase_file;
    std::string env_file;
    std::string theme{};
};

/// Strongest first: option, environment, the file `env_file` names, config.toml, default.
/// Errors: invalid_input naming the setting or the file's line; not_found for a missing env_file.
Result<Settings> load_settings(const SettingOptions& options);

/// `$XDG_CONFIG_HOME/keydeck/config.toml`.
[[nodiscard]] std::string config_file_path();

/// `$XDG_DATA_HOME/NAME`. Error: invalid_input where neither it nor HOME is set.
Result<std::string> data_directory(std::string_view name);

struct ConfigEntry {
    std::string name;
    std::string value;
    unsigned line = 0;
};

struct ConfigProblem {
    unsigned line = 0;
    std::string sentence;  ///< names the file and the line
};

/// A configuration file as read, both lists by line.
struct ConfigFile {
    std::vector<ConfigEntry> entries;
    std::vector<ConfigProblem> problems;
};

/// Reads a TOML file; a missing one has no entries. Errors: denied, unavailable.
Result<ConfigFile> read_config_file(const std::string& path);

/// A setting that is a secret: from the environment, else from the env file, into locked memory. Empty where neither has it.
/// Errors: those of read_env_file.
Result<SecretBytes> secret_setting(const SettingOptions& options, const char* variable);

/// Reads `NAME=value` lines: `export` before a name, quotes around a value and `#` comments are understood. Secrets
/// (ENCRYPTION_KEY and ENCRYPTION_KEY_LEGACY) are left out: see secret_setting(). Errors: not_found, denied; invalid_input
/// naming the line.
Result<std::vector<std::pair<std::string, std::string>>> read_env_file(const std::string& path);

/// Whether `value` fits the setting of this name. Error: invalid_input, naming it.
Status check_setting(std::string_view name, std::string_view value);

/// The names that a configuration file may use.
[[nodiscard]] std::vector<std::string_view> setting_names();

}  // namespace keydeck::cli
