#include "app/cli/secret_output.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace keydeck::cli {
namespace {

TEST(SecretOutput, QuotesTextAsJsonDoes) {
    for (const std::string& text : {std::string(), std::string("plain"), std::string("\"\\\n\r\t\0\x1F\x7F", 8),
                                    std::string("\xC3\xA4\xE2\x80\xAE")}) {
        const QuotedSecret quoted = quote_secret(SecretBytes::copy_of(text));
        EXPECT_TRUE(quoted.is_text);
        EXPECT_EQ(nlohmann::json::parse(quoted.json.text()).get<std::string>(), text);
    }
}

TEST(SecretOutput, BytesThatAreNoTextAreHex) {
    const QuotedSecret quoted = quote_secret(SecretBytes::copy_of("\xFF\x01z"));
    EXPECT_FALSE(quoted.is_text);
    EXPECT_EQ(quoted.json.text(), "\"0xff017a\"");
}

TEST(SecretOutput, PlainTextHidesNothing) {
    EXPECT_TRUE(is_plain_text("two\nlines\tand \xC3\xA4"));
    for (const char* text : {"\x1B[2J", "\r", "\xE2\x80\xAE", "\xE2\x80\x8B", "\xFF", "\x7F", "\xC2\x9B"}) {
        EXPECT_FALSE(is_plain_text(text)) << text;
    }
}

}  // namespace
}  // namespace keydeck::cli
