#include "engine/custody/vault_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <thread>

namespace keydeck::custody {
namespace {

constexpr auto kPatience = std::chrono::seconds(60);
constexpr auto kPause = std::chrono::milliseconds(10);

}  // namespace

Result<VaultLock> VaultLock::take(const std::filesystem::path& directory, Kind kind) {
    const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return fail(ErrorCode::kDenied, "The vault's directory " + directory.string() + " cannot be read.");
    VaultLock lock(descriptor);
    const int operation = (kind == Kind::kShared ? LOCK_SH : LOCK_EX) | LOCK_NB;
    const auto give_up = std::chrono::steady_clock::now() + kPatience;
    while (::flock(descriptor, operation) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR) {
            return fail(ErrorCode::kUnavailable, "The vault's directory " + directory.string() + " cannot be locked.");
        }
        if (std::chrono::steady_clock::now() > give_up) {
            return fail(ErrorCode::kUnavailable, "Another keydeck process is still making keys in this vault.",
                        "Try again when it has finished.");
        }
        std::this_thread::sleep_for(kPause);
    }
    return lock;
}

VaultLock::~VaultLock() {
    if (descriptor_ >= 0) ::close(descriptor_);  // closing gives the lock back
}

}  // namespace keydeck::custody
