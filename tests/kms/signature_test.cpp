// The DER of a KMS: what is read, what is refused, and that OpenSSL's command line reads and writes the same.
#include "engine/kms/signature.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <string>

#include "engine/base/hex.hpp"
#include "engine/base/random.hpp"
#include "engine/crypto/hash.hpp"
#include "tests/kms/temporary_kms.hpp"

namespace keydeck::kms {
namespace {

// n, n - 1 and n/2 of secp256k1 (SEC 2, 2.4.1).
const std::string kN = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
const std::string kNMinus1 = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140";
const std::string kHighS = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0360000";
const std::string kR = "11223344556677889900aabbccddeeff11223344556677889900aabbccddeeff";

Bytes hex(std::string_view text) { return *from_hex(text, "test"); }

std::string byte_hex(std::size_t value) { return to_hex(Bytes{static_cast<std::uint8_t>(value)}); }

// An element with a short length.
std::string tlv(std::string_view tag, const std::string& content) {
    return std::string(tag) + byte_hex(content.size() / 2) + content;
}
std::string integer(const std::string& content) { return tlv("02", content); }
std::string sequence(const std::string& content) { return tlv("30", content); }

TEST(DerSignature, ReadsOrdinaryOnes) {
    struct Case {
        std::string der, r, s;
    };
    const std::string r01 = std::string(62, '0') + "01";
    const Case cases[] = {
        {sequence(integer(kR) + integer(kR)), kR, kR},
        {sequence(integer(kR) + integer("00" + kHighS)), kR, kHighS},
        {sequence(integer("00" + kNMinus1) + integer("00" + kNMinus1)), kNMinus1, kNMinus1},
        {sequence(integer("01") + integer("01")), r01, r01},
        {sequence(integer("7f") + integer("0080")), std::string(62, '0') + "7f", std::string(62, '0') + "80"},
        {sequence(integer(kR.substr(2)) + integer(kR.substr(8))), "00" + kR.substr(2), "00000000" + kR.substr(8)},
    };
    for (const Case& c : cases) {
        const auto signature = parse_der_signature(hex(c.der));
        ASSERT_TRUE(signature) << c.der;
        EXPECT_EQ(to_hex(signature->r), c.r);
        EXPECT_EQ(to_hex(signature->s), c.s);
        EXPECT_EQ(to_hex(to_der_signature(*signature)), c.der) << "there is one spelling only";
    }
}

TEST(DerSignature, RefusesEverythingElse) {
    const std::string r = integer(kR);
    struct Case {
        const char* why;
        std::string der;
    };
    const Case cases[] = {
        {"empty", ""},
        {"a tag alone", "30"},
        {"an empty sequence", "3000"},
        {"r alone", sequence(r)},
        {"three numbers", sequence(r + r + r)},
        {"r zero", sequence(integer("00") + r)},
        {"s zero", sequence(r + integer("00"))},
        {"r empty", sequence(integer("") + r)},
        {"s empty", sequence(r + integer(""))},
        {"r negative", sequence(integer("80" + kR.substr(2)) + r)},
        {"s negative", sequence(r + integer("ff"))},
        {"high s without its leading zero", sequence(r + integer(kHighS))},
        {"r with a needless zero", sequence(integer("00" + kR) + r)},
        {"s with a needless zero", sequence(r + integer("0001"))},
        {"s with two zeros", sequence(r + integer("0000" + kHighS))},
        {"zero written long", sequence(integer("0000") + r)},
        {"r equal to n", sequence(integer("00" + kN) + r)},
        {"s equal to n", sequence(r + integer("00" + kN))},
        {"s all ones", sequence(r + integer("00" + std::string(64, 'f')))},
        {"r of 33 bytes", sequence(integer("01" + kR) + r)},
        {"s of 34 bytes", sequence(r + integer("00ff" + kR))},
        {"something after s", sequence(r + r + "00")},
        {"something after the sequence", sequence(r + r) + "00"},
        {"a null after the sequence", sequence(r + r) + "0500"},
        {"a set, not a sequence", "31" + sequence(r + r).substr(2)},
        {"r an octet string", sequence("04" + r.substr(2) + r)},
        {"s an octet string", sequence(r + "04" + r.substr(2))},
        {"the sequence's length written long", "3081" + sequence(r + r).substr(2)},
        {"the sequence's length in two bytes", "308200" + sequence(r + r).substr(2)},
        {"an indefinite length", "3080" + r + r + "0000"},
        {"r's length written long", sequence("0281" + r.substr(2) + r)},
        {"the sequence longer than the data", "3047" + r + r},
        {"the sequence shorter than its content", "3043" + r + r},
        {"r longer than the data", sequence("0245" + r.substr(4) + r)},
        {"a length of a length that is missing", "3082"},
        {"a length of 2^32", "308401000000" + r + r},
        {"r and s bare", kR + kR},
        {"text", to_hex(as_bytes("signature"))},
    };
    for (const Case& c : cases) {
        const auto signature = parse_der_signature(hex(c.der));
        ASSERT_FALSE(signature) << c.why;
        EXPECT_EQ(signature.error().code, ErrorCode::kCorrupt) << c.why;
        EXPECT_FALSE(signature.error().message.empty());
    }
    const Bytes whole = hex(sequence(r + r));
    for (std::size_t size = 0; size < whole.size(); ++size) {
        EXPECT_FALSE(parse_der_signature(ByteView(whole).first(size))) << size;
    }
}

TEST(DerSignature, RoundTripsRandomNumbers) {
    SystemRandom random;
    for (int i = 0; i < 2000; ++i) {
        crypto::Signature signature{random.bytes<32>(), random.bytes<32>()};
        // Leading zeros, as they come once in 256 signatures.
        std::fill_n(signature.r.begin(), i % 5, std::uint8_t{0});
        std::fill_n(signature.s.begin(), i % 7, std::uint8_t{0});
        if (i % 5 == 0) signature.r[0] = 0x7F;
        if (i % 7 == 0) signature.s[0] = 0xFE;
        const auto read = parse_der_signature(to_der_signature(signature));
        ASSERT_TRUE(read);
        EXPECT_EQ(*read, signature);
    }
}

TEST(Recoverable, IsLowAndRecoversTheKey) {
    SystemRandom random;
    bool parities[2] = {false, false};
    for (int i = 0; i < 64; ++i) {
        const auto private_key = random.bytes<32>();
        const auto digest = random.bytes<32>();
        const auto key = crypto::public_key_of(private_key);
        const auto made = crypto::sign(private_key, digest);
        ASSERT_TRUE(key && made);
        const crypto::Signature low{made->r, made->s};
        crypto::Signature high = low;
        // n - s, by way of the one function that flips: with_low_s is its own inverse on this side of n/2.
        int borrow = 0;
        const Bytes order = hex(kN);
        for (std::size_t at = 32; at-- > 0;) {
            const int difference = order[at] - low.s[at] - borrow;
            borrow = difference < 0 ? 1 : 0;
            high.s[at] = static_cast<std::uint8_t>(difference + (borrow << 8));
        }
        for (const crypto::Signature& signature : {low, high}) {
            const auto recoverable = to_recoverable(signature, digest, *key);
            ASSERT_TRUE(recoverable);
            EXPECT_EQ(recoverable->s, low.s);
            EXPECT_EQ(recoverable->recovery_id, made->recovery_id);
            EXPECT_EQ(*crypto::recover(digest, *recoverable), *key);
        }
        parities[made->recovery_id & 1] = true;
    }
    EXPECT_TRUE(parities[0] && parities[1]);
}

TEST(Recoverable, RefusesAnotherKeysOrDigestsSignature) {
    SystemRandom random;
    const auto private_key = random.bytes<32>();
    const auto digest = random.bytes<32>();
    const auto made = crypto::sign(private_key, digest);
    const crypto::Signature signature{made->r, made->s};
    const auto key = crypto::public_key_of(private_key);
    const auto other = crypto::public_key_of(random.bytes<32>());
    EXPECT_EQ(to_recoverable(signature, digest, *other).error().code, ErrorCode::kCorrupt);
    EXPECT_EQ(to_recoverable(signature, crypto::sha256(digest), *key).error().code, ErrorCode::kCorrupt);
    EXPECT_FALSE(to_recoverable({FixedBytes<32>{}, signature.s}, digest, *key));
    EXPECT_FALSE(to_recoverable({signature.r, FixedBytes<32>{}}, digest, *key));
}

// Made with `openssl ecparam -name secp256k1 -genkey`, OpenSSL 3.0: SubjectPublicKeyInfo, and the same with -conv_form
// compressed.
const std::string kAlgorithm = "301006072a8648ce3d020106052b8104000a";
const std::string kGx = "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
const std::string kGy = "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8";
const std::string kInfoOfG = "3056" + kAlgorithm + "03420004" + kGx + kGy;

TEST(PublicKeyInfo, ReadsAndWritesThePoint) {
    const auto key = parse_public_key_info(hex(kInfoOfG));
    ASSERT_TRUE(key);
    EXPECT_EQ(to_hex(key->xy), kGx + kGy);
    EXPECT_EQ(to_hex(to_public_key_info(*key)), kInfoOfG);
    const auto compressed = parse_public_key_info(hex("3036" + kAlgorithm + "032200" + "02" + kGx));
    ASSERT_TRUE(compressed);
    EXPECT_EQ(*compressed, *key);
}

TEST(PublicKeyInfo, RefusesEverythingElse) {
    const std::string bits = "03420004" + kGx + kGy;
    std::string off_curve = kGx + kGy;
    off_curve.back() = '9';
    struct Case {
        const char* why;
        std::string der;
    };
    const Case cases[] = {
        {"empty", ""},
        {"a sequence of nothing", "3000"},
        {"P-256", "3059301306072a8648ce3d020106082a8648ce3d030107" + bits},
        {"RSA", "30693023" + std::string("06092a864886f70d010101") + bits},
        {"Ed25519", "302a300506032b6570032100" + kGx},
        {"the curve missing", sequence(sequence("06072a8648ce3d0201") + bits)},
        {"explicit parameters", sequence(sequence("06072a8648ce3d02013000") + bits)},
        {"a null after the curve", sequence(sequence("06072a8648ce3d020106052b8104000a0500") + bits)},
        {"unused bits", "3056" + kAlgorithm + "03420104" + kGx + kGy},
        {"a point off the curve", "3056" + kAlgorithm + "03420004" + off_curve},
        {"the point at infinity", sequence(kAlgorithm + "03020000")},
        {"a hybrid point", "3056" + kAlgorithm + "03420006" + kGx + kGy},
        {"a wrong prefix", "3056" + kAlgorithm + "03420005" + kGx + kGy},
        {"a point without prefix", "3055" + kAlgorithm + "034100" + kGx + kGy},
        {"an octet string", "3056" + kAlgorithm + "04420004" + kGx + kGy},
        {"something behind", kInfoOfG + "00"},
        {"something inside behind", sequence(kAlgorithm + bits + "00")},
        {"a long length", "3081" + kInfoOfG.substr(2)},
        {"a private key", "302e0201010420" + kGx + "a00706052b8104000a"},
    };
    for (const Case& c : cases) {
        const auto key = parse_public_key_info(hex(c.der));
        ASSERT_FALSE(key) << c.why;
        EXPECT_EQ(key.error().code, ErrorCode::kCorrupt) << c.why;
    }
    const Bytes whole = hex(kInfoOfG);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        EXPECT_FALSE(parse_public_key_info(ByteView(whole).first(size))) << size;
    }
}

const std::string kKeyOne = std::string(63, '0') + "1";
const std::string kTailOfG = "a14403420004" + kGx + kGy;
const std::string kPkcs8OfOne = "308184020100" + kAlgorithm + "046d306b0201010420" + kKeyOne + kTailOfG;

TEST(Pkcs8, ReadsAndWritesTheKey) {
    const auto key = parse_pkcs8_private_key(hex(kPkcs8OfOne));
    ASSERT_TRUE(key) << key.error().message;
    EXPECT_EQ(to_hex(key->view()), kKeyOne);
    const auto written = to_pkcs8_private_key(key->view(), *crypto::public_key_of(key->view()));
    EXPECT_EQ(to_hex(written.view()), kPkcs8OfOne);
}

TEST(Pkcs8, ReadsTheOtherSpellings) {
    const std::string curve = "a00706052b8104000a";
    const std::string head = "020100" + kAlgorithm;
    const auto wrap = [&](const std::string& ec) { return sequence(head + tlv("04", sequence(ec))); };
    const std::string spellings[] = {
        wrap("0201010420" + kKeyOne),          // without the public key
        wrap("0201010420" + kKeyOne + curve),  // with the curve again
        wrap("020101040101"),                  // leading zeros dropped, as old encoders do
    };
    for (const std::string& spelling : spellings) {
        const auto key = parse_pkcs8_private_key(hex(spelling));
        ASSERT_TRUE(key) << spelling << ": " << key.error().message;
        EXPECT_EQ(to_hex(key->view()), kKeyOne);
    }
}

TEST(Pkcs8, RefusesEverythingElse) {
    const std::string head = "020100" + kAlgorithm;
    const auto wrap = [&](const std::string& ec) { return sequence(head + tlv("04", sequence(ec))); };
    const std::string key = "0201010420" + kKeyOne;
    struct Case {
        const char* why;
        std::string der;
    };
    const Case cases[] = {
        {"empty", ""},
        {"version 1", sequence("020101" + kAlgorithm + tlv("04", sequence(key)))},
        {"another curve", sequence("020100301306072a8648ce3d020106082a8648ce3d030107" + tlv("04", sequence(key)))},
        {"another curve inside", wrap(key + "a00a06082a8648ce3d030107")},
        {"key zero", wrap("0201010420" + std::string(64, '0'))},
        {"key n", wrap("0201010420" + kN)},
        {"key of 33 bytes", wrap("020101042100" + kKeyOne)},
        {"no key", wrap("0201010400")},
        {"inner version 0", wrap("0201000420" + kKeyOne)},
        {"another key's public key", wrap("0201010420" + std::string(63, '0') + "2" + kTailOfG)},
        {"a public key off the curve", wrap(key + "a14403420004" + kGx + kGx)},
        {"something inside behind", wrap(key + "0500")},
        {"something behind the key", sequence(head + tlv("04", sequence(key)) + "a000")},
        {"something behind all", wrap(key) + "00"},
        {"something behind the inner sequence", sequence(head + tlv("04", sequence(key) + "00"))},
        {"a bare ECPrivateKey", sequence(key)},
        {"a public key", kInfoOfG},
    };
    for (const Case& c : cases) {
        const auto parsed = parse_pkcs8_private_key(hex(c.der));
        ASSERT_FALSE(parsed) << c.why;
        EXPECT_EQ(parsed.error().code, ErrorCode::kCorrupt) << c.why;
    }
    const Bytes whole = hex(kPkcs8OfOne);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        EXPECT_FALSE(parse_pkcs8_private_key(ByteView(whole).first(size))) << size;
    }
}

