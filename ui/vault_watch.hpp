// Tells when another process (or a task of ours) wrote to the vault, without polling.
#pragma once

#include <string>

namespace keydeck::ui {

/// Watches the vault's directory with inotify for writes to keydeck.db, kms.db and their WALs. Where inotify is not to be
/// had it never fires: Ctrl-R still reads again.
class VaultWatch {
public:
    explicit VaultWatch(const std::string& directory);
    ~VaultWatch();
    VaultWatch(const VaultWatch&) = delete;
    VaultWatch& operator=(const VaultWatch&) = delete;

    /// Readable when something happened; -1: there is no watch.
    [[nodiscard]] int descriptor() const { return descriptor_; }
    /// Takes what happened; whether it concerns the vault's databases.
    [[nodiscard]] bool collect() const;

private:
    int descriptor_ = -1;
};

}  // namespace keydeck::ui
