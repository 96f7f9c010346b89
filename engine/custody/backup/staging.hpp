// A private folder that goes away: what a backup or a restore has not finished.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "engine/base/random.hpp"
#include "engine/error.hpp"

namespace keydeck::custody::backup {

/// Mode 0700, removed with its content unless it was renamed. While its process lives it is locked, so that others tell it
/// from one that a crash has left. Of one thread.
class Staging {
public:
    /// Makes `parent`/PREFIX and random digits, after those of that prefix were removed whose process is gone. Errors:
    /// denied, unavailable, not_found.
    [[nodiscard]] static Result<Staging> make(const std::filesystem::path& parent, std::string_view prefix, Random& random);
    Staging(Staging&& other) noexcept;
    Staging(const Staging&) = delete;
    Staging& operator=(const Staging&) = delete;
    Staging& operator=(Staging&&) = delete;
    ~Staging();

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    /// Gives it a name of its own in the same parent, where there is nothing or an empty directory, and lets it stay;
    /// synced. Errors: already_exists, denied, unavailable.
    [[nodiscard]] Status rename_to(const std::filesystem::path& path);

private:
    Staging(std::filesystem::path path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}
    std::filesystem::path path_;
    int descriptor_;
};

/// What crashes have left of that prefix: no process is at it any more.
[[nodiscard]] std::vector<std::filesystem::path> abandoned(const std::filesystem::path& parent, std::string_view prefix);

/// Removes what crashes have left of that prefix.
void sweep(const std::filesystem::path& parent, std::string_view prefix);

}  // namespace keydeck::custody::backup
