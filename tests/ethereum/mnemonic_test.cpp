#include "engine/ethereum/mnemonic.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "engine/base/file.hpp"
#include "engine/base/hex.hpp"
#include "engine/crypto/hash.hpp"
#include "engine/ethereum/bip39_english.hpp"
#include "tests/ethereum/bip39_vectors.hpp"

namespace keydeck::ethereum {
namespace {

constexpr std::string_view kWordList = KEYDECK_SOURCE_DIR "/assets/bip39-english.txt";

class CountingRandom final : public Random {
public:
    void fill(std::span<std::uint8_t> out) override {
        for (auto& byte : out) byte = next_++;
    }

private:
    std::uint8_t next_ = 1;
};

// The digest of the file in the BIP's repository.
TEST(WordList, IsThePublishedOne) {
    const auto file = read_file(kWordList, 1U << 20U);
    ASSERT_TRUE(file);
    EXPECT_EQ(to_hex(crypto::sha256(*file)), "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda");
    std::string table;
    for (const auto& word : kEnglishWords) table += std::string(word) + '\n';
    EXPECT_EQ(table, as_text(*file));
    EXPECT_TRUE(std::ranges::is_sorted(kEnglishWords, {}, [](const auto& word) { return std::string_view(word); }));
}

TEST(Mnemonic, AgreesWithThePublishedVectors) {
    for (const auto& [entropy_hex, mnemonic, seed, master_key] : kBip39Vectors) {
        const auto entropy = *from_hex(entropy_hex, "entropy");
        const auto words = mnemonic_from_entropy(entropy);
        ASSERT_TRUE(words);
        EXPECT_EQ(words->text(), mnemonic);
        const auto back = entropy_from_mnemonic(mnemonic);
        ASSERT_TRUE(back) << mnemonic;
        EXPECT_EQ(to_hex(back->view()), entropy_hex);
        EXPECT_EQ(to_hex(seed_from_mnemonic(mnemonic, "TREZOR").view()), seed);
    }
}

TEST(Mnemonic, EveryWordIsFoundAtEveryPosition) {
    for (std::size_t first = 0; first < kWordCount; ++first) {
        // 12 words: 11 free ones, the last one's top 7 bits free and its low 4 the checksum.
        SecretBytes entropy(16);
        for (std::size_t i = 0; i < 11; ++i) {
            const std::size_t index = (first + i * 186) % kWordCount;
            for (std::size_t bit = 0; bit < 11; ++bit) {
                const auto at = i * 11 + bit;
                if ((index >> (10 - bit)) % 2 == 1)
                    entropy.span()[at / 8] = static_cast<std::uint8_t>(entropy.span()[at / 8] | 0x80U >> at % 8);
            }
        }
        const auto words = mnemonic_from_entropy(entropy.view());
        ASSERT_TRUE(words);
        EXPECT_TRUE(words->text().starts_with(std::string(kEnglishWords[first]) + ' '));
        const auto back = entropy_from_mnemonic(words->text());
        ASSERT_TRUE(back);
        EXPECT_TRUE(std::ranges::equal(back->view(), entropy.view()));
    }
}

TEST(Mnemonic, ForgivesCaseAndWhiteSpaceWithOneSeed) {
    const std::string_view plain = kBip39Vectors[1].mnemonic;
    const std::string sloppy = "  LEGAL winner\tthank Year wave\r\nsausage worth   useful legal winner thank yelloW\n";
    const auto entropy = entropy_from_mnemonic(sloppy);
    ASSERT_TRUE(entropy);
    EXPECT_EQ(to_hex(entropy->view()), kBip39Vectors[1].entropy);
    EXPECT_EQ(to_hex(seed_from_mnemonic(sloppy).view()), to_hex(seed_from_mnemonic(plain).view()));
}

TEST(Mnemonic, SeedsOfManyAreThoseOfEach) {
    std::vector<SecretBytes> mnemonics;
    for (const auto& vector : kBip39Vectors) mnemonics.push_back(SecretBytes::copy_of(vector.mnemonic));
    mnemonics.push_back(SecretBytes::copy_of(
        std::string_view("Legal  WINNER thank year wave sausage worth useful legal winner thank yellow")));
    const auto seeds = seeds_from_mnemonics(mnemonics);
    ASSERT_EQ(seeds.size(), mnemonics.size());
    for (std::size_t i = 0; i < seeds.size(); ++i)
        EXPECT_EQ(to_hex(seeds[i].view()), to_hex(seed_from_mnemonic(mnemonics[i].text()).view()));
    EXPECT_TRUE(seeds_from_mnemonics({}).empty());
}

TEST(Mnemonic, GeneratesTheEntropyOfEveryLength) {
    CountingRandom random;
    for (unsigned words = 0; words <= 30; ++words) {
        const auto entropy = generate_entropy(words, random);
        const bool exists = words == 12 || words == 15 || words == 18 || words == 21 || words == 24;
        ASSERT_EQ(entropy.has_value(), exists) << words;
        if (!exists) continue;
        EXPECT_EQ(entropy->size(), words / 3 * 4);
        EXPECT_NE(entropy->view().front(), 0);
        const auto mnemonic = mnemonic_from_entropy(entropy->view());
        ASSERT_TRUE(mnemonic);
        EXPECT_EQ(std::ranges::count(mnemonic->view(), ' '), static_cast<std::ptrdiff_t>(words) - 1);
    }
}

TEST(Mnemonic, RefusesOtherEntropyLengths) {
    for (std::size_t size = 0; size <= 40; ++size) {
        const bool exists = size >= 16 && size <= 32 && size % 4 == 0;
        EXPECT_EQ(mnemonic_from_entropy(Bytes(size)).has_value(), exists) << size;
    }
}

struct Malformed {
    std::string_view mnemonic, sentence;
};

// Every sentence that could quote a word is checked not to.
TEST(Mnemonic, RefusesMalformedOnesWithoutQuotingThem) {
    constexpr Malformed kMalformed[] = {
        {"", "this one has 0 words"},
        {"   \t\n ", "this one has 0 words"},
        {"zoo", "this one has 1 word."},
        {"zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo", "this one has 11 words"},
        {"zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo", "this one has 13 words"},
        {"zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo",
         "this one has 25 words"},
        {"zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo",
         "this one has 27 words"},
        {"zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo", "checksum"},
        {"zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo wrong zoo", "checksum"},
        {"abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon", "checksum"},
        {"aband0n abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about", "Word 1 "},
        {"abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abou", "Word 12 "},
        {"abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon aboutt", "Word 12 "},
        {"abandon abandon zzz abandon abandon abandon abandon abandon abandon abandon abandon about", "Word 3 "},
        {"abandon abandon a abandon abandon abandon abandon abandon abandon abandon abandon about", "Word 3 "},
        {"abandon, abandon, abandon, abandon, abandon, abandon, abandon, abandon, abandon, abandon, abandon, about",
         "Word 1 "},
        {"1 abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about", "Word 1 "},
        {"abandon abandon abandon abandon abandon caf\xC3\xA9 abandon abandon abandon abandon abandon about", "Word 6 "},
        {"abandon abandon abandon abandon abandon \xFF\xFE abandon abandon abandon abandon abandon about", "Word 6 "},
        {"abandon abandon abandon abandon abandon abandonabandon abandon abandon abandon abandon abandon about", "Word 6 "},
        // Ideographic space, which joins Japanese mnemonics: eleven words here.
        {"abandon\xE3\x80\x80"
         "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about",
         "this one has 11 words"},
    };
    for (const auto& [mnemonic, sentence] : kMalformed) {
        const auto entropy = entropy_from_mnemonic(mnemonic);
        ASSERT_FALSE(entropy) << mnemonic;
        const auto& error = entropy.error();
        EXPECT_EQ(error.code, ErrorCode::kInvalidInput);
        EXPECT_NE(error.message.find(sentence), std::string::npos) << error.message;
        for (const std::string_view secret : {"zoo", "abandon", "aband0n", "zzz", "wrong", "abou", "caf"})
            EXPECT_EQ((error.message + error.hint).find(secret), std::string::npos) << error.message;
    }
}

TEST(Mnemonic, RefusesEveryWrongLastWordButTheRightChecksums) {
    std::size_t accepted = 0;
    for (const auto& word : kEnglishWords)
        accepted +=
            entropy_from_mnemonic("zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo " + std::string(word)).has_value() ? 1 : 0;
    EXPECT_EQ(accepted, kWordCount / 16);  // four checksum bits
}

}  // namespace
}  // namespace keydeck::ethereum
