// What will be signed, shown to a person who then decides.
#pragma once

#include "app/cli/output.hpp"
#include "engine/types.hpp"

namespace keydeck::cli {

/// Raises what is risky whatever it says to level 3: an authorization (EIP-7702) hands the whole account to code, or takes
/// it back. A level 3 without a challenge gets a word to type.
void grade(SigningPreview& preview);

/// Shows the preview on standard error and asks: `y` for an ordinary signature, the typed challenge for a risky one.
/// Error: cancelled.
Status ask_to_sign(Output& out, const SigningPreview& preview);

}  // namespace keydeck::cli
