#include "engine/custody/backup/key_file_place.hpp"

#include <system_error>

#include "engine/base/bytes.hpp"
#include "engine/base/file.hpp"
#include "engine/custody/vault_files.hpp"

namespace keydeck::custody::backup {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kNameAnother = "Name another place for it with --key-file FILE.";

fs::path absolute_path(const fs::path& path) {
    std::error_code error;
    return fs::absolute(path, error).lexically_normal();
}

/// Where the old vault had it; what lay in its own directory lies in the new one's.
fs::path old_place(const RestoredFiles& files, const BackupManifest& manifest, const fs::path& directory) {
    fs::path was = files.identity.key_file;
    const bool was_inside = !manifest.directory.empty() && was.parent_path() == fs::path(manifest.directory);
    return was_inside ? directory / was.filename() : was;
}

/// For the backup's own key file: a place that is free, or holds these very bytes.
Status check_place(KeyFilePlace& place, const RestoredFiles& files) {
    if (place.is_in_the_vault) {
        if (!is_there(files.folder / place.path.filename())) return {};
        return fail(ErrorCode::kAlreadyExists, place.path.string() + " is the name of another file of the vault.",
                    std::string(kNameAnother));
    }
    if (is_there(place.path)) {
        const Result<SecretBytes> there = read_key_file(place.path);
        if (there && equal_in_constant_time(there->view(), place.bytes.view())) {
            place.is_written = false;
            return {};
        }
        return fail(ErrorCode::kAlreadyExists,
                    "The key file would go to " + place.path.string() + ", where there is another file.",
                    std::string(kNameAnother));
    }
    std::error_code error;
    if (fs::is_directory(place.path.parent_path(), error)) return {};
    return fail(ErrorCode::kNotFound,
                "The key file would go to " + place.path.string() + ", and there is no such directory.",
                std::string(kNameAnother));
}

}  // namespace

Result<KeyFilePlace> place_key_file(const RestoredFiles& files, const BackupManifest& manifest, const fs::path& directory,
                                    const fs::path& wanted) {
    KeyFilePlace place;
    if (files.identity.key_file.empty()) {
        if (wanted.empty()) return place;
        return fail(ErrorCode::kInvalidInput, "The vault in this backup has no key file.", "Leave out --key-file.");
    }
    place.path = wanted.empty() ? old_place(files, manifest, directory) : absolute_path(wanted);
    place.is_in_the_vault = place.path.parent_path() == directory;
    if (manifest.has_key_file) {
        place.bytes = files.key_file.clone();
        place.is_written = true;
        if (Status free = check_place(place, files); !free) return fail(free);
        return place;
    }
    if (place.is_in_the_vault || !is_there(place.path)) return place;
    Result<SecretBytes> there = read_key_file(place.path);
    if (!there) return fail(there);
    place.bytes = std::move(*there);
    return place;
}

Status write_key_file(const KeyFilePlace& place, const fs::path& folder) {
    if (!place.is_written) return {};
    return create_private_file(place.is_in_the_vault ? folder / place.path.filename() : place.path, place.bytes.view());
}

}  // namespace keydeck::custody::backup
