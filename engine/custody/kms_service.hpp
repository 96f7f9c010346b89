// The vault's KMS for other programs: access keys, and the server.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "engine/custody/open_vault.hpp"
#include "engine/engine.hpp"

namespace keydeck::custody {

[[nodiscard]] Result<NewAccessKey> create_access_key(OpenVault& vault, const Session& session, bool with_session_token);
[[nodiscard]] Result<std::vector<AccessKeyInfo>> list_access_keys(OpenVault& vault, const Session& session);
[[nodiscard]] Status remove_access_key(OpenVault& vault, const Session& session, std::string_view id);
[[nodiscard]] Result<std::unique_ptr<KmsService>> serve_kms(OpenVault& vault, const Session& session,
                                                            const KmsServing& serving);

}  // namespace keydeck::custody
