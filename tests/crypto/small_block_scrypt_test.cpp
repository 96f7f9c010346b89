#include "engine/crypto/small_block_scrypt.hpp"

#include <gtest/gtest.h>

#include "engine/base/hex.hpp"
#include "engine/crypto/kdf.hpp"

namespace keydeck::crypto {
namespace {

TEST(SmallBlockScrypt, IsForWhatOpenSslRefuses) {
    EXPECT_TRUE(is_small_block_scrypt(65'536, 1));
    EXPECT_TRUE(is_small_block_scrypt(262'144, 1));
    EXPECT_FALSE(is_small_block_scrypt(32'768, 1));
    EXPECT_FALSE(is_small_block_scrypt(262'144, 2));
    EXPECT_FALSE(is_small_block_scrypt(262'144, 8));
}

// Where both know the parameters they agree.
TEST(SmallBlockScrypt, AgreesWithOpenSsl) {
    for (const std::uint64_t n : {2U, 4U, 16U, 256U, 4096U}) {
        for (const std::uint64_t p : {1U, 2U, 8U}) {
            const auto ours = small_block_scrypt(as_bytes("pleaseletmein"), as_bytes("SodiumChloride"), n, p, 32);
            const auto theirs = crypto::scrypt(as_bytes("pleaseletmein"), as_bytes("SodiumChloride"), n, 1, p, 32);
            ASSERT_TRUE(ours);
            ASSERT_TRUE(theirs);
            EXPECT_EQ(to_hex(ours->view()), to_hex(theirs->view())) << n << ' ' << p;
        }
    }
}

// RFC 7914, section 12, the first vector: n = 16, r = 1, p = 1.
TEST(SmallBlockScrypt, AgreesWithTheRfc) {
    const auto key = small_block_scrypt({}, {}, 16, 1, 64);
    ASSERT_TRUE(key);
    EXPECT_EQ(to_hex(key->view()),
              "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3"
              "628cf35e20c38d18906");
}

// Made with npm's scrypt-js 3.0.1.
TEST(SmallBlockScrypt, AgreesWithScryptJs) {
    const auto one = small_block_scrypt(as_bytes("password"), as_bytes("NaCl"), 65'536, 1, 32);
    ASSERT_TRUE(one);
    EXPECT_EQ(to_hex(one->view()), "e31d00a86544bc78c07b2cbcb9df8fa5add5e6390e28153509c032382914c0b6");
    // And so does the function everybody calls.
    const auto same = scrypt(as_bytes("password"), as_bytes("NaCl"), 65'536, 1, 1, 32);
    ASSERT_TRUE(same) << same.error().message;
    EXPECT_EQ(to_hex(same->view()), to_hex(one->view()));
}

TEST(SmallBlockScrypt, RefusesOtherParameters) {
    EXPECT_FALSE(small_block_scrypt({}, {}, 0, 1, 32));
    EXPECT_FALSE(small_block_scrypt({}, {}, 65'537, 1, 32));
    EXPECT_FALSE(small_block_scrypt({}, {}, 1U << 24U, 1, 32));
    EXPECT_FALSE(small_block_scrypt({}, {}, 65'536, 0, 32));
    EXPECT_FALSE(small_block_scrypt({}, {}, 65'536, 9, 32));
}

}  // namespace
}  // namespace keydeck::crypto
