#include "engine/base/json.hpp"

#include <gtest/gtest.h>

#include <clocale>

namespace keydeck::json {
namespace {

using Strings = std::vector<std::string>;

TEST(Json, ReadsEveryKind) {
    const Value value =
        parse(
            R"( {"n": null, "t": true, "f": false, "i": 12, "s": "a\u00e9\n\ud83d\ude00", "a": [1, [], {}], "o": {"x": ""}} )",
            "x")
            .value();
    ASSERT_TRUE(value.is(Kind::kObject));
    ASSERT_EQ(value.members.size(), 7U);
    EXPECT_TRUE(value.find("n")->is(Kind::kNull));
    EXPECT_TRUE(value.find("t")->is(Kind::kBool));
    EXPECT_TRUE(value.find("t")->boolean);
    EXPECT_FALSE(value.find("f")->boolean);
    EXPECT_TRUE(value.find("i")->is(Kind::kNumber));
    EXPECT_EQ(value.find("i")->text, "12");
    EXPECT_EQ(value.find("s")->text, "a\xc3\xa9\n\xf0\x9f\x98\x80");
    ASSERT_EQ(value.find("a")->items.size(), 3U);
    EXPECT_TRUE(value.find("a")->items[1].is(Kind::kArray));
    EXPECT_TRUE(value.find("a")->items[2].is(Kind::kObject));
    EXPECT_EQ(value.find("o")->find("x")->text, "");
    EXPECT_EQ(value.find("missing"), nullptr);
}

TEST(Json, KeepsTheOrderOfMembers) {
    const Value value = parse(R"({"z":1,"a":2,"m":3})", "x").value();
    EXPECT_EQ(value.members[0].first, "z");
    EXPECT_EQ(value.members[1].first, "a");
    EXPECT_EQ(value.members[2].first, "m");
}

TEST(Json, NumbersKeepTheirCharacters) {
    for (const char* number :
         {"0", "1", "-1", "18446744073709551615", "18446744073709551616", "-9223372036854775808", "-9223372036854775809",
          "57896044618658097711785492504343953926634992332820282019728792003956564819968", "1.0", "1.50", "0.1", "-0.0",
          "1e5", "1E+5", "1e-05", "123456789012345678901234567890.123"}) {
        const auto value = parse(number, "x");
        ASSERT_TRUE(value) << number;
        EXPECT_TRUE(value->is(Kind::kNumber));
        EXPECT_EQ(value->text, number);
    }
}

TEST(Json, TheLocaleDoesNotChangeNumbers) {
    const std::string before = std::setlocale(LC_ALL, nullptr);
    const char* set = nullptr;
    for (const char* name : {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE", "nl_NL.UTF-8"}) {
        if (set == nullptr) set = std::setlocale(LC_ALL, name);
    }
    if (set == nullptr) GTEST_SKIP() << "no locale with a decimal comma is installed";
    const auto value = parse("[1.5]", "x");
    std::setlocale(LC_ALL, before.c_str());
    EXPECT_EQ(value.value().items[0].text, "1.5");
}

TEST(Json, AValueCanBeAnything) {
    for (const char* text :
         {"null", "true", "\"\"", "0", "[]", "{}", " \t\r\n1\n ", "[[[[]]]]", R"("\"\\\/\b\f\n\r\t")", "\"\x7f\""}) {
        EXPECT_TRUE(parse(text, "x")) << text;
    }
    EXPECT_EQ(parse(R"("\u0000")", "x").value().text, std::string(1, '\0'));
}

// In the manner of the JSONTestSuite's n_ cases.
TEST(Json, RefusesMalformedText) {
    const Strings bad = {"",
                         " ",
                         "nul",
                         "nulll",
                         "True",
                         "NaN",
                         "Infinity",
                         "-Infinity",
                         "-",
                         "+1",
                         "01",
                         "-01",
                         "1.",
                         ".5",
                         "1.e5",
                         "1e",
                         "1e+",
                         "0x10",
                         "1_0",
                         "1 2",
                         "'a'",
                         "\"",
                         "\"a",
                         "\"\\x\"",
                         "\"\\u12\"",
                         "\"\\u123g\"",
                         "\"\\ud800\"",
                         "\"\\udc00\"",
                         "\"\\ud800\\u0041\"",
                         "\"\t\"",
                         "\"\n\"",
                         "[",
                         "]",
                         "[1",
                         "[1,",
                         "[1,]",
                         "[,1]",
                         "[1 2]",
                         "[1}",
                         "[]]",
                         "{",
                         "}",
                         "{\"a\"",
                         "{\"a\":",
                         "{\"a\":1",
                         "{\"a\":1,",
                         "{\"a\":1,}",
                         "{,}",
                         "{a:1}",
                         "{'a':1}",
                         "{1:1}",
                         "{\"a\" 1}",
                         "{\"a\":1 \"b\":2}",
                         "{\"a\":}",
                         "{}}",
                         "{} {}",
                         "// c\n1",
                         "/* c */ 1",
                         "1 // c",
                         "[1] x",
                         "\xef\xbb\xbf",
                         "undefined",
                         "\x01",
                         "1\x01"};
    for (const std::string& text : bad) {
        const auto value = parse(text, "the typed data");
        EXPECT_FALSE(value) << text;
        if (!value) {
            EXPECT_EQ(value.error().code, ErrorCode::kInvalidInput);
            EXPECT_TRUE(value.error().message.starts_with("The typed data is not JSON: ")) << value.error().message;
        }
    }
}

TEST(Json, RefusesInvalidUtf8) {
    for (const char* text :
         {"\"\x80\"", "\"\xc0\xaf\"", "\"\xed\xa0\x80\"", "\"\xf5\x80\x80\x80\"", "\"\xe2\x82\"", "{\"\xff\":1}", "\xff"}) {
        EXPECT_FALSE(parse(text, "x")) << text;
    }
}

TEST(Json, AZeroByteDoesNotEndTheText) {
    using namespace std::string_view_literals;
    for (const std::string_view text : {"{}\0"sv, "{}\0{}"sv, "1\0 rubbish"sv, "\0"sv, "\"a\0b\""sv, "{\"a\":1\0}"sv}) {
        EXPECT_FALSE(parse(text, "x"));
    }
    EXPECT_EQ(parse("{}\0"sv, "x").error().message, "X is not JSON: it goes wrong at byte 3.");
}

TEST(Json, NamesThePosition) {
    EXPECT_EQ(parse("[1,\n2,x]", "line 7").error().message, "Line 7 is not JSON: it goes wrong at byte 7.");
    EXPECT_EQ(parse("[1,2", "line 7").error().message, "Line 7 is not JSON: it ends too early.");
    EXPECT_EQ(parse("", "line 7").error().message, "Line 7 is not JSON: it ends too early.");
    EXPECT_EQ(parse("\"a", "line 7").error().message, "Line 7 is not JSON: it ends too early.");
}

TEST(Json, NeverQuotesAValue) {
    for (const char* text : {"[\"hunter2\" x", "{\"a\":hunter2}", "hunter2", "[1, \"hunter2"}) {
        EXPECT_EQ(parse(text, "x").error().message.find("hunter2"), std::string::npos);
    }
}

TEST(Json, RefusesANameTwice) {
    const auto twice = parse(R"({"a":{"to":1,"b":2,"to":3}})", "the transaction");
    ASSERT_FALSE(twice);
    EXPECT_EQ(twice.error().code, ErrorCode::kInvalidInput);
    EXPECT_EQ(twice.error().message, "The transaction has the name \"to\" twice in one object.");
    EXPECT_FALSE(parse(R"({"a":1,"\u0061":2})", "x"));  // the same name, spelled otherwise
    EXPECT_TRUE(parse(R"([{"a":1},{"a":2}])", "x"));
    EXPECT_TRUE(parse(R"({"a":{"a":{"a":1}}})", "x"));
}

TEST(Json, RefusesANameTwiceInALongObject) {
    std::string text = "{";
    for (int i = 0; i < 50'000; ++i) text += "\"k" + std::to_string(i) + "\":0,";
    EXPECT_TRUE(parse(text + "\"z\":0}", "x"));
    EXPECT_FALSE(parse(text + "\"k49\":0}", "x"));
}

TEST(Json, AllowsSixtyFourLevels) {
    const auto nested = [](std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); };
    EXPECT_TRUE(parse(nested(64), "x"));
    const auto deep = parse(nested(65), "x");
    ASSERT_FALSE(deep);
    EXPECT_EQ(deep.error().message, "X is nested more than 64 levels deep.");
    EXPECT_FALSE(parse(std::string(10'000'000, '['), "x"));
    std::string objects;
    for (int i = 0; i < 1'000'000; ++i) objects += "{\"a\":";
    EXPECT_FALSE(parse(objects, "x"));
}

TEST(Json, DescribesKinds) {
    EXPECT_EQ(describe(Kind::kNull), "null");
    EXPECT_EQ(describe(Kind::kBool), "a boolean");
    EXPECT_EQ(describe(Kind::kNumber), "a number");
    EXPECT_EQ(describe(Kind::kString), "a string");
    EXPECT_EQ(describe(Kind::kArray), "an array");
    EXPECT_EQ(describe(Kind::kObject), "an object");
}

TEST(Json, QuotesText) {
    const auto quoted = [](std::string_view text) {
        std::string out;
        append_quoted(out, text);
        return out;
    };
    EXPECT_EQ(quoted(""), "\"\"");
    EXPECT_EQ(quoted("a\"\\\n\t\x01\x7f/\xc3\xa9"), "\"a\\\"\\\\\\n\\u0009\\u0001\\u007f/\xc3\xa9\"");
    EXPECT_EQ(quoted("a\xff\xc3"), "\"a\xef\xbf\xbd\xef\xbf\xbd\"");
    for (int c = 0; c < 256; ++c) {
        const std::string text(3, static_cast<char>(c));
        const auto back = parse(quoted(text), "x");
        ASSERT_TRUE(back) << c;
        if (c < 0x80) {
            EXPECT_EQ(back->text, text);
        }
    }
}

}  // namespace
}  // namespace keydeck::json
