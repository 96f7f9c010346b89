#include "engine/ethereum/hd_key.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "engine/base/hex.hpp"
#include "engine/ethereum/address.hpp"
#include "engine/ethereum/mnemonic.hpp"
#include "tests/ethereum/bip39_vectors.hpp"

namespace keydeck::ethereum {
namespace {

struct Step {
    std::string_view path, xpub, xprv;
};

struct Vector {
    std::string_view seed;
    std::vector<Step> steps;
};

// https://github.com/bitcoin/bips/blob/master/bip-0032.mediawiki#test-vectors, 1 to 4. Vector 5 is of malformed extended
// keys, which nothing here reads; what it is about (a key of zero, a key of n or more) no seed can bring forth.
// clang-format off
const std::vector<Vector> kVectors = {
    {"000102030405060708090a0b0c0d0e0f", {
        {"m", "xpub661MyMwAqRbcFtXgS5sYJABqqG9YLmC4Q1Rdap9gSE8NqtwybGhePY2gZ29ESFjqJoCu1Rupje8YtGqsefD265TMg7usUDFdp6W1EGMcet8",
              "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi"},
        {"m/0h", "xpub68Gmy5EdvgibQVfPdqkBBCHxA5htiqg55crXYuXoQRKfDBFA1WEjWgP6LHhwBZeNK1VTsfTFUHCdrfp1bgwQ9xv5ski8PX9rL2dZXvgGDnw",
                 "xprv9uHRZZhk6KAJC1avXpDAp4MDc3sQKNxDiPvvkX8Br5ngLNv1TxvUxt4cV1rGL5hj6KCesnDYUhd7oWgT11eZG7XnxHrnYeSvkzY7d2bhkJ7"},
        {"m/0'/1", "xpub6ASuArnXKPbfEwhqN6e3mwBcDTgzisQN1wXN9BJcM47sSikHjJf3UFHKkNAWbWMiGj7Wf5uMash7SyYq527Hqck2AxYysAA7xmALppuCkwQ",
                   "xprv9wTYmMFdV23N2TdNG573QoEsfRrWKQgWeibmLntzniatZvR9BmLnvSxqu53Kw1UmYPxLgboyZQaXwTCg8MSY3H2EU4pWcQDnRnrVA1xe8fs"},
        {"m/0H/1/2H", "xpub6D4BDPcP2GT577Vvch3R8wDkScZWzQzMMUm3PWbmWvVJrZwQY4VUNgqFJPMM3No2dFDFGTsxxpG5uJh7n7epu4trkrX7x7DogT5Uv6fcLW5",
                      "xprv9z4pot5VBttmtdRTWfWQmoH1taj2axGVzFqSb8C9xaxKymcFzXBDptWmT7FwuEzG3ryjH4ktypQSAewRiNMjANTtpgP4mLTj34bhnZX7UiM"},
        {"m/0'/1/2'/2", "xpub6FHa3pjLCk84BayeJxFW2SP4XRrFd1JYnxeLeU8EqN3vDfZmbqBqaGJAyiLjTAwm6ZLRQUMv1ZACTj37sR62cfN7fe5JnJ7dh8zL4fiyLHV",
                        "xprvA2JDeKCSNNZky6uBCviVfJSKyQ1mDYahRjijr5idH2WwLsEd4Hsb2Tyh8RfQMuPh7f7RtyzTtdrbdqqsunu5Mm3wDvUAKRHSC34sJ7in334"},
        {"m/0'/1/2'/2/1000000000", "xpub6H1LXWLaKsWFhvm6RVpEL9P4KfRZSW7abD2ttkWP3SSQvnyA8FSVqNTEcYFgJS2UaFcxupHiYkro49S8yGasTvXEYBVPamhGW6cFJodrTHy",
                                   "xprvA41z7zogVVwxVSgdKUHDy1SKmdb533PjDz7J6N6mV6uS3ze1ai8FHa8kmHScGpWmj4WggLyQjgPie1rFSruoUihUZREPSL39UNdE3BBDu76"}}},
    {"fffcf9f6f3f0edeae7e4e1dedbd8d5d2cfccc9c6c3c0bdbab7b4b1aeaba8a5a29f9c999693908d8a8784817e7b7875726f6c696663605d5a5754514e4b484542", {
        {"m", "xpub661MyMwAqRbcFW31YEwpkMuc5THy2PSt5bDMsktWQcFF8syAmRUapSCGu8ED9W6oDMSgv6Zz8idoc4a6mr8BDzTJY47LJhkJ8UB7WEGuduB",
              "xprv9s21ZrQH143K31xYSDQpPDxsXRTUcvj2iNHm5NUtrGiGG5e2DtALGdso3pGz6ssrdK4PFmM8NSpSBHNqPqm55Qn3LqFtT2emdEXVYsCzC2U"},
        {"m/0", "xpub69H7F5d8KSRgmmdJg2KhpAK8SR3DjMwAdkxj3ZuxV27CprR9LgpeyGmXUbC6wb7ERfvrnKZjXoUmmDznezpbZb7ap6r1D3tgFxHmwMkQTPH",
                "xprv9vHkqa6EV4sPZHYqZznhT2NPtPCjKuDKGY38FBWLvgaDx45zo9WQRUT3dKYnjwih2yJD9mkrocEZXo1ex8G81dwSM1fwqWpWkeS3v86pgKt"},
        {"m/0/2147483647'", "xpub6ASAVgeehLbnwdqV6UKMHVzgqAG8Gr6riv3Fxxpj8ksbH9ebxaEyBLZ85ySDhKiLDBrQSARLq1uNRts8RuJiHjaDMBU4Zn9h8LZNnBC5y4a",
                            "xprv9wSp6B7kry3Vj9m1zSnLvN3xH8RdsPP1Mh7fAaR7aRLcQMKTR2vidYEeEg2mUCTAwCd6vnxVrcjfy2kRgVsFawNzmjuHc2YmYRmagcEPdU9"},
        {"m/0/2147483647'/1", "xpub6DF8uhdarytz3FWdA8TvFSvvAh8dP3283MY7p2V4SeE2wyWmG5mg5EwVvmdMVCQcoNJxGoWaU9DCWh89LojfZ537wTfunKau47EL2dhHKon",
                              "xprv9zFnWC6h2cLgpmSA46vutJzBcfJ8yaJGg8cX1e5StJh45BBciYTRXSd25UEPVuesF9yog62tGAQtHjXajPPdbRCHuWS6T8XA2ECKADdw4Ef"},
        {"m/0/2147483647'/1/2147483646'", "xpub6ERApfZwUNrhLCkDtcHTcxd75RbzS1ed54G1LkBUHQVHQKqhMkhgbmJbZRkrgZw4koxb5JaHWkY4ALHY2grBGRjaDMzQLcgJvLJuZZvRcEL",
                                          "xprvA1RpRA33e1JQ7ifknakTFpgNXPmW2YvmhqLQYMmrj4xJXXWYpDPS3xz7iAxn8L39njGVyuoseXzU6rcxFLJ8HFsTjSyQbLYnMpCqE2VbFWc"},
        {"m/0/2147483647'/1/2147483646'/2", "xpub6FnCn6nSzZAw5Tw7cgR9bi15UV96gLZhjDstkXXxvCLsUXBGXPdSnLFbdpq8p9HmGsApME5hQTZ3emM2rnY5agb9rXpVGyy3bdW6EEgAtqt",
                                            "xprvA2nrNbFZABcdryreWet9Ea4LvTJcGsqrMzxHx98MMrotbir7yrKCEXw7nadnHM8Dq38EGfSh6dqA9QWTyefMLEcBYJUuekgW4BYPJcr9E7j"}}},
    // Keys with leading zeros.
    {"4b381541583be4423346c643850da4b320e46a87ae3d2a4e6da11eba819cd4acba45d239319ac14f863b8d5ab5a0d0c64d2e8a1e7d1457df2e5a3c51c73235be", {
        {"m", "xpub661MyMwAqRbcEZVB4dScxMAdx6d4nFc9nvyvH3v4gJL378CSRZiYmhRoP7mBy6gSPSCYk6SzXPTf3ND1cZAceL7SfJ1Z3GC8vBgp2epUt13",
              "xprv9s21ZrQH143K25QhxbucbDDuQ4naNntJRi4KUfWT7xo4EKsHt2QJDu7KXp1A3u7Bi1j8ph3EGsZ9Xvz9dGuVrtHHs7pXeTzjuxBrCmmhgC6"},
        {"m/0'", "xpub68NZiKmJWnxxS6aaHmn81bvJeTESw724CRDs6HbuccFQN9Ku14VQrADWgqbhhTHBaohPX4CjNLf9fq9MYo6oDaPPLPxSb7gwQN3ih19Zm4Y",
                 "xprv9uPDJpEQgRQfDcW7BkF7eTya6RPxXeJCqCJGHuCJ4GiRVLzkTXBAJMu2qaMWPrS7AANYqdq6vcBcBUdJCVVFceUvJFjaPdGZ2y9WACViL4L"}}},
    {"3ddd5602285899a946114506157c7997e5444528f3003f6134712147db19b678", {
        {"m", "xpub661MyMwAqRbcGczjuMoRm6dXaLDEhW1u34gKenbeYqAix21mdUKJyuyu5F1rzYGVxyL6tmgBUAEPrEz92mBXjByMRiJdba9wpnN37RLLAXa",
              "xprv9s21ZrQH143K48vGoLGRPxgo2JNkJ3J3fqkirQC2zVdk5Dgd5w14S7fRDyHH4dWNHUgkvsvNDCkvAwcSHNAQwhwgNMgZhLtQC63zxwhQmRv"},
        {"m/0'", "xpub69AUMk3qDBi3uW1sXgjCmVjJ2G6WQoYSnNHyzkmdCHEhSZ4tBok37xfFEqHd2AddP56Tqp4o56AePAgCjYdvpW2PU2jbUPFKsav5ut6Ch1m",
                 "xprv9vB7xEWwNp9kh1wQRfCCQMnZUEG21LpbR9NPCNN1dwhiZkjjeGRnaALmPXCX7SgjFTiCTT6bXes17boXtjq3xLpcDjzEuGLQBM5ohqkao9G"},
        {"m/0'/1'", "xpub6BJA1jSqiukeaesWfxe6sNK9CCGaujFFSJLomWHprUL9DePQ4JDkM5d88n49sMGJxrhpjazuXYWdMf17C9T5XnxkopaeS7jGk1GyyVziaMt",
                    "xprv9xJocDuwtYCMNAo3Zw76WENQeAS6WGXQ55RCy7tDJ8oALr4FWkuVoHJeHVAcAqiZLE7Je3vZJHxspZdFHfnBEjHqU5hG1Jaj32dVoS6XLT1"}}},
};
// clang-format on

HdKey master(std::string_view seed_hex) { return *HdKey::from_seed(*from_hex(seed_hex, "seed")); }

TEST(HdKey, AgreesWithThePublishedVectors) {
    for (const auto& [seed, steps] : kVectors) {
        for (const auto& [path, xpub, xprv] : steps) {
            const auto key = master(seed).derive(*parse_path(path));
            ASSERT_TRUE(key) << path;
            EXPECT_EQ(key->extended_public_key(), xpub) << path;
            EXPECT_EQ(key->extended_private_key().text(), xprv) << path;
        }
    }
}

TEST(HdKey, AgreesWithTheMasterKeysOfTheBip39Vectors) {
    for (const auto& vector : kBip39Vectors) EXPECT_EQ(master(vector.seed).extended_private_key().text(), vector.master_key);
}

// child() and derive() take different ways to the parent's fingerprint.
TEST(HdKey, ChildAfterChildIsThePath) {
    for (const auto& [seed, steps] : kVectors) {
        HdKey key = master(seed);
        const auto path = *parse_path(steps.back().path);
        for (const auto index : path) {
            auto next = key.child(index);
            ASSERT_TRUE(next);
            key = std::move(*next);
        }
        EXPECT_EQ(key.extended_private_key().text(), steps.back().xprv);
    }
}

TEST(HdKey, DeriveLeavesItsStartAlone) {
    const HdKey key = master(kVectors[0].seed);
    ASSERT_TRUE(key.derive({kHardened, 1}));
    EXPECT_EQ(key.extended_private_key().text(), kVectors[0].steps[0].xprv);
    const auto same = key.derive({});
    ASSERT_TRUE(same);
    EXPECT_EQ(same->extended_private_key().text(), kVectors[0].steps[0].xprv);
}

TEST(HdKey, PublicKeyIsThatOfThePrivateKey) {
    const auto key = master(kVectors[1].seed).derive(*parse_path(kDefaultPath));
    ASSERT_TRUE(key);
    EXPECT_EQ(key->public_key(), *crypto::public_key_of(key->private_key().view()));
    EXPECT_EQ(&key->public_key(), &key->public_key());
}

// The accounts that development nodes (Hardhat, Anvil) print at start.
TEST(HdKey, DerivesTheWellKnownDevelopmentAccounts) {
    const auto seed = seed_from_mnemonic("test test test test test test test test test test test junk");
    const auto account = HdKey::from_seed(seed.view())->derive(*parse_path("m/44'/60'/0'/0"));
    ASSERT_TRUE(account);
    constexpr std::string_view kAddresses[] = {
        "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
        "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
        "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC",
        "0x90F79bf6EB2c4f870365E785982E1f101E93b906",
    };
    for (std::uint32_t i = 0; i < 4; ++i) EXPECT_EQ(to_checksum(address_of(account->child(i)->public_key())), kAddresses[i]);
    EXPECT_EQ(to_hex(account->child(0)->private_key().view()),
              "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80");
}

TEST(HdKey, RefusesSeedsOfOtherLengths) {
    for (std::size_t size = 0; size <= 80; ++size)
        EXPECT_EQ(HdKey::from_seed(Bytes(size, 0x5a)).has_value(), size >= 16 && size <= 64) << size;
}

TEST(HdKey, EndsAtDepth255) {
    HdKey key = master(kVectors[0].seed);
    for (int depth = 1; depth <= 255; ++depth) {
        auto next = key.child(kHardened);
        ASSERT_TRUE(next) << depth;
        key = std::move(*next);
    }
    const auto beyond = key.child(0);
    ASSERT_FALSE(beyond);
    EXPECT_EQ(beyond.error().code, ErrorCode::kInvalidInput);
}

TEST(Path, ReadsAndWrites) {
    constexpr std::uint32_t kLast = kHardened - 1;
    const std::vector<std::pair<std::string_view, std::vector<std::uint32_t>>> cases = {
        {"m", {}},
        {"m/0", {0}},
        {"m/2147483647", {kLast}},
        {"m/2147483647'", {kLast | kHardened}},
        {kDefaultPath, {44 | kHardened, 60 | kHardened, kHardened, 0, 0}},
        {"m/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16", {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}},
    };
    for (const auto& [text, steps] : cases) {
        const auto path = parse_path(text);
        ASSERT_TRUE(path) << text;
        EXPECT_EQ(*path, steps) << text;
        EXPECT_EQ(to_path(steps), text);
    }
    EXPECT_EQ(to_path(*parse_path("m/44h/60H/0'/0/0")), kDefaultPath);
}

TEST(Path, RefusesMalformedOnes) {
    constexpr std::string_view kMalformed[] = {
        "",
        "/",
        "M/0",
        "n/0",
        "0",
        "0/1",
        "44'/60'/0'/0/0",
        " m/0",
        "m/0 ",
        "m/",
        "m//0",
        "m/0/",
        "m0",
        "m'",
        "m/'",
        "m/h",
        "m/0''",
        "m/0'h",
        "m/'0",
        "m/x",
        "m/-1",
        "m/+1",
        "m/0x10",
        "m/1.0",
        "m/00",
        "m/01'",
        "m/2147483648",
        "m/2147483648'",
        "m/4294967296",
        "m/99999999999999999999",
        "m/0\xE2\x80\x99",  // a typographic apostrophe
        "m/*",
        "m/0/*'",
        "m/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17",
        std::string_view("m/0\0", 4),
    };
    for (const auto text : kMalformed) {
        const auto path = parse_path(text);
        ASSERT_FALSE(path) << text;
        EXPECT_EQ(path.error().code, ErrorCode::kInvalidInput);
        EXPECT_NE(path.error().message.find("path"), std::string::npos) << path.error().message;
    }
}

}  // namespace
}  // namespace keydeck::ethereum
