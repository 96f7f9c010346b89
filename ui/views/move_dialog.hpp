// Moving what is sealed under a pool key to others (level 2): a form, then a preview that a capital M confirms.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ui/widgets/dialog.hpp"

namespace keydeck::ui {

/// Everything off this key.
[[nodiscard]] std::unique_ptr<Dialog> make_move_dialog(const KeyInfo& key);
/// One wallet.
[[nodiscard]] std::unique_ptr<Dialog> make_move_dialog(const Wallet& wallet);

/// Those of them that can be moved; how many are left out, and why the first of them is, is said.
[[nodiscard]] std::unique_ptr<Dialog> make_move_dialog(const std::vector<Wallet>& wallets, const Scene& scene);

/// Why it cannot be done; empty: it can.
[[nodiscard]] std::string why_not_move(const KeyInfo& key, const Scene& scene);
[[nodiscard]] std::string why_not_move(const Wallet& wallet, const Scene& scene);

}  // namespace keydeck::ui
