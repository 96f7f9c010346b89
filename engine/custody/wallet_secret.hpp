// From a wallet's row to what it can sign or export with.
#pragma once

#include <memory>
#include <string_view>

#include "engine/custody/envelope.hpp"
#include "engine/custody/open_vault.hpp"

namespace keydeck::custody {

/// Opens the secret of a wallet sealed under a pool key (envelope, key-pair). Errors: rejected for a wallet whose key is in
/// the KMS, or whose pool key is disabled, pending deletion or destroyed (noted in the store); locked; corrupt. `not_done`
/// completes the sentence: "nothing was signed".
[[nodiscard]] Result<WalletSecret> open_wallet_secret(OpenVault& vault, const Wallet& wallet, std::string_view not_done);

/// The wallet ready to sign: from the opened ones, or opened now and kept. Checks user, state, custody and that row and key
/// belong together. Errors: locked, rejected, corrupt, the KMS's.
[[nodiscard]] Result<std::shared_ptr<const OpenedWallet>> open_for_signing(OpenVault& vault, const Wallet& wallet);

/// Whether a wallet in this state signs. Errors: locked (its user is), rejected (its key is disabled, at risk or lost;
/// removed).
[[nodiscard]] Status require_ready(const Wallet& wallet, std::string_view not_done);

/// A KMS's refusal because of the key's state, in the wallet's words; the new state is noted in the store. Other errors pass
/// unchanged.
[[nodiscard]] std::unexpected<Error> explain_refusal(OpenVault& vault, const Wallet& wallet, Error error,
                                                     std::string_view not_done);

/// Whether the store, should it say that the wallet's key is not usable, is still right; asks the KMS then, and notes the
/// answer.
[[nodiscard]] Result<Wallet> with_current_state(OpenVault& vault, Wallet wallet);

}  // namespace keydeck::custody
