// What will be signed, shown to a person who then decides.
#pragma once

#include "app/cli/output.hpp"
#include "engine/types.hpp"

namespace keydeck::cli {

/// Shows the preview on standard error and asks: `y` for an ordinary signature, the typed challenge for a risky one.
/// Error: cancelled.
Status ask_to_sign(Output& out, const SigningPreview& preview);

}  // namespace keydeck::cli
