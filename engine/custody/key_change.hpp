// One change of one key in the KMS.
#pragma once

#include <functional>
#include <string_view>

#include "engine/custody/open_vault.hpp"

namespace keydeck::custody {

/// What a change of a key needs: the KMS and the key as it was.
using KeyChange = std::function<Status(kms::Kms&, const kms::KeyMetadata&, AuditEvent&)>;

/// Authorised (operator), its intent written down, done, recorded under `action`, seen again (so that the store follows). An
/// intent whose outcome could not be recorded is told by the doctor. Errors: denied, locked, those of `change` and of the
/// KMS.
[[nodiscard]] Result<KeyInfo> change_key(OpenVault& vault, const Session& session, std::string_view action,
                                         std::string_view reference, const KeyChange& change);

}  // namespace keydeck::custody
