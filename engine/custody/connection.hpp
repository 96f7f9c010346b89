// How a vault reaches its KMS, and what it must be allowed there.
#pragma once

#include <string>
#include <vector>

#include "engine/custody/open_vault.hpp"

namespace keydeck::custody {

[[nodiscard]] Result<KmsConnection> kms_connection(OpenVault& vault, bool fetch);
[[nodiscard]] Result<std::string> iam_policy_for(OpenVault& vault, const Session& session, std::vector<Custody> custodies);

}  // namespace keydeck::custody
