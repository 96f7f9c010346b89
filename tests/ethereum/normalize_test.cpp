#include "engine/ethereum/normalize.hpp"

#include <gtest/gtest.h>

#include <string>

#include "engine/base/hex.hpp"
#include "engine/crypto/aead.hpp"
#include "engine/crypto/hash.hpp"
#include "engine/crypto/kdf.hpp"
#include "engine/ethereum/keystore.hpp"
#include "engine/ethereum/mnemonic.hpp"

namespace keydeck::ethereum {
namespace {

// The forms are those of Python's unicodedata.
TEST(Normalize, AgreesWithUnicodedata) {
    struct Case {
        std::string_view text;
        std::string_view nfkc;
        std::string_view nfkd;
    };
    const Case cases[] = {
        {"", "", ""},
        {"plain ASCII ~", "plain ASCII ~", "plain ASCII ~"},
        {"㍍ガバヴァ", "\xe3\x83\xa1\xe3\x83\xbc\xe3\x83\x88\xe3\x83\xab\xe3\x82\xac\xe3\x83\x90\xe3\x83\xb4\xe3\x82\xa1",
         "\xe3\x83\xa1\xe3\x83\xbc\xe3\x83\x88\xe3\x83\xab\xe3\x82\xab\xe3\x82\x99\xe3\x83\x8f\xe3\x82\x99\xe3\x82\xa6\xe3"
         "\x82\x99"
         "\xe3\x82\xa1"},
        {"\xe2\x84\xab \xef\xac\x81 A\xcc\x8a \xc3\xa9", "\xc3\x85 fi \xc3\x85 \xc3\xa9",
         "A\xcc\x8a fi A\xcc\x8a e\xcc\x81"},
        {"\xea\xb0\x80\xea\xb0\x81", "\xea\xb0\x80\xea\xb0\x81",
         "\xe1\x84\x80\xe1\x85\xa1\xe1\x84\x80\xe1\x85\xa1\xe1\x86\xa8"},
        {"x\xcc\x81y", "x\xcc\x81y", "x\xcc\x81y"},
    };
    for (const auto& [text, composed, decomposed] : cases) {
        EXPECT_EQ(nfkc(text).text(), composed);
        EXPECT_EQ(nfkd(text).text(), decomposed);
    }
}

TEST(Normalize, WhatIsNotUtf8StaysAsItIs) {
    for (const std::string_view text : {"\xff", "a\x80z", "\xc3", "\xed\xa0\x80", "\xc0\x80", "\xf5\x80\x80\x80"}) {
        EXPECT_EQ(nfkc(text).text(), text);
        EXPECT_EQ(nfkd(text).text(), text);
    }
    constexpr std::string_view kWithZero("\xc3\xa9\0x", 4);
    EXPECT_EQ(nfkc(kWithZero).text(), kWithZero);
}

// The first of the Japanese BIP-39 vectors. https://github.com/bip32JP/bip32JP.github.io/blob/master/test_JP_BIP39.json
TEST(Normalize, TheJapaneseBip39Vector) {
    std::string mnemonic;
    for (int i = 0; i < 11; ++i) mnemonic += "あいこくしん　";
    mnemonic += "あおぞら";
    EXPECT_EQ(
        to_hex(seed_from_mnemonic(mnemonic, "㍍ガバヴァぱばぐゞちぢ十人十色").view()),
        "a262d6fb6122ecf45be09c50492b31f92e9beb7d9a845987a02cefda57a15f9c467a17872029a9e92299b5cbdf306e3a0ee620245cbd50895"
        "9b6cb7ca637bd55");
}

constexpr std::string_view kComposed = "caf\xc3\xa9";
constexpr std::string_view kDecomposed = "cafe\xcc\x81";

SecretBytes some_key() {
    SecretBytes key(32);
    key.span()[31] = 7;
    return key;
}

TEST(Normalize, AKeystoreOpensHoweverThePassphraseIsTyped) {
    SystemRandom random;
    for (const auto made_with : {kComposed, kDecomposed}) {
        const auto json = make_keystore(some_key().view(), as_bytes(made_with), random, 2);
        ASSERT_TRUE(json);
        for (const auto typed : {kComposed, kDecomposed}) {
            const auto key = open_keystore(*json, as_bytes(typed));
            ASSERT_TRUE(key) << key.error().message;
            EXPECT_EQ(to_hex(key->view()), to_hex(some_key().view()));
        }
        EXPECT_FALSE(open_keystore(*json, as_bytes("cafe")));
    }
}

// geth takes the bytes as they were typed.
TEST(Normalize, AKeystoreMadeWithoutNormalisingOpensToo) {
    const Bytes salt(32, 0x11);
    const FixedBytes<16> iv{};
    const auto derived = crypto::scrypt(as_bytes(kDecomposed), salt, 2, 8, 1, 32);
    ASSERT_TRUE(derived);
    const auto ciphertext = crypto::aes128_ctr(derived->view().first(16), iv, some_key().view());
    crypto::Keccak256 mac;
    mac.update(derived->view().last(16));
    mac.update(ciphertext.view());
    const std::string json = R"({"crypto":{"cipher":"aes-128-ctr","ciphertext":")" + to_hex(ciphertext.view()) +
                             R"(","cipherparams":{"iv":")" + to_hex(iv) +
                             R"("},"kdf":"scrypt","kdfparams":{"dklen":32,"n":2,"p":1,"r":8,"salt":")" + to_hex(salt) +
                             R"("},"mac":")" + to_hex(mac.finish()) + R"("},"version":3})";
    const auto key = open_keystore(json, as_bytes(kDecomposed));
    ASSERT_TRUE(key) << key.error().message;
    EXPECT_EQ(to_hex(key->view()), to_hex(some_key().view()));
    EXPECT_FALSE(open_keystore(json, as_bytes(kComposed))) << "other bytes, and their NFKC is not what was typed";
}

}  // namespace
}  // namespace keydeck::ethereum
