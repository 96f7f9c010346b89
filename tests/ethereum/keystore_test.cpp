#include "engine/ethereum/keystore.hpp"

#include <gtest/gtest.h>

#include <string>

#include "engine/base/hex.hpp"
#include "engine/base/json.hpp"
#include "engine/crypto/secp256k1.hpp"

namespace keydeck::ethereum {
namespace {

constexpr std::uint64_t kLowScrypt = 2;

class CountingRandom final : public Random {
public:
    void fill(std::span<std::uint8_t> out) override {
        for (auto& byte : out) byte = next_++;
    }

private:
    std::uint8_t next_ = 1;
};

struct Vector {
    std::string_view name, json, passphrase, private_key;
};

// The first two stand in the Web3 Secret Storage definition itself; all four are geth's
// (accounts/keystore/testdata/v3_test_vector.json), whose 31 and 30 byte keys come from before keys were padded.
constexpr Vector kVectors[] = {
    {"scrypt",
     R"({"crypto":{"cipher":"aes-128-ctr","cipherparams":{"iv":"83dbcc02d8ccb40e466191a123791e0e"},
         "ciphertext":"d172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c","kdf":"scrypt",
         "kdfparams":{"dklen":32,"n":262144,"r":1,"p":8,"salt":"ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19"},
         "mac":"2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097"},
         "id":"3198bc9c-6672-5ab3-d995-4942343ae5b6","version":3})",
     "testpassword", "7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d"},
    {"pbkdf2",
     R"({"crypto":{"cipher":"aes-128-ctr","cipherparams":{"iv":"6087dab2f9fdbbfaddc31a909735c1e6"},
         "ciphertext":"5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46","kdf":"pbkdf2",
         "kdfparams":{"c":262144,"dklen":32,"prf":"hmac-sha256","salt":"ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd"},
         "mac":"517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2"},
         "id":"3198bc9c-6672-5ab3-d995-4942343ae5b6","version":3})",
     "testpassword", "7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d"},
    {"31 byte key",
     R"({"crypto":{"cipher":"aes-128-ctr","cipherparams":{"iv":"e0c41130a323adc1446fc82f724bca2f"},
         "ciphertext":"9517cd5bdbe69076f9bf5057248c6c050141e970efa36ce53692d5d59a3984","kdf":"scrypt",
         "kdfparams":{"dklen":32,"n":2,"r":8,"p":1,"salt":"711f816911c92d649fb4c84b047915679933555030b3552c1212609b38208c63"},
         "mac":"d5e116151c6aa71470e67a7d42c9620c75c4d23229847dcc127794f0732b0db5"},
         "id":"fecfc4ce-e956-48fd-953b-30f8b52ed66c","version":3})",
     "foo", "00fa7b3db73dc7dfdf8c5fbdb796d741e4488628c41fc4febd9160a866ba0f35"},
    {"30 byte key",
     R"({"crypto":{"cipher":"aes-128-ctr","cipherparams":{"iv":"3ca92af36ad7c2cd92454c59cea5ef00"},
         "ciphertext":"108b7d34f3442fc26ab1ab90ca91476ba6bfa8c00975a49ef9051dc675aa","kdf":"scrypt",
         "kdfparams":{"dklen":32,"n":2,"r":8,"p":1,"salt":"d0769e608fb86cda848065642a9c6fa046845c928175662b8e356c77f914cd3b"},
         "mac":"75d0e6759f7b3cefa319c3be41680ab6beea7d8328653474bd06706d4cc67420"},
         "id":"a37e1559-5955-450d-8075-7b8931b392b2","version":3})",
     "foo", "000081c29e8142bb6a81bef5a92bda7a8328a5c85bb2f9542e76f9b0f94fc018"},
};

TEST(Keystore, OpensThePublishedVectors) {
    for (const auto& [name, json, passphrase, private_key] : kVectors) {
        const auto key = open_keystore(json, as_bytes(passphrase));
        ASSERT_TRUE(key) << name << ": " << key.error().message;
        EXPECT_EQ(to_hex(key->view()), private_key) << name;
    }
}

TEST(Keystore, RefusesAWrongPassphrase) {
    for (const std::string_view wrong : {"", "Testpassword", "testpassword ", "testpasswor", "testpassword\n"}) {
        const auto key = open_keystore(kVectors[2].json, as_bytes(wrong));
        ASSERT_FALSE(key);
        EXPECT_EQ(key.error().code, ErrorCode::kDenied);
        EXPECT_NE(key.error().message.find("passphrase"), std::string::npos);
    }
}

