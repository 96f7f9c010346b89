// Our typed data digests against those of ethers (differential_typed_data.mjs).
#include <gtest/gtest.h>

#include <string>

#include "engine/base/hex.hpp"
#include "engine/crypto/hash.hpp"
#include "engine/crypto/secp256k1.hpp"
#include "engine/ethereum/message.hpp"
#include "engine/ethereum/typed_data.hpp"
#include "tests/ethereum/ethers_lines.hpp"

namespace keydeck::ethereum {
namespace {

using test::bytes_of;
using test::lines_of_kind;
using test::text_of;

void expect_signature(const json::Value& line, const TypedData& data) {
    const auto signature = crypto::sign(bytes_of(line, "key"), data.digest);
    ASSERT_TRUE(signature);
    EXPECT_EQ(to_hex_0x(to_signature_bytes(*signature)), text_of(line, "signature"));
}

TEST(EthersTypedData, HashesTheSame) {
    for (const auto& line : lines_of_kind("typed_data")) {
        const auto text = text_of(line, "json");
        const auto data = parse_typed_data(text);
        ASSERT_TRUE(data) << data.error().message << '\n' << text;
        ASSERT_EQ(to_hex_0x(data->digest), text_of(line, "digest")) << text;
        EXPECT_EQ(to_hex_0x(data->domain_hash), text_of(line, "domain_hash")) << text;
        EXPECT_EQ(to_hex_0x(data->message_hash), text_of(line, "message_hash")) << text;
        EXPECT_EQ(data->encoded_type, text_of(line, "encoded_type")) << text;
        expect_signature(line, *data);
    }
}

TEST(EthersTypedData, RefusesWhatEthersRefuses) {
    for (const auto& line : lines_of_kind("typed_data_refused")) {
        const auto text = text_of(line, "json");
        const auto data = parse_typed_data(text);
        ASSERT_FALSE(data) << text;
        EXPECT_EQ(data.error().code, ErrorCode::kInvalidInput) << text;
    }
}

TEST(EthersTypedData, PassesItsPublishedCases) {
    for (const auto& line : lines_of_kind("published_typed_data")) {
        const auto data = parse_typed_data(text_of(line, "json"));
        ASSERT_TRUE(data) << text_of(line, "name") << ": " << data.error().message;
        EXPECT_EQ(to_hex_0x(data->digest), text_of(line, "digest")) << text_of(line, "name");
        EXPECT_EQ(to_hex_0x(data->message_hash), text_of(line, "message_hash")) << text_of(line, "name");
        if (!text_of(line, "key").empty()) expect_signature(line, *data);
    }
}

}  // namespace
}  // namespace keydeck::ethereum
