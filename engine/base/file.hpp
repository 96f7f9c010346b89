// Small files: read with a limit, written whole or not at all.
#pragma once

#include <cstddef>
#include <filesystem>

#include "engine/base/bytes.hpp"
#include "engine/base/secret.hpp"
#include "engine/error.hpp"

namespace keydeck {

/// Reads at most `limit` bytes. Errors: not_found, denied (permissions), invalid_input (longer than the limit, a directory),
/// unavailable (I/O). The message names the path.
[[nodiscard]] Result<Bytes> read_file(const std::filesystem::path& path, std::size_t limit);

/// The same, straight into locked memory.
[[nodiscard]] Result<SecretBytes> read_secret_file(const std::filesystem::path& path, std::size_t limit);

/// Reads a descriptor to its end into locked memory (standard input, a pipe).
[[nodiscard]] Result<SecretBytes> read_secret_descriptor(int descriptor, std::size_t limit);

/// Creates `path` with mode 0600 and these bytes, synced to disk with its directory; an existing file is never touched.
/// Errors: already_exists, denied, unavailable (disk full, I/O).
[[nodiscard]] Status create_private_file(const std::filesystem::path& path, ByteView content);

/// Gives a finished file its name in the same directory, synced, and never over a file that has that name already.
/// Errors: already_exists, not_found, denied, unavailable.
[[nodiscard]] Status rename_to_free_name(const std::filesystem::path& from, const std::filesystem::path& to);

/// The permission bits of a file (0777). Errors: not_found, unavailable.
[[nodiscard]] Result<unsigned> file_mode(const std::filesystem::path& path);

}  // namespace keydeck
