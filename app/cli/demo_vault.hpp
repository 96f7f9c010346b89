// The demo's vault: made, found again, and removed; never anybody else's.
#pragma once

#include <string>

#include "app/cli/context.hpp"

namespace keydeck::cli {

/// `--vault DIR` if the line says so, else `$XDG_DATA_HOME/keydeck-demo`. The environment's vault is not the demo's.
Result<std::string> demo_directory(const Context& context);

/// Opens the demo vault, making it first where there is none. What an interrupted creation or removal left is cleared away.
/// Errors: rejected (a vault without the demo's mark, or --read-only and nothing there), those of Engine::open.
Result<Engine*> open_demo_vault(Context& context, const std::string& directory);

/// Removes the demo vault, file by file, and the directory once it is empty. Nothing there is no error.
/// Error: rejected for a vault without the demo's mark; then nothing is touched.
Status remove_demo_vault(const std::string& directory);

}  // namespace keydeck::cli
