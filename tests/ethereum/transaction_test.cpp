#include "engine/ethereum/transaction.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "engine/base/hex.hpp"
#include "engine/crypto/hash.hpp"
#include "engine/crypto/secp256k1.hpp"
#include "tests/ethereum/transaction_samples.hpp"

namespace keydeck::ethereum {
namespace {

using test::hex;
using test::sample;

// https://eips.ethereum.org/EIPS/eip-155, "Example"
TEST(Transaction, SignsTheEip155Example) {
    const auto request = parse_transaction_json(R"({"nonce":9,"gasPrice":20000000000,"gas":21000,"chainId":1,
        "to":"0x3535353535353535353535353535353535353535","value":"1000000000000000000"})");
    ASSERT_TRUE(request) << request.error().message;
    const Hash32 digest = signing_hash(request->transaction);
    EXPECT_EQ(to_hex(digest), "daf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53");
    const auto signature = crypto::sign(Bytes(32, 0x46), digest);
    ASSERT_TRUE(signature);
    EXPECT_EQ(to_hex_0x(serialize_signed(request->transaction, *signature)),
              "0xf86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a76400008025a028ef61340bd939bc2"
              "195fe53"
              "7567866003e1a15d3c71ff63e1590620aa636276a067cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83");
}

// Trust Wallet Core's Eip7702Tests.swift ("Verified with viem"), and ox's Authorization.hash tests
TEST(Transaction, HashesThePublishedAuthorizations) {
    const auto hash = [](unsigned chain_id, std::string_view address, std::uint64_t nonce) {
        return to_hex(authorization_hash(chain_id, *parse_address(address, "address"), nonce));
    };
    EXPECT_EQ(hash(1, "0xB91aaa96B138A1B1D94c9df4628187132c5F2bf1", 1),
              "3ae543b2fa103a39a6985d964a67caed05f6b9bb2430ad6d498cda743fe911d9");
    EXPECT_EQ(hash(1, "0xbe95c3f554e9fc85ec51be69a3d807a0d55bcf2c", 40),
              "5919da563810a99caf657d42bd10905adbd28b3b89b8a4577efa471e5e4b3914");
    EXPECT_EQ(hash(69, "0xbe95c3f554e9fc85ec51be69a3d807a0d55bcf2c", 420),
              "7bdd120f6437316be99b11232d472bb0209d20d7c564f4dfbad855189e830b15");
}

TEST(Transaction, ChecksAuthorizationsBeforeTheyAreSigned) {
    EXPECT_TRUE(check_authorization(0, 0));
    EXPECT_TRUE(check_authorization(1, 0xFFFF'FFFF'FFFF'FFFE));
    EXPECT_NE(check_authorization(1, 0xFFFF'FFFF'FFFF'FFFF).error().message.find("nonce"), std::string::npos);
    EXPECT_NE(check_authorization(Uint256(1) << 255, 0).error().message.find("chainId"), std::string::npos);
}

// The curve also knows recovery ids 2 and 3, for an r below p - n (about 2^128); Ethereum does not.
TEST(Transaction, KnowsNoRecoveryIdOverOne) {
    Authorization authorization = test::sample_authorization();
    const Hash32 digest = authorization_hash(authorization.chain_id, authorization.address, authorization.nonce);
    auto& signature = authorization.signature;
    signature = {to_be32(0), to_be32(1), 2};
    unsigned r = 0;
    do {
        signature.r = to_be32(++r);
    } while (r < 1000 && !crypto::recover(digest, signature));
    ASSERT_TRUE(crypto::recover(digest, signature));
    EXPECT_FALSE(authority_of(authorization));
}

// go-ethereum crypto/crypto_test.go, TestNewContractAddress
TEST(Transaction, KnowsWhereAContractWillLive) {
    const Address sender =
        address_of(*crypto::public_key_of(hex("289c2857d4598e37fb9647507e47a309d6133539bf21a8b9cb6df88fd5232032")));
    EXPECT_EQ(to_hex_0x(sender.bytes), "0x970e8128ab834e8eac17ab8e3812f010678cf791");
    EXPECT_EQ(to_hex_0x(contract_address(sender, 0).bytes), "0x333c3310824b7c685133f2bedb2ca4b8b4df633d");
    EXPECT_EQ(to_hex_0x(contract_address(sender, 1).bytes), "0x8bda78331c916a08481428e4b07c96d3e916d165");
    EXPECT_EQ(to_hex_0x(contract_address(sender, 2).bytes), "0xc9ddedf451bc62ce88bf9292afb13df35b670699");
}

TEST(Transaction, CostsAtMostWhatItSays) {
    Transaction t = sample(TransactionType::kDynamicFee);
    t.value = 5;
    t.gas_limit = 100;
    t.max_fee_per_gas = 7;
    EXPECT_EQ(highest_cost(t), 705);
    t = sample(TransactionType::kLegacy);
    t.value = 5;
    t.gas_limit = 100;
    t.gas_price = 3;
    t.max_fee_per_gas = 7;  // not a field of this type
    EXPECT_EQ(highest_cost(t), 305);
    t = sample(TransactionType::kBlob);
    t.value = 0;
    t.gas_limit = 0;
    t.max_fee_per_blob_gas = 10;
    t.blob_versioned_hashes.resize(2);
    EXPECT_EQ(highest_cost(t), 2'621'440);
    t.value = std::numeric_limits<Uint256>::max();
    EXPECT_EQ(highest_cost(t), std::numeric_limits<Uint256>::max());
}

// A signer's list of old mistakes: each of these went wrong somewhere.

TEST(Transaction, KeepsRAndSShorterThan32Bytes) {
    for (const auto type : test::kAllTypes) {
        Transaction t = sample(type);
        bool short_r = false;
        bool short_s = false;
        for (t.nonce = 0; !short_r || !short_s; ++t.nonce) {
            const auto signature = crypto::sign(test::kKey, signing_hash(t));
            ASSERT_TRUE(signature);
            if (signature->r[0] != 0 && signature->s[0] != 0) continue;
            short_r = short_r || signature->r[0] == 0;
            short_s = short_s || signature->s[0] == 0;
            const Bytes raw = serialize_signed(t, *signature);
            const auto decoded = decode_transaction(raw);
            ASSERT_TRUE(decoded) << to_hex_0x(raw) << decoded.error().message;
            EXPECT_EQ(decoded->signature, *signature);
            EXPECT_EQ(to_checksum(decoded->sender), test::kSender);
        }
    }
}

TEST(Transaction, UsesBothParitiesAndNeverEip155InTypedOnes) {
    for (const auto type : test::kAllTypes) {
        Transaction t = sample(type);
        std::set<int> parities;
        for (t.nonce = 0; t.nonce < 50; ++t.nonce) {
            const Bytes raw = test::signed_raw(t);
            const rlp::Item list = *rlp::decode(ByteView(raw).subspan(type == TransactionType::kLegacy ? 0 : 1));
            const auto v = rlp::to_uint64(list.items[list.items.size() - 3], "v");
            ASSERT_TRUE(v);
            const std::uint64_t base = type == TransactionType::kLegacy ? 35 + 2 * 11155111 : 0;
            ASSERT_TRUE(*v == base || *v == base + 1) << *v;
            parities.insert(static_cast<int>(*v - base));
            EXPECT_EQ(to_checksum(decode_transaction(raw)->sender), test::kSender);
        }
        EXPECT_EQ(parities.size(), 2U);
    }
}

TEST(Transaction, KeepsTheChainIdItWasGiven) {
    for (const auto type : test::kAllTypes) {
        for (const Uint256& chain_id : {Uint256(1), Uint256(1337),
                                        Uint256("57896044618658097711785492504343953926634992332820282019"
                                                "728792003956564819949")}) {
            Transaction t = sample(type);
            t.chain_id = chain_id;
            const auto decoded = decode_transaction(test::signed_raw(t));
            ASSERT_TRUE(decoded) << decoded.error().message;
            EXPECT_EQ(decoded->transaction.chain_id, chain_id);
            EXPECT_EQ(to_checksum(decoded->sender), test::kSender);
        }
    }
}

// keccak-256 of what is printed, not SHA-256, and hashed once: the published hash of a transaction of mainnet.
TEST(Transaction, HashIsThatOfTheChain) {
    // github.com/ethereum/tests TransactionTests/EIP155/ttTransactionTestEip155VitaliksTests.json, Vitalik_2
    const auto decoded =
        decode_transaction(hex("f864018504a817c80182a410943535353535353535353535353535353535353535018025a0489efdaa54c0f20c7a"
                               "df612882df0950f5a951637e030"
                               "7cdcb4c672f298b8bcaa0489efdaa54c0f20c7adf612882df0950f5a951637e0307cdcb4c672f298b8bc6"));
    ASSERT_TRUE(decoded);
    EXPECT_EQ(to_hex(decoded->hash), "e62703f43b6f10d42b520941898bf710ebb66dba9df81702702b6d9bf23fef1b");
}

// Each figure by hand, from the EIP that intrinsic_gas() names.
TEST(Transaction, KnowsTheLeastGasItTakes) {
    Transaction transaction;
    transaction.to = Address{};
    EXPECT_EQ(intrinsic_gas(transaction), 21'000U);
    transaction.data = {0, 0, 1, 2};  // 2 + 2 x 4 tokens: 4 gas each, but at least 10 each
    EXPECT_EQ(intrinsic_gas(transaction), 21'100U);
    transaction.authorization_list.resize(2);
    EXPECT_EQ(intrinsic_gas(transaction), 21'040U + 50'000U);
    transaction.access_list.push_back({Address{}, {Hash32{}, Hash32{}}});
    EXPECT_EQ(intrinsic_gas(transaction), 71'040U + 2'400U + 3'800U);
    Transaction creation;
    creation.data = Bytes(33, 1);
    EXPECT_EQ(intrinsic_gas(creation), 21'000U + 32'000U + 33U * 16 + 2U * 2);
}

}  // namespace
}  // namespace keydeck::ethereum
