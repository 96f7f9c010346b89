// Copies of keydeck.db that are made by themselves, before something large is changed.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/custody/open_vault.hpp"

namespace keydeck::custody {

/// Copies keydeck.db to `backups/keydeck-YYYYMMDDTHHMMSSZ-before-REASON.db` in the vault's directory (0700, files 0600), and
/// lets the newest EngineOptions::backups_kept of such copies stay; at 0 it does nothing. No passphrase: whoever has the
/// copy has what keydeck.db holds, and neither opens without the KMS. `reason` is a word of a-z and -. Error: unavailable
/// (disk full); the sentence says that nothing was changed.
[[nodiscard]] Status back_up_before(OpenVault& vault, std::string_view reason);

/// The copies there are, the oldest first.
[[nodiscard]] std::vector<std::filesystem::path> automatic_copies(const std::filesystem::path& directory);

/// When the newest of them was made, as its name says.
[[nodiscard]] std::optional<Timestamp> newest_automatic_copy(const std::filesystem::path& directory);

/// After data keys were replaced because an old one may have leaked, or something was destroyed: that the copies, and those
/// that upgrades have left, still hold `what`, and how they are removed. Empty where there are none.
[[nodiscard]] std::string warn_of_old_copies(const std::filesystem::path& directory,
                                             std::string_view what = "what the old data keys open");

}  // namespace keydeck::custody
