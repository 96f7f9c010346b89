// One wallet in full: its address as a QR code too, what holds its key, its newest signatures.
#pragma once

#include <memory>
#include <string>

#include "ui/widgets/dialog.hpp"

namespace keydeck::ui {

/// "ready", "▲ at risk", …
[[nodiscard]] std::string wallet_state_text(WalletState state);
[[nodiscard]] Role wallet_state_role(WalletState state);

/// `ends`: "deleted in 6 d 4 h", of the key of a wallet at risk.
[[nodiscard]] std::unique_ptr<Dialog> make_wallet_detail(const Wallet& wallet, std::string ends);

}  // namespace keydeck::ui
