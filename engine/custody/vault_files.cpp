#include "engine/custody/vault_files.hpp"

#include <unistd.h>

#include <algorithm>
#include <string>
#include <system_error>

#include "engine/base/file.hpp"

namespace keydeck::custody {
namespace fs = std::filesystem;
fs::path database_path(const fs::path& directory) { return directory / "keydeck.db"; }
fs::path kms_path(const fs::path& directory) { return directory / "kms.db"; }
fs::path seal_path(const fs::path& directory) { return directory / "seal.key"; }

bool is_there(const fs::path& path) {
    std::error_code error;
    return fs::exists(fs::symlink_status(path, error));
}

bool has_kms_part(const fs::path& directory) { return is_there(kms_path(directory)) || is_there(seal_path(directory)); }

Result<SecretBytes> read_key_file(const fs::path& path) {
    const Result<unsigned> mode = file_mode(path);
    if (!mode && mode.error().code == ErrorCode::kNotFound) {
        return fail(ErrorCode::kNotFound, "The vault's key file " + path.string() + " is not there.",
                    "Put it back: without it nobody can open this vault's keys.");
    }
    if (!mode) return fail(mode);
    if ((*mode & 0177U) != 0) {
        return fail(ErrorCode::kDenied, "The key file " + path.string() + " may be read by others.",
                    "Run: chmod 600 " + path.string());
    }
    Result<SecretBytes> key = read_secret_file(path, kKeyFileSize);
    if (!key && key.error().code != ErrorCode::kInvalidInput) return key;
    if (!key || key->size() != kKeyFileSize) {
        return fail(ErrorCode::kInvalidInput, "The key file " + path.string() + " must have exactly 32 bytes.");
    }
    return key;
}

std::vector<fs::path> stagings_in(const fs::path& directory) {
    std::error_code error;
    std::vector<fs::path> found;
    for (const fs::directory_entry& entry : fs::directory_iterator(directory, error)) {
        if (!entry.path().filename().string().starts_with(kStagingPrefix)) continue;
        if (entry.is_directory(error) && !entry.is_symlink(error)) found.push_back(entry.path());
    }
    return found;
}

bool is_half_made(const fs::path& directory) {
    if (is_there(database_path(directory)) || !has_kms_part(directory)) return false;
    return std::ranges::any_of(stagings_in(directory), [](const fs::path& staging) {
        return is_there(database_path(staging)) && !has_kms_part(staging);
    });
}

Status check_vault_files(const fs::path& directory, bool read_only) {
    const bool has_database = is_there(database_path(directory));
    const bool has_kms = has_kms_part(directory);
    if (!has_database && !has_kms) {
        if (is_there(directory) && ::access(directory.c_str(), X_OK) != 0) {
            return fail(ErrorCode::kDenied, "The directory " + directory.string() + " may not be read.");
        }
        return fail(ErrorCode::kNotFound, "There is no vault in " + directory.string() + ".",
                    "Make one with `keydeck init`, or name another with --vault DIR.");
    }
    if (is_half_made(directory)) {
        return fail(ErrorCode::kNotFound,
                    "The making of the vault in " + directory.string() + " was cut short: there is none.",
                    "Make it with `keydeck init`, or name another with --vault DIR.");
    }
    if (!has_database || !has_kms) {
        const std::string missing = has_database ? "kms.db (or, with AWS, its seal.key)" : "keydeck.db";
        return fail(ErrorCode::kCorrupt, "The vault in " + directory.string() + " lacks its " + missing + ".",
                    "Put the file back: a vault is both keydeck.db and kms.db, or seal.key with AWS.");
    }
    if (read_only) return {};
    const fs::path other = is_there(kms_path(directory)) ? kms_path(directory) : seal_path(directory);
    for (const fs::path& path : {directory, database_path(directory), other}) {
        if (::access(path.c_str(), R_OK | W_OK) != 0) {
            return fail(ErrorCode::kDenied, path.string() + " may not be written.",
                        "Look at the vault with --read-only, or mend the permissions.");
        }
    }
    return {};
}

}  // namespace keydeck::custody
