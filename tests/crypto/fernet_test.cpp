#include "engine/crypto/fernet.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace keydeck {
namespace {

using crypto::FernetKey;
using crypto::FernetToken;

// The vectors of https://github.com/fernet/spec: generate.json, verify.json, invalid.json.
constexpr std::string_view kKey = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=";
constexpr std::string_view kHello =
    "gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA==";

/// 0, 1, 2, … as generate.json has its IV.
class CountingRandom final : public Random {
public:
    void fill(std::span<std::uint8_t> out) override {
        for (std::uint8_t& byte : out) byte = next_++;
    }

private:
    std::uint8_t next_ = 0;
};

FernetKey the_key(std::string_view text = kKey) {
    auto key = FernetKey::parse(text);
    EXPECT_TRUE(key);
    return std::move(*key);
}

std::string opened(std::string_view text, const FernetKey& key) {
    const auto token = FernetToken::parse(text);
    if (!token) return "malformed: " + token.error().message;
    const auto plaintext = token->open(key);
    return plaintext ? std::string(plaintext->text()) : "refused: " + plaintext.error().message;
}

TEST(Fernet, GeneratesAsTheSpecification) {
    const auto when = from_rfc3339("1985-10-26T08:20:00Z");
    ASSERT_TRUE(when);
    CountingRandom random;
    EXPECT_EQ(FernetToken::seal(the_key(), as_bytes("hello"), *when, random), kHello);
}

TEST(Fernet, VerifiesAsTheSpecification) { EXPECT_EQ(opened(kHello, the_key()), "hello"); }

TEST(Fernet, RefusesWhatTheSpecificationCallsInvalid) {
    struct Case {
        std::string_view what;
        std::string_view token;
        std::string_view answer;
    };
    constexpr std::array kCases = {
        Case{"incorrect mac",
             "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAl1-szkFVzXTuGb4hR8AKtwcaX1YdykQUFBQUFBQUFBQQ==",
             "refused"},
        Case{"too short", "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPA==", "malformed"},
        Case{"invalid base64",
             "%%%%%%%%%%%%%AECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAl1-szkFVzXTuGb4hR8AKtwcaX1YdykRtfsH-p1YsUD2Q==",
             "malformed"},
        Case{"payload size not multiple of block size",
             "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPOm73QeoCk9uGib28Xe5vz6oxq5nmxbx_v7mrfyudzUm",
             "malformed"},
        Case{"payload padding error",
             "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0ODz4LEpdELGQAad7aNEHbf-JkLPIpuiYRLQ3RtXatOYREu2FWke6CnJNYIbkuKNqOhw==",
             "refused: The padding"},
        Case{"incorrect IV (causes padding error)",
             "gAAAAAAdwJ6xBQECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAkLhFLHpGtDBRLRTZeUfWgHSv49TF2AUEZ1TIvcZjK1zQ==",
             "refused: The padding"},
    };
    const FernetKey key = the_key();
    for (const Case& c : kCases)
        EXPECT_TRUE(opened(c.token, key).starts_with(c.answer)) << c.what << ": " << opened(c.token, key);
}

// invalid.json's other two are refused for their age alone; a migration reads tokens of any age.
TEST(Fernet, OpensTokensOfAnyAge) {
    const FernetKey key = the_key();
    constexpr std::array kEmptyTexts = {
        "gAAAAAAdwStRAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAnja1xKYyhd-Y6mSkTOyTGJmw2Xc2a6kBd-iX9b_qXQcw==",
        "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAl1-szkFVzXTuGb4hR8AKtwcaX1YdykRtfsH-p1YsUD2Q=="};
    for (const char* token : kEmptyTexts) EXPECT_EQ(opened(token, key), "") << token;
}

TEST(Fernet, RefusesMalformedTokens) {
    const std::string whole(kHello);
    std::string other_version = whole;
    other_version[0] = 'h';
    std::string standard_alphabet = whole;
    std::ranges::replace(standard_alphabet, '_', '/');
    std::string stray_bits = whole;
    stray_bits[whole.size() - 3] = 'B';
    const std::vector<std::string> tokens = {"",
                                             "=",
                                             "gAAA",
                                             "gAAAAA==",
                                             "gAAAAABdnQ1TUKh2OE_ggbyCIxfg",
                                             whole.substr(0, whole.size() - 1),
                                             whole.substr(0, whole.size() - 2),
                                             whole.substr(0, whole.size() - 4),
                                             whole + "=",
                                             whole + "AAAA",
                                             whole + "\n",
                                             " " + whole,
                                             whole.substr(0, 40) + " " + whole.substr(40),
                                             whole.substr(0, 40) + std::string(1, '\0') + whole.substr(41),
                                             "\xff\xfe" + whole.substr(2),
                                             other_version,
                                             standard_alphabet,
                                             stray_bits};
    for (const std::string& token : tokens) {
        const auto parsed = FernetToken::parse(token);
        ASSERT_FALSE(parsed) << token;
        EXPECT_EQ(parsed.error().code, ErrorCode::kCorrupt);
        EXPECT_EQ(parsed.error().message.find(whole.substr(10, 20)), std::string::npos) << "the error repeats the token";
    }
}

TEST(Fernet, EveryChangedCharacterIsNoticed) {
    const FernetKey key = the_key();
    for (std::size_t i = 0; i < kHello.size(); ++i) {
        std::string changed(kHello);
        changed[i] = changed[i] == 'Q' ? 'R' : 'Q';
        EXPECT_NE(opened(changed, key), "hello") << i;
    }
}

TEST(Fernet, RefusesMalformedKeys) {
    const std::string whole(kKey);
    std::string standard_alphabet = whole;
    std::ranges::replace(standard_alphabet, '_', '/');
    for (const std::string& key :
         {std::string(), whole.substr(0, 43), whole + "=", whole.substr(0, 42) + "==", standard_alphabet,
          whole.substr(0, 43) + "A", std::string(44, '%'), whole.substr(0, 42) + "5=", whole + "\n"}) {
        const auto parsed = FernetKey::parse(key);
        ASSERT_FALSE(parsed) << key;
        EXPECT_EQ(parsed.error().code, ErrorCode::kInvalidInput);
        EXPECT_EQ(parsed.error().message.find("cw_0"), std::string::npos);
    }
}

TEST(Fernet, SealsWhatItOpens) {
    const FernetKey key = the_key();
    SystemRandom random;
    for (const std::size_t size : {0U, 1U, 15U, 16U, 17U, 4095U, 4096U, 4097U, 100'000U}) {
        const std::string value(size, 'v');
        const std::string text = FernetToken::seal(key, as_bytes(value), from_micros(1'790'000'000'000'000), random);
        EXPECT_TRUE(FernetToken::is_likely(text));
        EXPECT_EQ(opened(text, key), value);
        const auto token = FernetToken::parse(text);
        ASSERT_TRUE(token);
        EXPECT_GE(token->most_plaintext(), size);
        EXPECT_LE(token->most_plaintext(), size + 15);
    }
}

TEST(Fernet, TriesSeveralKeys) {
    SystemRandom random;
    std::vector<FernetKey> keys;
    keys.push_back(the_key("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="));
    keys.push_back(the_key());
    const auto token = FernetToken::parse(kHello);
    ASSERT_TRUE(token);
    EXPECT_EQ(crypto::key_of(*token, keys), &keys[1]);
    EXPECT_EQ(crypto::key_of(*token, std::span(keys).first(1)), nullptr);
    EXPECT_EQ(crypto::key_of(*token, {}), nullptr);
    EXPECT_FALSE(token->open(keys[0]));
}

}  // namespace
}  // namespace keydeck
