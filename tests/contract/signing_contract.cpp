// Sign, Verify, GetPublicKey.
#include <algorithm>

#include "engine/crypto/hash.hpp"
#include "engine/crypto/secp256k1.hpp"
#include "engine/kms/signature.hpp"
#include "tests/contract/kms_contract.hpp"

namespace keydeck::kms::contract {
namespace {

Hash32 digest_of(std::string_view text) { return crypto::keccak256(as_bytes(text)); }

TEST_P(KmsContract, APublicKeyIsASubjectPublicKeyInfoOfTheCurve) {
    const std::string id = make_ecc().key_id;
    const auto answer = kms().get_public_key(id);
    ASSERT_TRUE(succeeds(answer));
    EXPECT_EQ(answer->key_arn, key_arn(id));
    EXPECT_EQ(answer->spec, KeySpec::kEccSecgP256k1);
    EXPECT_EQ(answer->usage, KeyUsage::kSignVerify);
    const auto key = parse_public_key_info(answer->public_key);
    ASSERT_TRUE(succeeds(key));
    EXPECT_EQ(to_public_key_info(*key), answer->public_key) << "the point is not compressed";
    EXPECT_EQ(kms().get_public_key(id)->public_key, answer->public_key);
    EXPECT_NE(kms().get_public_key(make_ecc().key_id)->public_key, answer->public_key);
}

TEST_P(KmsContract, ADigestIsSignedAsItIs) {
    const std::string id = make_ecc().key_id;
    const auto key = parse_public_key_info(kms().get_public_key(id)->public_key);
    for (int i = 0; i < 20; ++i) {
        const Hash32 digest = digest_of("digest " + std::to_string(i));
        const auto answer = kms().sign(id, digest, MessageType::kDigest);
        ASSERT_TRUE(succeeds(answer));
        EXPECT_EQ(answer->key_arn, key_arn(id));
        const auto signature = parse_der_signature(answer->signature);
        ASSERT_TRUE(succeeds(signature));
        EXPECT_TRUE(crypto::verify(*key, digest, *signature));
        EXPECT_FALSE(crypto::verify(*key, crypto::sha256(digest), *signature)) << "it was hashed again";
        EXPECT_TRUE(succeeds(to_recoverable(*signature, digest, *key)));
        EXPECT_TRUE(succeeds(kms().verify(id, digest, MessageType::kDigest, answer->signature)));
    }
}

TEST_P(KmsContract, ARawMessageIsHashedWithSha256) {
    const std::string id = make_ecc().key_id;
    const auto key = parse_public_key_info(kms().get_public_key(id)->public_key);
    for (const std::size_t size : {1U, 32U, 33U, 4096U}) {
        const Bytes message(size, 0x5A);
        const auto answer = kms().sign(id, message, MessageType::kRaw);
        ASSERT_TRUE(succeeds(answer));
        EXPECT_TRUE(crypto::verify(*key, crypto::sha256(message), *parse_der_signature(answer->signature)));
        EXPECT_TRUE(succeeds(kms().verify(id, message, MessageType::kRaw, answer->signature)));
        EXPECT_TRUE(succeeds(kms().verify(id, crypto::sha256(message), MessageType::kDigest, answer->signature)));
    }
}

TEST_P(KmsContract, MessageLengthsAreChecked) {
    const std::string id = make_ecc().key_id;
    const Bytes signature = kms().sign(id, as_bytes("x"), MessageType::kRaw)->signature;
    for (const std::size_t size : {0U, 4097U}) {
        for (const MessageType type : {MessageType::kRaw, MessageType::kDigest}) {
            EXPECT_TRUE(fails_with(kms().sign(id, Bytes(size), type), "ValidationException"));
            EXPECT_TRUE(fails_with(kms().verify(id, Bytes(size), type, signature), "ValidationException"));
        }
    }
    const std::string text = "Digest is invalid length for algorithm ECDSA_SHA_256.";
    for (const std::size_t size : {1U, 20U, 31U, 33U, 64U, 4096U}) {
        EXPECT_TRUE(fails_with(kms().sign(id, Bytes(size), MessageType::kDigest), "ValidationException", text)) << size;
        EXPECT_TRUE(fails_with(kms().verify(id, Bytes(size), MessageType::kDigest, signature), "ValidationException", text));
    }
    EXPECT_TRUE(fails_with(kms().verify(id, as_bytes("x"), MessageType::kRaw, Bytes{}), "ValidationException"));
    EXPECT_TRUE(fails_with(kms().verify(id, as_bytes("x"), MessageType::kRaw, Bytes(6145)), "ValidationException"));
}

TEST_P(KmsContract, AWrongSignatureIsAnErrorNotFalse) {
    const std::string id = make_ecc().key_id;
    const Hash32 digest = digest_of("message");
    const Bytes good = kms().sign(id, digest, MessageType::kDigest)->signature;
    const auto refused = [&](const Hash32& over, const Bytes& signature) {
        return fails_with(kms().verify(id, over, MessageType::kDigest, signature), "KMSInvalidSignatureException", "");
    };
    EXPECT_TRUE(refused(digest_of("another"), good));
    EXPECT_TRUE(refused(digest, kms().sign(make_ecc().key_id, digest, MessageType::kDigest)->signature));
    EXPECT_TRUE(refused(digest, Bytes{0x30}));
    EXPECT_TRUE(refused(digest, Bytes(70, 0xFF)));
    for (std::size_t i = 0; i < good.size(); ++i) {
        Bytes changed = good;
        changed[i] ^= 0x01;
        EXPECT_TRUE(refused(digest, changed)) << "byte " << i;
    }
    Bytes longer = good;
    longer.push_back(0);
    EXPECT_TRUE(refused(digest, longer));
    EXPECT_TRUE(fails_with(kms().verify(id, digest, MessageType::kRaw, good), "KMSInvalidSignatureException", ""));
}

TEST_P(KmsContract, VerifyAcceptsHighS) {
    const std::string id = make_ecc().key_id;
    const Hash32 digest = digest_of("either s");
    const auto signature = parse_der_signature(kms().sign(id, digest, MessageType::kDigest)->signature);
    ASSERT_TRUE(succeeds(signature));
    // n - s is the other s (SEC 1, 4.1.3).
    FixedBytes<32> other = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE,
                            0xBA, 0xAE, 0xDC, 0xE6, 0xAF, 0x48, 0xA0, 0x3B, 0xBF, 0xD2, 0x5E, 0x8C, 0xD0, 0x36, 0x41, 0x41};
    int borrow = 0;
    for (std::size_t i = 32; i-- > 0;) {
        const int difference = other[i] - signature->s[i] - borrow;
        borrow = difference < 0 ? 1 : 0;
        other[i] = static_cast<std::uint8_t>(difference + (borrow << 8));
    }
    EXPECT_TRUE(succeeds(kms().verify(id, digest, MessageType::kDigest, to_der_signature({signature->r, other}))));
}

TEST_P(KmsContract, ASymmetricKeyHasNoPublicKey) {
    EXPECT_TRUE(fails_with(kms().get_public_key(make_symmetric().key_id), "UnsupportedOperationException"));
}

}  // namespace
}  // namespace keydeck::kms::contract
