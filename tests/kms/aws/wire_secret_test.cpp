#include "engine/kms/wire_secret.hpp"

#include <gtest/gtest.h>

#include "engine/base/json.hpp"

namespace keydeck::kms {
namespace {

SecretBytes body_of(std::string_view text) { return SecretBytes::copy_of(text); }

TEST(WireSecret, TakesTheTopLevelMemberAndBlanksIt) {
    SecretBytes body = body_of(R"({"a":{"Plaintext":"bm8="},"Plaintext" : "c2VjcmV0","z":[1,"}"]})");
    const auto taken = take_base64_field(body, "Plaintext");
    ASSERT_TRUE(taken) << taken.error().message;
    EXPECT_EQ(taken->text(), "secret");
    EXPECT_EQ(body.text(), R"({"a":{"Plaintext":"bm8="},"Plaintext" : "        ","z":[1,"}"]})");
    EXPECT_TRUE(json::parse(body.text(), "the rest"));
}

TEST(WireSecret, ResolvesTheEscapesThatOthersWrite) {
    // PHP writes "/" as "\/", .NET "+" as "+".
    SecretBytes body = body_of("{\"Plaintext\":\"\\/\\u002B8\\u003d\"}");
    const auto taken = take_base64_field(body, "Plaintext");
    ASSERT_TRUE(taken) << taken.error().message;
    EXPECT_EQ(to_bytes(taken->view()), (Bytes{0xff, 0xef}));
    EXPECT_EQ(body.text().find("u002B"), std::string_view::npos);
}

TEST(WireSecret, LeavesAbsentAndIllTypedMembersToTheParser) {
    for (const std::string_view text :
         {"{}", " { } ", R"({"Other":"x"})", R"({"Plaintext":null})", R"({"Plaintext":12})", R"({"Plaintext":["bm8="]})",
          R"({"o":{"Plaintext":"bm8="}})", R"({"a":"\"Plaintext\":\"bm8=\""})", R"({"Plaintext":""})"}) {
        SecretBytes body = body_of(text);
        const auto taken = take_base64_field(body, "Plaintext");
        ASSERT_TRUE(taken) << text;
        EXPECT_TRUE(taken->empty()) << text;
        EXPECT_EQ(body.text(), text);
    }
}

TEST(WireSecret, RefusesWhatItCannotCutSafely) {
    for (const std::string_view text : {"",
                                        "null",
                                        "[]",
                                        "{",
                                        "{\"",
                                        "{\"Plaintext",
                                        "{\"Plaintext\"",
                                        "{\"Plaintext\":",
                                        "{\"Plaintext\":\"",
                                        "{\"Plaintext\":\"bm8=",
                                        "{\"Plaintext\":\"bm8=\\",
                                        "{\"Plaintext\":\"bm8=\"",
                                        "{\"Plaintext\":\"bm8=\",",
                                        "{\"Plaintext\":\"bm8=\"]",
                                        "{\"a\":}}",
                                        "{\"a\":]}",
                                        "{\"a\":[}",
                                        "{\"a\":[\"]}",
                                        "{a:1}",
                                        "{\"Plaintext\":\"bm8=\",\"Plaintext\":\"bm8=\"}",
                                        "{\"Plaintext\":null,\"Plaintext\":\"bm8=\"}",
                                        "{\"Pl\\u0061intext\":\"bm8=\"}",
                                        "{\"Plaintext\":\"bm8\"}",
                                        "{\"Plaintext\":\"b m8=\"}",
                                        "{\"Plaintext\":\"bm8=\\n\"}",
                                        "{\"Plaintext\":\"====\"}",
                                        "{\"Plaintext\":\"bm9=\"}",
                                        "{\"Plaintext\":\"\\u00ff\"}",
                                        "{\"Plaintext\":\"\\u00\"}",
                                        "{\"Plaintext\":\"\\x41\"}",
                                        "{\"Plaintext\":\"bm\n8=\"}"}) {
        SecretBytes body = body_of(text);
        const auto taken = take_base64_field(body, "Plaintext");
        EXPECT_TRUE(!taken && taken.error().code == ErrorCode::kInvalidInput) << text;
    }
}

}  // namespace
}  // namespace keydeck::kms
