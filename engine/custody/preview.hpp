// What will be signed, for a person.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/custody/open_vault.hpp"
#include "engine/custody/risk.hpp"

namespace keydeck::custody {

// Each finds the wallet as signing would, and changes nothing. They need no unlock.
[[nodiscard]] Result<SigningPreview> preview_message(OpenVault& vault, const Session& session, std::string_view wallet,
                                                     ByteView message);
[[nodiscard]] Result<SigningPreview> preview_typed_data(OpenVault& vault, const Session& session, std::string_view wallet,
                                                        std::string_view json);
[[nodiscard]] Result<SigningPreview> preview_transaction(OpenVault& vault, const Session& session, std::string_view wallet,
                                                         std::string_view json);
[[nodiscard]] Result<SigningPreview> preview_authorization(OpenVault& vault, const Session& session, std::string_view wallet,
                                                           std::string_view chain_id, std::string_view delegate,
                                                           std::uint64_t nonce);

/// The lines that say what a transaction does: To, Value, Chain, Nonce, Gas, Fee, Highest total cost, Call and its
/// arguments, access list, blobs, authorizations, calldata digest. `to_note` stands behind the To address ("new"); may be
/// empty.
[[nodiscard]] std::vector<PreviewLine> transaction_lines(const ethereum::Transaction& transaction,
                                                         const std::optional<ethereum::DecodedCall>& call,
                                                         std::string_view to_note);

/// `1 (Ethereum mainnet)`.
[[nodiscard]] std::string chain_words(const Uint256& chain_id);
/// `1.5 ETH`: in the chain's own coin, never rounded.
[[nodiscard]] std::string value_words(const Uint256& wei, const std::optional<Uint256>& chain_id);

}  // namespace keydeck::custody
