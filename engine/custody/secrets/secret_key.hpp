// A key that somebody named for secrets.
#pragma once

#include <string_view>

#include "engine/custody/open_vault.hpp"
#include "engine/store/keys.hpp"

namespace keydeck::custody {

/// As the KMS has it now, and known to the store before anything is encrypted under it, so that whoever deletes it sees what
/// hangs on it. Errors: the KMS's; rejected where it is not symmetric, not for encryption, or not enabled.
[[nodiscard]] Result<store::KeyRecord> key_for_secrets(OpenVault& vault, std::string_view reference);

}  // namespace keydeck::custody
