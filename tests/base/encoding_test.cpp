// Hex, base64, text and plain bytes.
#include <gtest/gtest.h>

#include "engine/base/base64.hpp"
#include "engine/base/bytes.hpp"
#include "engine/base/hex.hpp"
#include "engine/base/text.hpp"

namespace keydeck {
namespace {

TEST(Error, EveryCodeHasItsWord) {
    EXPECT_EQ(to_string(ErrorCode::kInvalidInput), "invalid_input");
    EXPECT_EQ(to_string(ErrorCode::kNotFound), "not_found");
    EXPECT_EQ(to_string(ErrorCode::kAlreadyExists), "already_exists");
    EXPECT_EQ(to_string(ErrorCode::kLocked), "locked");
    EXPECT_EQ(to_string(ErrorCode::kDenied), "denied");
    EXPECT_EQ(to_string(ErrorCode::kThrottled), "throttled");
    EXPECT_EQ(to_string(ErrorCode::kUnavailable), "unavailable");
    EXPECT_EQ(to_string(ErrorCode::kRejected), "rejected");
    EXPECT_EQ(to_string(ErrorCode::kCorrupt), "corrupt");
    EXPECT_EQ(to_string(ErrorCode::kCancelled), "cancelled");
    EXPECT_EQ(to_string(ErrorCode::kInternal), "internal");
}

TEST(Bytes, AppendsBigEndianAndWithLength) {
    Bytes out;
    append_u64_be(out, 0x0102030405060708);
    append_with_length(out, as_bytes("ab"));
    EXPECT_EQ(to_hex(out),
              "0102030405060708"
              "00000002"
              "6162");
}

TEST(Bytes, ComparesInConstantTime) {
    EXPECT_TRUE(equal_in_constant_time({}, {}));
    EXPECT_TRUE(equal_in_constant_time(as_bytes("abc"), as_bytes("abc")));
    EXPECT_FALSE(equal_in_constant_time(as_bytes("abc"), as_bytes("abd")));
    EXPECT_FALSE(equal_in_constant_time(as_bytes("abc"), as_bytes("ab")));
}

TEST(Hex, WritesLowerCase) {
    const Bytes bytes = {0x00, 0x01, 0xab, 0xff};
    EXPECT_EQ(to_hex(bytes), "0001abff");
    EXPECT_EQ(to_hex_0x(bytes), "0x0001abff");
    EXPECT_EQ(to_hex({}), "");
    EXPECT_EQ(to_hex_0x({}), "0x");
}

TEST(Hex, ReadsEveryByteInBothCases) {
    for (int value = 0; value < 256; ++value) {
        const Bytes byte = {static_cast<std::uint8_t>(value)};
        std::string upper = to_hex(byte);
        for (char& c : upper) c = static_cast<char>(std::toupper(c));
        EXPECT_EQ(from_hex(to_hex(byte), "data").value(), byte);
        EXPECT_EQ(from_hex("0x" + upper, "data").value(), byte);
        EXPECT_EQ(from_hex("0X" + upper, "data").value(), byte);
    }
    EXPECT_EQ(from_hex("", "data").value(), Bytes());
    EXPECT_EQ(from_hex("0x", "data").value(), Bytes());
}

TEST(Hex, RefusesEveryCharacterThatIsNoDigit) {
    for (int c = 0; c < 256; ++c) {
        if (std::isxdigit(c) != 0) continue;
        if (c == 'x' || c == 'X') continue;  // "0x" is the empty prefix form
        for (const std::string& text : {std::string{'0', static_cast<char>(c)}, std::string{static_cast<char>(c), '0'}}) {
            const auto read = from_hex(text, "data");
            ASSERT_FALSE(read) << c;
            EXPECT_EQ(read.error().code, ErrorCode::kInvalidInput);
        }
    }
}

TEST(Hex, NamesFieldAndPositionButNeverTheText) {
    EXPECT_EQ(from_hex("0x12g4", "data").error().message,
              "The data is not hexadecimal: character 5 is no digit from 0 to 9 or a to f.");
    EXPECT_EQ(from_hex("0x123", "the data").error().message, "The data has an odd number of hexadecimal digits (3).");
    EXPECT_EQ(from_hex("12 ", "data").error().message,
              "The data is not hexadecimal: character 3 is no digit from 0 to 9 or a to f.");
    EXPECT_FALSE(from_hex("0x0x12", "data"));
    EXPECT_FALSE(from_hex("x12", "data"));
    EXPECT_FALSE(from_hex(" 12", "data"));
}

TEST(Hex, ReadsFixedLengths) {
    FixedBytes<3> out{};
    EXPECT_TRUE(from_hex_into("0x010203", out, "digest"));
    EXPECT_EQ(out, (FixedBytes<3>{1, 2, 3}));
    EXPECT_EQ(from_hex_into("0x0102", out, "digest").error().message,
              "The digest must be 3 bytes in hexadecimal (6 digits), not 4 digits.");
    EXPECT_FALSE(from_hex_into("0x01020304", out, "digest"));
    EXPECT_FALSE(from_hex_into("0x01020z", out, "digest"));
    EXPECT_FALSE(from_hex_into("", out, "digest"));
}

// RFC 4648, section 10.
TEST(Base64, PublishedVectors) {
    const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                           {"f", "Zg=="},
                                                           {"fo", "Zm8="},
                                                           {"foo", "Zm9v"},
                                                           {"foob", "Zm9vYg=="},
                                                           {"fooba", "Zm9vYmE="},
                                                           {"foobar", "Zm9vYmFy"}};
    for (const auto& [plain, encoded] : vectors) {
        EXPECT_EQ(to_base64(as_bytes(plain)), encoded);
        EXPECT_EQ(from_base64(encoded, "blob").value(), to_bytes(as_bytes(plain)));
    }
}

TEST(Base64, ReadsBackEveryLengthAndValue) {
    Bytes bytes;
    for (int i = 0; i < 300; ++i) {
        EXPECT_EQ(from_base64(to_base64(bytes), "blob").value(), bytes);
        bytes.push_back(static_cast<std::uint8_t>(i * 7));
    }
}

TEST(Base64, RefusesWhatIsNotCanonical) {
    for (const char* text : {"Z",    "Zg",    "Zg=",  "Zg===", "Z===", "====",   "=",     "Zh==", "Zm9=", "Zm8=Zm8=",
                             "Zm 8", "Zm8\n", "Zm8-", "Zm8_",  "Z=g=", "Zg==\n", " Zg==", "=Zg=", "A===", "AA==A==="}) {
        const auto read = from_base64(text, "blob");
        EXPECT_FALSE(read) << text;
        if (!read) {
            EXPECT_EQ(read.error().code, ErrorCode::kInvalidInput);
        }
    }
    EXPECT_EQ(from_base64("Zm8", "blob").error().message, "The blob is not base64: its length (3) is no multiple of 4.");
}

TEST(Text, TellsUtf8) {
    for (const char* good :
         {"", "a", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf",
          "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "12345678\xc3\xa9", "1234567\xc3\xa9 and so on"}) {
        EXPECT_TRUE(is_utf8(good)) << good;
    }
    for (const char* bad : {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2 ", "\xe0\x9f\xbf", "\xe0\xa0",
                            "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf", "\xf0\x90\x80", "\xf4\x90\x80\x80",
                            "\xf5\x80\x80\x80", "\xff", "\xfe", "12345678\x80", "1234567\x80"}) {
        EXPECT_FALSE(is_utf8(bad)) << bad;
    }
    EXPECT_TRUE(is_utf8(std::string_view("\0", 1)));
}

// Every code point in its shortest form is well formed, and its neighbours in length are counted.
TEST(Text, CountsEveryCodePoint) {
    for (std::uint32_t point = 0; point < 0x110000; ++point) {
        std::string text;
        const auto add = [&text](std::uint32_t byte) { text += static_cast<char>(byte); };
        if (point < 0x80) {
            add(point);
        } else if (point < 0x800) {
            add(0xc0 | point >> 6), add(0x80 | (point & 63));
        } else if (point < 0x10000) {
            add(0xe0 | point >> 12), add(0x80 | (point >> 6 & 63)), add(0x80 | (point & 63));
        } else {
            add(0xf0 | point >> 18), add(0x80 | (point >> 12 & 63)), add(0x80 | (point >> 6 & 63)), add(0x80 | (point & 63));
        }
        const bool surrogate = point >= 0xd800 && point < 0xe000;
        ASSERT_EQ(utf8_sequence_length(text), surrogate ? 0 : text.size()) << point;
    }
    EXPECT_EQ(utf8_sequence_length(""), 0U);
}

TEST(Text, TrimsAndLowers) {
    EXPECT_EQ(trimmed(" \t\r\na b\n"), "a b");
    EXPECT_EQ(trimmed(" \n"), "");
    EXPECT_EQ(trimmed(""), "");
    EXPECT_EQ(ascii_lower("AbZ\xc3\x84[@"), "abz\xc3\x84[@");
    EXPECT_EQ(as_subject("nonce"), "The nonce");
    EXPECT_EQ(as_subject("the nonce"), "The nonce");
}

}  // namespace
}  // namespace keydeck
