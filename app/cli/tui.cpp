#include "app/cli/tui.hpp"

#include <filesystem>
#include <system_error>
#include <utility>

#include "app/cli/screen_files.hpp"
#include "ui/ui.hpp"

namespace keydeck::cli {
namespace {

// What is wrong with these files keeps nobody out: the screens say it, and take what they have themselves.
Status add_screen_files(Context& context, Engine& engine, ui::UiOptions& screens) {
    auto settings = context.settings();
    if (!settings) return fail(settings);
    ScreenFiles files = read_screen_files();
    screens.theme = (*settings)->theme;
    if (const std::string problem = problem_with_theme(screens.theme, files); !problem.empty()) {
        files.problems.push_back({0, problem});
        screens.theme.clear();
    }
    for (ConfigProblem& problem : files.problems) screens.problems.push_back(std::move(problem.sentence));
    screens.keymap = std::move(files.keymap);
    screens.themes = std::move(files.themes);
    const auto vault = engine.vault();
    const auto usual = data_directory("keydeck");
    std::error_code trouble;  // where the usual one is not there it is another
    const bool is_usual = vault && usual && std::filesystem::equivalent(vault->path, *usual, trouble);
    if (vault && !is_usual) screens.vault_argument = std::filesystem::absolute(vault->path).string();
    return {};
}

}  // namespace

Outcome open_tui(Context& context, Engine& engine) {
    if (context.json()) return fail(ErrorCode::kInvalidInput, "--json needs a command: the screens are for people.");
    const GlobalOptions& options = context.options;
    ui::UiOptions screens;
    if (!options.as_user.empty()) screens.session = Session::of_user(options.as_user, "tui");
    screens.read_only = options.read_only;
    screens.ascii = options.ascii;
    screens.mono = options.mono;
    if (Status read = add_screen_files(context, engine, screens); !read) return fail(read);
    return ui::run(engine, screens);
}

Outcome open_tui(Context& context) {
    if (context.json()) return fail(ErrorCode::kInvalidInput, "--json needs a command: the screens are for people.");
    auto engine = context.engine();
    if (!engine) return fail(engine);
    // Without a passphrase file the screens ask for the passphrase themselves, where they first need it.
    auto settings = context.settings();
    if (!settings) return fail(settings);
    if (!(*settings)->passphrase_file.empty()) engine = context.unlocked_engine();
    if (!engine) return fail(engine);
    return open_tui(context, **engine);
}

}  // namespace keydeck::cli
