// HMAC keys: GenerateMac and VerifyMac.
#include <gtest/gtest.h>

#include <array>

#include "engine/base/hex.hpp"
#include "tests/contract/kms_contract.hpp"
#include "tests/kms/key_material.hpp"
#include "tests/kms/temporary_kms.hpp"

namespace keydeck::kms {
namespace {

using contract::fails_with;
using contract::succeeds;
using test::kMessage;
using test::request_of;
using test::TemporaryKms;

constexpr std::array kHmacSpecs = {KeySpec::kHmac224, KeySpec::kHmac256, KeySpec::kHmac384, KeySpec::kHmac512};

// RFC 4231, test case 2: the key is "Jefe", which no KMS key may be, so case 1's key, 20 bytes of 0x0b, is too short as
// well; test case 6 has 131 bytes. The codes below were made by Python's hmac over 64 bytes of 0x0b.
TEST(Hmac, IsTheCodeThatOthersMake) {
    const Bytes key(64, 0x0b);
    EXPECT_EQ(to_hex(crypto::mac(crypto::MacHash::kSha256, Bytes(20, 0x0b), as_bytes("Hi There"))),
              "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");  // RFC 4231, test case 1
    EXPECT_EQ(to_hex(crypto::mac(crypto::MacHash::kSha224, Bytes(20, 0x0b), as_bytes("Hi There"))),
              "896fb1128abbdf196832107cd49df33f47b4b1169912ba4f53684b22");
    EXPECT_EQ(to_hex(crypto::mac(crypto::MacHash::kSha384, Bytes(20, 0x0b), as_bytes("Hi There"))),
              "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6");
    EXPECT_EQ(to_hex(crypto::mac(crypto::MacHash::kSha512, Bytes(20, 0x0b), as_bytes("Hi There"))),
              "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f"
              "1702e696c203a126854");
}

TEST(Hmac, EachSpecGoesWithItsAlgorithmAlone) {
    TemporaryKms local;
    for (std::size_t spec = 0; spec < kHmacSpecs.size(); ++spec) {
        const auto key = local.kms->create_key(request_of(kHmacSpecs[spec]));
        ASSERT_TRUE(succeeds(key));
        for (std::size_t algorithm = 0; algorithm < kMacAlgorithms.size(); ++algorithm) {
            const auto chosen = static_cast<MacAlgorithm>(algorithm);
            const auto made = local.kms->generate_mac(key->key_id, kMessage, chosen);
            if (spec != algorithm) {
                EXPECT_TRUE(fails_with(made, "InvalidKeyUsageException"));
                EXPECT_TRUE(
                    fails_with(local.kms->verify_mac(key->key_id, kMessage, Bytes(28), chosen), "InvalidKeyUsageException"));
                continue;
            }
            ASSERT_TRUE(succeeds(made));
            EXPECT_EQ(made->mac.size(), crypto::mac_size(static_cast<crypto::MacHash>(algorithm)));
            EXPECT_EQ(made->key_arn, key->arn);
            EXPECT_TRUE(succeeds(local.kms->verify_mac(key->key_id, kMessage, made->mac, chosen)));
            Bytes wrong = made->mac;
            wrong.back() ^= 1;
            EXPECT_TRUE(
                fails_with(local.kms->verify_mac(key->key_id, kMessage, wrong, chosen), "KMSInvalidMacException", ""));
            wrong = made->mac;
            wrong.pop_back();
            EXPECT_TRUE(
                fails_with(local.kms->verify_mac(key->key_id, kMessage, wrong, chosen), "KMSInvalidMacException", ""));
            EXPECT_TRUE(fails_with(local.kms->verify_mac(key->key_id, as_bytes("other"), made->mac, chosen),
                                   "KMSInvalidMacException", ""));
        }
    }
}

TEST(Hmac, LimitsAndUsage) {
    TemporaryKms local;
    const auto key = local.kms->create_key(request_of(KeySpec::kHmac256));
    const auto symmetric = local.kms->create_key({});
    ASSERT_TRUE(succeeds(key));
    constexpr auto kAlgorithm = MacAlgorithm::kHmacSha256;
    EXPECT_TRUE(fails_with(local.kms->generate_mac(key->key_id, {}, kAlgorithm), "ValidationException"));
    EXPECT_TRUE(succeeds(local.kms->generate_mac(key->key_id, Bytes(4096), kAlgorithm)));
    EXPECT_TRUE(fails_with(local.kms->generate_mac(key->key_id, Bytes(4097), kAlgorithm), "ValidationException"));
    EXPECT_TRUE(fails_with(local.kms->verify_mac(key->key_id, kMessage, Bytes(6145), kAlgorithm), "ValidationException"));
    EXPECT_TRUE(fails_with(local.kms->generate_mac(symmetric->key_id, kMessage, kAlgorithm), "InvalidKeyUsageException",
                           symmetric->arn + " key usage is ENCRYPT_DECRYPT which is not valid for GenerateMac."));
    EXPECT_TRUE(fails_with(local.kms->encrypt(key->key_id, kMessage, {}), "InvalidKeyUsageException",
                           key->arn + " key usage is GENERATE_VERIFY_MAC which is not valid for Encrypt."));
    EXPECT_TRUE(fails_with(local.kms->sign(key->key_id, kMessage, MessageType::kRaw), "InvalidKeyUsageException"));
    EXPECT_TRUE(fails_with(local.kms->get_public_key(key->key_id), "UnsupportedOperationException"));
    EXPECT_TRUE(fails_with(local.kms->enable_key_rotation(key->key_id, 365), "UnsupportedOperationException"));
    EXPECT_TRUE(
        fails_with(local.kms->create_key({KeySpec::kHmac256, KeyUsage::kSignVerify, "", {}}), "ValidationException"));
    EXPECT_TRUE(succeeds(local.kms->create_alias("alias/mac", key->key_id)));
    EXPECT_TRUE(succeeds(local.kms->generate_mac("alias/mac", kMessage, kAlgorithm)));
    const auto other = local.kms->create_key(request_of(KeySpec::kHmac512));
    EXPECT_TRUE(fails_with(local.kms->update_alias("alias/mac", other->key_id), "ValidationException"));
}

}  // namespace
}  // namespace keydeck::kms
