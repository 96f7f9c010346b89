#include <gtest/gtest.h>

#include "engine/base/json.hpp"

namespace keydeck::json {
namespace {

using Pieces = std::vector<std::string_view>;

struct Case {
    const char* name;
    std::string_view text;
    Pieces pieces;
};

class Split : public testing::TestWithParam<Case> {};

TEST_P(Split, Cuts) { EXPECT_EQ(split(GetParam().text), GetParam().pieces); }

const Case kSound[] = {
    {"Nothing", "", {}},
    {"Blanks", " \n\r\n\t ", {}},
    {"Lines", "{\"a\":1}\n{\"b\":2}\n", {"{\"a\":1}", "{\"b\":2}"}},
    {"NoLastLineEnd", "{\"a\":1}\n{\"b\":2}", {"{\"a\":1}", "{\"b\":2}"}},
    {"CarriageReturns", "{\"a\":1}\r\n\r\n{\"b\":2}\r\n", {"{\"a\":1}", "{\"b\":2}"}},
    {"OneLine", "{}{} []", {"{}", "{}", "[]"}},
    {"Pretty",
     "{\n  \"a\": [\n    1\n  ]\n}\n{\n  \"b\": {\n  }\n}\n",
     {"{\n  \"a\": [\n    1\n  ]\n}", "{\n  \"b\": {\n  }\n}"}},
    {"BracketsInStrings", "{\"a\":\"}]{[\"}\n{\"b\":\"\\\"}\"}", {"{\"a\":\"}]{[\"}", "{\"b\":\"\\\"}\"}"}},
    {"BackslashAtStringEnd", "{\"a\":\"\\\\\"}\n{\"b\":1}", {"{\"a\":\"\\\\\"}", "{\"b\":1}"}},
    {"ArrayOfFlushLeftObjects", "[\n{\"a\":1},\n{\"b\":2}\n]\n{}", {"[\n{\"a\":1},\n{\"b\":2}\n]", "{}"}},
    {"BraceOnItsOwnLine", "{\n\"a\":\n{\n\"b\":1\n}\n}\n{}", {"{\n\"a\":\n{\n\"b\":1\n}\n}", "{}"}},
    {"Scalars", "1\ntrue\n\"a\"\n{}", {"1", "true", "\"a\"", "{}"}},
};
INSTANTIATE_TEST_SUITE_P(Sound, Split, testing::ValuesIn(kSound), [](const auto& tried) { return tried.param.name; });

// A bad value spoils only itself: the lines after it are pieces of their own.
const Case kBroken[] = {
    {"RubbishLine", "{\"a\":1}\nhello {world}\n{\"b\":2}", {"{\"a\":1}", "hello {world}", "{\"b\":2}"}},
    {"MissingClose", "{\"a\":1\n{\"b\":2}\n{\"c\":3}", {"{\"a\":1", "{\"b\":2}", "{\"c\":3}"}},
    {"MissingCloseAfterColon", "{\"a\":\n{\"b\":2}\n{\"c\":3}", {"{\"a\":", "{\"b\":2}", "{\"c\":3}"}},
    {"MissingCloseAfterComma", "{\"a\":1,\n{\"b\":2}\n{\"c\":3}", {"{\"a\":1,", "{\"b\":2}", "{\"c\":3}"}},
    {"MissingCloseMadeUpLater", "{\"a\":1\n{\"b\":2}\n}\n{\"c\":3}", {"{\"a\":1", "{\"b\":2}", "}", "{\"c\":3}"}},
    {"MissingInnerClose", "{\"a\":{\"x\":1}\n{\"b\":2}", {"{\"a\":{\"x\":1}", "{\"b\":2}"}},
    {"MissingCloseAtTheEnd", "{\"b\":2}\n{\"a\":1\n", {"{\"b\":2}", "{\"a\":1"}},
    {"OpenString", "{\"a\":\"x}\n{\"b\":\"y\"}\n{\"c\":\"z\"}", {"{\"a\":\"x}", "{\"b\":\"y\"}", "{\"c\":\"z\"}"}},
    {"OpenStringAfterBackslash", "{\"a\":\"x\\\n{\"b\":2}", {"{\"a\":\"x\\", "{\"b\":2}"}},
    {"OpenName", "{\"a:1}\n{\"b\":2}", {"{\"a:1}", "{\"b\":2}"}},
    {"WrongClose", "{\"a\":[1}\n{\"b\":2}", {"{\"a\":[1}", "{\"b\":2}"}},
    {"ExtraClose", "{\"a\":1}}\n{\"b\":2}", {"{\"a\":1}}", "{\"b\":2}"}},
    {"ExtraCloseFirst", "}\n{\"b\":2}", {"}", "{\"b\":2}"}},
    {"TrailingComma", "{\"a\":1},\n{\"b\":2}", {"{\"a\":1},", "{\"b\":2}"}},
    {"TrailingText", "{\"a\":1} x\n{\"b\":2}", {"{\"a\":1} x", "{\"b\":2}"}},
    {"TwoBadOnes", "{\"a\":\n{\"b\":\n{\"c\":3}", {"{\"a\":", "{\"b\":", "{\"c\":3}"}},
    {"BadPretty",
     "{\n  \"a\": \"x,\n  \"b\": {}\n}\n{\n  \"c\": 1\n}",
     {"{\n  \"a\": \"x,\n  \"b\": {}\n}", "{\n  \"c\": 1\n}"}},
    {"IndentedLines", "  {\"a\":1\n  {\"b\":2}\n  {\"c\":3}", {"{\"a\":1", "{\"b\":2}", "{\"c\":3}"}},
    {"DeeperLinesBelongToTheBadOne", "{\"a\":[1}\n  {\"x\":1}\n{\"b\":2}", {"{\"a\":[1}\n  {\"x\":1}", "{\"b\":2}"}},
    {"SecondOfALine", "{\"a\":1} {\"b\":\n{\"c\":3}", {"{\"a\":1}", "{\"b\":", "{\"c\":3}"}},
    {"BracketWhereNoneMayStand", "{\"a\":1 {\"b\":2}}\n{\"c\":3}", {"{\"a\":1 {\"b\":2}}", "{\"c\":3}"}},
    {"OnlyAnOpening", "{", {"{"}},
    {"OnlyAQuote", "{\"", {"{\""}},
    {"OnlyABackslash", "{\"\\", {"{\"\\"}},
};
INSTANTIATE_TEST_SUITE_P(Broken, Split, testing::ValuesIn(kBroken), [](const auto& tried) { return tried.param.name; });

// Whatever the text, the pieces are parts of it, in order, and lose nothing but blanks.
TEST(SplitInvariants, PiecesCoverTheText) {
    constexpr std::string_view kAlphabet = "{}[]\",:\\\n a1";
    std::uint32_t state = 1;
    const auto next = [&state](std::uint32_t bound) {
        state = state * 1664525 + 1013904223;
        return (state >> 8) % bound;
    };
    for (int round = 0; round < 20'000; ++round) {
        std::string text;
        for (std::uint32_t length = next(40); length > 0; --length) text += kAlphabet[next(kAlphabet.size())];
        const char* at = text.data();
        for (const std::string_view piece : split(text)) {
            ASSERT_FALSE(piece.empty()) << text;
            ASSERT_GE(piece.data(), at) << text;
            for (; at < piece.data(); ++at) ASSERT_NE(std::string_view(" \t\r\n").find(*at), std::string_view::npos) << text;
            at = piece.data() + piece.size();
        }
        for (; at < text.data() + text.size(); ++at)
            ASSERT_NE(std::string_view(" \t\r\n").find(*at), std::string_view::npos) << text;
    }
}

// Each of these would take hours if a broken value were scanned again and again.
TEST(SplitInvariants, HostileTextTakesNoQuadraticTime) {
    std::string deep;
    std::string lines;
    std::string quotes;
    for (int i = 0; i < 300'000; ++i) {
        deep += "[";
        lines += "{\"a\":\n";
        quotes += "{\"\n";
    }
    EXPECT_EQ(split(deep).size(), 1U);
    EXPECT_EQ(split(lines).size(), 300'000U);
    EXPECT_EQ(split(quotes).size(), 300'000U);
}

}  // namespace
}  // namespace keydeck::json
