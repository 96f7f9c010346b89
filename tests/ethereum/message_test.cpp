#include "engine/ethereum/message.hpp"

#include <gtest/gtest.h>

#include <string>

#include "engine/base/hex.hpp"
#include "engine/crypto/secp256k1.hpp"
#include "engine/ethereum/address.hpp"

namespace keydeck::ethereum {
namespace {

Bytes hex(std::string_view text) { return *from_hex(text, "test"); }

// web3.js documentation, eth.accounts.hashMessage and eth.accounts.sign
TEST(Message, HashesAndSignsThePublishedExamples) {
    EXPECT_EQ(to_hex_0x(message_hash(as_bytes("Hello World"))),
              "0xa1de988600a42c4b4ab089b619297c17d53cffae5d5120d82d8a92d0bb3b78f2");
    const Hash32 digest = message_hash(as_bytes("Some data"));
    EXPECT_EQ(to_hex_0x(digest), "0x1da44b586eb0729ff70a73c326926f6ed5a25f5b056e7f47fbc6e58d86871655");
    const auto signature = crypto::sign(hex("4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318"), digest);
    ASSERT_TRUE(signature);
    EXPECT_EQ(to_hex_0x(to_signature_bytes(*signature)),
              "0xb91467e570a6466aa9e9876cbcd013baba02900b8979d43fe208a4a4f339f5fd"
              "6007e74cd82e037b800186422fc2da167c747ef045e5d18a5f5d4300f8e1a0291c");
}

// The length counts bytes, not characters, in decimal.
TEST(Message, CountsBytes) {
    EXPECT_EQ(message_hash(as_bytes("ü")), message_hash(Bytes{0xc3, 0xbc}));
    EXPECT_NE(message_hash(as_bytes("0x68656c6c6f")), message_hash(as_bytes("hello")));
    EXPECT_NE(message_hash({}), message_hash(Bytes{0}));
}

// https://eips.ethereum.org/EIPS/eip-2098, "Example Implementation In Python" and test vectors
TEST(Message, ReadsTheCompactVectors) {
    struct Case {
        std::string_view message, full, compact;
    };
    constexpr Case kCases[] = {
        {"Hello World",
         "68a020a209d3d56c46f38cc50a33f704f4a9a10a59377f8dd762ac66910e9b90"
         "7e865ad05c4035ab5792787d4a0297a43617ae897930a6fe4d822b8faea520641b",
         "68a020a209d3d56c46f38cc50a33f704f4a9a10a59377f8dd762ac66910e9b90"
         "7e865ad05c4035ab5792787d4a0297a43617ae897930a6fe4d822b8faea52064"},
        {"It's a small(er) world",
         "9328da16089fcba9bececa81663203989f2df5fe1faa6291a45381c81bd17f76"
         "139c6d6b623b42da56557e5e734a43dc83345ddfadec52cbe24d0cc64f5507931c",
         "9328da16089fcba9bececa81663203989f2df5fe1faa6291a45381c81bd17f76"
         "939c6d6b623b42da56557e5e734a43dc83345ddfadec52cbe24d0cc64f550793"},
    };
    const Bytes key = hex("1234567890123456789012345678901234567890123456789012345678901234");
    for (const auto& [message, full, compact] : kCases) {
        const auto from_full = parse_signature_bytes(hex(full));
        const auto from_compact = parse_signature_bytes(hex(compact));
        ASSERT_TRUE(from_full);
        ASSERT_TRUE(from_compact);
        EXPECT_EQ(*from_full, *from_compact);
        EXPECT_EQ(to_hex(to_signature_bytes(*from_compact)), full);
        const auto signer = crypto::recover(message_hash(as_bytes(message)), *from_compact);
        ASSERT_TRUE(signer);
        EXPECT_EQ(*signer, *crypto::public_key_of(key));
    }
}

TEST(Message, ReadsEveryFormOfV) {
    const std::string rs = std::string(62, '0') + "01" + std::string(62, '0') + "02";
    EXPECT_EQ(parse_signature_bytes(hex(rs + "00"))->recovery_id, 0);
    EXPECT_EQ(parse_signature_bytes(hex(rs + "01"))->recovery_id, 1);
    EXPECT_EQ(parse_signature_bytes(hex(rs + "1b"))->recovery_id, 0);
    EXPECT_EQ(parse_signature_bytes(hex(rs + "1c"))->recovery_id, 1);
}

TEST(Message, RefusesMalformedSignatures) {
    const std::string r(64, '1');
    const std::string half = "7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0";  // n/2, the highest low s
    const std::string high = "7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a1";
    EXPECT_TRUE(parse_signature_bytes(hex(r + half + "1b")));
    struct Case {
        std::string input, reason;
    };
    const Case cases[] = {
        {"", "0 bytes"},
        {r, "32 bytes"},
        {r + half + "1b00", "66 bytes"},
        {r + half.substr(2), "63 bytes"},
        {r + half + "02", "v is 2"},
        {r + half + "1a", "v is 26"},
        {r + half + "1d", "v is 29"},
        {r + half + "25", "v is 37"},
        {r + high + "1b", "upper half"},
        {r + high, "upper half"},
        {r + std::string(64, 'f') + "1c", "upper half"},
    };
    for (const auto& [input, reason] : cases) {
        const auto signature = parse_signature_bytes(hex(input));
        ASSERT_FALSE(signature) << input;
        EXPECT_EQ(signature.error().code, ErrorCode::kInvalidInput);
        EXPECT_NE(signature.error().message.find(reason), std::string::npos) << signature.error().message;
    }
}

}  // namespace
}  // namespace keydeck::ethereum
