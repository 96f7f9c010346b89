// The verbs on secrets.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/custody/open_vault.hpp"
#include "engine/secrets.hpp"

namespace keydeck::custody {

[[nodiscard]] Result<SecretInfo> put_secret(OpenVault& vault, const Session& session, const PutSecret& request,
                                            const SecretBytes& value);
[[nodiscard]] Result<SecretValue> get_secret(OpenVault& vault, const Session& session, const SecretName& name,
                                             std::int64_t version);
[[nodiscard]] Result<std::vector<SecretInfo>> list_secrets(OpenVault& vault, const Session& session,
                                                           const SecretQuery& query);
[[nodiscard]] Result<std::vector<SecretVersion>> secret_versions(OpenVault& vault, const Session& session,
                                                                 const SecretName& name);
[[nodiscard]] Result<SecretInfo> remove_secret(OpenVault& vault, const Session& session, const SecretName& name);
[[nodiscard]] Result<SecretInfo> restore_secret(OpenVault& vault, const Session& session, const SecretName& name);
[[nodiscard]] Status destroy_secret(OpenVault& vault, const Session& session, const SecretName& name,
                                    std::int64_t acknowledge);

}  // namespace keydeck::custody
