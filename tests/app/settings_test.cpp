#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "app/cli/settings.hpp"
#include "tests/support/temporary_directory.hpp"

namespace keydeck::cli {
namespace {

namespace fs = std::filesystem;

/// A home of its own and none of the variables that settings come from.
class SettingsTest : public testing::Test {
protected:
    void SetUp() override {
        fs::create_directories(home_ / "config/keydeck");
        for (const char* name : {"KEYDECK_VAULT", "KEYDECK_PASSPHRASE_FILE", "KMS_KEY_POOL_SIZE", "KMS_KEY_ALIAS_PREFIX",
                                 "XDG_DATA_HOME", "AWS_KMS_KEY_ID", "ENCRYPTION_KEY", "ENCRYPTION_KEY_LEGACY"}) {
            unsetenv(name);
        }
        setenv("HOME", home_.c_str(), 1);
        setenv("XDG_CONFIG_HOME", (home_ / "config").c_str(), 1);
    }
    void write_config(std::string_view text) { std::ofstream(home_ / "config/keydeck/config.toml") << text; }
    std::string write_env(std::string_view text) {
        std::ofstream(home_ / "env") << text;
        return home_ / "env";
    }
    static std::string source(const Settings& settings, std::string_view name) {
        for (const Setting& setting : settings.all) {
            if (setting.name == name) return setting.source;
        }
        return "?";
    }
    testing_support::TemporaryDirectory temporary_;
    const fs::path home_ = temporary_.path();
};

TEST_F(SettingsTest, DefaultsWithoutAnything) {
    const auto settings = load_settings({});
    ASSERT_TRUE(settings) << settings.error().message;
    EXPECT_EQ(settings->vault, home_ / ".local/share/keydeck");
    EXPECT_EQ(settings->passphrase_file, "");
    EXPECT_EQ(settings->pool_size, 10);
    EXPECT_EQ(settings->pool_alias_prefix, "keydeck-pool");
    for (const Setting& setting : settings->all) EXPECT_EQ(setting.source, "default") << setting.name;
}

TEST_F(SettingsTest, EachLayerIsStrongerThanTheNext) {
    write_config("vault = \"/file\"\n");
    EXPECT_EQ(load_settings({})->vault, "/file");
    EXPECT_EQ(source(*load_settings({}), "vault"), "file");
    const std::string env = write_env("KEYDECK_VAULT=/envfile\n");
    EXPECT_EQ(load_settings({.vault = {}, .passphrase_file = {}, .env_file = env})->vault, "/envfile");
    setenv("KEYDECK_VAULT", "/environment", 1);
    const auto both = load_settings({.vault = {}, .passphrase_file = {}, .env_file = env});
    EXPECT_EQ(both->vault, "/environment");
    EXPECT_EQ(source(*both, "vault"), "environment");
    const auto option = load_settings({.vault = "/option", .passphrase_file = {}, .env_file = env});
    EXPECT_EQ(option->vault, "/option");
    EXPECT_EQ(source(*option, "vault"), "option");
}

TEST_F(SettingsTest, DataHomeIsHonouredWhenAbsolute) {
    setenv("XDG_DATA_HOME", "/data", 1);
    EXPECT_EQ(load_settings({})->vault, "/data/keydeck");
    setenv("XDG_DATA_HOME", "data", 1);  // the specification has relative ones ignored
    EXPECT_EQ(load_settings({})->vault, home_ / ".local/share/keydeck");
}

TEST_F(SettingsTest, PoolSettingsComeFromTheEnvironment) {
    setenv("KMS_KEY_POOL_SIZE", "25", 1);
    setenv("KMS_KEY_ALIAS_PREFIX", "payments", 1);
    const auto settings = load_settings({});
    ASSERT_TRUE(settings);
    EXPECT_EQ(settings->pool_size, 25);
    EXPECT_EQ(settings->pool_alias_prefix, "payments");
}

TEST_F(SettingsTest, AlertRulesComeFromTheFileAndTheEnvironment) {
    const AlertRules defaults;
    const auto untouched = load_settings({});
    ASSERT_TRUE(untouched);
    EXPECT_EQ(untouched->alerts.decrypts_per_minute, defaults.decrypts_per_minute);
    EXPECT_EQ(untouched->alerts.error_percent, defaults.error_percent);
    EXPECT_EQ(untouched->alerts.failed_decrypts, defaults.failed_decrypts);
    EXPECT_EQ(untouched->alerts.access_denied, defaults.access_denied);
    EXPECT_EQ(untouched->alerts.throttled, defaults.throttled);
    EXPECT_EQ(untouched->alerts.rotation_days, defaults.rotation_days);
    EXPECT_EQ(untouched->alerts.deletion_days, defaults.deletion_days);
    EXPECT_EQ(untouched->alerts.audit, defaults.audit);
    EXPECT_EQ(untouched->alerts.monthly_budget, defaults.monthly_budget);
    EXPECT_EQ(untouched->alerts.command, defaults.command);
    write_config(
        "alert_decrypts_per_minute = 1\nalert_error_percent = 2\nalert_failed_decrypts = 3\nalert_access_denied = 4\n"
        "alert_throttled = 5\nalert_rotation_days = 6\nalert_deletion_days = 7\nalert_audit = false\n"
        "monthly_budget = 25.5\nalert_command = \"mail root\"\n");
    setenv("KEYDECK_ALERT_THROTTLED", "0", 1);
    const auto settings = load_settings({});
    unsetenv("KEYDECK_ALERT_THROTTLED");
    ASSERT_TRUE(settings) << settings.error().message;
    EXPECT_EQ(settings->alerts.decrypts_per_minute, 1);
    EXPECT_EQ(settings->alerts.error_percent, 2);
    EXPECT_EQ(settings->alerts.failed_decrypts, 3);
    EXPECT_EQ(settings->alerts.access_denied, 4);
    EXPECT_EQ(settings->alerts.throttled, 0);
    EXPECT_EQ(settings->alerts.rotation_days, 6);
    EXPECT_EQ(settings->alerts.deletion_days, 7);
    EXPECT_FALSE(settings->alerts.audit);
    EXPECT_EQ(settings->alerts.monthly_budget, 25'500'000);
    EXPECT_EQ(settings->alerts.command, "mail root");
}

TEST_F(SettingsTest, ABudgetIsExact) {
    const std::pair<const char*, MicroDollars> budgets[] = {
        {"0", 0}, {"1", 1'000'000}, {"25.50", 25'500'000}, {"0.000001", 1}, {"1000000000.999999", 1'000'000'000'999'999}};
    for (const auto& [text, amount] : budgets) {
        setenv("KEYDECK_MONTHLY_BUDGET", text, 1);
        EXPECT_EQ(load_settings({})->alerts.monthly_budget, amount) << text;
    }
    for (const char* text : {"-1", "1.", ".5", "1.0000001", "1,5", "1.-5", "$3", "1e3", "99999999999"}) {
        setenv("KEYDECK_MONTHLY_BUDGET", text, 1);
        EXPECT_FALSE(load_settings({})) << text;
    }
    unsetenv("KEYDECK_MONTHLY_BUDGET");
}

TEST_F(SettingsTest, RefusesUnfitValues) {
    for (const char* size : {"0", "-1", "1001", "ten", "10 ", "0x10", "1e1", "99999999999999999999"}) {
        setenv("KMS_KEY_POOL_SIZE", size, 1);
        const auto settings = load_settings({});
        ASSERT_FALSE(settings) << size;
        EXPECT_EQ(settings.error().code, ErrorCode::kInvalidInput);
        EXPECT_NE(settings.error().message.find("pool_size"), std::string::npos);
        EXPECT_NE(settings.error().hint.find("environment"), std::string::npos);
    }
    unsetenv("KMS_KEY_POOL_SIZE");
    setenv("KMS_KEY_ALIAS_PREFIX", "bad prefix", 1);
    EXPECT_FALSE(load_settings({}));
}

TEST_F(SettingsTest, ConfigProblemsNameTheLine) {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"vault = \"/v\"\nvualt = \"/w\"\n", "line 2: there is no setting \"vualt\""},
        {"\n\npool_size = 0\n", "line 3: pool_size is \"0\""},
        {"pool_size = [1]\n", "line 1: pool_size must be a text, a number, true or false"},
        {"pool_size = 1.5\n", "line 1: pool_size is \"1.5\""},
        {"alert_audit = \"maybe\"\n", "line 1: alert_audit is \"maybe\""},
        {"monthly_budget = \"ten\"\n", "line 1: monthly_budget is \"ten\""},
        {"alert_error_percent = 101\n", "line 1: alert_error_percent is \"101\""},
        {"vault = \n", "line 1: this is not TOML"},
        {"[pool]\nsize = 3\n", "line 1: there is no setting \"pool\""},
    };
    for (const auto& [text, expected] : cases) {
        write_config(text);
        const auto file = read_config_file(config_file_path());
        ASSERT_TRUE(file);
        ASSERT_EQ(file->problems.size(), 1U) << text;
        EXPECT_NE(file->problems[0].sentence.find(expected), std::string::npos) << file->problems[0].sentence;
        EXPECT_FALSE(load_settings({})) << text;
    }
}

TEST_F(SettingsTest, ConfigListsEveryProblemByLine) {
    write_config("a = 1\nz = 1\nb = 1\nvault = \"/v\"\n");
    const auto file = read_config_file(config_file_path());
    ASSERT_TRUE(file);
    ASSERT_EQ(file->problems.size(), 3U);
    EXPECT_EQ(file->problems[0].line, 1U);
    EXPECT_EQ(file->problems[1].line, 2U);
    EXPECT_EQ(file->problems[2].line, 3U);
    ASSERT_EQ(file->entries.size(), 1U);
    EXPECT_EQ(file->entries[0].line, 4U);
}

TEST_F(SettingsTest, ReadsEnvFiles) {
    const std::string path = write_env("# a comment\n\n  A=1\nexport B = two \nC=\"three # 3\"\nD='4'\r\nE=5 # five\nF=\n");
    const auto entries = read_env_file(path);
    ASSERT_TRUE(entries);
    const std::vector<std::pair<std::string, std::string>> expected = {{"A", "1"}, {"B", "two"}, {"C", "three # 3"},
                                                                       {"D", "4"}, {"E", "5"},   {"F", ""}};
    EXPECT_EQ(*entries, expected);
}

TEST_F(SettingsTest, EnvFileProblemsNameTheLine) {
    for (const std::string_view text : {"A=1\nB\n", "A=1\n=2\n"}) {
        const auto entries = read_env_file(write_env(text));
        ASSERT_FALSE(entries);
        EXPECT_NE(entries.error().message.find("line 2"), std::string::npos);
    }
    EXPECT_EQ(read_env_file(home_ / "nowhere").error().code, ErrorCode::kNotFound);
}

TEST_F(SettingsTest, SecretsOfTheEnvFileStayOutOfTheSettings) {
    const std::string env = write_env("ENCRYPTION_KEY='of the file'\nAWS_KMS_KEY_ID=alias/app\nENCRYPTION_KEY_LEGACY=\n");
    const auto entries = read_env_file(env);
    ASSERT_TRUE(entries);
    ASSERT_EQ(entries->size(), 1U);
    const SettingOptions options{.vault = {}, .passphrase_file = {}, .env_file = env};
    const auto settings = load_settings(options);
    ASSERT_TRUE(settings);
    EXPECT_EQ(settings->kms_key, "alias/app");
    for (const Setting& setting : settings->all) EXPECT_EQ(setting.value.find("of the file"), std::string::npos);
    EXPECT_EQ(secret_setting(options, "ENCRYPTION_KEY")->text(), "of the file");
    EXPECT_TRUE(secret_setting(options, "ENCRYPTION_KEY_LEGACY")->empty());
    EXPECT_TRUE(secret_setting({}, "ENCRYPTION_KEY")->empty());
    setenv("ENCRYPTION_KEY", "of the environment", 1);
    EXPECT_EQ(secret_setting(options, "ENCRYPTION_KEY")->text(), "of the environment");
    unsetenv("ENCRYPTION_KEY");
    EXPECT_EQ(
        secret_setting({.vault = {}, .passphrase_file = {}, .env_file = home_ / "nowhere"}, "ENCRYPTION_KEY").error().code,
        ErrorCode::kNotFound);
}

}  // namespace
}  // namespace keydeck::cli
