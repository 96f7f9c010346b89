#include "engine/crypto/hash.hpp"

#include <gtest/gtest.h>

#include "engine/base/hex.hpp"

namespace keydeck::crypto {
namespace {

Bytes unhex(std::string_view text) { return from_hex(text, "test data").value(); }

// FIPS 180-4, examples; NIST's SHA256LongMsg style of a million letters.
TEST(Sha2, PublishedVectors) {
    EXPECT_EQ(to_hex(sha256({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(to_hex(sha256(as_bytes("abc"))), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(to_hex(sha256(as_bytes("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))),
              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    const std::string million(1'000'000, 'a');
    EXPECT_EQ(to_hex(sha256(as_bytes(million))), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    EXPECT_EQ(to_hex(sha512({})),
              "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417"
              "a81a538327af927"
              "da3e");
    EXPECT_EQ(to_hex(sha512(as_bytes("abc"))),
              "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce"
              "80e2a9ac94fa54c"
              "a49f");
}

TEST(Sha2, Sha256InPiecesIsThatOfTheWhole) {
    const std::string text(300, 'x');
    for (const std::size_t piece : {1U, 63U, 64U, 65U, 300U}) {
        Sha256Pieces pieces;
        for (std::size_t at = 0; at < text.size(); at += piece)
            pieces.update(as_bytes(std::string_view(text).substr(at, piece)));
        EXPECT_EQ(pieces.finish(), sha256(as_bytes(text))) << piece;
    }
    EXPECT_EQ(Sha256Pieces().finish(), sha256({}));
}

TEST(Ripemd160, OfSha256) {
    // The hash of the compressed generator point: the payload of the Bitcoin address of private key 1.
    EXPECT_EQ(to_hex(ripemd160_of_sha256(unhex("0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"))),
              "751e76e8199196d454941c45d1b3a323f1433bd6");
}

struct HmacVector {
    Bytes key;
    Bytes data;
    const char* sha256;
    const char* sha512;
};

// RFC 4231, section 4.
TEST(Hmac, PublishedVectors) {
    const HmacVector vectors[] = {
        {Bytes(20, 0x0b), to_bytes(as_bytes("Hi There")), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
         "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e"
         "696c203a126854"},
        {to_bytes(as_bytes("Jefe")), to_bytes(as_bytes("what do ya want for nothing?")),
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
         "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b63"
         "6e070a38bce737"},
        {Bytes(20, 0xaa), Bytes(50, 0xdd), "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
         "fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39bf3e848279a722c806b485a47e67c807b946a337bee8942674"
         "278859e13292fb"},
        {unhex("0102030405060708090a0b0c0d0e0f10111213141516171819"), Bytes(50, 0xcd),
         "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
         "b0ba465637458c6990e5a8c5f61d4af7e576d97ff94b872de76f8050361ee3dba91ca5c11aa25eb4d679275cc5788063a5f19741120c4f2de2"
         "adebeb10a298dd"},
        {Bytes(131, 0xaa), to_bytes(as_bytes("Test Using Larger Than Block-Size Key - Hash Key First")),
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
         "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f3526b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b"
         "915a985d786598"},
        {Bytes(131, 0xaa),
         to_bytes(as_bytes(
             "This is a test using a larger than block-size key and a larger than block-size data. The key needs to be "
             "hashed before being used by the HMAC algorithm.")),
         "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
         "e37b6a775dc87dbaa4dfa9f96e5e3ffddebd71f8867289865df5a32d20cdc944b6022cac3c4982b10d5eeb55c3e4de15134676fb6de0446065"
         "c97440fa8c6a58"},
    };
    for (const HmacVector& vector : vectors) {
        EXPECT_EQ(to_hex(hmac_sha256(vector.key, vector.data)), vector.sha256);
        EXPECT_EQ(to_hex(hmac_sha512(vector.key, vector.data).view()), vector.sha512);
    }
}

TEST(Hmac, KeysAroundTheBlockSize) {
    // A key longer than the block is its own hash; one of exactly the block is not.
    const Bytes data = {1, 2, 3};
    const Bytes long_key(65, 7);
    const Hash32 short_form = sha256(long_key);
    EXPECT_EQ(hmac_sha256(long_key, data), hmac_sha256(short_form, data));
    const Bytes block_key(64, 7);
    EXPECT_NE(hmac_sha256(block_key, data), hmac_sha256(sha256(block_key), data));
    EXPECT_EQ(hmac_sha256({}, data), hmac_sha256(Bytes(64, 0), data));
}

// RFC 5869, appendix A, cases 1 to 3.
TEST(Hkdf, PublishedVectors) {
    EXPECT_EQ(
        to_hex(hkdf_sha256(Bytes(22, 0x0b), unhex("000102030405060708090a0b0c"), unhex("f0f1f2f3f4f5f6f7f8f9"), 42).view()),
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
    Bytes ikm;
    Bytes salt;
    Bytes info;
    for (int i = 0; i < 80; ++i) {
        ikm.push_back(static_cast<std::uint8_t>(i));
        salt.push_back(static_cast<std::uint8_t>(0x60 + i));
        info.push_back(static_cast<std::uint8_t>(0xb0 + i));
    }
    EXPECT_EQ(to_hex(hkdf_sha256(ikm, salt, info, 82).view()),
              "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f0"
              "9b8367793a9aca3"
              "db71cc30c58179ec3e87c14c01d5c1f3434f1d87");
    EXPECT_EQ(to_hex(hkdf_sha256(Bytes(22, 0x0b), {}, {}, 42).view()),
              "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

TEST(Hkdf, LengthsAreAPrefixOfEachOther) {
    const SecretBytes longest = hkdf_sha256(as_bytes("secret"), as_bytes("salt"), as_bytes("info"), 8160);
    ASSERT_EQ(longest.size(), 8160U);
    for (const std::size_t length : {0U, 1U, 31U, 32U, 33U, 64U, 8159U}) {
        const SecretBytes shorter = hkdf_sha256(as_bytes("secret"), as_bytes("salt"), as_bytes("info"), length);
        EXPECT_EQ(shorter.text(), longest.text().substr(0, length));
    }
}

}  // namespace
}  // namespace keydeck::crypto
