// What of a restored vault does not open any more.
#pragma once

#include <optional>
#include <vector>

#include "engine/backup.hpp"
#include "engine/custody/open_vault.hpp"

namespace keydeck::custody::backup {

struct Losses {
    std::vector<RestoreLoss> found;
    std::optional<Error> unasked;  ///< why the KMS could not be asked; `found` is not all then
};

/// Asks the KMS for each key that wallets or secrets hang on, and notes the answers in the vault. Errors: those of the
/// store.
[[nodiscard]] Result<Losses> find_losses(OpenVault& vault, const std::stop_token& stop);

}  // namespace keydeck::custody::backup
