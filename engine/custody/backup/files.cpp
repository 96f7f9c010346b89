#include "engine/custody/backup/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "engine/base/file.hpp"
#include "engine/custody/vault_files.hpp"

namespace keydeck::custody::backup {
namespace fs = std::filesystem;
namespace {

fs::path directory_of(const fs::path& path) { return path.has_parent_path() ? path.parent_path() : fs::path("."); }

std::unexpected<Error> name_is_taken(const fs::path& path) {
    return fail(ErrorCode::kAlreadyExists, fmt::format("{} exists already; nothing was written.", path.string()),
                "Name another file.");
}

}  // namespace

std::unexpected<Error> system_failure(int error, std::string_view did, const fs::path& path) {
    ErrorCode code = ErrorCode::kUnavailable;
    if (error == ENOENT || error == ENOTDIR) code = ErrorCode::kNotFound;
    if (error == EACCES || error == EPERM || error == EROFS) code = ErrorCode::kDenied;
    if (error == EEXIST || error == ENOTEMPTY) code = ErrorCode::kAlreadyExists;
    return fail(code, fmt::format("Cannot {} {}: {}.", did, path.string(), std::generic_category().message(error)));
}

Result<InputFile> InputFile::open(const fs::path& path) {
    // Without blocking: a pipe of that name must not have us wait for its writer.
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0) return system_failure(errno, "open", path);
    struct stat info{};
    const bool known = fstat(descriptor, &info) == 0;
    InputFile file(descriptor, path, known ? static_cast<std::uint64_t>(info.st_size) : 0);
    if (!known || !S_ISREG(info.st_mode)) return fail(ErrorCode::kInvalidInput, path.string() + " is not a file.");
    return file;
}

Result<InputFile> InputFile::of(int descriptor, const fs::path& path) {
    const int own = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
    struct stat info{};
    if (own < 0 || fstat(own, &info) != 0) {
        const int error = errno;
        if (own >= 0) close(own);
        return system_failure(error, "read", path);
    }
    return InputFile(own, path, static_cast<std::uint64_t>(info.st_size));
}

InputFile::InputFile(InputFile&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)), size_(other.size_), at_(other.at_) {}

InputFile::~InputFile() {
    if (descriptor_ >= 0) close(descriptor_);
}

Status InputFile::read(std::span<std::uint8_t> out) {
    while (!out.empty()) {
        const ssize_t got = pread(descriptor_, out.data(), out.size(), static_cast<off_t>(at_));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return system_failure(errno, "read", path_);
        if (got == 0) return fail(ErrorCode::kCorrupt, path_.string() + " has become shorter while it was read.");
        at_ += static_cast<std::uint64_t>(got);
        out = out.subspan(static_cast<std::size_t>(got));
    }
    return {};
}

Result<OutputFile> OutputFile::begin(const fs::path& path) {
    if (is_there(path)) return name_is_taken(path);
    const fs::path directory = directory_of(path);
    const int nameless = ::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (nameless >= 0) return OutputFile(path, {}, nameless);
    if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL) return system_failure(errno, "create", path);
    std::string passing = (directory / ".keydeck-XXXXXX").string();
    const int named = mkostemp(passing.data(), O_CLOEXEC);
    if (named < 0) return system_failure(errno, "create", path);
    return OutputFile(path, std::move(passing), named);
}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : path_(std::move(other.path_)),
      passing_(std::exchange(other.passing_, {})),
      descriptor_(std::exchange(other.descriptor_, -1)) {}

OutputFile::~OutputFile() {
    if (descriptor_ >= 0) close(descriptor_);
    if (!passing_.empty()) unlink(passing_.c_str());
}

Status OutputFile::append(ByteView bytes) {
    while (!bytes.empty()) {
        const ssize_t put = write(descriptor_, bytes.data(), bytes.size());
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return system_failure(errno, "write", path_);
        bytes = bytes.subspan(static_cast<std::size_t>(put));
    }
    return {};
}

Status OutputFile::sync() {
    // The umask has taken away what an owner needs, perhaps; nobody else is given anything.
    if (fchmod(descriptor_, 0600) != 0 || fsync(descriptor_) != 0) return system_failure(errno, "write", path_);
    (void)posix_fadvise(descriptor_, 0, 0, POSIX_FADV_DONTNEED);
    return {};
}

Status OutputFile::finish() {
    if (Status synced = sync(); !synced) return synced;
    if (!passing_.empty()) {
        if (Status named = rename_to_free_name(passing_, path_); !named) return named;
        passing_.clear();
        return {};
    }
    // Linking never replaces anything.
    const std::string source = fmt::format("/proc/self/fd/{}", descriptor_);
    if (linkat(AT_FDCWD, source.c_str(), AT_FDCWD, path_.c_str(), AT_SYMLINK_FOLLOW) != 0) {
        if (errno == EEXIST) return name_is_taken(path_);
        return system_failure(errno, "create", path_);
    }
    Status synced = sync_directory(directory_of(path_));
    if (!synced) unlink(path_.c_str());
    return synced;
}

Status sync_directory(const fs::path& directory) {
    const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return system_failure(errno, "sync", directory);
    const bool synced = fsync(descriptor) == 0;
    const int error = errno;
    close(descriptor);
    return synced ? Status{} : system_failure(error, "sync", directory);
}

}  // namespace keydeck::custody::backup
