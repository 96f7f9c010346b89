// A private file that appears whole or not at all, written piece by piece.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "engine/error.hpp"

namespace keydeck {

/// Mode 0600, under a passing name in the same directory until finish(); what is destroyed before that leaves nothing. Of
/// one thread.
class NewFile {
public:
    /// Errors: already_exists where there is something of that name, denied, not_found (the directory), unavailable.
    [[nodiscard]] static Result<NewFile> begin(const std::filesystem::path& path);
    NewFile(NewFile&& other) noexcept;
    NewFile(const NewFile&) = delete;
    NewFile& operator=(const NewFile&) = delete;
    NewFile& operator=(NewFile&&) = delete;
    ~NewFile();

    /// Errors: unavailable (disk full, I/O).
    [[nodiscard]] Status append(std::string_view text);
    /// Gives it its name, content and name synced to disk. Errors: already_exists, denied, unavailable.
    [[nodiscard]] Status finish();

private:
    NewFile(std::filesystem::path path, std::string passing, int descriptor);
    Status flush();

    std::filesystem::path path_;
    std::string passing_;
    std::string buffer_;
    int descriptor_;
};

}  // namespace keydeck
