#include "engine/ethereum/transaction_rules.hpp"

#include <fmt/format.h>

#include <limits>

namespace keydeck::ethereum {
namespace {

std::unexpected<Error> refuse(std::string message) { return fail(ErrorCode::kInvalidInput, std::move(message)); }

Status check_nonce(std::uint64_t nonce, std::string_view what) {
    if (nonce > kMaxNonce) return refuse(fmt::format("The {} must be below 2^64 - 1 (EIP-2681).", what));
    return {};
}

Status check_chain_id(const Uint256& chain_id, std::string_view what) {
    if (chain_id > max_chain_id())
        return refuse(fmt::format("The {} is larger than 2^255 - 19, the highest EIP-155 allows.", what));
    return {};
}

Status check_blobs(const Transaction& transaction) {
    if (!transaction.to) return refuse("The to is missing: a type 3 transaction cannot create a contract.");
    if (transaction.blob_versioned_hashes.empty())
        return refuse("The blobVersionedHashes list is empty; type 3 needs at least one.");
    for (std::size_t i = 0; i < transaction.blob_versioned_hashes.size(); ++i) {
        if (transaction.blob_versioned_hashes[i][0] != kVersionedHashKzg)
            return refuse(fmt::format("The blobVersionedHashes[{}] does not begin with 0x01, the version of EIP-4844.", i));
    }
    return {};
}

Status check_authorizations(const Transaction& transaction) {
    if (!transaction.to) return refuse("The to is missing: a type 4 transaction cannot create a contract.");
    if (transaction.authorization_list.empty()) return refuse("The authorizationList is empty; type 4 needs at least one.");
    return {};
}

}  // namespace

const Uint256& max_chain_id() {
    static const Uint256 kMax = (std::numeric_limits<Uint256>::max() - (kEip155Base + 1)) / 2;
    return kMax;
}

Status check_rules(const Transaction& transaction) {
    if (auto nonce = check_nonce(transaction.nonce, "nonce"); !nonce) return nonce;
    if (transaction.chain_id) {
        if (auto chain_id = check_chain_id(*transaction.chain_id, "chainId"); !chain_id) return chain_id;
    }
    if (transaction.max_priority_fee_per_gas > transaction.max_fee_per_gas)
        return refuse("The maxPriorityFeePerGas is larger than the maxFeePerGas.");
    if (transaction.type == TransactionType::kBlob) return check_blobs(transaction);
    if (transaction.type == TransactionType::kSetCode) return check_authorizations(transaction);
    return {};
}

Status check_authorization(const Uint256& chain_id, std::uint64_t nonce) {
    if (auto id = check_chain_id(chain_id, "chainId"); !id) return id;
    return check_nonce(nonce, "nonce");
}

}  // namespace keydeck::ethereum
