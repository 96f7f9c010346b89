#include "engine/ethereum/transaction.hpp"

#include <limits>

#include "engine/ethereum/transaction_rules.hpp"

namespace keydeck::ethereum {
namespace {

// Wide enough for the sum of any three products of 256 by 64 bits.
using Wide = boost::multiprecision::uint512_t;

Uint256 saturated(const Wide& value) {
    const Uint256 highest = std::numeric_limits<Uint256>::max();
    return value > Wide(highest) ? highest : static_cast<Uint256>(value);
}

}  // namespace

Uint256 highest_cost(const Transaction& transaction) {
    const bool has_gas_price =
        transaction.type == TransactionType::kLegacy || transaction.type == TransactionType::kAccessList;
    const Wide price(has_gas_price ? transaction.gas_price : transaction.max_fee_per_gas);
    Wide cost = Wide(transaction.value) + price * transaction.gas_limit;
    if (transaction.type == TransactionType::kBlob) {
        const Wide blob_gas = Wide(kGasPerBlob) * transaction.blob_versioned_hashes.size();
        cost += Wide(transaction.max_fee_per_blob_gas) * blob_gas;
    }
    return saturated(cost);
}

std::optional<Address> authority_of(const Authorization& authorization) {
    const auto& signature = authorization.signature;
    if (signature.recovery_id > 1 || crypto::has_high_s({signature.r, signature.s})) return std::nullopt;
    const auto key =
        crypto::recover(authorization_hash(authorization.chain_id, authorization.address, authorization.nonce), signature);
    if (!key) return std::nullopt;
    return address_of(*key);
}

}  // namespace keydeck::ethereum
