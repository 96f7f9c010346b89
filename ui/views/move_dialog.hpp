// Moving what is sealed under a pool key to others (level 2): a form, then a preview that a capital M confirms.
#pragma once

#include <memory>
#include <string>

#include "ui/widgets/dialog.hpp"

namespace keydeck::ui {

/// Everything off this key.
[[nodiscard]] std::unique_ptr<Dialog> make_move_dialog(const KeyInfo& key);
/// One wallet.
[[nodiscard]] std::unique_ptr<Dialog> make_move_dialog(const Wallet& wallet);

/// Why it cannot be done; empty: it can.
[[nodiscard]] std::string why_not_move(const KeyInfo& key);
[[nodiscard]] std::string why_not_move(const Wallet& wallet);

}  // namespace keydeck::ui
