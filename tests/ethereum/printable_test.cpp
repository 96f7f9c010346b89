#include "engine/ethereum/printable.hpp"

#include <gtest/gtest.h>

namespace keydeck::ethereum {
namespace {

TEST(Printable, LeavesOrdinaryTextAlone) {
    for (const std::string_view text : {"", "Hello, Bob!", "quote \"", "gr\xC3\xBC\xC3\x9F", "\xE6\x97\xA5\xE6\x9C\xAC",
                                        "\xF0\x9F\xA6\x84", "\xEF\xBF\xBD"})
        EXPECT_EQ(printable(text), text);
}

TEST(Printable, WritesOutWhatActsOnTheScreen) {
    struct Case {
        std::string_view text, shown;
    };
    constexpr Case kCases[] = {
        {"a\nb\r\tc", "a\\nb\\r\\tc"},
        {"\x1B[2J", "\\u{1b}[2J"},
        {"a\\nb", "a\\\\nb"},  // a backslash and an n, which no line feed is
        {"\\u{202e}", "\\\\u{202e}"},
        {"\x7F", "\\u{7f}"},
        {std::string_view("\0", 1), "\\u{0}"},
        {"\xC2\x9B", "\\u{9b}"},  // C1: another escape
        {"pay \xE2\x80\xAE"
         "eciLA",
         "pay \\u{202e}eciLA"},  // right-to-left override
        {"\xE2\x81\xA6x\xE2\x81\xA9", "\\u{2066}x\\u{2069}"},
        {"a\xE2\x80\x8B"
         "b",
         "a\\u{200b}b"},  // zero-width space
        {"\xE2\x80\xA8", "\\u{2028}"},
        {"\xEF\xBB\xBF", "\\u{feff}"},
        {"\xF3\xA0\x81\x81", "\\u{e0041}"},  // tag
    };
    for (const auto& [text, shown] : kCases) EXPECT_EQ(printable(text), shown);
}

TEST(Printable, ReplacesWhatIsNotUtf8) {
    constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
    for (const std::string_view text : {"\xFF", "\x80", "\xC0", "\xC1", "\xF5", "\xC3", "\xE2", "\xF0"})
        EXPECT_EQ(printable(text), kReplacement) << static_cast<int>(static_cast<unsigned char>(text[0]));
    EXPECT_EQ(printable("\xC3(").substr(0, 3), kReplacement);
    EXPECT_TRUE(printable("\xC3(").ends_with("("));
    for (const std::string_view text :
         {"\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xC0\x80"})  // overlong, surrogate, too large
        EXPECT_TRUE(printable(text).starts_with(kReplacement));
}

TEST(InQuotes, CutsLongTextBetweenCharacters) {
    EXPECT_EQ(in_quotes("name"), "\"name\"");
    EXPECT_EQ(in_quotes("abcdef", 3), "\"abc\xE2\x80\xA6\"");
    EXPECT_EQ(in_quotes("ab\xC3\xA9"
                        "d",
                        3),
              "\"ab\xE2\x80\xA6\"");
    EXPECT_EQ(in_quotes("a\nb"), "\"a\\nb\"");
}

}  // namespace
}  // namespace keydeck::ethereum
