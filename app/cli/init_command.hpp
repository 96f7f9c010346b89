// Making a vault: what `init` and the first run share.
#pragma once

#include <string>

#include "app/cli/context.hpp"

namespace keydeck::cli {

/// What to make, where the settings say. A key file (made 0600 if missing) or, where that is empty, a passphrase. Error:
/// invalid_input for a path that cannot be one.
Result<VaultCreation> local_creation(Context& context, const std::string& key_file, SecretBytes passphrase);
/// With its keys in AWS. What is empty is looked for where AWS's own tools look.
Result<VaultCreation> aws_creation(Context& context, const std::string& region, const std::string& profile,
                                   const std::string& endpoint_url);
/// Makes the vault and opens it. Errors: those of Engine::create_vault and Engine::open.
Result<Engine*> make_vault(Context& context, const VaultCreation& creation);

}  // namespace keydeck::cli
