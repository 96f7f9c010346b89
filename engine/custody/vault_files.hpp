// The files of a vault, and what is checked before they are opened.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string_view>
#include <vector>

#include "engine/base/secret.hpp"
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

/// Whatever it is, a broken link too.
[[nodiscard]] bool is_there(const std::filesystem::path& path);
/// What a vault has beside keydeck.db: kms.db or seal.key.
[[nodiscard]] bool has_kms_part(const std::filesystem::path& directory);

inline constexpr std::size_t kKeyFileSize = 32;  ///< bytes, of key files and seal files
/// Reads a key file or a seal file: exactly 32 bytes, readable by its owner alone. Errors: not_found, denied (permissions
/// wider than 0600), invalid_input (another length), unavailable.
[[nodiscard]] Result<SecretBytes> read_key_file(const std::filesystem::path& path);

/// What the folder's name begins with in which a vault is made before its files are moved to their place.
inline constexpr std::string_view kStagingPrefix = ".keydeck-new-";

/// The folders in which somebody began to make a vault here.
[[nodiscard]] std::vector<std::filesystem::path> stagings_in(const std::filesystem::path& directory);

/// Whether kms.db or seal.key was moved to its place and keydeck.db, still in the staging folder, was not: then nobody was
/// ever told that there is a vault, and nothing hangs on that file.
[[nodiscard]] bool is_half_made(const std::filesystem::path& directory);

/// Whether the directory holds a vault that can be opened: keydeck.db and either kms.db or seal.key there, and writable
/// unless `read_only`. Errors: not_found, corrupt (one of both is missing), denied.
[[nodiscard]] Status check_vault_files(const std::filesystem::path& directory, bool read_only);

}  // namespace keydeck::custody
