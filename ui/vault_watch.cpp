#include "ui/vault_watch.hpp"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace keydeck::ui {
namespace {

bool is_database(std::string_view name) { return name.ends_with(".db") || name.ends_with(".db-wal"); }

}  // namespace

VaultWatch::VaultWatch(const std::string& directory) {
    if (directory.empty()) return;
    descriptor_ = ::inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (descriptor_ < 0) return;
    // Also what takes a database away: a vault that was removed or put back from a copy must not look as if nothing were.
    constexpr std::uint32_t kWatched =
        IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_MOVED_FROM | IN_DELETE_SELF | IN_MOVE_SELF;
    if (::inotify_add_watch(descriptor_, directory.c_str(), kWatched) < 0) {
        ::close(descriptor_);
        descriptor_ = -1;
    }
}

VaultWatch::~VaultWatch() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

bool VaultWatch::collect() const {
    alignas(inotify_event) std::array<char, 8192> buffer{};
    bool touched = false;
    while (true) {
        const ssize_t got = ::read(descriptor_, buffer.data(), buffer.size());
        if (got <= 0) return touched;
        for (std::size_t at = 0; at + sizeof(inotify_event) <= static_cast<std::size_t>(got);) {
            inotify_event event{};
            std::memcpy(&event, buffer.data() + at, sizeof event);
            const char* name = buffer.data() + at + sizeof event;
            const bool itself = (event.mask & (IN_Q_OVERFLOW | IN_DELETE_SELF | IN_MOVE_SELF)) != 0;
            if (itself || (event.len > 0 && is_database(std::string_view(name)))) touched = true;
            at += sizeof event + event.len;
        }
    }
}

}  // namespace keydeck::ui
