#include "engine/base/file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <system_error>

namespace keydeck {
namespace {

namespace fs = std::filesystem;

class Descriptor {
public:
    explicit Descriptor(int fd) : fd_(fd) {}
    ~Descriptor() {
        if (fd_ >= 0) close(fd_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    [[nodiscard]] int get() const { return fd_; }
    [[nodiscard]] bool ok() const { return fd_ >= 0; }

private:
    int fd_;
};

ErrorCode code_of(int error) {
    switch (error) {
        case ENOENT:
        case ENOTDIR:
            return ErrorCode::kNotFound;
        case EACCES:
        case EPERM:
        case EROFS:
            return ErrorCode::kDenied;
        case EEXIST:
            return ErrorCode::kAlreadyExists;
        case EISDIR:
        case ELOOP:
        case ENAMETOOLONG:
            return ErrorCode::kInvalidInput;
        default:
            return ErrorCode::kUnavailable;
    }
}

std::unexpected<Error> system_failure(int error, std::string_view did, const fs::path& path) {
    return fail(code_of(error),
                fmt::format("Cannot {} {}: {}.", did, path.string(), std::generic_category().message(error)));
}

/// Hands the descriptor's content to `sink` piece by piece; the pieces are wiped here.
template <class Sink>
Status drain(int fd, std::size_t limit, const std::string& name, Sink sink) {
    std::array<std::uint8_t, 4096> piece;
    const WipeOnExit guard(piece);
    std::size_t total = 0;
    for (;;) {
        const ssize_t got = read(fd, piece.data(), piece.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return system_failure(errno, "read", name);
        if (got == 0) return {};
        total += static_cast<std::size_t>(got);
        if (total > limit) {
            return fail(ErrorCode::kInvalidInput, fmt::format("Cannot read {}: it is longer than {} bytes.", name, limit));
        }
        sink(ByteView(piece).first(static_cast<std::size_t>(got)));
    }
}

template <class Sink>
Status drain_file(const fs::path& path, std::size_t limit, Sink sink) {
    const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.ok()) return system_failure(errno, "open", path);
    struct stat info{};
    if (fstat(file.get(), &info) == 0 && S_ISDIR(info.st_mode)) return system_failure(EISDIR, "read", path);
    return drain(file.get(), limit, path.string(), sink);
}

Status write_all(int fd, ByteView content, const fs::path& path) {
    while (!content.empty()) {
        const ssize_t put = write(fd, content.data(), content.size());
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return system_failure(errno, "write", path);
        content = content.subspan(static_cast<std::size_t>(put));
    }
    return {};
}

Status sync_directory(const fs::path& directory) {
    const Descriptor handle(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!handle.ok() || fsync(handle.get()) != 0) return system_failure(errno, "sync", directory);
    return {};
}

/// Not every filesystem can rename without replacing in one step. Returns errno or 0.
int rename_without_replacing(const char* from, const char* to) {
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0) return 0;
    if (errno != EINVAL && errno != ENOSYS) return errno;
    if (link(from, to) != 0) return errno;
    unlink(from);
    return 0;
}

fs::path directory_of(const fs::path& path) { return path.has_parent_path() ? path.parent_path() : fs::path("."); }

/// Fills and syncs a new file of mode 0600, named from the template `passing`.
Status write_passing_file(std::string& passing, ByteView content, const fs::path& path) {
    const Descriptor file(mkostemp(passing.data(), O_CLOEXEC));
    if (!file.ok()) return system_failure(errno, "create", path);
    Status status = write_all(file.get(), content, path);
    if (status && (fchmod(file.get(), 0600) != 0 || fsync(file.get()) != 0)) status = system_failure(errno, "write", path);
    if (!status) unlink(passing.c_str());
    return status;
}

}  // namespace

Result<Bytes> read_file(const fs::path& path, std::size_t limit) {
    Bytes content;
    const Status status = drain_file(path, limit, [&content](ByteView piece) { append(content, piece); });
    if (!status) return fail(status);
    return content;
}

Result<SecretBytes> read_secret_file(const fs::path& path, std::size_t limit) {
    SecretBytes content;
    const Status status = drain_file(path, limit, [&content](ByteView piece) { content.append(piece); });
    if (!status) return fail(status);
    return content;
}

Result<SecretBytes> read_secret_descriptor(int descriptor, std::size_t limit) {
    SecretBytes content;
    const Status status = drain(descriptor, limit, "the input", [&content](ByteView piece) { content.append(piece); });
    if (!status) return fail(status);
    return content;
}

Status rename_to_free_name(const fs::path& from, const fs::path& to) {
    const int error = rename_without_replacing(from.c_str(), to.c_str());
    if (error != 0) return system_failure(error, "create", to);
    return sync_directory(directory_of(to));
}

Status create_private_file(const fs::path& path, ByteView content) {
    // Written under a passing name first, so that a crash cannot leave half a file under the real one. It is closed before
    // it gets the real name: closing a database file would drop the locks that another thread may already hold on it.
    std::string passing = (directory_of(path) / ".keydeck-XXXXXX").string();
    if (const Status written = write_passing_file(passing, content, path); !written) return written;
    const Status renamed = rename_to_free_name(passing, path);
    if (!renamed) unlink(passing.c_str());
    return renamed;
}

Result<unsigned> file_mode(const fs::path& path) {
    struct stat info{};
    if (stat(path.c_str(), &info) != 0) {
        const int error = errno;
        if (code_of(error) == ErrorCode::kNotFound) return system_failure(error, "find", path);
        return fail(ErrorCode::kUnavailable,
                    fmt::format("Cannot look at {}: {}.", path.string(), std::generic_category().message(error)));
    }
    return static_cast<unsigned>(info.st_mode & 0777);
}

}  // namespace keydeck
