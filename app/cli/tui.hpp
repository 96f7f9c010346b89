// From the command line into the screens.
#pragma once

#include "app/cli/context.hpp"

namespace keydeck::cli {

/// Opens the screens on this engine and stays until the person leaves. Errors: invalid_input with --json; unavailable where
/// there is no usable terminal; those of giving the passphrase.
Outcome open_tui(Context& context, Engine& engine);

/// `keydeck` without a command: the screens on the vault that the settings name.
Outcome open_tui(Context& context);

}  // namespace keydeck::cli
