#include "engine/crypto/kdf.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include "engine/base/hex.hpp"
#include "engine/base/random.hpp"
#include "engine/crypto/pbkdf2.hpp"

namespace keydeck::crypto {
namespace {

// RFC 7914, section 12. (Its fourth vector needs a gigabyte.)
TEST(Scrypt, PublishedVectors) {
    EXPECT_EQ(to_hex(scrypt({}, {}, 16, 1, 1, 64).value().view()),
              "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3"
              "628cf35e20c38d1"
              "8906");
    EXPECT_EQ(to_hex(scrypt(as_bytes("password"), as_bytes("NaCl"), 1024, 8, 16, 64).value().view()),
              "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83e"
              "e6d8360cbdfa2cc"
              "0640");
    EXPECT_EQ(to_hex(scrypt(as_bytes("pleaseletmein"), as_bytes("SodiumChloride"), 16384, 8, 1, 64).value().view()),
              "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651"
              "e40dfcf017b4557"
              "5887");
}

TEST(Scrypt, KeystoreParametersFit) { EXPECT_TRUE(scrypt(as_bytes("pw"), as_bytes("salt"), 262144, 8, 1, 32)); }

TEST(Scrypt, RefusesBadParameters) {
    struct Case {
        std::uint64_t n, r, p;
        std::size_t length;
        const char* says;
    };
    constexpr std::uint64_t kHuge = ~std::uint64_t{0};
    const Case cases[] = {{0, 8, 1, 32, "power of two"},
                          {1, 8, 1, 32, "power of two"},
                          {3, 8, 1, 32, "power of two"},
                          {262143, 8, 1, 32, "power of two"},
                          {kHuge, 8, 1, 32, "power of two"},
                          {1024, 0, 1, 32, "at least 1"},
                          {1024, 8, 0, 32, "at least 1"},
                          {1024, 8, 1, 0, "length"},
                          {1024, 8, 1, 1025, "length"},
                          {1ULL << 21, 8, 1, 32, "1 GiB"},
                          {1ULL << 63, 1, 1, 32, "1 GiB"},
                          {2, kHuge, 1, 32, "1 GiB"},
                          {2, 1, kHuge, 32, "1 GiB"},
                          {2, 1ULL << 32, 1ULL << 32, 32, "1 GiB"},
                          {1ULL << 32, 1ULL << 32, 1, 32, "1 GiB"},
                          {1ULL << 20, 8, 64, 32, "too much work"}};
    for (const Case& c : cases) {
        const auto key = scrypt(as_bytes("pw"), as_bytes("salt"), c.n, c.r, c.p, c.length);
        ASSERT_FALSE(key) << c.n << " " << c.r << " " << c.p;
        EXPECT_EQ(key.error().code, ErrorCode::kInvalidInput);
        EXPECT_NE(key.error().message.find(c.says), std::string::npos) << key.error().message;
    }
}

// RFC 7914, section 11.
TEST(Pbkdf2Sha256, PublishedVectors) {
    EXPECT_EQ(to_hex(pbkdf2_hmac_sha256(as_bytes("passwd"), as_bytes("salt"), 1, 64).value().view()),
              "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
              "49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783");
    EXPECT_EQ(to_hex(pbkdf2_hmac_sha256(as_bytes("Password"), as_bytes("NaCl"), 80000, 64).value().view()),
              "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56a1d425a1225833549adb841b51c9b3176a272bdebba1d"
              "078478f62b397f3"
              "3c8d");
}

TEST(Pbkdf2Sha256, EqualsOpenSsl) {
    SystemRandom random;
    for (int round = 0; round < 60; ++round) {
        Bytes passphrase(random.below(200));
        Bytes salt(random.below(100));
        random.fill(passphrase);
        random.fill(salt);
        const auto iterations = static_cast<std::uint32_t>(1 + random.below(5));
        const std::size_t length = 1 + random.below(100);
        Bytes expected(length);
        ASSERT_EQ(PKCS5_PBKDF2_HMAC(reinterpret_cast<const char*>(passphrase.data()), static_cast<int>(passphrase.size()),
                                    salt.data(), static_cast<int>(salt.size()), static_cast<int>(iterations), EVP_sha256(),
                                    static_cast<int>(length), expected.data()),
                  1);
        EXPECT_EQ(to_hex(pbkdf2_hmac_sha256(passphrase, salt, iterations, length).value().view()), to_hex(expected));
    }
}

TEST(Pbkdf2Sha256, RefusesBadParameters) {
    EXPECT_EQ(pbkdf2_hmac_sha256(as_bytes("x"), as_bytes("y"), 0, 32).error().code, ErrorCode::kInvalidInput);
    EXPECT_EQ(pbkdf2_hmac_sha256(as_bytes("x"), as_bytes("y"), 1, 0).error().code, ErrorCode::kInvalidInput);
    EXPECT_EQ(pbkdf2_hmac_sha256(as_bytes("x"), as_bytes("y"), 1, 1025).error().code, ErrorCode::kInvalidInput);
}

// BIP-39, the first vector of its reference implementation (trezor/python-mnemonic, vectors.json).
TEST(Pbkdf2Sha512, PublishedVector) {
    constexpr std::string_view kMnemonic =
        "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";
    EXPECT_EQ(to_hex(pbkdf2_hmac_sha512(as_bytes(kMnemonic), as_bytes("mnemonicTREZOR"), 2048).view()),
              "c55257c360c07c72029aebc1b53c05ed0362ada38ead3e3e9efa3708e53495531f09a6987599d18264c1e1c92f2cf141630c7a3c4ab7c"
              "81b2f001698e746"
              "3b04");
}

Bytes openssl_pbkdf2_sha512(ByteView passphrase, ByteView salt, std::uint32_t iterations) {
    Bytes out(64);
    EXPECT_EQ(
        PKCS5_PBKDF2_HMAC(reinterpret_cast<const char*>(passphrase.data()), static_cast<int>(passphrase.size()), salt.data(),
                          static_cast<int>(salt.size()), static_cast<int>(iterations), EVP_sha512(), 64, out.data()),
        1);
    return out;
}

// Passphrases shorter than, equal to and longer than the hash's block (128 bytes), salts that need one block or several.
TEST(Pbkdf2Sha512, EqualsOpenSsl) {
    SystemRandom random;
    for (const std::size_t passphrase_size : {0U, 1U, 64U, 127U, 128U, 129U, 215U, 300U}) {
        for (const std::size_t salt_size : {0U, 8U, 100U, 107U, 108U, 111U, 112U, 128U, 400U}) {
            Bytes passphrase(passphrase_size);
            Bytes salt(salt_size);
            random.fill(passphrase);
            random.fill(salt);
            for (const std::uint32_t iterations : {1U, 2U, 3U, 10U}) {
                EXPECT_EQ(to_hex(pbkdf2_hmac_sha512(passphrase, salt, iterations).view()),
                          to_hex(openssl_pbkdf2_sha512(passphrase, salt, iterations)));
            }
        }
    }
}

class Pbkdf2Lanes : public testing::TestWithParam<std::size_t> {};
INSTANTIATE_TEST_SUITE_P(Widths, Pbkdf2Lanes, testing::Values(1, 4, 8));

// Every number of jobs from 0 to 41 fills the lanes differently; each job has its own lengths.
TEST_P(Pbkdf2Lanes, EqualOpenSslForEveryRemainder) {
    if (GetParam() > widest_lanes()) GTEST_SKIP() << "this processor has no registers for " << GetParam() << " lanes";
    SystemRandom random;
    for (std::size_t count = 0; count <= 41; ++count) {
        std::vector<Bytes> passphrases(count);
        std::vector<Bytes> salts(count);
        std::vector<Pbkdf2Job> jobs(count);
        SecretBytes out(64 * count);
        for (std::size_t i = 0; i < count; ++i) {
            passphrases[i].resize(random.below(180));
            salts[i].resize(random.below(150));
            random.fill(passphrases[i]);
            random.fill(salts[i]);
            jobs[i] = {passphrases[i], salts[i], out.span().subspan(64 * i, 64)};
        }
        for (const std::uint32_t iterations : {1U, 2U, 7U}) {
            pbkdf2_hmac_sha512_in_lanes(GetParam(), jobs, iterations);
            for (std::size_t i = 0; i < count; ++i) {
                ASSERT_EQ(to_hex(jobs[i].out), to_hex(openssl_pbkdf2_sha512(passphrases[i], salts[i], iterations)))
                    << "job " << i << " of " << count;
            }
        }
    }
}

TEST(Pbkdf2Sha512Many, GivesSeeds) {
    constexpr std::string_view kMnemonic =
        "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";
    FixedBytes<640> out{};
    std::vector<Pbkdf2Job> jobs;
    for (std::size_t i = 0; i < 10; ++i) {
        jobs.push_back({as_bytes(kMnemonic), as_bytes("mnemonicTREZOR"), std::span(out).subspan(64 * i, 64)});
    }
    pbkdf2_hmac_sha512_many(jobs, 2048);
    const SecretBytes one = pbkdf2_hmac_sha512(as_bytes(kMnemonic), as_bytes("mnemonicTREZOR"), 2048);
    for (const Pbkdf2Job& job : jobs) EXPECT_EQ(to_hex(job.out), to_hex(one.view()));
}

}  // namespace
}  // namespace keydeck::crypto
