// A transaction of each type, signed with a key of our own.
#pragma once

#include <array>
#include <string_view>

#include "engine/base/hex.hpp"
#include "engine/crypto/secp256k1.hpp"
#include "engine/ethereum/rlp.hpp"
#include "engine/ethereum/transaction.hpp"

namespace keydeck::ethereum::test {

inline Bytes hex(std::string_view text) { return *from_hex(text, "test"); }

inline constexpr std::array kAllTypes = {TransactionType::kLegacy, TransactionType::kAccessList,
                                         TransactionType::kDynamicFee, TransactionType::kBlob, TransactionType::kSetCode};

/// The first account of development nodes; its key is published everywhere.
inline const Bytes kKey = hex("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80");
inline constexpr std::string_view kSender = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";

inline Authorization sample_authorization() {
    Authorization authorization{.chain_id = 1, .address = {}, .nonce = 7, .signature = {}};
    authorization.address.bytes.fill(0x42);
    authorization.signature =
        *crypto::sign(kKey, authorization_hash(authorization.chain_id, authorization.address, authorization.nonce));
    return authorization;
}

/// Every field is more than one byte long, so that each can be told from the others.
inline Transaction sample(TransactionType type) {
    Transaction t;
    t.type = type;
    t.chain_id = 11155111;
    t.nonce = 300;
    t.to = Address{};
    t.to->bytes.fill(0x35);
    t.value = Uint256("1000000000000000000000");
    t.data = Bytes(60, 0xDA);
    t.gas_limit = 100'000;
    if (type == TransactionType::kLegacy || type == TransactionType::kAccessList) {
        t.gas_price = 20'000'000'000;
    } else {
        t.max_priority_fee_per_gas = 1'000'000'000;
        t.max_fee_per_gas = 30'000'000'000;
    }
    if (type != TransactionType::kLegacy) {
        t.access_list.resize(2);
        t.access_list[0].address.bytes.fill(0xAC);
        t.access_list[0].storage_keys = {Hash32{1}, Hash32{2}};
    }
    if (type == TransactionType::kBlob) {
        t.max_fee_per_blob_gas = 1000;
        t.blob_versioned_hashes = {Hash32{1, 2}, Hash32{1, 3}};
    }
    if (type == TransactionType::kSetCode) t.authorization_list = {sample_authorization(), sample_authorization()};
    return t;
}

inline Bytes signed_raw(const Transaction& t) { return serialize_signed(t, *crypto::sign(kKey, signing_hash(t))); }

}  // namespace keydeck::ethereum::test
