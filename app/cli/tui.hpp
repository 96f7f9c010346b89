// From the command line into the screens.
#pragma once

#include <string>

#include "app/cli/context.hpp"
#include "ui/ui.hpp"

namespace keydeck::cli {

/// What a demo adds.
struct DemoScreens {
    std::string environment{};  ///< what the header says of it; empty: what the vault says
    bool tour = false;          ///< begin with the tour
};

/// The screens as the line asks for them.
[[nodiscard]] ui::UiOptions ui_options(const Context& context);

/// What the line says of the screens, before a vault is opened. Errors: invalid_input (--json, no such screen, a filter that
/// is not understood, a size without --once or below 60x16).
Status check_screen_options(const Context& context);

/// Opens the screens on this engine and stays until the person leaves; with --once prints one frame, for which the engine
/// should be open read-only. Errors: those of check_screen_options; unavailable where there is no usable terminal; those of
/// giving the passphrase.
Outcome open_tui(Context& context, Engine& engine, const DemoScreens& demo = {});

/// `keydeck` without a command: the screens on the vault that the settings name.
Outcome open_tui(Context& context);

}  // namespace keydeck::cli
