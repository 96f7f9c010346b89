// Asks for the vault's passphrase when a verb answered `locked`.
#pragma once

#include <memory>

#include "ui/widgets/dialog.hpp"

namespace keydeck::ui {

/// Says by Effects::unlocked how it ended: true when the vault is open, false when the person gave up.
[[nodiscard]] std::unique_ptr<Dialog> make_passphrase_dialog();

}  // namespace keydeck::ui
