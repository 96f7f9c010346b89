// A KMS key as people see it: what the KMS says, and what the store knows hangs on it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/custody/open_vault.hpp"
#include "engine/store/keys.hpp"

namespace keydeck::custody {

/// Asks the KMS about one key (id, ARN, alias), brings the store's record up to date, and tells. A key the KMS does not have
/// any more is marked destroyed. Errors: the KMS's.
[[nodiscard]] Result<KeyInfo> view_key(OpenVault& vault, std::string_view reference);

/// Every key of the KMS that fits, in the KMS's order. One that may not be read stands there as `Unreadable`.
[[nodiscard]] Result<std::vector<KeyInfo>> view_keys(OpenVault& vault, const KeyQuery& query, const Progress& progress);

/// Every key the store knows, destroyed ones too.
[[nodiscard]] Result<std::vector<store::KeyRecord>> known_keys(OpenVault& vault);

/// What the store knows, for when the KMS is not to be asked.
[[nodiscard]] KeyInfo to_key_info(const store::KeyRecord& record);

/// The store's row for a key just described.
[[nodiscard]] store::KeyRecord to_key_record(const kms::KeyMetadata& metadata, std::string_view region);

/// Asks the KMS for the state of a key that the store knows and notes it: Enabled, Disabled, PendingDeletion or Destroyed.
/// Errors: the KMS's, except that the key is gone.
[[nodiscard]] Result<std::string> refresh_key_state(OpenVault& vault, std::string_view key_id);

}  // namespace keydeck::custody
