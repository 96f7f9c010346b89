#include "engine/ethereum/transaction.hpp"

#include <algorithm>

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

std::uint64_t intrinsic_gas(const Transaction& transaction) {
    constexpr std::uint64_t kBase = 21'000;
    constexpr std::uint64_t kPerToken = 4;  // a byte of 0 is one token, any other is four
    constexpr std::uint64_t kFloorPerToken = 10;
    constexpr std::uint64_t kCreation = 32'000;
    constexpr std::uint64_t kPerInitCodeWord = 2;
    constexpr std::uint64_t kPerListedAddress = 2'400;
    constexpr std::uint64_t kPerListedKey = 1'900;
    constexpr std::uint64_t kPerAuthorization = 25'000;
    const auto zeros = static_cast<std::uint64_t>(std::ranges::count(transaction.data, std::uint8_t{0}));
    const std::uint64_t tokens = zeros + 4 * (transaction.data.size() - zeros);
    std::uint64_t gas = kBase + kPerToken * tokens + kPerAuthorization * transaction.authorization_list.size();
    if (!transaction.to) gas += kCreation + kPerInitCodeWord * ((transaction.data.size() + 31) / 32);
    for (const AccessListItem& item : transaction.access_list)
        gas += kPerListedAddress + kPerListedKey * item.storage_keys.size();
    return std::max(gas, kBase + kFloorPerToken * tokens);
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
