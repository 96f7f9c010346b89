#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/cli/command.hpp"
#include "app/cli/commands.hpp"
#include "app/cli/prices.hpp"
#include "app/cli/safe_text.hpp"
#include "app/cli/screen_files.hpp"
#include "app/cli/settings.hpp"
#include "app/cli/verbs.hpp"

namespace keydeck::cli {
namespace {

/// How the vault reaches AWS, where it does: as further settings. No vault, or one that does not open, is no reason to show
/// nothing.
std::vector<Setting> connection_settings(Context& context) {
    auto engine = context.engine();
    if (!engine) return {};
    auto connection = (*engine)->kms_connection(true);
    std::string problem;
    if (!connection) {
        problem = connection.error().message;
        connection = (*engine)->kms_connection(false);
    }
    if (!connection || connection->kms != "aws") return {};
    std::string source = connection->credentials_source;
    if (connection->credentials_expire_at) source += ", until " + shown_time(connection->credentials_expire_at) + " UTC";
    return {{"aws_region", connection->region, "vault"},
            {"aws_profile", connection->profile, "vault"},
            {"aws_endpoint", connection->endpoint, connection->endpoint_source},
            {"aws_credentials", connection->access_key_id, problem.empty() ? source : problem}};
}

Outcome show_config(Context& context) {
    auto settings = context.settings();
    if (!settings) return fail(settings);
    Output& out = context.out();
    Table table(out, {{"SETTING"}, {"VALUE"}, {"FROM"}});
    std::vector<Setting> all = (*settings)->all;
    auto prices = read_prices_file(prices_file_path());
    if (!prices) return fail(prices);
    all.push_back(
        {"prices", prices->is_there ? prices_file_path() : "AWS's, of us-east-1", prices->is_there ? "file" : "default"});
    std::ranges::move(connection_settings(context), std::back_inserter(all));
    for (const Setting& setting : all) {
        if (out.json()) {
            out.line(JsonObject()
                         .text("name", setting.name)
                         .text("value", setting.value)
                         .text("source", setting.source)
                         .finish());
        } else {
            table.row({std::string(setting.name), setting.value.empty() ? "-" : setting.value, setting.source});
        }
    }
    if (!out.json()) {
        table.finish("");
        out.note("The file is " + safe_text(config_file_path()));
    }
    return 0;
}

/// The theme that the layers choose; empty where they cannot be read, which is told by itself.
std::string chosen_theme(Context& context, const ConfigFile& file) {
    if (!file.problems.empty()) return "";
    auto settings = context.settings();
    return settings ? (*settings)->theme : std::string();
}

Outcome check_config(Context& context) {
    const std::string path = config_file_path();
    auto file = read_config_file(path);
    if (!file) return fail(file);
    auto prices = read_prices_file(prices_file_path());
    if (!prices) return fail(prices);
    Output& out = context.out();
    ScreenFiles screens = read_screen_files();
    if (const std::string theme = chosen_theme(context, *file); !theme.empty()) {
        if (std::string problem = problem_with_theme(theme, screens); !problem.empty())
            screens.problems.push_back({0, std::move(problem)});
    }
    std::vector<ConfigProblem> problems = file->problems;
    std::ranges::copy(prices->problems, std::back_inserter(problems));
    std::ranges::copy(screens.problems, std::back_inserter(problems));
    for (const ConfigProblem& problem : problems) {
        if (out.json()) {
            out.line(JsonObject().number("line", problem.line).text("problem", problem.sentence).finish());
        } else {
            out.line(safe_text(problem.sentence));
        }
    }
    if (!prices->problems.empty() && file->problems.empty()) {
        return fail(ErrorCode::kInvalidInput, "The prices file needs mending: " + prices_file_path() + ".");
    }
    if (!file->problems.empty()) {
        return fail(ErrorCode::kInvalidInput, "The configuration file needs mending: " + path + ".");
    }
    if (prices->problems.empty() && !screens.problems.empty()) {
        return fail(ErrorCode::kInvalidInput,
                    fmt::format("The files of the screens in {} need mending.", screen_files_directory()),
                    "Until then the screens use the keys and the theme that are built in.");
    }
    // The other layers too: a number that the environment gives may be no number.
    auto settings = context.settings();
    if (!settings) return fail(settings);
    if (out.json()) {
        out.line(JsonObject().text("file", path).boolean("valid", true).finish());
    } else {
        out.line("The configuration is fine.");
    }
    return 0;
}

/// A basic string of TOML: a key may be `"` or a backslash.
std::string toml_string(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + "\"";
}

Outcome print_keymap(Context& context) {
    Output& out = context.out();
    for (const ui::DefaultBinding& binding : ui::default_keymap()) {
        std::vector<std::string> keys;
        keys.reserve(binding.keys.size());
        for (const std::string& key : binding.keys) keys.push_back(toml_string(key));
        if (out.json()) {
            out.line(JsonObject()
                         .text("action", binding.action)
                         .text("keys", fmt::format("{}", fmt::join(binding.keys, " ")))
                         .text("help", binding.help)
                         .finish());
        } else {
            out.line(fmt::format("{} = [{}]  # {}", toml_string(binding.action), fmt::join(keys, ", "), binding.help));
        }
    }
    return 0;
}

struct PolicyArgs {
    std::vector<std::string> custodies;
};

void declare_policy(CLI::App& command, PolicyArgs& args) {
    command.add_option("--custody", args.custodies, "Of wallets in this custody (default: those in use)")
        ->type_name("envelope|kms-key|key-pair");
}

Outcome print_policy(Context& context, const PolicyArgs& args) {
    std::vector<Custody> custodies;
    for (const std::string& name : args.custodies) {
        auto custody = parse_custody(name);
        if (!custody) return fail(custody);
        custodies.push_back(*custody);
    }
    auto engine = context.engine();
    if (!engine) return fail(engine);
    auto policy = (*engine)->iam_policy(context.session(), std::move(custodies));
    if (!policy) return fail(policy);
    context.out().line(std::string_view(*policy).substr(0, policy->size() - 1));
    return 0;
}

}  // namespace

void register_config(CLI::App& app, Context& context) {
    CLI::App& group = add_group(app, "config", "The settings");
    add_command(group, context, "show", "Every setting, its value and where it came from", show_config);
    add_command(group, context, "check", "Check the configuration file", check_config);
    add_command(group, context, "keymap", "The keys of the screens, as a keymap.toml to begin with", print_keymap);
    add_command(group, context, "iam-policy", "The least IAM policy that a vault in AWS needs", declare_policy,
                print_policy);
}

}  // namespace keydeck::cli
