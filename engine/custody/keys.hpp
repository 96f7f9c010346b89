// The verbs on KMS keys.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/custody/open_vault.hpp"

namespace keydeck::custody {

[[nodiscard]] Result<KeyInfo> create_key(OpenVault& vault, const Session& session, const CreateKey& request);
[[nodiscard]] Result<std::vector<KeyInfo>> list_keys(OpenVault& vault, const Session& session, const KeyQuery& query,
                                                     const Progress& progress);
[[nodiscard]] Result<KeyInfo> show_key(OpenVault& vault, const Session& session, std::string_view key);
[[nodiscard]] Result<KeyInfo> alias_key(OpenVault& vault, const Session& session, std::string_view key,
                                        std::string_view alias);
[[nodiscard]] Result<KeyInfo> tag_key(OpenVault& vault, const Session& session, std::string_view key, std::string_view tag,
                                      std::string_view value);
[[nodiscard]] Result<KeyInfo> enable_key(OpenVault& vault, const Session& session, std::string_view key);
[[nodiscard]] Result<KeyInfo> disable_key(OpenVault& vault, const Session& session, std::string_view key);
// Rotation: key_rotation.hpp.

// What is lost when a key is destroyed, and its end (key_deletion.cpp).
[[nodiscard]] Result<DeletionImpact> deletion_impact(OpenVault& vault, const Session& session, std::string_view key);
[[nodiscard]] Result<KeyInfo> schedule_key_deletion(OpenVault& vault, const Session& session, std::string_view key, int days,
                                                    std::int64_t acknowledge);
[[nodiscard]] Result<KeyInfo> cancel_key_deletion(OpenVault& vault, const Session& session, std::string_view key);

}  // namespace keydeck::custody