// OpenSSL's command line as the program that nobody here wrote.
class OpensslTest : public testing::Test {
protected:
    void SetUp() override {
        if (std::system("openssl version > /dev/null 2>&1") != 0) GTEST_SKIP() << "no openssl here";
    }
    [[nodiscard]] std::string at(const std::string& name) const { return (directory_.path() / name).string(); }
    void write(const std::string& name, ByteView content) const {
        std::ofstream(at(name), std::ios::binary)
            .write(reinterpret_cast<const char*>(content.data()), static_cast<std::streamsize>(content.size()));
    }
    [[nodiscard]] Bytes read(const std::string& name) const {
        std::ifstream in(at(name), std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    // Runs in the directory; whether the command succeeded.
    [[nodiscard]] bool run(const std::string& command) const {
        return std::system(("cd '" + directory_.path().string() + "' && " + command + " > output 2>&1").c_str()) == 0;
    }

private:
    test::TemporaryDirectory directory_;
};

TEST_F(OpensslTest, ReadsItsKeysAndSignatures) {
    const std::string make[] = {
        "openssl ecparam -name secp256k1 -genkey -noout -out ec.pem",
        "openssl pkcs8 -topk8 -nocrypt -in ec.pem -outform DER -out private.der",
        "openssl ec -in ec.pem -pubout -outform DER -out public.der",
        "openssl ec -in ec.pem -pubout -conv_form compressed -outform DER -out compressed.der",
    };
    for (int round = 0; round < 8; ++round) {
        for (const std::string& command : make) ASSERT_TRUE(run(command)) << command;
        const auto private_key = parse_pkcs8_private_key(read("private.der"));
        ASSERT_TRUE(private_key) << private_key.error().message;
        const auto public_key = parse_public_key_info(read("public.der"));
        ASSERT_TRUE(public_key);
        EXPECT_EQ(*parse_public_key_info(read("compressed.der")), *public_key);
        EXPECT_EQ(*crypto::public_key_of(private_key->view()), *public_key);
        EXPECT_EQ(to_public_key_info(*public_key), read("public.der"));
        EXPECT_EQ(to_bytes(to_pkcs8_private_key(private_key->view(), *public_key).view()), read("private.der"));

        const Hash32 digest = crypto::keccak256(as_bytes("round " + std::to_string(round)));
        write("digest", digest);
        ASSERT_TRUE(run("openssl pkeyutl -sign -inkey ec.pem -in digest -out signature.der"));
        const auto signature = parse_der_signature(read("signature.der"));  // s high in every other one
        ASSERT_TRUE(signature);
        EXPECT_EQ(to_der_signature(*signature), read("signature.der"));
        EXPECT_TRUE(crypto::verify(*public_key, digest, *signature));
        EXPECT_TRUE(to_recoverable(*signature, digest, *public_key));
    }
}

TEST_F(OpensslTest, AcceptsWhatTheKmsAnswers) {
    test::TemporaryKms local;
    const auto key = local.kms->create_key({KeySpec::kEccSecgP256k1, KeyUsage::kSignVerify, "", {}});
    ASSERT_TRUE(key);
    write("public.der", local.kms->get_public_key(key->key_id)->public_key);
    for (int round = 0; round < 8; ++round) {
        const Hash32 digest = crypto::keccak256(as_bytes("round " + std::to_string(round)));
        write("digest", digest);
        write("signature.der", local.kms->sign(key->key_id, digest, MessageType::kDigest)->signature);
        EXPECT_TRUE(run("openssl pkeyutl -verify -pubin -keyform DER -inkey public.der -in digest -sigfile signature.der"));
        write("message", as_bytes("a message of round " + std::to_string(round)));
        write("signature.der", local.kms->sign(key->key_id, read("message"), MessageType::kRaw)->signature);
        EXPECT_TRUE(run("openssl dgst -sha256 -keyform DER -verify public.der -signature signature.der message"));
        write("message", as_bytes("another"));
        EXPECT_FALSE(run("openssl dgst -sha256 -keyform DER -verify public.der -signature signature.der message"));
    }
    const auto pool = local.kms->create_key({});
    const auto pair = local.kms->generate_data_key_pair(pool->key_id, {});
    ASSERT_TRUE(pair);
    write("pair.der", pair->private_key_plaintext.view());
    ASSERT_TRUE(run("openssl ec -inform DER -in pair.der -check -noout"));
    ASSERT_TRUE(run("openssl ec -inform DER -in pair.der -pubout -outform DER -out pair_public.der"));
    EXPECT_EQ(read("pair_public.der"), pair->public_key);
}

}  // namespace
}  // namespace keydeck::kms
