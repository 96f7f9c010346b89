#include "engine/ethereum/address.hpp"

#include <gtest/gtest.h>

#include <string>

#include "engine/base/hex.hpp"
#include "engine/crypto/secp256k1.hpp"

namespace keydeck::ethereum {
namespace {

// https://eips.ethereum.org/EIPS/eip-55, "Test Cases"
constexpr std::string_view kEip55[] = {
    "0x52908400098527886E0F7030069857D2E4169EE7", "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
    "0xde709f2102306220921060314715629080e2fb77", "0x27b1fdb04752bbc536007a920d24acb045561c26",
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB", "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
};

TEST(Address, WritesAndReadsTheEip55Vectors) {
    for (const auto text : kEip55) {
        const auto address = parse_address(text, "to");
        ASSERT_TRUE(address) << text;
        EXPECT_EQ(to_checksum(*address), text);
    }
}

TEST(Address, AcceptsOneCaseWithoutAChecksum) {
    const std::string lower = "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed";
    const std::string upper = "0x5AAEB6053F3E94C9B9A09F33669435E7EF1BEAED";
    ASSERT_TRUE(parse_address(lower, "to"));
    EXPECT_EQ(parse_address(lower, "to")->bytes, parse_address(upper, "to")->bytes);
    EXPECT_FALSE(has_checksum(lower));
    EXPECT_FALSE(has_checksum(upper));
    EXPECT_TRUE(has_checksum(kEip55[4]));
    EXPECT_FALSE(has_checksum("0x0000000000000000000000000000000000000000"));
}

TEST(Address, RefusesEverySingleWrongCase) {
    const std::string right(kEip55[4]);
    for (std::size_t i = 2; i < right.size(); ++i) {
        std::string wrong = right;
        const char c = wrong[i];
        if (c >= '0' && c <= '9') continue;
        wrong[i] = static_cast<char>(c ^ 0x20);
        const auto address = parse_address(wrong, "to");
        ASSERT_FALSE(address) << wrong;
        EXPECT_EQ(address.error().code, ErrorCode::kInvalidInput);
        EXPECT_NE(address.error().message.find("EIP-55"), std::string::npos);
    }
}

TEST(Address, RefusesWhatIsNone) {
    constexpr std::string_view kBad[] = {
        "",
        "0x",
        "x",
        "0X52908400098527886E0F7030069857D2E4169EE7",
        "52908400098527886E0F7030069857D2E4169EE7",
        "0x52908400098527886E0F7030069857D2E4169EE",
        "0x52908400098527886E0F7030069857D2E4169EE70",
        "0x52908400098527886E0F7030069857D2E4169EG7",
        "0x0x908400098527886E0F7030069857D2E4169EE7",
        " 0x52908400098527886E0F7030069857D2E4169EE",
        "0x52908400098527886E0F7030069857D2E4169EE ",
        "alice.eth",
    };
    for (const auto text : kBad) {
        const auto address = parse_address(text, "The field \"to\"");
        ASSERT_FALSE(address) << text;
        EXPECT_EQ(address.error().code, ErrorCode::kInvalidInput) << text;
        EXPECT_NE(address.error().message.find("to"), std::string::npos) << address.error().message;
    }
}

// The private key 1 and the well-known first account of development nodes
// (mnemonic "test test … junk"): published everywhere.
TEST(Address, IsTheHashOfThePublicKey) {
    struct Case {
        std::string_view key, address;
    };
    constexpr Case kCases[] = {
        {"0000000000000000000000000000000000000000000000000000000000000001", "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf"},
        {"ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80", "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"},
    };
    for (const auto& [key, address] : kCases) {
        const auto public_key = crypto::public_key_of(*from_hex(key, "key"));
        ASSERT_TRUE(public_key);
        EXPECT_EQ(to_checksum(address_of(*public_key)), address);
    }
}

}  // namespace
}  // namespace keydeck::ethereum
