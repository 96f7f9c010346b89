#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <limits>

#include "app/cli/context.hpp"
#include "app/cli/input.hpp"
#include "app/cli/message_source.hpp"
#include "tests/support/temporary_directory.hpp"

namespace keydeck::cli {
namespace {

namespace fs = std::filesystem;

class InputTest : public testing::Test {
protected:
    std::string file(std::string_view content) {
        std::ofstream(directory_ / "file", std::ios::binary) << content;
        return directory_ / "file";
    }
    testing_support::TemporaryDirectory temporary_;
    const fs::path directory_ = temporary_.path();
};

TEST_F(InputTest, ReadsWholeFiles) {
    const std::string large(300'000, 'x');
    for (const std::string& content : {std::string(), std::string("a\n\0b", 4), large}) {
        const auto text = read_text(file(content));
        ASSERT_TRUE(text);
        EXPECT_EQ(*text, content);
    }
}

TEST_F(InputTest, RefusesWhatIsNoFile) {
    EXPECT_EQ(read_text(directory_ / "nowhere").error().code, ErrorCode::kNotFound);
    EXPECT_EQ(read_text(directory_).error().code, ErrorCode::kInvalidInput);
    EXPECT_EQ(read_text(file("12345"), 4).error().code, ErrorCode::kInvalidInput);
    EXPECT_TRUE(read_text(file("1234"), 4));
}

TEST_F(InputTest, PassphraseIsTheFirstLine) {
    const std::pair<std::string, std::string> cases[] = {
        {"secret\n", "secret"}, {"secret", "secret"}, {"one\ntwo\n", "one"}, {" spaces stay \n", " spaces stay "}};
    for (const auto& [content, expected] : cases) {
        const auto passphrase = read_passphrase_file(file(content));
        ASSERT_TRUE(passphrase);
        EXPECT_EQ(passphrase->text(), expected);
    }
    for (const std::string content : {"", "\n", "\nsecond"}) {
        EXPECT_EQ(read_passphrase_file(file(content)).error().code, ErrorCode::kInvalidInput);
    }
}

TEST_F(InputTest, SecretsAreTrimmed) {
    EXPECT_EQ(trimmed(SecretBytes::copy_of(" \r\n\tabandon about\r\n\n")).text(), "abandon about");
    EXPECT_TRUE(trimmed(SecretBytes::copy_of(" \n")).empty());
    EXPECT_TRUE(trimmed(SecretBytes()).empty());
}

TEST_F(InputTest, NewFilesArePrivateAndNeverOverwrite) {
    const std::string path = directory_ / "new";
    ASSERT_TRUE(write_new_file(path, "content"));
    struct stat about{};
    ASSERT_EQ(stat(path.c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777U, 0600U);
    EXPECT_EQ(write_new_file(path, "other").error().code, ErrorCode::kAlreadyExists);
    EXPECT_EQ(*read_text(path), "content");
    EXPECT_EQ(write_new_file(directory_ / "no/such", "x").error().code, ErrorCode::kNotFound);
}

TEST_F(InputTest, JsonPiecesKeepValuesWhole) {
    std::string all;
    for (int i = 0; all.size() < 9'000'000; ++i) all += "{\"index\":" + std::to_string(i) + ",\"text\":\"}{\\\"\"}\n";
    auto opened = InputFile::open(file(all));
    ASSERT_TRUE(opened);
    JsonPieces pieces(std::move(*opened));
    std::string seen;
    int count = 0;
    while (true) {
        const auto piece = pieces.next();
        ASSERT_TRUE(piece);
        if (!*piece) break;
        ++count;
        seen += **piece;
        EXPECT_EQ((*piece)->substr(0, 9), "{\"index\":");
        EXPECT_EQ((*piece)->substr((*piece)->size() - 2), "}\n");
    }
    EXPECT_EQ(seen, all);
    EXPECT_GE(count, 3);
    EXPECT_TRUE(pieces.at_end());
}

TEST_F(InputTest, JsonPiecesHoldOneLargeValueTogether) {
    const std::string value = "{\"data\":\"" + std::string(6'000'000, 'a') + "\"}";
    auto opened = InputFile::open(file(value + " {} "));
    ASSERT_TRUE(opened);
    JsonPieces pieces(std::move(*opened));
    const auto piece = pieces.next();
    ASSERT_TRUE(piece);
    ASSERT_TRUE(*piece);
    EXPECT_EQ((*piece)->substr(0, value.size()), value);
}

TEST_F(InputTest, JsonPiecesOfNothing) {
    auto opened = InputFile::open(file(""));
    ASSERT_TRUE(opened);
    JsonPieces pieces(std::move(*opened));
    const auto piece = pieces.next();
    ASSERT_TRUE(piece);
    EXPECT_FALSE(*piece);
}

TEST(ParseNumber, TakesDecimalDigitsOnly) {
    EXPECT_EQ(*parse_number("7", "--days", 7, 30), 7);
    EXPECT_EQ(*parse_number("030", "--days", 7, 30), 30);
    for (const char* text : {"", "6", "31", "-7", "+7", "7 ", " 7", "0x10", "1e1", "7.0", "999999999999999999999"}) {
        const auto number = parse_number(text, "--days", 7, 30);
        ASSERT_FALSE(number) << text;
        EXPECT_EQ(number.error().message, "--days must be a whole number from 7 to 30.");
    }
}

TEST(ParseQuantity, TakesWhatTransactionJsonTakes) {
    constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
    const std::pair<std::string_view, std::int64_t> cases[] = {
        {"7", 7},     {"007", 7},   {"0x7", 7}, {"0x07", 7},
        {"0X1f", 31}, {"0x1F", 31}, {"0x0", 0}, {"0x7fffffffffffffff", kMost}};
    for (const auto& [text, value] : cases) {
        const auto number = parse_quantity(text, "--nonce", 0, kMost);
        ASSERT_TRUE(number) << text;
        EXPECT_EQ(*number, value) << text;
    }
    for (const char* text :
         {"", "0x", "x7", "0x-7", "-7", "-0", "0x 7", "0xg", "1f", "0x0x7", "0x8000000000000000", "0x11112222333344445"}) {
        EXPECT_FALSE(parse_quantity(text, "--nonce", 0, kMost)) << text;
    }
    EXPECT_FALSE(parse_quantity("0x20", "--nonce", 0, 31));
}

TEST(ParseHex, NamesWhatIsWrong) {
    EXPECT_EQ(*parse_hex("0x00fFAb", "--hex"), std::string("\x00\xFF\xAB", 3));
    EXPECT_EQ(*parse_hex("", "--hex"), "");
    EXPECT_EQ(*parse_hex("0x", "--hex"), "");
    EXPECT_EQ(parse_hex("0x123", "--hex").error().message, "--hex has an odd number of hex digits (3).");
    EXPECT_EQ(parse_hex("12g4", "--hex").error().message, "--hex: character 3 is not a hex digit.");
    EXPECT_EQ(parse_hex("1 34", "--hex").error().message, "--hex: character 2 is not a hex digit.");
}

}  // namespace
}  // namespace keydeck::cli
