#include "engine/crypto/nonce.hpp"

#include <gtest/gtest.h>
#include <secp256k1.h>

#include "engine/base/hex.hpp"
#include "engine/base/random.hpp"
#include "engine/crypto/hash.hpp"

namespace keydeck::crypto {
namespace {

FixedBytes<32> fixed(std::string_view hex) {
    FixedBytes<32> out{};
    EXPECT_TRUE(from_hex_into(hex, out, "test data"));
    return out;
}

FixedBytes<32> ours(const FixedBytes<32>& key, const FixedBytes<32>& digest, unsigned attempt = 0) {
    FixedBytes<32> nonce{};
    EXPECT_EQ(nonce_rfc6979(nonce.data(), digest.data(), key.data(), nullptr, nullptr, attempt), 1);
    return nonce;
}

// bitcointalk.org/index.php?topic=285142 gives the nonces too.
TEST(Nonce, PublishedVectors) {
    const FixedBytes<32> one = fixed("0000000000000000000000000000000000000000000000000000000000000001");
    EXPECT_EQ(to_hex(ours(one, sha256(as_bytes("Satoshi Nakamoto")))),
              "8f8a276c19f4149656b280621e358cce24f5f52542772691ee69063b74f15d15");
    EXPECT_EQ(
        to_hex(ours(one, sha256(as_bytes("All those moments will be lost in time, like tears in rain. Time to die...")))),
        "38aa22d72376b4dbc472e06c3ba403ee0a394da63fc58d88686c611aba98d6b3");
    EXPECT_EQ(to_hex(ours(fixed("f8b8af8ce3c7cca5e300d33939540c10d45ce001b8f252bfbc57ba0342904181"),
                          sha256(as_bytes("Alan Turing")))),
              "525a82b70e67874398067543fd84c83d30c175fdc45fdeee082fe13b1d7cfdf1");
}

TEST(Nonce, EqualsTheLibrarysAtEveryAttempt) {
    SystemRandom random;
    for (int i = 0; i < 200; ++i) {
        const auto key = random.bytes<32>();
        const auto digest = random.bytes<32>();
        for (unsigned attempt = 0; attempt < 4; ++attempt) {
            FixedBytes<32> theirs{};
            ASSERT_EQ(secp256k1_nonce_function_rfc6979(theirs.data(), digest.data(), key.data(), nullptr, nullptr, attempt),
                      1);
            ASSERT_EQ(to_hex(ours(key, digest, attempt)), to_hex(theirs));
        }
    }
}

// RFC 6979, 2.3.4: the digest enters modulo n.
TEST(Nonce, ReducesTheDigest) {
    const FixedBytes<32> key = fixed("0000000000000000000000000000000000000000000000000000000000000007");
    const std::pair<const char*, const char*> congruent[] = {
        {"fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141",
         "0000000000000000000000000000000000000000000000000000000000000000"},
        {"fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364142",
         "0000000000000000000000000000000000000000000000000000000000000001"},
        {"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
         "000000000000000000000000000000014551231950b75fc4402da1732fc9bebe"},
    };
    for (const auto& [large, small] : congruent) {
        EXPECT_EQ(to_hex(ours(key, fixed(large))), to_hex(ours(key, fixed(small))));
        FixedBytes<32> theirs{};
        ASSERT_EQ(secp256k1_nonce_function_rfc6979(theirs.data(), fixed(large).data(), key.data(), nullptr, nullptr, 0), 1);
        EXPECT_EQ(ours(key, fixed(large)), theirs);
    }
    const FixedBytes<32> below = fixed("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140");
    EXPECT_NE(ours(key, below), ours(key, FixedBytes<32>{}));
}

TEST(Nonce, RefusesWhatItDoesNotSupport) {
    FixedBytes<32> nonce{};
    const FixedBytes<32> any{};
    FixedBytes<32> extra{};
    EXPECT_EQ(nonce_rfc6979(nonce.data(), any.data(), any.data(), any.data(), nullptr, 0), 0);
    EXPECT_EQ(nonce_rfc6979(nonce.data(), any.data(), any.data(), nullptr, extra.data(), 0), 0);
}

}  // namespace
}  // namespace keydeck::crypto