// geth's accounts/keystore/testdata/very-light-scrypt.json; its passphrase is empty.
constexpr std::string_view kGeth =
    R"({"address":"45dea0fb0bba44f4fcf290bba71fd57d7117cbb8","crypto":{"cipher":"aes-128-ctr",
        "ciphertext":"b87781948a1befd247bff51ef4063f716cf6c2d3481163e9a8f42e1f9bb74145",
        "cipherparams":{"iv":"dc4926b48a105133d2f16b96833abf1e"},"kdf":"scrypt",
        "kdfparams":{"dklen":32,"n":2,"p":1,"r":8,"salt":"004244bbdc51cadda545b1cfa43cff9ed2ae88e08c61f1479dbb45410722f8f0"},
        "mac":"39990c1684557447940d4c69e06b1b82b2aceacb43f284df65c956daf3046b85"},
        "id":"ce541d8d-c79b-40f8-9f8c-20f59616faba","version":3})";

TEST(Keystore, TheAddressIsChecked) {
    const auto key = open_keystore(kGeth, {});
    ASSERT_TRUE(key) << key.error().message;
    EXPECT_EQ(to_hex(address_of(*crypto::public_key_of(key->view())).bytes), "45dea0fb0bba44f4fcf290bba71fd57d7117cbb8");
    std::string other(kGeth);
    other.replace(other.find("45dea0"), 6, "45dea1");
    const auto refused = open_keystore(other, {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kCorrupt);
    EXPECT_NE(refused.error().message.find("address"), std::string::npos);
}

std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
    std::string out(text);
    const auto at = out.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return out.replace(at, from.size(), to);
}

TEST(Keystore, ForgivesWhatOtherProgramsWriteDifferently) {
    const std::string cases[] = {
        replaced(kGeth, "\"crypto\"", "\"Crypto\""),
        replaced(replaced(kGeth, "\"kdf\"", "\"KDF\""), "\"salt\"", "\"Salt\""),
        replaced(kGeth, "\"scrypt\"", "\"Scrypt\""),
        replaced(kGeth, "\"version\":3", "\"version\":\"3\""),
        replaced(kGeth, "\"n\":2", "\"n\":\"2\""),
        replaced(kGeth, "45dea0fb0bba44f4fcf290bba71fd57d7117cbb8", "0x45dea0fb0bba44f4fcf290bba71fd57d7117cbb8"),
        replaced(kGeth, "45dea0fb0bba44f4fcf290bba71fd57d7117cbb8", "0x45DEA0fb0bba44f4fcf290bba71fd57d7117cbb8"),
        replaced(kGeth, "45dea0fb0bba44f4fcf290bba71fd57d7117cbb8", ""),
        replaced(kGeth, R"("address":"45dea0fb0bba44f4fcf290bba71fd57d7117cbb8",)", ""),
        replaced(kGeth, R"("45dea0fb0bba44f4fcf290bba71fd57d7117cbb8")", "null"),
        replaced(kGeth, "39990c16", "39990C16"),
        replaced(kGeth, "\"dc4926", "\"0xdc4926"),
        replaced(kGeth, "\"version\"", R"("name":"x","meta":"{}","x-ethers":{"version":"0.1"},"version")"),
        replaced(kGeth, R"("id":"ce541d8d-c79b-40f8-9f8c-20f59616faba",)", ""),
    };
    for (const auto& json : cases) {
        const auto key = open_keystore(json, {});
        EXPECT_TRUE(key) << key.error().message << '\n' << json;
    }
}

TEST(Keystore, OpensWhatItMakes) {
    const auto private_key = *from_hex("4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318", "key");
    for (const std::string_view passphrase : {"", "secret", "p\xC3\xA4ss \xF0\x9F\x94\x91", "with \"quotes\" and \\"}) {
        CountingRandom random;
        const auto json = make_keystore(private_key, as_bytes(passphrase), random, kLowScrypt);
        ASSERT_TRUE(json);
        const auto key = open_keystore(*json, as_bytes(passphrase));
        ASSERT_TRUE(key) << key.error().message;
        EXPECT_EQ(to_hex(key->view()), to_hex(private_key));
        EXPECT_FALSE(open_keystore(*json, as_bytes(std::string(passphrase) + "x")));
    }
}

