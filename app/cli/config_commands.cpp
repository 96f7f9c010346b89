#include "app/cli/command.hpp"
#include "app/cli/commands.hpp"
#include "app/cli/safe_text.hpp"
#include "app/cli/settings.hpp"
#include "app/cli/verbs.hpp"

namespace keydeck::cli {
namespace {

Outcome show_config(Context& context) {
    auto settings = context.settings();
    if (!settings) return fail(settings);
    Output& out = context.out();
    Table table(out, {{"SETTING"}, {"VALUE"}, {"FROM"}});
    for (const Setting& setting : (*settings)->all) {
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

Outcome check_config(Context& context) {
    const std::string path = config_file_path();
    auto file = read_config_file(path);
    if (!file) return fail(file);
    Output& out = context.out();
    for (const ConfigProblem& problem : file->problems) {
        if (out.json()) {
            out.line(JsonObject().number("line", problem.line).text("problem", problem.sentence).finish());
        } else {
            out.line(safe_text(problem.sentence));
        }
    }
    if (!file->problems.empty()) {
        return fail(ErrorCode::kInvalidInput, "The configuration file needs mending: " + path + ".");
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

}  // namespace

void register_config(CLI::App& app, Context& context) {
    CLI::App& group = add_group(app, "config", "The settings");
    add_command(group, context, "show", "Every setting, its value and where it came from", show_config);
    add_command(group, context, "check", "Check the configuration file", check_config);
}

}  // namespace keydeck::cli
