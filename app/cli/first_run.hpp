// `keydeck` where there is no vault yet.
#pragma once

#include "app/cli/context.hpp"

namespace keydeck::cli {

/// Whether a person should be asked instead of told: on a terminal, when nobody named a vault and nothing else is wanted.
[[nodiscard]] bool is_first_run(Context& context);

/// Asks what to begin with, makes it, and opens the screens. Leaving is no error.
Outcome first_run(Context& context);

}  // namespace keydeck::cli
