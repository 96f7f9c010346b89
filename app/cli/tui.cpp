#include "app/cli/tui.hpp"

#include "ui/ui.hpp"

namespace keydeck::cli {

Outcome open_tui(Context& context, Engine& engine, const DemoScreens& demo) {
    if (context.json()) return fail(ErrorCode::kInvalidInput, "--json needs a command: the screens are for people.");
    const GlobalOptions& options = context.options;
    ui::UiOptions screens;
    if (!options.as_user.empty()) screens.session = Session::of_user(options.as_user, "tui");
    screens.read_only = options.read_only;
    screens.ascii = options.ascii;
    screens.mono = options.mono;
    screens.environment = demo.environment;
    screens.tour = demo.tour;
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
