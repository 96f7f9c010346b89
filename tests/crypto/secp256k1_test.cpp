#include "engine/crypto/secp256k1.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "engine/base/hex.hpp"
#include "engine/base/random.hpp"
#include "engine/crypto/hash.hpp"
#include "tests/crypto/openssl_curve.hpp"

namespace keydeck::crypto {
namespace {

constexpr const char* kOrder = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
constexpr const char* kOrderMinus1 = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140";
constexpr const char* kField = "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f";
constexpr const char* kZero = "0000000000000000000000000000000000000000000000000000000000000000";
constexpr const char* kOne = "0000000000000000000000000000000000000000000000000000000000000001";
// Multiples of the generator, computed with a plain Python implementation of the group law.
constexpr const char* kG =
    "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08"
    "ffb10d4b8";
constexpr const char* kMinusG =
    "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798b7c52588d95c3b9aa25b0403f1eef75702e84bb7597aabe663b82f6"
    "f04ef2777";
constexpr const char* k7G =
    "5cbdf0646e5db4eaa398f365f2ea7a0e3d419b7e0330e39ce92bddedcac4f9bc6aebca40ba255960a3178d6d861a54dba813d0b813fde7b5a508262"
    "8087264da";
constexpr const char* k12G =
    "d01115d548e7561b15c38f004d734633687cf4419620095bc5b0f47070afe85aa9f34ffdc815e0d7a8b64537e17bd81579238c5dd9a86d526b051b1"
    "3f4062327";

template <std::size_t N = 32>
FixedBytes<N> fixed(std::string_view hex) {
    FixedBytes<N> out{};
    EXPECT_TRUE(from_hex_into(hex, out, "test data"));
    return out;
}

PublicKey key_of(std::string_view hex) { return {fixed<64>(hex)}; }

Signature split_signature(std::string_view hex) { return {fixed(hex.substr(0, 64)), fixed(hex.substr(64))}; }

TEST(Secp256k1, PrivateKeysAreOneToOrderMinusOne) {
    EXPECT_TRUE(is_private_key(fixed(kOne)));
    EXPECT_TRUE(is_private_key(fixed(kOrderMinus1)));
    EXPECT_FALSE(is_private_key(fixed(kZero)));
    EXPECT_FALSE(is_private_key(fixed(kOrder)));
    EXPECT_FALSE(is_private_key(Bytes(32, 0xff)));
    EXPECT_FALSE(is_private_key({}));
    EXPECT_FALSE(is_private_key(Bytes(31, 1)));
    EXPECT_FALSE(is_private_key(Bytes(33, 1)));
}

TEST(Secp256k1, DerivesPublicKeys) {
    EXPECT_EQ(to_hex(public_key_of(fixed(kOne)).value().xy), kG);
    EXPECT_EQ(to_hex(public_key_of(fixed(kOrderMinus1)).value().xy), kMinusG);
    FixedBytes<32> seven{};
    seven[31] = 7;
    EXPECT_EQ(to_hex(public_key_of(seven).value().xy), k7G);
    for (const Bytes& bad : {Bytes(), Bytes(31, 1), Bytes(33, 1), Bytes(32, 0), Bytes(32, 0xff)}) {
        EXPECT_EQ(public_key_of(bad).error().code, ErrorCode::kInvalidInput);
        EXPECT_EQ(sign(bad, Hash32{}).error().code, ErrorCode::kInvalidInput);
    }
}

struct Deterministic {
    const char* key;
    const char* message;
    const char* r;
    const char* s;
};

// RFC 6979 over secp256k1 and SHA-256, low s; from bitcointalk.org/index.php?topic=285142 (haskoin, bitcoinjs-lib,
// trezor-crypto).
const Deterministic kDeterministic[] = {
    {kOne, "Satoshi Nakamoto", "934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8",
     "2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5"},
    {kOne, "All those moments will be lost in time, like tears in rain. Time to die...",
     "8600dbd41e348fe5c9465ab92d23e3db8b98b873beecd930736488696438cb6b",
     "547fe64427496db33bf66019dacbf0039c04199abb0122918601db38a72cfc21"},
    {kOrderMinus1, "Satoshi Nakamoto", "fd567d121db66e382991534ada77a6bd3106f0a1098c231e47993447cd6af2d0",
     "6b39cd0eb1bc8603e159ef5c20a5c8ad685a45b06ce9bebed3f153d10d93bed5"},
    {"f8b8af8ce3c7cca5e300d33939540c10d45ce001b8f252bfbc57ba0342904181", "Alan Turing",
     "7063ae83e7f62bbb171798131b4a0564b956930092b33b07b395615d9ec7e15c",
     "58dfcc1e00a35e1572f366ffe34ba0fc47db1e7189759b9fb233c5b05ab388ea"},
    {"e91671c46231f833a6406ccbea0e3e392c76c167bac1cb013f6f1013980455c2",
     "There is a computer disease that anybody who works with computers knows about. It's a very serious disease and it "
     "interferes "
     "completely with the work. The trouble with computers is that you 'play' with them!",
     "b552edd27580141f3b2a5463048cb7cd3e047b97c9f98076c32dbdf85a68718b",
     "279fa72dd19bfae05577e06c7c0c1900c371fcd5893f7e1d56a37d30174671f6"},
};

TEST(Secp256k1, SignsDeterministically) {
    for (const Deterministic& vector : kDeterministic) {
        const Hash32 digest = sha256(as_bytes(vector.message));
        const RecoverableSignature signature = sign(fixed(vector.key), digest).value();
        EXPECT_EQ(to_hex(signature.r), vector.r);
        EXPECT_EQ(to_hex(signature.s), vector.s);
        EXPECT_EQ(recover(digest, signature).value(), public_key_of(fixed(vector.key)).value());
    }
}

// OpenSSL's curve shares no code with libsecp256k1.
TEST(Secp256k1, AgreesWithOpenSsl) {
    SystemRandom random;
    for (int i = 0; i < 100; ++i) {
        const auto private_key = random.bytes<32>();
        const Hash32 digest = random.bytes<32>();
        ASSERT_TRUE(is_private_key(private_key));
        const PublicKey key = public_key_of(private_key).value();
        EXPECT_EQ(to_hex(key.xy), to_hex(openssl_public_key(private_key)));

        const RecoverableSignature ours = sign(private_key, digest).value();
        EXPECT_TRUE(openssl_verifies(key.xy, digest, ours.r, ours.s));
        EXPECT_TRUE(verify(key, digest, {ours.r, ours.s}));
        EXPECT_FALSE(has_high_s({ours.r, ours.s}));
        EXPECT_LT(ours.recovery_id, 2);

        const auto [r, s] = openssl_sign(private_key, digest);
        const Signature theirs = {r, s};
        EXPECT_TRUE(verify(key, digest, theirs));
        EXPECT_TRUE(verify(key, digest, with_low_s(theirs)));
        int fits = 0;
        for (std::uint8_t id = 0; id < 4; ++id) {
            const auto recovered = recover(digest, {r, s, id});
            fits += recovered && *recovered == key ? 1 : 0;
        }
        EXPECT_EQ(fits, 1);
    }
}

TEST(Secp256k1, FlippingSFlipsTheRecoveryParity) {
    SystemRandom random;
    for (int i = 0; i < 50; ++i) {
        const auto private_key = random.bytes<32>();
        const Hash32 digest = random.bytes<32>();
        const PublicKey key = public_key_of(private_key).value();
        const RecoverableSignature low = sign(private_key, digest).value();
        const FixedBytes<32> high_s = order_minus(low.s);
        EXPECT_TRUE(has_high_s({low.r, high_s}));
        EXPECT_EQ(with_low_s({low.r, high_s}), (Signature{low.r, low.s}));
        EXPECT_EQ(with_low_s({low.r, low.s}), (Signature{low.r, low.s}));
        EXPECT_TRUE(verify(key, digest, {low.r, high_s}));
        const auto flipped = static_cast<std::uint8_t>(low.recovery_id ^ 1);
        EXPECT_EQ(recover(digest, {low.r, high_s, flipped}).value(), key);
        const auto wrong = recover(digest, {low.r, high_s, low.recovery_id});
        EXPECT_TRUE(!wrong || *wrong != key);
    }
}

TEST(Secp256k1, TheBoundOfHighS) {
    const FixedBytes<32> half = fixed("7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0");
    const FixedBytes<32> above = fixed("7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a1");
    EXPECT_FALSE(has_high_s({fixed(kOne), half}));
    EXPECT_TRUE(has_high_s({fixed(kOne), above}));
    EXPECT_EQ(with_low_s({fixed(kOne), above}).s, half);  // n - (n/2 + 1) = n/2, n being odd
    EXPECT_EQ(with_low_s({fixed(kOne), half}).s, half);
    EXPECT_EQ(with_low_s({fixed(kOne), fixed(kOrderMinus1)}).s, fixed(kOne));
    EXPECT_EQ(with_low_s({fixed(kOne), fixed(kOrder)}).s, fixed(kOrder));  // no signature: left as it is
}

struct RecoveryCase {
    const char* signature;
    const char* digest;
    std::uint8_t id;
    const char* key;  // x and y, or nothing
};

TEST(Secp256k1, RecoversKnownKeys) {
    const RecoveryCase cases[] = {
        // bitcoinex, ecdsa_test.exs: valid ones
        {"90f27b8b488db00b00606796d2987f6a5f59ae62ea05effe84fef5b8b0e549984a691139ad57a3f0b906637673aa2f63d1f55cb1a69199d400"
         "9eea23ceaddc93",
         "ce0677bb30baa8cf067c88db9811f4333d131bf8bcf12fe7065d211dce971008", 1,
         "e32df42865e97135acfb65f3bae71bdc86f4d49150ad6a440b6f15878109880a"},
        {"010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101"
         "01010101010101",
         "5555555555555555555555555555555555555555555555555555555555555555", 0,
         "c1ab1d7b32c1adcdab9d378c2ae75ee27822541c6875beed3255f981f0dea378"},
        // R.x at or above n (r = 2): recovery ids 2 and 3. From a plain Python implementation of SEC 1, 4.1.6.
        {"000000000000000000000000000000000000000000000000000000000000000200000000000000000000000000000000000000000000000000"
         "00000000001234",
         "547a2f34813039ee7351bd8d5eef15edcc3a8c9f489bc32e3b6e2aa713335222", 2,
         "d377b2ff755fa44ce624a8906b0e387f9770b9893f3b4df9cbc9b7ab2905ec5d"},
        {"000000000000000000000000000000000000000000000000000000000000000200000000000000000000000000000000000000000000000000"
         "00000000001234",
         "547a2f34813039ee7351bd8d5eef15edcc3a8c9f489bc32e3b6e2aa713335222", 3,
         "8dcedc4299d2da0881a80db0a5e8a2f5ed9d28f83cc3a43f7862f6313765dd90"},
    };
    for (const RecoveryCase& c : cases) {
        const Signature signature = split_signature(c.signature);
        const auto key = recover(fixed(c.digest), {signature.r, signature.s, c.id});
        ASSERT_TRUE(key) << c.signature;
        EXPECT_EQ(to_hex(key->xy).substr(0, 64), c.key);
        EXPECT_TRUE(verify(*key, fixed(c.digest), signature));
    }
}

TEST(Secp256k1, RecoverRefuses) {
    const Hash32 digest = fixed("5555555555555555555555555555555555555555555555555555555555555555");
    const auto code = [&digest](const char* r, const char* s, std::uint8_t id) {
        const auto key = recover(digest, {fixed(r), fixed(s), id});
        return key ? std::string("none") : std::string(to_string(key.error().code));
    };
    EXPECT_EQ(code(kOne, kOne, 4), "invalid_input");
    EXPECT_EQ(code(kOne, kOne, 255), "invalid_input");
    EXPECT_EQ(code(kZero, kOne, 0), "invalid_input");
    EXPECT_EQ(code(kOne, kZero, 0), "invalid_input");
    EXPECT_EQ(code(kOrder, kOne, 0), "invalid_input");
    EXPECT_EQ(code(kOne, kOrder, 0), "invalid_input");
    EXPECT_EQ(code(kField, kOne, 0), "invalid_input");
    EXPECT_EQ(code(kOne, kOne, 0), "none");
    // x = 5 is on no point of the curve
    EXPECT_EQ(code("0000000000000000000000000000000000000000000000000000000000000005", kOne, 0), "corrupt");
    // r + n leaves the field
    EXPECT_EQ(code(kOrderMinus1, kOne, 2), "corrupt");
    EXPECT_EQ(code("000000000000000000000000000000014551231950b75fc4402da1722fc9baee", kOne, 2), "corrupt");  // p - n
    // s·R = z·G: the key would be the point at infinity (plain Python)
    const auto infinite = recover(fixed("547a2f34813039ee7351bd8d5eef15edcc3a8c9f489bc32e3b6e2aa713335222"),
                                  {fixed("2f8bde4d1a07209355b4a7250a5c5128e88b84bddc619ab7cba8d569b240efe4"),
                                   fixed("ddb20970e6a33ec94a438c4f79630461be31333ecdf2da6c3ef1875edd9c116e"), 0});
    ASSERT_FALSE(infinite);
    EXPECT_EQ(infinite.error().code, ErrorCode::kCorrupt);
}

struct VerifyCase {
    const char* comment;
    const char* key;
    const char* signature;
    bool valid;
};

// Project Wycheproof (C2SP, Apache 2.0), ecdsa_secp256k1_sha256_p1363_test.json; the message is "123400" throughout.
constexpr const char* kW1 =
    "b838ff44e5bc177bf21189d0766082fc9d843226887fc9760371100b7ee20a6ff0c9d75bfba7b31a6bca1974496eeb56de357071955d83c4b1badaa"
    "0b21832e9";
constexpr const char* kW148 =
    "bb79f61857f743bfa1b6e7111ce4094377256969e4e15159123d9548acc3be6c1f9d9f8860dcffd3eb36dd6c31ff2e7226c2009c4c94d8d7d2b5686"
    "bf7abd677";
const VerifyCase kWycheproof[] = {
    {"1: signature malleability", kW1,
     "813ef79ccefa9a56f7ba805f0e478584fe5f0dd5f567bc09b5123ccbc9832365900e75ad233fcc908509dbff5922647db37c21f4afd3203ae8dc4a"
     "e7794b0f87",
     true},
    {"4: replaced r by n - r", kW1,
     "7ec10863310565a908457fa0f1b87a79bc4fcf10b9e0e4320ac021c106b31ddc6ff18a52dcc0336f7af62400a6dd9b810732baf1ff758000d6f613"
     "a556eb31ba",
     false},
    {"144: r and s are 128-bit integers",
     "d75b68216babe03ae257e94b4e3bf1c52f44e3df266d1524ff8c5ea69da73197da4bff9ed1c53f44917a67d7b978598e89df359e3d5913eaea24f3"
     "ae259abc44",
     "000000000000000000000000000000008a598e563a89f526c32ebec8de26367a0000000000000000000000000000000084f633e2042630e99dd0f1"
     "e16f7a04bf",
     true},
    {"146: r and s are 160-bit integers",
     "78bcda140aed23d430cb23c3dc0d01f423db134ee94a3a8cb483f2deac2ac653118114f6f33045d4e9ed9107085007bfbddf8f58fe7a1a2445d66a"
     "990045476e",
     "000000000000000000000000aa6eeb5823f7fa31b466bb473797f0d0314c0bdf000000000000000000000000e2977c479e6d25703cebbc6bd56193"
     "8cc9d1bfb9",
     true},
    {"148: s == 1", kW148,
     "55555555555555555555555555555554e8e4f44ce51835693ff0ca2ef01215c1000000000000000000000000000000000000000000000000000000"
     "0000000001",
     true},
    {"149: s == 0", kW148,
     "55555555555555555555555555555554e8e4f44ce51835693ff0ca2ef01215c1000000000000000000000000000000000000000000000000000000"
     "0000000000",
     false},
    {"150: edge case modular inverse",
     "93591827d9e6713b4e9faea62c72b28dfefa68e0c05160b5d6aae88fd2e36c36073f5545ad5af410af26afff68654cf72d45e49348931120324734"
     "7a890f4518",
     "55555555555555555555555555555554e8e4f44ce51835693ff0ca2ef01215c1419d981c515af8cc82545aac0c85e9e308fbb2eab6acd7ed497e0b"
     "4145a18fd9",
     true},
    {"151: edge case modular inverse",
     "31ed3081aefe001eb6402069ee2ccc1862937b85995144dba9503943587bf0dada01b8cc4df34f5ab3b1a359615208946e5ee35f98ee775b8ccecd"
     "86ccc1650f",
     "55555555555555555555555555555554e8e4f44ce51835693ff0ca2ef01215c11b21717ad71d23bbac60a9ad0baf75b063c9fdf52a00ebf99d0221"
     "72910993c9",
     true},
    {"186: edge case for u1",
     "d8cb68517b616a56400aa3868635e54b6f699598a2f6167757654980baf6acbe7ec8cf449c849aa03461a30efada41453c57c6e6fbc93bbc6fa49a"
     "da6dc0555c",
     "7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc75135abd7c425b60371a477f09ce0f274f64a8c6b061a07b5d63e9"
     "3c65046c53",
     true},
    {"187: edge case for u2",
     "030713fb63f2aa6fe2cadf1b20efc259c77445dafa87dac398b84065ca347df3b227818de1a39b589cb071d83e5317cccdc2338e51e312fe31d8dc"
     "34a4801750",
     "7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffcd55555555555555555555555555555547c74934474db157d2a8c3f"
     "088aced62a",
     true},
    {"192: edge case for u2",
     "44de3b9c7a57a8c9e820952753421e7d987bb3d79f71f013805c897e018f8acea2460758c8f98d3fdce121a943659e372c326fff2e5fc2ae7fa3f7"
     "9daae13c12",
     "7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffcffb32ac4589f6ffffffffffffffffffebb107ff56b664ca599b954"
     "521f9972fa",
     true},
    {"194: edge case for u2",
     "bea71122a048693e905ff602b3cf9dd18af69b9fc9d8431d2b1dd26b942c95e6f43c7b8b95eb62082c12db9dbda7fe38e45cbe4a4886907fb81bdb"
     "0c5ea9246c",
     "7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc44104104104104104104104104104103b87853fd3b7d3f8e175125"
     "b4382f25ed",
     true},
};

TEST(Secp256k1, WycheproofVerifies) {
    const Hash32 digest = sha256(as_bytes("123400"));
    for (const VerifyCase& c : kWycheproof) {
        EXPECT_EQ(verify(key_of(c.key), digest, split_signature(c.signature)), c.valid) << c.comment;
    }
}

// Wycheproof's tests 11 to 100: every pair of special values is refused.
TEST(Secp256k1, WycheproofSpecialValues) {
    const Hash32 digest = sha256(as_bytes("123400"));
    const std::string order_plus_1 = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364142";
    const std::string field_plus_1 = "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc30";
    const std::string values[] = {kZero, kOne, kOrder, kOrderMinus1, order_plus_1, kField, field_plus_1};
    for (const std::string& r : values) {
        for (const std::string& s : values) EXPECT_FALSE(verify(key_of(kW1), digest, {fixed(r), fixed(s)})) << r << " " << s;
    }
}

TEST(Secp256k1, VerifyRefusesOthersDigestsAndKeys) {
    FixedBytes<32> seven{};
    seven[31] = 7;
    Hash32 digest = sha256(as_bytes("message"));
    const RecoverableSignature made = sign(seven, digest).value();
    const Signature signature = {made.r, made.s};
    EXPECT_TRUE(verify(key_of(k7G), digest, signature));
    EXPECT_FALSE(verify(key_of(kG), digest, signature));
    EXPECT_FALSE(verify(PublicKey{}, digest, signature));  // no point of the curve
    for (std::size_t bit = 0; bit < 512; ++bit) {
        Signature changed = signature;
        auto& half = bit < 256 ? changed.r : changed.s;
        half[bit % 256 / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        EXPECT_FALSE(verify(key_of(k7G), digest, changed)) << bit;
    }
    digest[31] ^= 1;
    EXPECT_FALSE(verify(key_of(k7G), digest, signature));
}

TEST(Secp256k1, ReadsAndCompressesPublicKeys) {
    for (const char* point : {kG, kMinusG, k7G, k12G}) {
        const PublicKey key = key_of(point);
        const auto compressed = compress(key);
        EXPECT_EQ(parse_public_key(compressed).value(), key);
        EXPECT_EQ(parse_public_key(key.xy).value(), key);
        EXPECT_EQ(parse_public_key(from_hex("04" + std::string(point), "key").value()).value(), key);
    }
    EXPECT_EQ(to_hex(compress(key_of(kG))), "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798");
    EXPECT_EQ(to_hex(compress(key_of(kMinusG))), "0379be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798");
}

TEST(Secp256k1, RefusesWhatIsNoPoint) {
    const std::string x(kG, 64);
    const std::string y(kG + 64, 64);
    const std::string bad[] = {
        "",
        "00",
        "02",
        x,
        "02" + x + "00",
        "04" + x,
        "04" + x + y + "00",
        "05" + x + y,
        "06" + x + y,  // the hybrid form, even y
        "07" + x + y,
        "00" + x + y,
        "03" + x + y,
        "00" + x,
        "04" + x,
        "04" + y + x,  // not on the curve
        "04" + x + x,
        y + x,  // 64 bytes, not on the curve
        std::string(128, '0'),
        "02" + std::string("0000000000000000000000000000000000000000000000000000000000000005"),  // x without a point
        "02" + std::string(kField),                                                              // x not below p
        "02fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",                   // not hex of a point at all
    };
    for (const std::string& text : bad) {
        const auto bytes = from_hex(text, "key");
        if (!bytes) continue;
        const auto key = parse_public_key(*bytes);
        ASSERT_FALSE(key) << text;
        EXPECT_EQ(key.error().code, ErrorCode::kInvalidInput);
    }
}

TEST(Secp256k1, Tweaks) {
    FixedBytes<32> seven{};
    seven[31] = 7;
    FixedBytes<32> five{};
    five[31] = 5;
    const SecretBytes sum = add_to_private_key(seven, five).value();
    EXPECT_EQ(sum.view().back(), 12);
    EXPECT_EQ(to_hex(add_to_public_key(key_of(k7G), five).value().xy), k12G);
    EXPECT_EQ(to_hex(public_key_of(sum.view()).value().xy), k12G);
    // zero is a fine tweak
    EXPECT_EQ(add_to_public_key(key_of(k7G), fixed(kZero)).value(), key_of(k7G));
    EXPECT_EQ(to_hex(add_to_private_key(seven, fixed(kZero)).value().view()), to_hex(seven));
}

TEST(Secp256k1, TweaksThatGiveNoKey) {
    const auto refused = [](const auto& result) { return !result && result.error().code == ErrorCode::kInvalidInput; };
    EXPECT_TRUE(refused(add_to_private_key(fixed(kOrderMinus1), fixed(kOne))));  // the sum is zero
    EXPECT_TRUE(refused(add_to_private_key(fixed(kOne), fixed(kOrder))));        // the tweak is not below n
    EXPECT_TRUE(refused(add_to_private_key(fixed(kZero), fixed(kOne))));
    EXPECT_TRUE(refused(add_to_private_key(fixed(kOrder), fixed(kOne))));
    EXPECT_TRUE(refused(add_to_private_key(Bytes(31, 1), fixed(kOne))));
    EXPECT_TRUE(refused(add_to_private_key(fixed(kOne), Bytes(31, 1))));
    EXPECT_TRUE(refused(add_to_public_key(key_of(kMinusG), fixed(kOne))));  // the point at infinity
    EXPECT_TRUE(refused(add_to_public_key(key_of(kG), fixed(kOrder))));
    EXPECT_TRUE(refused(add_to_public_key(key_of(kG), Bytes(33, 0))));
    EXPECT_TRUE(refused(add_to_public_key(PublicKey{}, fixed(kOne))));
}

TEST(Secp256k1, ThreadsShareTheContext) {
    const Hash32 digest = sha256(as_bytes("Satoshi Nakamoto"));
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&digest] {
            for (int i = 0; i < 50; ++i) {
                const auto signature = sign(fixed(kOne), digest);
                EXPECT_EQ(to_hex(signature.value().r), kDeterministic[0].r);
                EXPECT_EQ(to_hex(recover(digest, *signature).value().xy), kG);
            }
        });
    }
}

}  // namespace
}  // namespace keydeck::crypto
