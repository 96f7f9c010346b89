#include "engine/base/new_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "engine/base/file.hpp"

namespace keydeck {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBufferSize = std::size_t{1} << 20;

std::unexpected<Error> system_failure(int error, std::string_view did, const fs::path& path) {
    ErrorCode code = ErrorCode::kUnavailable;
    if (error == ENOENT || error == ENOTDIR) code = ErrorCode::kNotFound;
    if (error == EACCES || error == EPERM || error == EROFS) code = ErrorCode::kDenied;
    return fail(code, fmt::format("Cannot {} {}: {}.", did, path.string(), std::generic_category().message(error)));
}

}  // namespace

NewFile::NewFile(fs::path path, std::string passing, int descriptor)
    : path_(std::move(path)), passing_(std::move(passing)), descriptor_(descriptor) {}

NewFile::NewFile(NewFile&& other) noexcept
    : path_(std::move(other.path_)),
      passing_(std::move(other.passing_)),
      buffer_(std::move(other.buffer_)),
      descriptor_(std::exchange(other.descriptor_, -1)) {}

NewFile::~NewFile() {
    if (descriptor_ < 0) return;
    close(descriptor_);
    unlink(passing_.c_str());
}

Result<NewFile> NewFile::begin(const fs::path& path) {
    std::error_code error;
    if (fs::exists(fs::symlink_status(path, error))) {
        return fail(ErrorCode::kAlreadyExists, fmt::format("{} exists already; nothing was written.", path.string()),
                    "Name another file.");
    }
    const fs::path directory = path.has_parent_path() ? path.parent_path() : fs::path(".");
    std::string passing = (directory / ".keydeck-XXXXXX").string();
    const int descriptor = mkostemp(passing.data(), O_CLOEXEC);
    if (descriptor < 0) return system_failure(errno, "create", path);
    return NewFile(path, std::move(passing), descriptor);
}

Status NewFile::flush() {
    std::string_view rest = buffer_;
    while (!rest.empty()) {
        const ssize_t put = write(descriptor_, rest.data(), rest.size());
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return system_failure(errno, "write", path_);
        rest.remove_prefix(static_cast<std::size_t>(put));
    }
    buffer_.clear();
    return {};
}

Status NewFile::append(std::string_view text) {
    buffer_ += text;
    return buffer_.size() < kBufferSize ? Status{} : flush();
}

Status NewFile::finish() {
    if (Status flushed = flush(); !flushed) return flushed;
    if (fchmod(descriptor_, 0600) != 0 || fsync(descriptor_) != 0) return system_failure(errno, "write", path_);
    if (Status renamed = rename_to_free_name(passing_, path_); !renamed) return renamed;
    close(std::exchange(descriptor_, -1));
    return {};
}

}  // namespace keydeck
