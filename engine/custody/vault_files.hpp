// The files of a vault: how they are made, and what is checked before they are opened.
#pragma once

#include <filesystem>
#include <string_view>

#include "engine/base/random.hpp"
#include "engine/base/secret.hpp"
#include "engine/engine.hpp"
#include "engine/error.hpp"

namespace keydeck::custody {

/// What LocalKms::derive_key makes the audit log's seal key from.
inline constexpr std::string_view kAuditSealLabel = "keydeck audit seal";

/// The words of VaultRecord::kms.
inline constexpr std::string_view kKmsLocal = "local";
inline constexpr std::string_view kKmsAws = "aws";

[[nodiscard]] std::filesystem::path database_path(const std::filesystem::path& directory);
[[nodiscard]] std::filesystem::path kms_path(const std::filesystem::path& directory);   ///< with the embedded KMS
[[nodiscard]] std::filesystem::path seal_path(const std::filesystem::path& directory);  ///< with AWS's: seals the audit log

/// Reads a key file or a seal file: exactly 32 bytes, readable by its owner alone. Errors: not_found, denied (permissions
/// wider than 0600), invalid_input (another length), unavailable.
[[nodiscard]] Result<SecretBytes> read_key_file(const std::filesystem::path& path);

/// Makes a vault and nothing else; a failure leaves nothing behind.
[[nodiscard]] Status create_vault(const VaultCreation& creation, const Clock& clock, Random& random);

/// Whether the directory holds a vault that can be opened: keydeck.db and either kms.db or seal.key there, and writable
/// unless `read_only`. Errors: not_found, corrupt (one of both is missing), denied.
[[nodiscard]] Status check_vault_files(const std::filesystem::path& directory, bool read_only);

}  // namespace keydeck::custody
