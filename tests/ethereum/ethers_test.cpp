// Our digests, signatures, raw transactions and hashes against those of ethers, byte for byte (differential.mjs).
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "engine/base/hex.hpp"
#include "engine/base/text.hpp"
#include "engine/base/uint256.hpp"
#include "engine/crypto/hash.hpp"
#include "engine/crypto/secp256k1.hpp"
#include "engine/ethereum/address.hpp"
#include "engine/ethereum/call.hpp"
#include "engine/ethereum/message.hpp"
#include "engine/ethereum/rlp.hpp"
#include "engine/ethereum/transaction.hpp"
#include "tests/ethereum/ethers_lines.hpp"

namespace keydeck::ethereum {
namespace {

using test::bytes_of;
using test::lines_of_kind;
using test::text_of;

std::string address_of_key(const Bytes& key) {
    const auto public_key = crypto::public_key_of(key);
    return public_key ? to_checksum(address_of(*public_key)) : "no key";
}

std::string recovered(const Hash32& digest, const crypto::RecoverableSignature& signature) {
    const auto key = crypto::recover(digest, signature);
    return key ? to_checksum(address_of(*key)) : "nobody";
}

TEST(Ethers, SignsTheSameMessages) {
    for (const auto& line : lines_of_kind("message")) {
        const Bytes key = bytes_of(line, "key");
        EXPECT_EQ(address_of_key(key), text_of(line, "address"));
        const Hash32 digest = message_hash(bytes_of(line, "message"));
        ASSERT_EQ(to_hex_0x(digest), text_of(line, "digest"));
        const auto signature = crypto::sign(key, digest);
        ASSERT_TRUE(signature);
        ASSERT_EQ(to_hex_0x(to_signature_bytes(*signature)), text_of(line, "signature"));
        for (const char* form : {"signature", "compact"}) {
            const auto parsed = parse_signature_bytes(bytes_of(line, form));
            ASSERT_TRUE(parsed) << form;
            ASSERT_EQ(*parsed, *signature) << form;
            ASSERT_EQ(recovered(digest, *parsed), text_of(line, "address")) << form;
        }
    }
}

TEST(Ethers, SignsTheSameAuthorizations) {
    for (const auto& line : lines_of_kind("authorization")) {
        Authorization authorization{.chain_id = *parse_uint256(text_of(line, "chain_id"), "chain id"),
                                    .address = *parse_address(text_of(line, "delegate"), "delegate"),
                                    .nonce = std::stoull(text_of(line, "nonce")),
                                    .signature = {}};
        const Hash32 digest = authorization_hash(authorization.chain_id, authorization.address, authorization.nonce);
        ASSERT_EQ(to_hex_0x(digest), text_of(line, "digest"));
        const auto signature = crypto::sign(bytes_of(line, "key"), digest);
        ASSERT_TRUE(signature);
        ASSERT_EQ(to_hex_0x(to_signature_bytes(*signature)), text_of(line, "signature"));
        authorization.signature = *signature;
        const auto authority = authority_of(authorization);
        ASSERT_TRUE(authority);
        ASSERT_EQ(to_checksum(*authority), text_of(line, "address"));
    }
}

// Reads a raw transaction back and compares everything that can be told from it.
void expect_decodes(const Bytes& raw, const json::Value& line) {
    const auto decoded = decode_transaction(raw);
    ASSERT_TRUE(decoded) << decoded.error().message;
    EXPECT_EQ(std::to_string(static_cast<int>(decoded->transaction.type)), text_of(line, "type"));
    EXPECT_EQ(to_hex_0x(decoded->hash), text_of(line, "hash"));
    EXPECT_EQ(to_hex_0x(signing_hash(decoded->transaction)), text_of(line, "digest"));
    EXPECT_EQ(to_hex_0x(decoded->sender.bytes), ascii_lower(text_of(line, "address")));
    EXPECT_EQ(to_hex_0x(serialize_signed(decoded->transaction, decoded->signature)), text_of(line, "raw"));
    const json::Value* authorities = line.find("authorities");
    if (authorities == nullptr) return;
    ASSERT_EQ(decoded->authorities.size(), authorities->items.size());
    for (std::size_t i = 0; i < authorities->items.size(); ++i) {
        ASSERT_TRUE(decoded->authorities[i]);
        EXPECT_EQ(to_checksum(*decoded->authorities[i]), authorities->items[i].text);
    }
}

void expect_signs(const std::string& json, const json::Value& line) {
    const auto request = parse_transaction_json(json);
    ASSERT_TRUE(request) << request.error().message;
    const Hash32 digest = signing_hash(request->transaction);
    ASSERT_EQ(to_hex_0x(digest), text_of(line, "digest"));
    const auto signature = crypto::sign(bytes_of(line, "key"), digest);
    ASSERT_TRUE(signature);
    const Bytes raw = serialize_signed(request->transaction, *signature);
    ASSERT_EQ(to_hex_0x(raw), text_of(line, "raw"));
    ASSERT_EQ(to_hex_0x(crypto::keccak256(raw)), text_of(line, "hash"));
    if (request->from) {
        EXPECT_EQ(to_checksum(*request->from), text_of(line, "address"));
    }
    if (line.find("contract") != nullptr) {
        const auto sender = parse_address(text_of(line, "address"), "address");
        EXPECT_EQ(to_checksum(contract_address(*sender, request->transaction.nonce)), text_of(line, "contract"));
    }
}

TEST(Ethers, SignsTheSameTransactions) {
    for (const auto& line : lines_of_kind("transaction")) {
        SCOPED_TRACE(text_of(line, "json"));
        expect_signs(text_of(line, "json"), line);
        expect_decodes(bytes_of(line, "raw"), line);
        if (line.find("network") != nullptr) expect_decodes(bytes_of(line, "network"), line);
        if (HasFailure()) return;
    }
}

TEST(Ethers, PassesItsPublishedTransactions) {
    int signable = 0;
    for (const auto& line : lines_of_kind("published")) {
        SCOPED_TRACE(text_of(line, "name"));
        if (line.find("json") != nullptr) {
            expect_signs(text_of(line, "json"), line);
            ++signable;
        }
        expect_decodes(bytes_of(line, "raw"), line);
        if (HasFailure()) return;
    }
    EXPECT_GT(signable, 2000);
}

TEST(Ethers, RefusesAGasLimitOver64Bits) {
    for (const auto& line : lines_of_kind("out_of_range")) {
        const auto decoded = decode_transaction(bytes_of(line, "raw"));
        ASSERT_FALSE(decoded) << text_of(line, "name");
        EXPECT_EQ(decoded.error().message, "The gasLimit is larger than 2^64 - 1.");
        if (line.find("json") == nullptr) continue;
        const auto request = parse_transaction_json(text_of(line, "json"));
        ASSERT_FALSE(request) << text_of(line, "name");
        EXPECT_EQ(request.error().message, "The gas is larger than 2^64 - 1.");
    }
}

TEST(Ethers, PassesItsPublishedAccounts) {
    for (const auto& line : lines_of_kind("account")) {
        const std::string checksum = text_of(line, "checksum");
        const auto address = parse_address(checksum, "address");
        ASSERT_TRUE(address) << checksum;
        EXPECT_EQ(to_checksum(*address), checksum);
        EXPECT_EQ(parse_address(ascii_lower(checksum), "address")->bytes, address->bytes);
        if (line.find("key") != nullptr) {
            EXPECT_EQ(address_of_key(bytes_of(line, "key")), checksum);
        }
    }
}

Bytes encoded(const json::Value& decoded) {
    Bytes out;
    if (decoded.is(json::Kind::kString)) {
        rlp::append_bytes(out, *from_hex(decoded.text, "decoded"));
        return out;
    }
    for (const auto& item : decoded.items) append(out, encoded(item));
    return rlp::list(out);
}

void expect_same(const rlp::Item& item, const json::Value& decoded) {
    ASSERT_EQ(item.is_list, decoded.is(json::Kind::kArray));
    if (!item.is_list) {
        EXPECT_EQ(to_hex_0x(item.bytes), decoded.text);
        return;
    }
    ASSERT_EQ(item.items.size(), decoded.items.size());
    for (std::size_t i = 0; i < item.items.size(); ++i) expect_same(item.items[i], decoded.items[i]);
}

TEST(Ethers, PassesItsPublishedRlp) {
    for (const auto& line : lines_of_kind("rlp")) {
        SCOPED_TRACE(text_of(line, "name"));
        const json::Value* decoded = line.find("decoded");
        ASSERT_NE(decoded, nullptr);
        EXPECT_EQ(to_hex_0x(encoded(*decoded)), text_of(line, "encoded"));
        const Bytes bytes = bytes_of(line, "encoded");
        const auto item = rlp::decode(bytes);
        ASSERT_TRUE(item) << item.error().message;
        expect_same(*item, *decoded);
    }
}

// ethers writes "1.0" where we write "1".
std::string without_zero_fraction(std::string text) {
    if (text.ends_with(".0")) text.resize(text.size() - 2);
    return text;
}

TEST(Ethers, PassesItsPublishedUnits) {
    for (const auto& line : lines_of_kind("units")) {
        const Uint256 wei = *parse_uint256(text_of(line, "wei"), "wei");
        EXPECT_EQ(format_units(wei, 18), without_zero_fraction(text_of(line, "ether")));
        if (line.find("gwei") != nullptr) {
            EXPECT_EQ(format_units(wei, 9), without_zero_fraction(text_of(line, "gwei")));
        }
    }
}

std::string number_name(const json::Value& line, std::size_t index) {
    return text_of(line, "prefix") + std::to_string(index + 1);
}

// One call of a list as ethers has packed it: its sentence names what went in.
void expect_tells(const json::Value& packed, const CallArgument& told) {
    const bool delegates = text_of(packed, "operation") == "1";
    EXPECT_EQ(told.value.starts_with("DELEGATECALL: the code of " + text_of(packed, "to")), delegates) << told.value;
    EXPECT_EQ(told.risk, delegates ? CallRisk::kDelegateCall : CallRisk::kNone);
    const bool sends = packed.find("sends")->boolean;
    const std::string transfer = "Send " + text_of(packed, "amount") + " units of token " + text_of(packed, "to") + " to " +
                                 text_of(packed, "recipient");
    EXPECT_EQ(told.value.find(transfer) != std::string::npos, sends) << told.value;
    const std::string value = text_of(packed, "value") + " wei";
    if (!delegates && text_of(packed, "value") != "0") {
        EXPECT_TRUE(told.value.find(value) != std::string::npos) << told.value;
    }
}

TEST(Ethers, PacksTheSameCallsOfASafe) {
    for (const auto& line : lines_of_kind("multi_send")) {
        Bytes data = bytes_of(line, "data");
        const DecodedCall call = decode_call({}, data);
        ASSERT_TRUE(call.known) << text_of(line, "data");
        const auto& calls = line.find("calls")->items;
        Uint256 sent = 0;
        for (std::size_t i = 0; i < calls.size(); ++i) {
            const auto told = std::ranges::find(call.arguments, number_name(line, i), &CallArgument::name);
            ASSERT_NE(told, call.arguments.end());
            expect_tells(calls[i], *told);
            if (text_of(calls[i], "operation") == "0") sent += *parse_uint256(text_of(calls[i], "value"), "value");
        }
        EXPECT_EQ(std::ranges::find(call.arguments, number_name(line, calls.size()), &CallArgument::name),
                  call.arguments.end());
        for (const Movement& movement : call.movements) sent -= movement.token ? Uint256(0) : movement.amount;
        EXPECT_EQ(sent, 0) << "what is sent in all";
        data.pop_back();
        EXPECT_FALSE(decode_call({}, data).known);
    }
}

}  // namespace
}  // namespace keydeck::ethereum
