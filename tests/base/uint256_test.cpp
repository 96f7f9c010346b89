#include "engine/base/uint256.hpp"

#include <gtest/gtest.h>

#include "engine/base/hex.hpp"
#include "engine/base/random.hpp"

namespace keydeck {
namespace {

constexpr const char* kMax = "115792089237316195423570985008687907853269984665640564039457584007913129639935";

TEST(Uint256, ReadsDecimalAndHex) {
    EXPECT_EQ(parse_uint256("0", "value").value(), 0);
    EXPECT_EQ(parse_uint256("1000000000000000000", "value").value(), Uint256("1000000000000000000"));
    EXPECT_EQ(parse_uint256("000123", "value").value(), 123);
    EXPECT_EQ(parse_uint256("0x0", "value").value(), 0);
    EXPECT_EQ(parse_uint256("0xfF", "value").value(), 255);
    EXPECT_EQ(parse_uint256("0X10", "value").value(), 16);
    EXPECT_EQ(parse_uint256("0x" + std::string(100, '0') + "1", "value").value(), 1);
    EXPECT_EQ(parse_uint256(std::string(100, '0') + "1", "value").value(), 1);
}

TEST(Uint256, ItsLargestValueIsIn) {
    const Uint256 max = ~Uint256(0);
    EXPECT_EQ(to_decimal(max), kMax);
    EXPECT_EQ(parse_uint256(kMax, "value").value(), max);
    EXPECT_EQ(parse_uint256("00" + std::string(kMax), "value").value(), max);
    EXPECT_EQ(parse_uint256("0x" + std::string(64, 'f'), "value").value(), max);
}

TEST(Uint256, OverflowIsAnErrorNeverAWrap) {
    for (const std::string& text :
         {std::string("115792089237316195423570985008687907853269984665640564039457584007913129639936"),  // 2^256
          std::string("115792089237316195423570985008687907853269984665640564039457584007913129639937"),
          std::string("200000000000000000000000000000000000000000000000000000000000000000000000000000"),
          std::string(79, '1'), std::string(10'000, '9'), "0x1" + std::string(64, '0'), "0x" + std::string(65, 'f')}) {
        const auto read = parse_uint256(text, "value");
        ASSERT_FALSE(read) << text;
        EXPECT_EQ(read.error().code, ErrorCode::kInvalidInput);
        EXPECT_EQ(read.error().message, "The value is larger than 2^256 - 1.");
    }
}

TEST(Uint256, RefusesEverythingElse) {
    for (const char* text : {"",      " ",   "0x",   "0X",   "-1", "+1", " 1",  "1 ", "1.0", "1e18",  "1_000",
                             "1,000", "0xg", "0x 1", "0x-1", "x1", "ff", "0b1", "1n", "١",   "0x0x1", "\n1"}) {
        const auto read = parse_uint256(text, "gas limit");
        ASSERT_FALSE(read) << text;
        EXPECT_EQ(read.error().code, ErrorCode::kInvalidInput);
        EXPECT_TRUE(read.error().message.starts_with("The gas limit ")) << read.error().message;
    }
    EXPECT_FALSE(parse_uint256(std::string_view("1\0", 2), "value"));
}

TEST(Uint256, BytesBigEndian) {
    EXPECT_EQ(to_hex(to_be32(0)), std::string(64, '0'));
    EXPECT_EQ(to_hex(to_be32(0x0102)), std::string(60, '0') + "0102");
    EXPECT_EQ(to_hex(to_be32(~Uint256(0))), std::string(64, 'f'));
    EXPECT_EQ(to_minimal_be(0), Bytes());
    EXPECT_EQ(to_minimal_be(0x7f), Bytes({0x7f}));
    EXPECT_EQ(to_minimal_be(0x100), Bytes({1, 0}));
    EXPECT_EQ(from_be({}), 0);
    EXPECT_EQ(from_be(Bytes{0, 0, 1, 0}), 256);
}

TEST(Uint256, EveryLengthReadsBack) {
    SystemRandom random;
    for (std::size_t length = 0; length <= 32; ++length) {
        Bytes bytes(length);
        random.fill(bytes);
        if (length > 0 && bytes[0] == 0) bytes[0] = 1;
        const Uint256 value = from_be(bytes);
        EXPECT_EQ(to_minimal_be(value), bytes);
        EXPECT_EQ(from_be(to_be32(value)), value);
        EXPECT_EQ(parse_uint256(to_decimal(value), "value").value(), value);
        if (length > 0) {
            EXPECT_EQ(parse_uint256(to_hex_0x(bytes), "value").value(), value);
        }
    }
}

TEST(Uint256, PowersOfTenReadBack) {
    Uint256 power = 1;
    std::string text = "1";
    for (int digits = 1; digits <= 78; ++digits) {
        EXPECT_EQ(parse_uint256(text, "value").value(), power);
        EXPECT_EQ(to_decimal(power), text);
        power *= 10;
        text += '0';
    }
}

}  // namespace
}  // namespace keydeck