TEST(Keystore, MakesTheFieldsGethMakes) {
    const auto private_key = *from_hex("4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318", "key");
    CountingRandom random;
    const auto text = make_keystore(private_key, as_bytes("secret"), random);
    ASSERT_TRUE(text);
    const auto json = json::parse(*text, "keystore");
    ASSERT_TRUE(json);
    EXPECT_EQ(json->find("version")->text, "3");
    EXPECT_EQ(json->find("address")->text, "2c7536e3605d9c16a7a3d7b1898e529396a65c23");
    const auto& id = json->find("id")->text;
    ASSERT_EQ(id.size(), 36U);
    EXPECT_EQ(id[14], '4');
    const auto* crypto = json->find("crypto");
    ASSERT_NE(crypto, nullptr);
    EXPECT_EQ(crypto->find("cipher")->text, "aes-128-ctr");
    EXPECT_EQ(crypto->find("kdf")->text, "scrypt");
    const auto* parameters = crypto->find("kdfparams");
    EXPECT_EQ(parameters->find("n")->text, "262144");
    EXPECT_EQ(parameters->find("r")->text, "8");
    EXPECT_EQ(parameters->find("p")->text, "1");
    EXPECT_EQ(parameters->find("dklen")->text, "32");
    EXPECT_EQ(parameters->find("salt")->text.size(), 64U);
    EXPECT_EQ(crypto->find("cipherparams")->find("iv")->text.size(), 32U);
    EXPECT_EQ(text->find(to_hex(private_key)), std::string::npos);
    EXPECT_TRUE(open_keystore(*text, as_bytes("secret")));
}

TEST(Keystore, RefusesToMakeOneForNoKey) {
    CountingRandom random;
    for (const std::size_t size : {0U, 31U, 32U, 33U})
        EXPECT_FALSE(make_keystore(Bytes(size), as_bytes("secret"), random, kLowScrypt)) << size;
}

// The passphrase fits, but what was encrypted is no key: an all-zero one.
TEST(Keystore, RefusesAFileWithoutAValidKey) {
    CountingRandom random;
    const auto private_key = *from_hex("4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318", "key");
    const auto json = *make_keystore(private_key, as_bytes("secret"), random, kLowScrypt);
    // Changing a byte of the ciphertext must be found by the MAC, before the key is looked at.
    const auto at = json.find("ciphertext\":\"") + 13;
    std::string damaged = json;
    damaged[at] = damaged[at] == '0' ? '1' : '0';
    const auto key = open_keystore(damaged, as_bytes("secret"));
    ASSERT_FALSE(key);
    EXPECT_EQ(key.error().code, ErrorCode::kDenied);
}

struct Malformed {
    std::string_view from, to, field;
};

