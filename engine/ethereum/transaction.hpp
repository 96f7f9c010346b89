// Ethereum transactions of all five types: built from JSON, signed, serialised, decoded, recovered.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/bytes.hpp"
#include "engine/base/uint256.hpp"
#include "engine/crypto/secp256k1.hpp"
#include "engine/error.hpp"
#include "engine/ethereum/address.hpp"

namespace keydeck::ethereum {

enum class TransactionType : std::uint8_t {
    kLegacy = 0,      ///< with EIP-155, https://eips.ethereum.org/EIPS/eip-155
    kAccessList = 1,  ///< https://eips.ethereum.org/EIPS/eip-2930
    kDynamicFee = 2,  ///< https://eips.ethereum.org/EIPS/eip-1559
    kBlob = 3,        ///< https://eips.ethereum.org/EIPS/eip-4844 (without the sidecar)
    kSetCode = 4,     ///< https://eips.ethereum.org/EIPS/eip-7702
};

struct AccessListItem {
    Address address;
    std::vector<Hash32> storage_keys;
};

/// An EIP-7702 authorization; signed when it stands in a transaction.
struct Authorization {
    Uint256 chain_id = 0;  ///< 0 means every chain
    Address address;
    std::uint64_t nonce = 0;
    crypto::RecoverableSignature signature;  ///< recovery_id is yParity
};

struct Transaction {
    TransactionType type = TransactionType::kDynamicFee;
    /// Empty only for a decoded legacy transaction from before EIP-155; what we sign always has one.
    std::optional<Uint256> chain_id;
    std::uint64_t nonce = 0;
    std::optional<Address> to;  ///< absent: creates a contract
    Uint256 value = 0;          ///< wei
    Bytes data;
    std::uint64_t gas_limit = 0;
    Uint256 gas_price = 0;                 ///< types 0, 1
    Uint256 max_priority_fee_per_gas = 0;  ///< types 2, 3, 4
    Uint256 max_fee_per_gas = 0;           ///< types 2, 3, 4
    std::vector<AccessListItem> access_list;
    Uint256 max_fee_per_blob_gas = 0;               ///< type 3
    std::vector<Hash32> blob_versioned_hashes;      ///< type 3
    std::vector<Authorization> authorization_list;  ///< type 4
};

/// A transaction as read from JSON, with the `from` the JSON may have named.
struct TransactionRequest {
    Transaction transaction;
    std::optional<Address> from;
};

/// Reads one JSON object with the JSON-RPC field names; the rules are CLI.md's "Transaction JSON". The type is inferred
/// where absent: authorizationList → 4, blob fields → 3, maxFee… → 2, gasPrice with accessList → 1, gasPrice → 0. Error:
/// invalid_input naming the field: unknown or missing ones, one that the type does not have, out of range, `data` differing
/// from `input`, priority fee over the fee cap, wrong `to` for types 3 and 4, blob hashes not beginning 0x01, an empty
/// authorization list.
[[nodiscard]] Result<TransactionRequest> parse_transaction_json(std::string_view text);

/// What is signed: keccak-256 of the EIP-155 list (legacy; without chain_id the six fields alone) or of type ‖ rlp(fields).
[[nodiscard]] Hash32 signing_hash(const Transaction& transaction);

/// The raw transaction, ready for eth_sendRawTransaction (type 3 there also needs its sidecar). The recovery id must be 0
/// or 1.
[[nodiscard]] Bytes serialize_signed(const Transaction& transaction, const crypto::RecoverableSignature& signature);

struct SignedTransaction {
    Transaction transaction;
    crypto::RecoverableSignature signature;
    Hash32 hash{};                                    ///< keccak-256 of the raw bytes
    Address sender;                                   ///< recovered
    std::vector<std::optional<Address>> authorities;  ///< recovered signers of the authorization list, in order
};

/// Reads a raw signed transaction strictly and recovers its sender (and the authorities of type 4).
/// Accepts the network form of type 3 too (rlp([tx, blobs, commitments, proofs]), and EIP-7594's with its version) and says
/// nothing about its sidecar; the hash is the transaction's without it. Chain id 0, which no network has, is let through in
/// types 1 to 4. Errors: invalid_input naming the field; high s is refused (EIP-2).
[[nodiscard]] Result<SignedTransaction> decode_transaction(ByteView raw);

/// Who signed an authorization; nothing where its signature is none (such an authorization is skipped by the chain).
[[nodiscard]] std::optional<Address> authority_of(const Authorization& authorization);

/// keccak-256(0x05 ‖ rlp([chainId, address, nonce])), EIP-7702.
[[nodiscard]] Hash32 authorization_hash(const Uint256& chain_id, const Address& address, std::uint64_t nonce);

/// value + gas limit × highest price (+ blob gas × its price): the most it can cost, in wei. May exceed 256 bits in theory,
/// saturates.
[[nodiscard]] Uint256 highest_cost(const Transaction& transaction);

/// The gas a transaction costs before any code runs, by mainnet's rules since Pectra: one whose gas limit is below it is
/// never mined. 21,000; data (https://eips.ethereum.org/EIPS/eip-2028, the floor of
/// https://eips.ethereum.org/EIPS/eip-7623); creation (https://eips.ethereum.org/EIPS/eip-2,
/// https://eips.ethereum.org/EIPS/eip-3860); the access list (https://eips.ethereum.org/EIPS/eip-2930); authorizations
/// (https://eips.ethereum.org/EIPS/eip-7702).
[[nodiscard]] std::uint64_t intrinsic_gas(const Transaction& transaction);

/// What is signed of an authorization that is asked for on its own: error invalid_input for a chain id or nonce out of
/// range.
[[nodiscard]] Status check_authorization(const Uint256& chain_id, std::uint64_t nonce);

/// Where a create transaction's contract will live (CREATE): last 20 bytes of keccak(rlp([sender, nonce])).
[[nodiscard]] Address contract_address(const Address& sender, std::uint64_t nonce);

}  // namespace keydeck::ethereum
