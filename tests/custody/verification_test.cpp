// Verifying and decoding what anybody signed.
#include "engine/base/json.hpp"
#include "tests/custody/fixture.hpp"

namespace keydeck {
namespace {

// EIP-155's example: https://eips.ethereum.org/EIPS/eip-155
constexpr std::string_view kRaw =
    "0xf86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a76400008025a028ef61340bd939bc2195fe53756"
    "7866003e1a15d"
    "3c71ff63e1590620aa636276a067cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83";

TEST(Verification, MessagesByAddressOrAlone) {
    // web3.js' documentation of eth.accounts.sign: "Some data" by 0x2c7536E3605D9C16a7a3D7b1898e529396a65c23
    // https://web3js.readthedocs.io/en/v1.2.11/web3-eth-accounts.html#sign
    constexpr std::string_view kSignature =
        "0xb91467e570a6466aa9e9876cbcd013baba02900b8979d43fe208a4a4f339f5fd6007e74cd82e037b800186422fc2da167c747ef045e5d18a5"
        "f5d4300f8e1a0"
        "291c";
    const auto signer = parse_address_text("0x2c7536E3605D9C16a7a3D7b1898e529396a65c23");
    ASSERT_TRUE(signer);
    const auto alone = Engine::verify_message(as_bytes("Some data"), kSignature, std::nullopt);
    ASSERT_TRUE(alone) << why(alone);
    EXPECT_TRUE(alone->valid);
    EXPECT_EQ(alone->address, *signer);
    EXPECT_TRUE(Engine::verify_message(as_bytes("Some data"), kSignature, *signer)->valid);
    AddressBytes other = *signer;
    other[0] ^= 1;
    EXPECT_FALSE(Engine::verify_message(as_bytes("Some data"), kSignature, other)->valid);
    EXPECT_FALSE(Engine::verify_message(as_bytes("some data"), kSignature, *signer)->valid);
}

TEST(Verification, RefusesWhatIsNoSignature) {
    for (const std::string& wrong :
         {std::string(), std::string("0x"), std::string("0x12"), std::string("zz"), "0x" + std::string(130, 'f'),
          "0x" + std::string(128, '0') + "1b", "0x" + std::string(132, '1')}) {
        const auto verified = Engine::verify_message(as_bytes("m"), wrong, std::nullopt);
        EXPECT_TRUE(!verified || !verified->valid) << wrong;
    }
    EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput, Engine::verify_message(as_bytes("m"), "0x12", std::nullopt)));
    EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput, Engine::verify_typed_data("{", "0x12", std::nullopt)));
}

TEST(Verification, DecodesATransaction) {
    const auto decoded = Engine::decode_transaction(kRaw);
    ASSERT_TRUE(decoded) << why(decoded);
    EXPECT_EQ(checksum_address(decoded->from), "0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F");
    const auto parsed = json::parse(decoded->json, "the decoded transaction");
    ASSERT_TRUE(parsed) << why(parsed);
    const auto member = [&](std::string_view name) {
        const json::Value* value = parsed->find(name);
        return value == nullptr ? std::string("(missing)") : value->text;
    };
    EXPECT_EQ(member("type"), "0");
    EXPECT_EQ(member("chainId"), "1");
    EXPECT_EQ(member("nonce"), "9");
    EXPECT_EQ(member("to"), "0x3535353535353535353535353535353535353535");
    EXPECT_EQ(member("value"), "1000000000000000000");
    EXPECT_EQ(member("gas"), "21000");
    EXPECT_EQ(member("gasPrice"), "20000000000");
    EXPECT_EQ(member("data"), "0x");
    EXPECT_EQ(member("v"), "37");
    EXPECT_EQ(member("r"), "0x28ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276");
    EXPECT_EQ(member("from"), "0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F");
    EXPECT_EQ(member("hash"), to_hex_0x(decoded->hash));
    EXPECT_FALSE(decoded->lines.empty());
    for (const std::string& wrong :
         {std::string("0x"), std::string(kRaw.substr(0, 60)), std::string(kRaw) + "00", std::string("zz")}) {
        EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput, Engine::decode_transaction(wrong))) << wrong;
    }
}

TEST(Verification, WhatItDecodesCanBeSignedAgain) {
    // The fields of the answer are those that a transaction's JSON has, apart from the signature's.
    const auto decoded = Engine::decode_transaction(kRaw);
    ASSERT_TRUE(decoded);
    const auto values = Engine::split_json_values(decoded->json + "\n" + decoded->json);
    EXPECT_EQ(values.size(), 2U);
}

TEST(Types, WordsAndAddresses) {
    for (const Custody custody : {Custody::kKmsKey, Custody::kEnvelope, Custody::kKeyPair}) {
        EXPECT_EQ(*parse_custody(to_string(custody)), custody);
    }
    EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput, parse_custody("cold")));
    EXPECT_TRUE(parse_address_text("0x2c7536E3605D9C16a7a3D7b1898e529396a65c23"));
    EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput, parse_address_text("0x2c7536e3605D9C16a7a3D7b1898e529396a65c23")));
}

}  // namespace
}  // namespace keydeck
