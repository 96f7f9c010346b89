#include "app/cli/command_line.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "app/cli/command.hpp"
#include "app/cli/commands.hpp"
#include "app/cli/context.hpp"
#include "app/cli/nearest.hpp"
#include "app/cli/tui.hpp"
#include "ui/ui.hpp"

namespace keydeck::cli {
namespace {

/// An unset variable in a script must not turn a user's session into the operator's, nor another vault into the default one.
std::string not_empty(const std::string& given) { return given.empty() ? "must not be empty" : ""; }

void declare_globals(CLI::App& app, GlobalOptions& options) {
    app.add_option("--vault", options.settings.vault, "The vault's directory")->type_name("DIR")->check(not_empty);
    app.add_flag("--json", options.json, "One JSON object a line, errors too");
    app.add_option("--as", options.as_user, "Act as this user, who sees their own wallets only")
        ->type_name("USER")
        ->check(not_empty);
    app.add_flag("--yes", options.yes, "Confirm what cannot be undone, and risky signatures");
    app.add_flag("--read-only", options.read_only, "Change nothing and sign nothing");
    app.add_option("--passphrase-file", options.settings.passphrase_file, "The vault's passphrase: the first line of a file")
        ->type_name("FILE")
        ->check(not_empty);
    app.add_option("--theme", options.settings.theme, "Of the screens: auto, dark, light, 16, mono, or one of your own")
        ->type_name("NAME")
        ->check(not_empty);
    app.add_option("--env-file", options.settings.env_file, "Take settings from NAME=value lines too")->type_name("FILE");
    app.add_option("--screen", options.screens.screen, "The screens: open this one first")->type_name(ui::screen_words());
    app.add_option("--filter", options.screens.filter, "The screens: narrow the first one, as after / there")
        ->type_name("TEXT");
    app.add_flag("--once", options.screens.once, "The screens: print one frame and change nothing; needs no terminal");
    app.add_option("--size", options.screens.size, "The screens: the frame of --once (default: the terminal's, 80x24)")
        ->type_name("COLSxROWS");
    app.add_flag("--linear", options.screens.linear, "The screens for a screen reader: a line of words for every change");
    app.add_flag("--ascii", options.ascii, "The screens: plain ASCII; also where the locale is not UTF-8");
    app.add_flag("--mono", options.mono, "The screens: no colours; also where NO_COLOR is set");
}

struct Group {
    std::string_view name;
    void (*declare)(CLI::App& app, Context& context);
};

constexpr std::array kGroups = {
    Group{"demo", register_demo},     Group{"init", register_init},       Group{"user", register_user},
    Group{"wallet", register_wallet}, Group{"sign", register_sign},       Group{"contact", register_contact},
    Group{"verify", register_verify}, Group{"decode", register_decode},   Group{"key", register_key},
    Group{"pool", register_pool},     Group{"migrate", register_migrate}, Group{"job", register_job},
    Group{"audit", register_audit},   Group{"alerts", register_alerts},   Group{"metrics", register_metrics},
    Group{"cost", register_cost},     Group{"doctor", register_doctor},   Group{"secret", register_secret},
    Group{"backup", register_backup}, Group{"restore", register_restore}, Group{"recovery-sheet", register_recovery_sheet},
    Group{"kms", register_kms},       Group{"config", register_config},   Group{"completion", register_completion},
};

/// The groups whose name is among the words: declaring the others takes a tenth of a short command's time. Where no word is
/// a group (help, a wrong command), or the whole tree is asked for, all of them.
std::function<bool(std::string_view)> groups_in(int argc, const char* const* argv) {
    const std::vector<std::string_view> words(argv + std::min(argc, 1), argv + argc);
    auto has = [words](std::string_view name) { return std::ranges::find(words, name) != words.end(); };
    const bool any = std::ranges::any_of(kGroups, [&](const Group& group) { return has(group.name); });
    if (!any || has("completion")) return {};
    return has;
}

/// Known before the line is understood, so that an error in it comes in the right form.
bool says_json(int argc, const char* const* argv) {
    for (int i = 1; i < argc && std::string_view(argv[i]) != "--"; ++i) {
        if (std::string_view(argv[i]) == "--json") return true;
    }
    return false;
}

/// `keydeck wallet create`, as far as the line was understood.
std::string command_path(const CLI::App& app) {
    std::string path = "keydeck";
    const CLI::App* command = &app;
    for (auto chosen = command->get_subcommands(); !chosen.empty(); chosen = command->get_subcommands()) {
        command = chosen.front();
        path += " " + command->get_name();
    }
    return path;
}

bool is_word(std::string_view text) {
    constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz-";
    return !text.empty() && text.size() <= 20 && text.find_first_not_of(kLetters) == std::string_view::npos;
}

/// The names that may follow what was understood; none behind a command that has no commands of its own.
std::vector<std::string> names_that_follow(const CLI::App& app) {
    std::vector<std::string> names;
    names.reserve(kGroups.size());
    if (app.get_subcommands().empty()) {  // all of them: some groups may not be declared
        for (const Group& group : kGroups) names.emplace_back(group.name);
        return names;
    }
    const CLI::App* command = &app;
    while (!command->get_subcommands().empty()) command = command->get_subcommands().front();
    for (const CLI::App* follower : command->get_subcommands([](const CLI::App*) { return true; })) {
        names.push_back(follower->get_name());
    }
    return names;
}

/// A word that stands where a command should.
std::optional<Error> unknown_command(const CLI::App& app, const std::string& path) {
    const auto extras = app.remaining(true);
    const auto names = names_that_follow(app);
    if (extras.empty() || names.empty() || extras.front().starts_with('-')) return std::nullopt;
    // What is no word is not repeated: it may be a secret that somebody gave where none belongs.
    const std::string& word = extras.front();
    const std::string after = path == "keydeck" ? "" : fmt::format(" after `{}`", path);
    const std::string said = is_word(word) ? fmt::format("There is no command \"{}\"{}.", word, after)
                                           : fmt::format("There is no such command{}.", after);
    const std::string nearest = is_word(word) ? nearest_name(word, names) : std::string();
    return Error{ErrorCode::kInvalidInput, said,
                 nearest.empty() ? fmt::format("`{} --help` lists the commands.", path)
                                 : fmt::format("Did you mean `{} {}`?", path, nearest),
                 ""};
}

/// What was not expected. A value is not repeated, as above.
std::string extras_sentence(const CLI::App& app) {
    for (const std::string& extra : app.remaining(true)) {
        if (extra.starts_with("--")) return fmt::format("There is no option {} here.", extra.substr(0, extra.find('=')));
    }
    return "There is an argument too many (a text that begins with - stands after --).";
}

std::unexpected<Error> usage_error(const CLI::App& app, const CLI::ParseError& error) {
    const std::string path = command_path(app);
    std::string message = error.what();
    const bool extras = dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr;
    if (extras || (message == "A subcommand is required" && !app.remaining(true).empty())) {
        if (auto unknown = unknown_command(app, path)) return std::unexpected<Error>(std::move(*unknown));
        message = extras_sentence(app);
    }
    if (dynamic_cast<const CLI::ConversionError*>(&error) != nullptr)
        message = "An option that takes no value was given one.";
    if (message == "A subcommand is required") message = fmt::format("`{}` needs a command after it.", path);
    if (!message.ends_with('.')) message += '.';
    return fail(ErrorCode::kInvalidInput, message, fmt::format("`{} --help` tells what it takes.", path));
}

Outcome understand_and_run(CLI::App& app, Context& context, int argc, const char* const* argv) {
    try {
        app.parse(argc, argv);
    } catch (const CLI::CallForVersion& version) {
        context.out().line(version.what());
        return 0;
    } catch (const CLI::CallForHelp&) {
        context.out().line(app.help());
        return 0;
    } catch (const CLI::ParseError& error) {
        return usage_error(app, error);
    }
    context.out().use_json(context.options.json);
    const auto commands = app.get_subcommands();
    if (context.options.screens.any() && !commands.empty() && commands.front()->get_name() != "demo") {
        return fail(ErrorCode::kInvalidInput,
                    "--screen, --filter, --once, --size and --linear before a command are for the screens.",
                    "Leave out the command, or the option.");
    }
    return context.chosen ? context.chosen() : open_tui(context);
}

int report(Output& out, const Outcome& outcome) {
    const Status written = out.flush();
    if (!outcome) out.error(outcome.error());
    if (!written) {
        out.error(written.error());
        return exit_status(written.error().code);
    }
    return outcome ? *outcome : exit_status(outcome.error().code);
}

}  // namespace

std::unique_ptr<CLI::App> make_command_line(Context& context, const std::function<bool(std::string_view)>& wanted) {
    auto app = std::make_unique<CLI::App>(
        "A wallet manager in the terminal, its keys in a KMS. Without a command: the screens.", "keydeck");
    app->fallthrough();  // global options may stand after the command too
    app->require_subcommand(0, 1);
    app->set_version_flag("--version", "keydeck " KEYDECK_VERSION);
    app->footer("`keydeck --help` lists the options that every command takes.");
    declare_globals(*app, context.options);
    for (const Group& group : kGroups) {
        if (!wanted || wanted(group.name)) group.declare(*app, context);
    }
    return app;
}

int run(int argc, const char* const* argv) {
    Output out;
    out.use_json(says_json(argc, argv));
    Context context(out);
    const auto app = make_command_line(context, groups_in(argc, argv));
    return report(out, understand_and_run(*app, context, argc, argv));
}

}  // namespace keydeck::cli
