#include "app/cli/input.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include <fmt/format.h>

#include "engine/engine.hpp"

namespace keydeck::cli {
namespace {

constexpr std::size_t kPiece = 4UL * 1024 * 1024;

std::string reason(int number) { return std::generic_category().message(number); }

std::unexpected<Error> file_error(int number, std::string_view what, const std::string& name) {
    const std::string message = fmt::format("{} {}: {}.", what, name, reason(number));
    switch (number) {
        case ENOENT:
        case ENOTDIR:
            return fail(ErrorCode::kNotFound, message);
        case EACCES:
        case EPERM:
        case EROFS:
            return fail(ErrorCode::kDenied, message);
        case EEXIST:
            return fail(ErrorCode::kAlreadyExists, message, "Name a file that does not exist yet.");
        case EISDIR:
        case ENAMETOOLONG:
            return fail(ErrorCode::kInvalidInput, message);
        default:
            return fail(ErrorCode::kUnavailable, message);
    }
}

std::unexpected<Error> too_long(const std::string& name, std::size_t limit) {
    return fail(ErrorCode::kInvalidInput, fmt::format("{} is longer than {} bytes.", name, limit));
}

/// Closes a descriptor that was opened for writing, keeping the first problem.
int close_written(int descriptor, int problem) {
    if (problem == 0 && fsync(descriptor) != 0) problem = errno;
    if (::close(descriptor) != 0 && problem == 0) problem = errno;
    return problem;
}

}  // namespace

Result<InputFile> InputFile::open(const std::string& path) {
    if (path == "-") return InputFile(STDIN_FILENO, "standard input");
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (descriptor < 0) return file_error(errno, "Cannot read", path);
    InputFile file(descriptor, path);
    struct stat about{};
    if (fstat(descriptor, &about) == 0 && S_ISDIR(about.st_mode)) return file_error(EISDIR, "Cannot read", path);
    return file;
}

InputFile::InputFile(InputFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), name_(std::move(other.name_)) {}

InputFile::~InputFile() {
    if (descriptor_ > STDIN_FILENO) ::close(descriptor_);
}

Result<std::size_t> InputFile::read(std::uint8_t* out, std::size_t size) {
    std::size_t got = 0;
    while (got < size) {
        const ssize_t n = ::read(descriptor_, out + got, size - got);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return file_error(errno, "Cannot read", name_);
        if (n == 0) break;
        got += static_cast<std::size_t>(n);
    }
    return got;
}

Result<std::string> read_text(const std::string& path, std::size_t limit) {
    auto file = InputFile::open(path);
    if (!file) return fail(file);
    std::string text;
    std::size_t block = 64UL * 1024;
    while (true) {
        const std::size_t before = text.size();
        text.resize(before + block);
        auto got = file->read(reinterpret_cast<std::uint8_t*>(text.data()) + before, block);
        if (!got) return fail(got);
        text.resize(before + *got);
        if (text.size() > limit) return too_long(file->name(), limit);
        if (*got < block) return text;
        block = std::min(block * 2, kPiece);
    }
}

Result<SecretBytes> read_secret(const std::string& path, std::size_t limit) {
    auto file = InputFile::open(path);
    if (!file) return fail(file);
    SecretBytes secret;
    SecretBytes block(4096);
    while (true) {
        auto got = file->read(block.data(), block.size());
        if (!got) return fail(got);
        secret.append(block.view().first(*got));
        if (secret.size() > limit) return too_long(file->name(), limit);
        if (*got < block.size()) return secret;
    }
}

SecretBytes trimmed(const SecretBytes& secret) {
    constexpr std::string_view kBlank = " \t\r\n";
    const std::string_view text = secret.text();
    const std::size_t first = text.find_first_not_of(kBlank);
    if (first == std::string_view::npos) return {};
    return SecretBytes::copy_of(text.substr(first, text.find_last_not_of(kBlank) - first + 1));
}

Result<SecretBytes> read_passphrase_file(const std::string& path) {
    auto secret = read_secret(path);
    if (!secret) return fail(secret);
    secret->truncate(std::min(secret->size(), secret->text().find('\n')));
    if (secret->empty()) {
        return fail(ErrorCode::kInvalidInput, fmt::format("The passphrase file {} has an empty first line.", path));
    }
    return secret;
}

Result<std::string> ask(std::string_view prompt) {
    std::string line;
    if (::write(STDERR_FILENO, prompt.data(), prompt.size()) < 0) {
        return fail(ErrorCode::kUnavailable, "The terminal cannot be written to.");
    }
    while (true) {
        char c = 0;
        const ssize_t n = ::read(STDIN_FILENO, &c, 1);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return fail(ErrorCode::kCancelled, "Cancelled: there was no answer.");
        if (c == '\n') return line;
        line += c;
    }
}

Status JsonPieces::fill(std::size_t wanted) {
    const std::size_t before = piece_.size();
    if (wanted > kTextLimit) return too_long(fmt::format("One JSON value in {}", file_.name()), kTextLimit);
    if (before >= wanted) return {};
    piece_.resize(wanted);
    auto got = file_.read(reinterpret_cast<std::uint8_t*>(piece_.data()) + before, wanted - before);
    if (!got) return fail(got);
    piece_.resize(before + *got);
    at_end_ = piece_.size() < wanted;
    return {};
}

Result<std::optional<std::string_view>> JsonPieces::next() {
    piece_ = std::move(rest_);
    rest_.clear();
    for (std::size_t wanted = kPiece; !at_end_; wanted *= 2) {
        Status filled = fill(wanted);
        if (!filled) return fail(filled);
        if (at_end_) break;
        // The last value may go on in what was not read yet: it waits for the next piece.
        const auto values = Engine::split_json_values(piece_);
        if (values.size() < 2) continue;
        const auto whole = static_cast<std::size_t>(values.back().data() - piece_.data());
        rest_ = piece_.substr(whole);
        piece_.resize(whole);
        break;
    }
    if (piece_.empty()) return std::optional<std::string_view>();
    return std::optional<std::string_view>(piece_);
}

Status write_new_file(const std::string& path, std::string_view content) {
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, 0600);
    if (descriptor < 0) return file_error(errno, "Cannot create", path);
    int problem = 0;
    while (!content.empty() && problem == 0) {
        const ssize_t n = ::write(descriptor, content.data(), content.size());
        if (n >= 0) {
            content.remove_prefix(static_cast<std::size_t>(n));
        } else if (errno != EINTR) {
            problem = errno;
        }
    }
    problem = close_written(descriptor, problem);
    if (problem == 0) return {};
    unlink(path.c_str());
    return file_error(problem, "Cannot write", path);
}

}  // namespace keydeck::cli
