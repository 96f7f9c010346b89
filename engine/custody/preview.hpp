// What will be signed, for a person.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/custody/open_vault.hpp"
#include "engine/custody/preview_words.hpp"
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

/// What stands beside the values of a transaction's lines; none for one that is decoded without a vault.
struct LineNotes {
    Names* names = nullptr;
    std::optional<Timestamp> now{};
};

/// The lines that say what a transaction does: To, Value, Chain, Nonce, Gas, Fee, Highest total cost, Call and its
/// arguments, what it sends in all, access list, blobs, authorizations.
[[nodiscard]] std::vector<PreviewLine> transaction_lines(const ethereum::Transaction& transaction,
                                                         const std::optional<ethereum::DecodedCall>& call,
                                                         const LineNotes& notes);
/// Those of a call with `data`.
void add_call_lines(const std::optional<ethereum::DecodedCall>& call, ByteView data, const std::optional<Uint256>& chain_id,
                    const LineNotes& notes, std::vector<PreviewLine>& lines);

/// `1 (Ethereum mainnet)`.
[[nodiscard]] std::string chain_words(const Uint256& chain_id);
/// Who signs, before everything else; how it is signed, and what can be compared on another device, after it.
void add_signer(const Wallet& wallet, SigningPreview& preview);
void add_custody(const Wallet& wallet, std::string_view digest_name, const Hash32& digest, SigningPreview& preview);
void add_digest(std::string_view name, const Hash32& digest, SigningPreview& preview);
void add_assessment(Assessment assessment, SigningPreview& preview);

/// `1.5 ETH`: in the chain's own coin, never rounded.
[[nodiscard]] std::string value_words(const Uint256& wei, const std::optional<Uint256>& chain_id);

}  // namespace keydeck::custody