TEST(Keystore, RefusesMalformedFilesNamingTheField) {
    constexpr Malformed kMalformed[] = {
        {"\"version\":3", "\"version\":1", "version"},
        {"\"version\":3", "\"version\":4", "version"},
        {"\"version\":3", "\"version\":3.0", "version"},
        {"\"version\":3", "\"version\":-3", "version"},
        {"\"version\":3", "\"version\":null", "version"},
        {"\"version\":3", "\"version\":[3]", "version"},
        {"\"version\":3", "\"version\":\"three\"", "version"},
        {"\"version\":3", "\"version\":\"\"", "version"},
        {",\"version\":3", "", "version"},
        {"\"version\":3", "\"version\":3,\"Version\":3", "version"},
        {"\"crypto\"", "\"krypto\"", "crypto"},
        {"\"crypto\":{", "\"Crypto\":{},\"crypto\":{", "crypto"},
        {"\"aes-128-ctr\"", "\"aes-256-ctr\"", "crypto.cipher"},
        {"\"aes-128-ctr\"", "\"aes-128-cbc\"", "crypto.cipher"},
        {"\"aes-128-ctr\"", "128", "crypto.cipher"},
        {"\"cipher\":\"aes-128-ctr\",", "", "crypto.cipher"},
        {"{\"iv\":\"dc4926b48a105133d2f16b96833abf1e\"}", "\"dc49\"", "crypto.cipherparams"},
        {"dc4926b48a105133d2f16b96833abf1e", "dc4926b48a105133d2f16b96833abf", "crypto.cipherparams.iv"},
        {"dc4926b48a105133d2f16b96833abf1e", "dc4926b48a105133d2f16b96833abf1e00", "crypto.cipherparams.iv"},
        {"dc4926b48a105133d2f16b96833abf1e", "dc4926b48a105133d2f16b96833abf1g", "crypto.cipherparams.iv"},
        {"dc4926b48a105133d2f16b96833abf1e", "dc4926b48a105133d2f16b96833abf1", "crypto.cipherparams.iv"},
        {"\"b87781948a1befd247bff51ef4063f716cf6c2d3481163e9a8f42e1f9bb74145\"", "\"\"", "crypto.ciphertext"},
        {"\"b87781948a1befd247bff51ef4063f716cf6c2d3481163e9a8f42e1f9bb74145\"", "7", "crypto.ciphertext"},
        {"b87781948a1befd247bff51ef4063f716cf6c2d3481163e9a8f42e1f9bb74145",
         "b87781948a1befd247bff51ef4063f716cf6c2d3481163e9a8f42e1f9bb7414500", "crypto.ciphertext"},
        {"b8778194", "b877819", "crypto.ciphertext"},
        {"b8778194", "b87781 4", "crypto.ciphertext"},
        {"\"scrypt\"", "\"argon2id\"", "crypto.kdf"},
        {"\"scrypt\"", "null", "crypto.kdf"},
        {"\"scrypt\"", "\"pbkdf2\"", "crypto.kdfparams.prf"},
        {"\"kdfparams\"", "\"kdfparameters\"", "crypto.kdfparams"},
        {"\"dklen\":32", "\"dklen\":16", "crypto.kdfparams.dklen"},
        {"\"dklen\":32", "\"dklen\":64", "crypto.kdfparams.dklen"},
        {"\"dklen\":32,", "", "crypto.kdfparams.dklen"},
        {"\"n\":2", "\"n\":0", "crypto.kdfparams.n"},
        {"\"n\":2", "\"n\":1", "crypto.kdfparams.n"},
        {"\"n\":2", "\"n\":3", "crypto.kdfparams.n"},
        {"\"n\":2", "\"n\":-2", "crypto.kdfparams.n"},
        {"\"n\":2", "\"n\":2e1", "crypto.kdfparams.n"},
        {"\"n\":2", "\"n\":1073741824", "crypto.kdfparams.n"},
        {"\"n\":2", "\"n\":18446744073709551616", "crypto.kdfparams.n"},
        {"\"n\":2", "\"n\":9223372036854775808", "crypto.kdfparams.n"},
        {"\"r\":8", "\"r\":0", "crypto.kdfparams.r"},
        {"\"r\":8", "\"r\":9223372036854775808", "crypto.kdfparams.n"},
        {"\"p\":1", "\"p\":0", "crypto.kdfparams.p"},
        {"\"p\":1", "\"p\":4294967295", "crypto.kdfparams.p"},
        {"\"p\":1", "\"p\":18446744073709551615", "crypto.kdfparams.p"},
        {"\"salt\":\"0042", "\"salt\":\"042", "crypto.kdfparams.salt"},
        {"\"salt\":\"0042", "\"salt\":\"zz42", "crypto.kdfparams.salt"},
        {"\"salt\"", "\"pepper\"", "crypto.kdfparams.salt"},
        {"39990c1684557447940d4c69e06b1b82b2aceacb43f284df65c956daf3046b85", "39990c16", "crypto.mac"},
        {"\"39990c1684557447940d4c69e06b1b82b2aceacb43f284df65c956daf3046b85\"", "\"\"", "crypto.mac"},
        {"\"39990c1684557447940d4c69e06b1b82b2aceacb43f284df65c956daf3046b85\"", "false", "crypto.mac"},
        {"45dea0fb0bba44f4fcf290bba71fd57d7117cbb8", "45dea0fb0bba44f4fcf290bba71fd57d7117cb", "address"},
        {"\"45dea0fb0bba44f4fcf290bba71fd57d7117cbb8\"", "1", "address"},
        {"45dea0fb0bba44f4fcf290bba71fd57d7117cbb8", "XE63CVMSDYWRW9BEVKRB9IT65N4DYJ2OLOO", "address"},
    };
    for (const auto& [from, to, field] : kMalformed) {
        const auto key = open_keystore(replaced(kGeth, from, to), {});
        ASSERT_FALSE(key) << from << " -> " << to;
        EXPECT_EQ(key.error().code, ErrorCode::kInvalidInput) << key.error().message;
        EXPECT_NE(key.error().message.find(" " + std::string(field) + " "), std::string::npos) << key.error().message;
    }
}

TEST(Keystore, RefusesMalformedPbkdf2) {
    constexpr Malformed kMalformed[] = {
        {"262144", "0", "crypto.kdfparams.c"},
        {"262144", "10000001", "crypto.kdfparams.c"},
        {"262144", "4294967297", "crypto.kdfparams.c"},
        {"\"c\":262144,", "", "crypto.kdfparams.c"},
        {"hmac-sha256", "hmac-sha512", "crypto.kdfparams.prf"},
        {"\"hmac-sha256\"", "256", "crypto.kdfparams.prf"},
    };
    for (const auto& [from, to, field] : kMalformed) {
        const auto key = open_keystore(replaced(kVectors[1].json, from, to), as_bytes("testpassword"));
        ASSERT_FALSE(key) << from << " -> " << to;
        EXPECT_EQ(key.error().code, ErrorCode::kInvalidInput) << key.error().message;
        EXPECT_NE(key.error().message.find(" " + std::string(field) + " "), std::string::npos) << key.error().message;
    }
}

TEST(Keystore, RefusesWhatIsNoObject) {
    for (const std::string_view text : {"", "{", "[]", "null", "3", "\"{}\"", "{}", "{\"version\":3}", "\xFF"})
        EXPECT_FALSE(open_keystore(text, {})) << text;
    EXPECT_FALSE(open_keystore(std::string((1U << 20U) + 1, ' '), {}));
}

}  // namespace
}  // namespace keydeck::ethereum
