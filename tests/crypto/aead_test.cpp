#include "engine/crypto/aead.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "engine/base/hex.hpp"

namespace keydeck::crypto {
namespace {

Bytes unhex(std::string_view text) { return from_hex(text, "test data").value(); }

/// Draws the nonce of a published vector.
class FixedRandom final : public Random {
public:
    explicit FixedRandom(Bytes bytes) : bytes_(std::move(bytes)) {}
    void fill(std::span<std::uint8_t> out) override {
        ASSERT_EQ(out.size(), bytes_.size());
        std::ranges::copy(bytes_, out.begin());
    }

private:
    Bytes bytes_;
};

struct Vector {
    const char* key;
    const char* nonce;
    const char* data;
    const char* plaintext;
    const char* ciphertext;
    const char* tag;
};

// McGrew and Viega, "The Galois/Counter Mode of Operation" (NIST's submission), test cases 13 to 16.
const Vector kVectors[] = {
    {"0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000", "", "", "",
     "530f8afbc74536b9a963b4f1c4cb738b"},
    {"0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000", "",
     "00000000000000000000000000000000", "cea7403d4d606b6e074ec5d3baf39d18", "d0d1c8a799996bf0265b98b5d48ab919"},
    {"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888", "",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b"
     "391aafd255",
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f6"
     "62898015ad",
     "b094dac5d93471bdec1a502270e3cc6c"},
    {"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
     "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b"
     "39",
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f6"
     "62",
     "76fc6ece0f4e1768cddf8853bb2d551b"},
};

TEST(AesGcm, PublishedVectors) {
    for (const Vector& vector : kVectors) {
        FixedRandom random(unhex(vector.nonce));
        const Bytes sealed = seal(unhex(vector.key), unhex(vector.data), unhex(vector.plaintext), random);
        EXPECT_EQ(to_hex(sealed), std::string(vector.nonce) + vector.ciphertext + vector.tag);
        EXPECT_EQ(to_hex(open(unhex(vector.key), unhex(vector.data), sealed, "it").value().view()), vector.plaintext);
    }
}

TEST(AesGcm, EveryChangedBitIsFound) {
    SystemRandom random;
    const Bytes key(32, 1);
    const Bytes data = to_bytes(as_bytes("wallet 7 of alice"));
    const Bytes sealed = seal(key, data, as_bytes("a secret of 24 bytes ..."), random);
    const auto refuses = [](ByteView k, ByteView d, ByteView s) {
        const auto opened = open(k, d, s, "the wallet's key");
        return !opened && opened.error().code == ErrorCode::kCorrupt;
    };
    ASSERT_TRUE(open(key, data, sealed, "it"));
    for (std::size_t bit = 0; bit < 8 * sealed.size(); ++bit) {
        Bytes changed = sealed;
        changed[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        EXPECT_TRUE(refuses(key, data, changed)) << bit;
    }
    for (std::size_t bit = 0; bit < 8 * data.size(); ++bit) {
        Bytes changed = data;
        changed[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        EXPECT_TRUE(refuses(key, changed, sealed)) << bit;
    }
    for (std::size_t bit = 0; bit < 8 * key.size(); ++bit) {
        Bytes changed = key;
        changed[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        EXPECT_TRUE(refuses(changed, data, sealed)) << bit;
    }
    for (std::size_t length = 0; length < sealed.size(); ++length)
        EXPECT_TRUE(refuses(key, data, ByteView(sealed).first(length)));
    Bytes longer = sealed;
    longer.push_back(0);
    EXPECT_TRUE(refuses(key, data, longer));
    EXPECT_TRUE(refuses(key, {}, sealed));
}

TEST(AesGcm, NamesTheThingNotItsContent) {
    SystemRandom random;
    Bytes sealed = seal(Bytes(32, 1), {}, as_bytes("hunter2"), random);
    sealed.back() ^= 1;
    EXPECT_EQ(open(Bytes(32, 1), {}, sealed, "the wallet's key").error().message,
              "Cannot open the wallet's key: it is damaged, or it was sealed for another place or under another key.");
    EXPECT_EQ(open(Bytes(32, 1), {}, {}, "the wallet's key").error().message,
              "The sealed bytes of the wallet's key have an impossible length.");
}

TEST(AesGcm, EveryLengthOpensAgain) {
    SystemRandom random;
    const Bytes key(32, 9);
    for (std::size_t length = 0; length < 100; ++length) {
        Bytes plaintext(length);
        random.fill(plaintext);
        const Bytes sealed = seal(key, plaintext, plaintext, random);
        EXPECT_EQ(sealed.size(), kGcmNonceSize + length + kGcmTagSize);
        EXPECT_EQ(to_hex(open(key, plaintext, sealed, "it").value().view()), to_hex(plaintext));
    }
    const Bytes large(10'000'000, 3);
    EXPECT_EQ(open(key, {}, seal(key, {}, large, random), "it").value().size(), large.size());
}

TEST(AesGcm, ANonceIsNeverUsedTwice) {
    SystemRandom random;
    const Bytes key(32, 9);
    EXPECT_NE(seal(key, {}, as_bytes("x"), random), seal(key, {}, as_bytes("x"), random));
}

TEST(AesGcm, ThreadsHaveTheirOwnContexts) {
    std::vector<std::jthread> threads;
    for (std::uint8_t t = 0; t < 4; ++t) {
        threads.emplace_back([t] {
            SystemRandom random;
            const Bytes key(32, t);
            for (int i = 0; i < 500; ++i) {
                const Bytes sealed = seal(key, {}, as_bytes("content"), random);
                EXPECT_EQ(open(key, {}, sealed, "it").value().text(), "content");
            }
        });
    }
}

// NIST SP 800-38A, F.5.1 (CTR-AES128.Encrypt).
TEST(AesCtr, PublishedVector) {
    const Bytes key = unhex("2b7e151628aed2a6abf7158809cf4f3c");
    const Bytes counter = unhex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");
    const char* plaintext =
        "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2"
        "b417be66c3710";
    const char* ciphertext =
        "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff5ae4df3edbd5d35e5b4f09020db03eab1e031dda2fbe03d1792"
        "170a0f3009cee";
    EXPECT_EQ(to_hex(aes128_ctr(key, counter, unhex(plaintext)).view()), ciphertext);
    EXPECT_EQ(to_hex(aes128_ctr(key, counter, unhex(ciphertext)).view()), plaintext);
    EXPECT_TRUE(aes128_ctr(key, counter, {}).empty());
    EXPECT_EQ(to_hex(aes128_ctr(key, counter, unhex("6bc1be")).view()), "874d61");
}

}  // namespace
}  // namespace keydeck::crypto
