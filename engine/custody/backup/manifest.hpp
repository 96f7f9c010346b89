// What a backup says of itself, as the JSON that its plaintext begins with.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "engine/backup.hpp"
#include "engine/error.hpp"

namespace keydeck::custody::backup {

inline constexpr std::size_t kMostManifestBytes = std::size_t{1} << 20;
inline constexpr std::size_t kMostFiles = 32;

// The names that files of a vault have in a backup; any other is a file of settings.
inline constexpr std::string_view kDatabaseName = "keydeck.db";
inline constexpr std::string_view kKmsName = "kms.db";
inline constexpr std::string_view kSealName = "seal.key";
inline constexpr std::string_view kKeyFileName = "key-file";
[[nodiscard]] bool is_of_vault(std::string_view name);

[[nodiscard]] std::string to_json(const BackupManifest& manifest);

/// Takes nothing on trust: names are plain ones without a path in them, none twice, sizes and counts are sane. A member that
/// is not known is passed over. Error: corrupt.
[[nodiscard]] Result<BackupManifest> parse_manifest(std::string_view json);

/// A name for a file of settings that no other in `manifest` has: its own, where that is plain.
[[nodiscard]] std::string name_of_settings(const std::string& file_name, const BackupManifest& manifest);

/// The file of that name; null where there is none.
[[nodiscard]] const BackupFile* find_file(const BackupManifest& manifest, std::string_view name);

/// All its files together, in bytes.
[[nodiscard]] std::int64_t total_size(const BackupManifest& manifest);

}  // namespace keydeck::custody::backup
