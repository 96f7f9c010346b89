#include <algorithm>

#include "engine/crypto/hash.hpp"
#include "engine/ethereum/rlp.hpp"
#include "engine/ethereum/transaction.hpp"
#include "engine/ethereum/transaction_rlp.hpp"
#include "engine/ethereum/transaction_rules.hpp"

namespace keydeck::ethereum {
namespace {

// type ‖ rlp([fields..., trailing...]), in one buffer of the right size. https://eips.ethereum.org/EIPS/eip-2718
template <class... Trailing>
Bytes encode(const Transaction& transaction, const Trailing&... trailing) {
    return with_fields(transaction, [&](const auto&... fields) {
        Bytes out;
        out.reserve(1 + list_size_of(fields..., trailing...));
        if (transaction.type != TransactionType::kLegacy) out.push_back(static_cast<std::uint8_t>(transaction.type));
        append_list_of(out, fields..., trailing...);
        return out;
    });
}

Uint256 legacy_v(const Transaction& transaction, std::uint8_t parity) {
    if (!transaction.chain_id) return kOldBase + parity;
    return *transaction.chain_id * 2 + (kEip155Base + parity);
}

}  // namespace

Hash32 signing_hash(const Transaction& transaction) {
    // EIP-155: chain id, 0 and 0 stand where the signature will be.
    if (transaction.type == TransactionType::kLegacy && transaction.chain_id)
        return crypto::keccak256(encode(transaction, *transaction.chain_id, std::uint64_t{0}, std::uint64_t{0}));
    return crypto::keccak256(encode(transaction));
}

Bytes serialize_signed(const Transaction& transaction, const crypto::RecoverableSignature& signature) {
    const BigEndian r(signature.r);
    const BigEndian s(signature.s);
    if (transaction.type == TransactionType::kLegacy)
        return encode(transaction, legacy_v(transaction, signature.recovery_id), r, s);
    return encode(transaction, std::uint64_t{signature.recovery_id}, r, s);
}

Hash32 authorization_hash(const Uint256& chain_id, const Address& address, std::uint64_t nonce) {
    Bytes out{kAuthorizationMagic};
    append_list_of(out, chain_id, address, nonce);
    return crypto::keccak256(out);
}

Address contract_address(const Address& sender, std::uint64_t nonce) {
    Bytes out;
    append_list_of(out, sender, nonce);
    const Hash32 hash = crypto::keccak256(out);
    Address address;
    std::copy(hash.begin() + 12, hash.end(), address.bytes.begin());
    return address;
}

}  // namespace keydeck::ethereum
