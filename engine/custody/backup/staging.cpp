#include "engine/custody/backup/staging.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "engine/base/hex.hpp"
#include "engine/custody/backup/files.hpp"

namespace keydeck::custody::backup {
namespace fs = std::filesystem;
namespace {

/// The directory, opened and locked; -1, with errno, where it is not there, somebody has it, or nothing can be locked there.
int lock_directory(const fs::path& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (descriptor < 0) return -1;
    if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) return descriptor;
    const int error = errno;
    close(descriptor);
    errno = error;
    return -1;
}

/// Whether a sweeper did it, which takes a folder that is not locked yet for one that a crash has left.
bool is_of_a_sweeper(int error) { return error == EWOULDBLOCK || error == ENOENT; }

std::unexpected<Error> cannot_lock(int error, const fs::path& parent) {
    std::unexpected<Error> failed = system_failure(error, "lock a folder in", parent);
    failed.error().code = ErrorCode::kUnavailable;
    failed.error().hint = "A network file system may not lock folders: use a directory on a local one.";
    return failed;
}

/// Whether the name still is what the descriptor holds: a sweeper may have come between making and locking it.
bool is_still(const fs::path& path, int descriptor) {
    struct stat named{};
    struct stat held{};
    return ::lstat(path.c_str(), &named) == 0 && ::fstat(descriptor, &held) == 0 && named.st_ino == held.st_ino &&
           named.st_dev == held.st_dev;
}

std::vector<fs::path> all_of(const fs::path& parent, std::string_view prefix) {
    std::error_code error;
    std::vector<fs::path> found;
    for (const fs::directory_entry& entry : fs::directory_iterator(parent, error)) {
        if (entry.path().filename().string().starts_with(prefix)) found.push_back(entry.path());
    }
    return found;
}

}  // namespace

std::vector<fs::path> abandoned(const fs::path& parent, std::string_view prefix) {
    std::vector<fs::path> found = all_of(parent, prefix);
    std::erase_if(found, [](const fs::path& path) {
        const int descriptor = lock_directory(path);
        if (descriptor >= 0) close(descriptor);
        return descriptor < 0;
    });
    return found;
}

void sweep(const fs::path& parent, std::string_view prefix) {
    std::error_code error;
    for (const fs::path& path : all_of(parent, prefix)) {
        const int descriptor = lock_directory(path);
        if (descriptor < 0) continue;
        fs::remove_all(path, error);
        close(descriptor);
    }
}

Result<Staging> Staging::make(const fs::path& parent, std::string_view prefix, Random& random) {
    sweep(parent, prefix);
    constexpr int kTries = 10;
    for (int i = 0; i < kTries; ++i) {
        const fs::path path = parent / (std::string(prefix) + to_hex(random.bytes<8>()));
        if (::mkdir(path.c_str(), 0700) != 0) return system_failure(errno, "make a folder in", parent);
        const int descriptor = lock_directory(path);
        if (descriptor < 0) {
            const int error = errno;
            ::rmdir(path.c_str());
            if (!is_of_a_sweeper(error)) return cannot_lock(error, parent);
            continue;
        }
        Staging staging(path, descriptor);
        if (is_still(path, descriptor)) return staging;
    }
    return fail(ErrorCode::kUnavailable, "No folder can be made in " + parent.string() + ".");
}

Staging::Staging(Staging&& other) noexcept
    : path_(std::exchange(other.path_, {})), descriptor_(std::exchange(other.descriptor_, -1)) {}

Staging::~Staging() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
    if (descriptor_ >= 0) close(descriptor_);
}

Status Staging::rename_to(const fs::path& path) {
    if (Status synced = sync_directory(path_); !synced) return synced;
    // Onto an empty directory, or nothing: one with something in it is refused by the system itself.
    if (std::rename(path_.c_str(), path.c_str()) != 0) {
        const int error = errno;
        if (error == EEXIST || error == ENOTEMPTY) {
            return fail(ErrorCode::kAlreadyExists, "The directory " + path.string() + " is not empty: nothing was written.",
                        "Choose another directory with --vault DIR.");
        }
        if (error == EBUSY) {
            return fail(ErrorCode::kRejected, path.string() + " is in use as a whole (a mount point?): nothing was written.",
                        "Choose a directory in it with --vault DIR.");
        }
        return system_failure(error, "make", path);
    }
    Status synced = sync_directory(path.parent_path());
    // A name that may not last is taken back.
    if (!synced && std::rename(path.c_str(), path_.c_str()) == 0) return synced;
    path_.clear();
    return {};
}

}  // namespace keydeck::custody::backup
