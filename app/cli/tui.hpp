// From the command line into the screens.
#pragma once

#include <string>

#include "app/cli/context.hpp"

namespace keydeck::cli {

/// What a demo adds.
struct DemoScreens {
    std::string environment{};  ///< what the header says of it; empty: what the vault says
    bool tour = false;          ///< begin with the tour
};

/// Opens the screens on this engine and stays until the person leaves. Errors: invalid_input with --json; unavailable where
/// there is no usable terminal; those of giving the passphrase.
Outcome open_tui(Context& context, Engine& engine, const DemoScreens& demo = {});

/// `keydeck` without a command: the screens on the vault that the settings name.
Outcome open_tui(Context& context);

}  // namespace keydeck::cli
