// The signing verbs: authorise, digest, sign, check, audit, answer.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/uint256.hpp"
#include "engine/crypto/secp256k1.hpp"
#include "engine/custody/open_vault.hpp"
#include "engine/ethereum/address.hpp"
#include "engine/store/recipients.hpp"

namespace keydeck::custody {

/// One thing to be signed, ready: what the audit log keeps of it, and whom the vault knows afterwards.
struct SigningItem {
    Hash32 digest{};
    std::string detail;                          ///< JSON object
    std::vector<store::Recipient> recipients{};  ///< whom it benefits
    std::optional<std::string> chain{};          ///< decimal; of a transaction, or of typed data that names one
    std::optional<Hash32> message_kind{};        ///< of typed data that nobody here can decode
};

/// Things to be signed in order with one wallet. `prepare(i)` may refuse item i (it is recorded and its error delivered in
/// its place); `deliver(i, …)` hands its outcome out, after its audit row is durable. Both are called on the calling thread,
/// i ascending; items are prepared up to kSigningChunk ahead of their delivery.
struct SigningOrder {
    std::string_view action;  ///< SignMessage, …
    std::size_t count = 0;
    std::string shown{};  ///< of a single thing: what its preview shows (shown_text), kept with the event
    std::function<Result<SigningItem>(std::size_t index, const Wallet& wallet)> prepare;
    std::function<void(std::size_t index, const Result<crypto::RecoverableSignature>& outcome)> deliver;
};

inline constexpr std::size_t kSigningChunk = 1000;

/// Carries an order out. An error here means that the rest was not signed; what was delivered before stands.
[[nodiscard]] Status sign_in_order(OpenVault& vault, const Session& session, std::string_view wallet,
                                   const SigningOrder& order);

[[nodiscard]] Result<MessageSignature> sign_message(OpenVault& vault, const Session& session, std::string_view wallet,
                                                    ByteView message);
[[nodiscard]] Result<MessageSignature> sign_typed_data(OpenVault& vault, const Session& session, std::string_view wallet,
                                                       std::string_view json);
[[nodiscard]] Result<TransactionSignature> sign_transaction(OpenVault& vault, const Session& session,
                                                            std::string_view wallet, std::string_view json);
[[nodiscard]] Result<AuthorizationSignature> sign_authorization(OpenVault& vault, const Session& session,
                                                                std::string_view wallet, std::string_view chain_id,
                                                                std::string_view delegate, std::uint64_t nonce,
                                                                bool any_chain);

[[nodiscard]] Status sign_messages(OpenVault& vault, const Session& session, std::string_view wallet,
                                   std::span<const std::string_view> messages, const BatchSink<MessageSignature>& sink);
[[nodiscard]] Status sign_typed_data_batch(OpenVault& vault, const Session& session, std::string_view wallet,
                                           std::string_view json_values, bool allow_risky,
                                           const BatchSink<MessageSignature>& sink);
[[nodiscard]] Status sign_transactions(OpenVault& vault, const Session& session, std::string_view wallet,
                                       std::string_view json_values, bool allow_risky,
                                       const BatchSink<TransactionSignature>& sink);

/// The wallet's address must be the `from` that a transaction's JSON names. Error: invalid_input naming the field.
[[nodiscard]] Status check_from(const std::optional<AddressBytes>& from, const Wallet& wallet);

/// An authorization's fields from text. Errors: invalid_input naming the field.
struct AuthorizationRequest {
    Uint256 chain_id = 0;
    ethereum::Address delegate;
    std::uint64_t nonce = 0;
};
[[nodiscard]] Result<AuthorizationRequest> parse_authorization(std::string_view chain_id, std::string_view delegate,
                                                               std::uint64_t nonce);

}  // namespace keydeck::custody
