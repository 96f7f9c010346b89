// One process at a time where two would make keys for the same thing.
#pragma once

#include <filesystem>
#include <utility>

#include "engine/error.hpp"

namespace keydeck::custody {

/// An flock(2) on the vault's directory: no file of its own, gone with its process. Making a KMS key and recording it is
/// done under a shared lock; making a pool, and telling orphans from keys that are just being made, under an exclusive one.
class VaultLock {
public:
    enum class Kind : std::uint8_t { kShared, kExclusive };
    /// Waits up to a minute. Errors: unavailable (somebody holds it), denied.
    [[nodiscard]] static Result<VaultLock> take(const std::filesystem::path& directory, Kind kind);

    VaultLock(VaultLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    VaultLock(const VaultLock&) = delete;
    VaultLock& operator=(const VaultLock&) = delete;
    VaultLock& operator=(VaultLock&&) = delete;
    ~VaultLock();

private:
    explicit VaultLock(int descriptor) : descriptor_(descriptor) {}
    int descriptor_;
};

}  // namespace keydeck::custody
