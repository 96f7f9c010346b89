#include "ui/terminal/safe_text.hpp"

#include <gtest/gtest.h>

#include <string>

namespace keydeck::ui {
namespace {

struct Hidden {
    const char* what;
    std::string text;
    std::string shown;
};

TEST(SafeText, ShowsWhatNobodyWouldSee) {
    const Hidden kCases[] = {
        {"right-to-left override", "a\u202Eb", "a⟨U+202E⟩b"},
        {"isolate", "\u2066x\u2069", "⟨U+2066⟩x⟨U+2069⟩"},
        {"zero-width space", "pay\u200Bpal", "pay⟨U+200B⟩pal"},
        {"zero-width joiner", "\u200D", "⟨U+200D⟩"},
        {"byte order mark", "\uFEFFx", "⟨U+FEFF⟩x"},
        {"soft hyphen", "a\u00ADb", "a⟨U+00AD⟩b"},
        {"no-break space", "a\u00A0b", "a⟨U+00A0⟩b"},
        {"ideographic space", "a\u3000b", "a⟨U+3000⟩b"},
        {"escape", "\x1b[31m", "⟨U+001B⟩[31m"},
        {"C1 control", "\xC2\x9B", "⟨U+009B⟩"},
        {"tab", "a\tb", "a⟨U+0009⟩b"},
        {"delete", "\x7F", "⟨U+007F⟩"},
        {"Hangul filler", "\u3164", "⟨U+3164⟩"},
        {"variation selector", "x\uFE0F", "x⟨U+FE0F⟩"},
        {"tag", "\U000E0041", "⟨U+E0041⟩"},
        {"private use", "\uE000", "⟨U+E000⟩"},
        {"line separator", "\u2028", "⟨U+2028⟩"},
        {"a mark with nothing to stand on", "\u0301a", "⟨U+0301⟩a"},
        {"a broken byte", "a\xFFz", "a⟨xFF⟩z"},
        {"a cut character", "\xE4\xB8", "⟨xE4⟩⟨xB8⟩"},
        {"an overlong form", "\xC0\xAF", "⟨xC0⟩⟨xAF⟩"},
        {"a surrogate", "\xED\xA0\x80", "⟨xED⟩⟨xA0⟩⟨x80⟩"},
        {"beyond Unicode", "\xF4\x90\x80\x80", "⟨xF4⟩⟨x90⟩⟨x80⟩⟨x80⟩"},
        {"nothing odd", "alice müller 中文", "alice müller 中文"},
    };
    for (const Hidden& each : kCases) EXPECT_EQ(safe_text(each.text, Charset::kUnicode), each.shown) << each.what;
}

TEST(SafeText, KeepsThreeMarksAndShowsTheRest) {
    EXPECT_EQ(safe_text("e\u0301\u0302\u0303", Charset::kUnicode), "e\u0301\u0302\u0303");
    EXPECT_EQ(safe_text("e\u0301\u0302\u0303\u0304", Charset::kUnicode), "e\u0301\u0302\u0303⟨U+0304⟩");
}

TEST(SafeText, IsAsciiWhereTheTerminalIs) {
    EXPECT_EQ(safe_text("müller ● 中", Charset::kAscii), "m<U+00FC>ller <U+25CF> <U+4E2D>");
    for (const char c : safe_text("a\u202E\x1b\n✓…", Charset::kAscii)) EXPECT_TRUE(c >= 0x20 && c <= 0x7e);
}

TEST(SafeText, CountsHiddenCharacters) {
    EXPECT_EQ(count_hidden("plain text", true), 0U);
    EXPECT_EQ(count_hidden("a\u202E\u200Bb\xFF", true), 3U);
    EXPECT_EQ(count_hidden("two\nlines", false), 0U);
    EXPECT_EQ(count_hidden("two\nlines", true), 1U);
    EXPECT_EQ(count_hidden("two\r\nlines", false), 1U) << "a carriage return is hidden";
}

TEST(SafeText, MeasuresColumns) {
    EXPECT_EQ(display_width("abc"), 3);
    EXPECT_EQ(display_width("中文"), 4);
    EXPECT_EQ(display_width("e\u0301"), 1);
    EXPECT_EQ(display_width("a\u202E"), 9);
    EXPECT_EQ(display_width("…", Charset::kAscii), 1) << "our own characters have a stand-in";
}

TEST(SafeText, CutsToColumns) {
    EXPECT_EQ(fitted("abcdef", 6), "abcdef");
    EXPECT_EQ(fitted("abcdefg", 6), "abcde…");
    EXPECT_EQ(fitted("中文字", 5), "中文…");
    EXPECT_EQ(fitted("中文字", 4), "中…") << "a wide character is never halved";
    EXPECT_EQ(fitted("abcdefg", 6, Charset::kAscii), "abcde~");
    EXPECT_EQ(fitted("abc", 0), "");
    EXPECT_EQ(fitted("abc", -3), "");
}

TEST(SafeText, BreaksSentencesAtSpaces) {
    EXPECT_EQ(wrap_words("one two three", 7), (std::vector<std::string>{"one two", "three"}));
    EXPECT_EQ(wrap_words("unbreakable", 4), (std::vector<std::string>{"unbr", "eaka", "ble"}));
    EXPECT_EQ(wrap_words("", 10), (std::vector<std::string>{""}));
    EXPECT_EQ(wrap_words("a\n\nb", 10), (std::vector<std::string>{"a", "", "b"}));
    EXPECT_EQ(wrap_words("中文字", 1).size(), 3U) << "narrower than a character: still everything is there";
}

TEST(SafeText, BreaksWhatIsSignedWithoutLosingAnything) {
    const std::string text = "a  b   c d";
    std::string together;
    for (const std::string& line : wrap_exact(text, 3, Charset::kUnicode)) together += line;
    EXPECT_EQ(together, text);
    EXPECT_EQ(wrap_exact("a\u202Eb", 20, Charset::kUnicode), (std::vector<std::string>{"a⟨U+202E⟩b"}));
}

TEST(SafeText, SaysWhereEachGlyphEnds) {
    const std::string text = "é中e\u0301\u202E";
    const auto glyphs = glyphs_of(text, Charset::kUnicode);
    EXPECT_EQ(glyphs[0].end, 2U);
    EXPECT_EQ(glyphs[1].end, 5U);
    EXPECT_EQ(glyphs[2].end, 8U);
    EXPECT_EQ(glyphs.back().end, text.size());
    EXPECT_TRUE(glyphs.back().hidden);
}

}  // namespace
}  // namespace keydeck::ui
