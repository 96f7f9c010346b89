// Making users and wallets, and naming wallets.
#pragma once

#include <memory>
#include <string>

#include "ui/widgets/dialog.hpp"

namespace keydeck::ui {

[[nodiscard]] std::unique_ptr<Dialog> make_create_user_dialog(std::string name);
/// A form, then a preview that a capital C confirms (level 2).
[[nodiscard]] std::unique_ptr<Dialog> make_create_wallet_dialog(std::string user);
[[nodiscard]] std::unique_ptr<Dialog> make_label_dialog(const Wallet& wallet);

}  // namespace keydeck::ui
