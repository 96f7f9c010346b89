// Secrets in JSON bodies: cut out into locked memory before the general parser, which keeps text in ordinary memory, sees
// the rest.
#pragma once

#include <string_view>

#include "engine/base/secret.hpp"
#include "engine/error.hpp"

namespace keydeck::kms {

/// Takes the text of a top-level member of the JSON object in `body`: its characters, escapes resolved, and in the body
/// blanks in their place, so that what remains parses with a blank string there.
///
/// Empty where the member is absent or is no string (the general parser then sees what it is). Errors: invalid_input for a
/// body whose brackets and strings do not end, that has the member twice, or writes a top-level name with escapes.
[[nodiscard]] Result<SecretBytes> take_text_field(SecretBytes& body, std::string_view field);

/// The same for a member that holds base64, decoded. Error: also invalid_input for anything but canonical padded base64.
[[nodiscard]] Result<SecretBytes> take_base64_field(SecretBytes& body, std::string_view field);

}  // namespace keydeck::kms
