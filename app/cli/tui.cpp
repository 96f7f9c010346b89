#include "app/cli/tui.hpp"

#include "ui/ui.hpp"

namespace keydeck::cli {

Outcome open_tui(Context& context, Engine& engine) {
    if (context.json()) return fail(ErrorCode::kInvalidInput, "--json needs a command: the screens are for people.");
    Status written = context.out().flush();
    if (!written) return fail(written);
    return ui::run(engine, ui::UiOptions{});
}

Outcome open_tui(Context& context) {
    auto engine = context.options.read_only ? context.engine() : context.unlocked_engine();
    if (!engine) return fail(engine);
    return open_tui(context, **engine);
}

}  // namespace keydeck::cli
