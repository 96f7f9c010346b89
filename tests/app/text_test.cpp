#include <gtest/gtest.h>

#include "app/cli/json_object.hpp"
#include "app/cli/records.hpp"
#include "app/cli/safe_text.hpp"
#include "app/cli/utf8.hpp"

namespace keydeck::cli {
namespace {

using namespace std::string_literals;

// Markus Kuhn's UTF-8 decoder capability and stress test, sections 2 to 5 (the boundary and malformed cases).
TEST(Utf8, AcceptsBoundaries) {
    const std::pair<std::string, char32_t> cases[] = {
        {"\0"s, 0},
        {"\x7F", 0x7F},
        {"\xC2\x80", 0x80},
        {"\xDF\xBF", 0x7FF},
        {"\xE0\xA0\x80", 0x800},
        {"\xED\x9F\xBF", 0xD7FF},
        {"\xEE\x80\x80", 0xE000},
        {"\xEF\xBF\xBF", 0xFFFF},
        {"\xF0\x90\x80\x80", 0x10000},
        {"\xF4\x8F\xBF\xBF", 0x10FFFF},
    };
    for (const auto& [bytes, code] : cases) {
        const Utf8Character character = first_character(bytes);
        EXPECT_TRUE(character.valid) << static_cast<std::uint32_t>(code);
        EXPECT_EQ(character.code, code);
        EXPECT_EQ(character.length, bytes.size());
    }
}

TEST(Utf8, RefusesMalformed) {
    const std::string cases[] = {
        "\x80",              // a continuation alone
        "\xC0\xAF",          // overlong
        "\xC1\xBF",          // overlong
        "\xE0\x9F\xBF",      // overlong
        "\xF0\x8F\xBF\xBF",  // overlong
        "\xED\xA0\x80",      // a surrogate
        "\xF4\x90\x80\x80",  // above U+10FFFF
        "\xF5\x80\x80\x80",
        "\xFE",
        "\xFF",
        "\xE2\x82",      // cut short
        "\xE2\x28\xA1",  // a bad continuation
    };
    for (const std::string& bytes : cases) {
        const Utf8Character character = first_character(bytes);
        EXPECT_FALSE(character.valid) << hex_text(as_bytes(bytes));
        EXPECT_EQ(character.length, 1U);
    }
}

TEST(SafeText, LeavesOrdinaryTextAlone) {
    for (const std::string text : {"", "alice", "0x12 ~", "naïve 世界 Ελλάδα 🙂"}) EXPECT_EQ(safe_text(text), text);
}

TEST(SafeText, ShowsWhatHides) {
    const std::pair<std::string, std::string> cases[] = {
        {"a\033[2Jb", "a⟨U+001B⟩[2Jb"},
        {"a\nb\tc\r", "a⟨U+000A⟩b⟨U+0009⟩c⟨U+000D⟩"},
        {"a\0b"s, "a⟨U+0000⟩b"},
        {"\x7F", "⟨U+007F⟩"},
        {"\xC2\x9B", "⟨U+009B⟩"},      // C1: CSI
        {"\u202Etxt", "⟨U+202E⟩txt"},  // right-to-left override
        {"\u2066x\u2069", "⟨U+2066⟩x⟨U+2069⟩"},
        {"a\u200Bb", "a⟨U+200B⟩b"},  // zero width space
        {"\uFEFF", "⟨U+FEFF⟩"},
        {"a\u00A0b\u3000c\u2800d", "a⟨U+00A0⟩b⟨U+3000⟩c⟨U+2800⟩d"},  // look like a plain space
        {"\uE000\U0010FFFF", "⟨U+E000⟩⟨U+10FFFF⟩"},                  // private: a font may draw anything
        {"\u2028", "⟨U+2028⟩"},
        {"\U000E0041", "⟨U+E0041⟩"},  // a tag character
        {"\xFFz", "⟨0xFF⟩z"},
        {"\xE2\x82", "⟨0xE2⟩⟨0x82⟩"},
    };
    for (const auto& [text, shown] : cases) EXPECT_EQ(safe_text(text), shown);
}

TEST(SafeText, ShowsEveryDirectionControl) {
    for (const std::string control : {"\u061C", "\u200E", "\u200F", "\u202A", "\u202B", "\u202C", "\u202D", "\u202E",
                                      "\u2066", "\u2067", "\u2068", "\u2069"}) {
        const std::string shown = safe_text("a" + control + "b");
        EXPECT_EQ(shown.find(control), std::string::npos) << shown;
        EXPECT_TRUE(shown.starts_with("a⟨U+")) << shown;
    }
}

TEST(DisplayWidth, CountsColumns) {
    EXPECT_EQ(display_width(""), 0U);
    EXPECT_EQ(display_width("alice"), 5U);
    EXPECT_EQ(display_width("世界"), 4U);
    EXPECT_EQ(display_width("é"), 1U);
    EXPECT_EQ(display_width("e\u0301"), 1U);  // a combining accent
    EXPECT_EQ(display_width("⟨U+202E⟩"), 8U);
}

TEST(JsonObject, WritesEveryKind) {
    AddressBytes address{};
    address.fill(0xAB);
    std::string json = JsonObject()
                           .text("a", "x\"y\\z\n\x01\x7F")
                           .text_or_null("b", "")
                           .number("c", -42)
                           .boolean("d", true)
                           .null("e")
                           .bytes("f", as_bytes("\x00\xFF"s))
                           .address("g", address)
                           .time("h", from_micros(0))
                           .time("i", std::optional<Timestamp>())
                           .raw("j", "[1]")
                           .finish();
    EXPECT_EQ(json, R"({"a":"x\"y\\z\n\u0001\u007f","b":null,"c":-42,"d":true,"e":null,"f":"0x00ff",)"
                    R"("g":")" +
                        checksum_address(address) + R"(","h":"1970-01-01T00:00:00.000000Z","i":null,"j":[1]})");
}

TEST(JsonObject, MendsWhatIsNotUtf8) {
    std::string out;
    append_json_string(out,
                       "a\xFF"
                       "b\u202E");
    EXPECT_EQ(out, "\"a\uFFFDb\u202E\"");
}

TEST(JsonObject, MayBeEmpty) { EXPECT_EQ(JsonObject().finish(), "{}"); }

TEST(VerificationJson, NobodyIsNull) {
    EXPECT_EQ(to_json(Verification{}), R"({"valid":false,"address":null})");
    Verification signed_by_one{.valid = true, .address = {}};
    signed_by_one.address[19] = 1;
    EXPECT_EQ(to_json(signed_by_one), R"({"valid":true,"address":"0x0000000000000000000000000000000000000001"})");
}

TEST(CutToWidth, CutsBetweenCharactersAndLosesNothing) {
    using Parts = std::vector<std::string>;
    EXPECT_EQ(cut_to_width("", 4), Parts{""});
    EXPECT_EQ(cut_to_width("abcd", 4), Parts{"abcd"});
    EXPECT_EQ(cut_to_width("abcde", 4), (Parts{"abcd", "e"}));
    EXPECT_EQ(cut_to_width("ab中文字", 4), (Parts{"ab中", "文字"}));
    EXPECT_EQ(cut_to_width("abc中", 4), (Parts{"abc", "中"}));
}

}  // namespace
}  // namespace keydeck::cli
