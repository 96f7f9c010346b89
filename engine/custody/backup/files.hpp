// The backup's own files: one that has no name until it is whole, and one that is read with a known end.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "engine/base/bytes.hpp"
#include "engine/error.hpp"

namespace keydeck::custody::backup {

/// A failed system call: "Cannot write FILE: No space left on device."
[[nodiscard]] std::unexpected<Error> system_failure(int error, std::string_view did, const std::filesystem::path& path);

/// Reads a file from its beginning to the end it had when it was opened. Of one thread.
class InputFile {
public:
    /// A regular file. Errors: not_found, denied, invalid_input (no regular file), unavailable.
    [[nodiscard]] static Result<InputFile> open(const std::filesystem::path& path);
    /// What a descriptor names, which stays the caller's; `path` is for error sentences.
    [[nodiscard]] static Result<InputFile> of(int descriptor, const std::filesystem::path& path);
    InputFile(InputFile&& other) noexcept;
    InputFile(const InputFile&) = delete;
    InputFile& operator=(const InputFile&) = delete;
    InputFile& operator=(InputFile&&) = delete;
    ~InputFile();

    [[nodiscard]] std::uint64_t size() const { return size_; }
    [[nodiscard]] std::uint64_t left() const { return size_ - at_; }
    /// Fills `out`, which must not be larger than left(). Errors: unavailable; corrupt where the file has become shorter.
    [[nodiscard]] Status read(std::span<std::uint8_t> out);
    void rewind() { at_ = 0; }

private:
    InputFile(int descriptor, std::filesystem::path path, std::uint64_t size)
        : path_(std::move(path)), descriptor_(descriptor), size_(size) {}
    std::filesystem::path path_;
    int descriptor_;
    std::uint64_t size_;
    std::uint64_t at_ = 0;
};

/// A new file of mode 0600 that gets its name when it is finished: a crash before that leaves nothing (where the file system
/// knows no nameless files: a passing name in the same directory). Of one thread.
class OutputFile {
public:
    /// Errors: already_exists where there is something of that name, not_found (the directory), denied, unavailable.
    [[nodiscard]] static Result<OutputFile> begin(const std::filesystem::path& path);
    OutputFile(OutputFile&& other) noexcept;
    OutputFile(const OutputFile&) = delete;
    OutputFile& operator=(const OutputFile&) = delete;
    OutputFile& operator=(OutputFile&&) = delete;
    ~OutputFile();

    /// Errors: unavailable (disk full, I/O).
    [[nodiscard]] Status append(ByteView bytes);
    /// To disk, and out of memory where the system agrees, so that what is read next comes from there.
    [[nodiscard]] Status sync();
    [[nodiscard]] Result<InputFile> read_back() const { return InputFile::of(descriptor_, path_); }
    /// Gives it its name, the name synced too. Errors: already_exists, denied, unavailable.
    [[nodiscard]] Status finish();

private:
    OutputFile(std::filesystem::path path, std::string passing, int descriptor)
        : path_(std::move(path)), passing_(std::move(passing)), descriptor_(descriptor) {}
    std::filesystem::path path_;
    std::string passing_;  // empty: it has no name yet
    int descriptor_;
};

/// Syncs the names in a directory. Error: unavailable.
[[nodiscard]] Status sync_directory(const std::filesystem::path& directory);

}  // namespace keydeck::custody::backup
