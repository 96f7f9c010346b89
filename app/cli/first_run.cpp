#include "app/cli/first_run.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "app/cli/aws_profiles.hpp"
#include "app/cli/demo_command.hpp"
#include "app/cli/init_command.hpp"
#include "app/cli/screen_files.hpp"
#include "app/cli/tui.hpp"
#include "ui/welcome.hpp"

namespace keydeck::cli {
namespace {

std::string first_of(std::string first, std::string second) { return first.empty() ? std::move(second) : std::move(first); }

ui::Welcome what_is_known(const Settings& settings) {
    ui::Welcome known;
    known.vault = settings.vault;
    known.key_file = settings.vault + ".key";
    known.profiles = aws_profiles();
    known.region = first_of(environment("AWS_REGION"), environment("AWS_DEFAULT_REGION"));
    return known;
}

/// The engine of what was chosen; the demo and leaving have none.
Result<Engine*> carry_out(Context& context, ui::WelcomeAnswer& answer) {
    if (answer.choice == ui::WelcomeChoice::kReadOnly) {
        context.options.read_only = true;
        auto engine = context.open_engine(answer.directory);
        if (!engine) context.options.read_only = false;
        return engine;
    }
    auto creation = answer.choice == ui::WelcomeChoice::kAws
                        ? aws_creation(context, answer.region, answer.profile, "")
                        : local_creation(context, answer.key_file, std::move(answer.passphrase));
    if (!creation) return fail(creation);
    auto engine = make_vault(context, *creation);
    if (!engine || !(*engine)->needs_unlock()) return engine;
    Status unlocked = (*engine)->unlock(creation->passphrase);  // whoever typed it just now is not asked again
    if (!unlocked) return fail(unlocked);
    return engine;
}

}  // namespace

bool is_first_run(Context& context) {
    const GlobalOptions& options = context.options;
    if (options.read_only || !options.as_user.empty() || context.json() || options.screens.once) return false;
    if (::isatty(STDIN_FILENO) == 0 || ::isatty(STDOUT_FILENO) == 0) return false;
    const auto settings = context.settings();
    if (!settings) return false;
    const auto vault = std::ranges::find((*settings)->all, "vault", &Setting::name);
    return vault != (*settings)->all.end() && vault->source == "default";
}

Outcome first_run(Context& context) {
    const auto settings = context.settings();
    if (!settings) return fail(settings);
    ui::Welcome known = what_is_known(**settings);
    ui::UiOptions screens = ui_options(context);
    screens.keymap = read_screen_files().keymap;  // what is wrong in it is told when the screens open
    while (true) {
        auto answer = ui::welcome(known, screens);
        if (!answer) return fail(answer);
        if (answer->choice == ui::WelcomeChoice::kNone) return 0;
        if (answer->choice == ui::WelcomeChoice::kDemo) return open_demo(context);
        known.again = answer->choice;
        known.directory = answer->directory;
        if (!answer->key_file.empty()) known.key_file = answer->key_file;
        if (!answer->region.empty()) known.region = answer->region;
        auto engine = carry_out(context, *answer);
        if (engine) return open_tui(context, **engine);
        known.refusal = engine.error().message + (engine.error().hint.empty() ? "" : " " + engine.error().hint);
    }
}

}  // namespace keydeck::cli
