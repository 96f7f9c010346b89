#include "engine/ethereum/rlp.hpp"

#include <gtest/gtest.h>

#include <string>

#include "engine/base/hex.hpp"

namespace keydeck::ethereum {
namespace {

Bytes hex(std::string_view text) { return *from_hex(text, "test"); }

std::string integer(const Uint256& value) {
    Bytes out;
    rlp::append_integer(out, value);
    EXPECT_EQ(out.size(), rlp::integer_size(value));
    if (value <= std::numeric_limits<std::uint64_t>::max()) {
        Bytes small;
        rlp::append_integer(small, static_cast<std::uint64_t>(value));
        EXPECT_EQ(small, out);
        EXPECT_EQ(rlp::integer_size(static_cast<std::uint64_t>(value)), out.size());
    }
    return to_hex(out);
}

std::string string(ByteView value) {
    Bytes out;
    rlp::append_bytes(out, value);
    EXPECT_EQ(out.size(), rlp::bytes_size(value));
    return to_hex(out);
}

std::string string(std::string_view value) { return string(as_bytes(value)); }

// github.com/ethereum/tests RLPTests/rlptest.json
TEST(Rlp, WritesThePublishedIntegers) {
    EXPECT_EQ(integer(0), "80");
    EXPECT_EQ(integer(1), "01");
    EXPECT_EQ(integer(16), "10");
    EXPECT_EQ(integer(79), "4f");
    EXPECT_EQ(integer(127), "7f");
    EXPECT_EQ(integer(128), "8180");
    EXPECT_EQ(integer(1000), "8203e8");
    EXPECT_EQ(integer(100000), "830186a0");
    EXPECT_EQ(integer(Uint256("83729609699884896815286331701780722")), "8f102030405060708090a0b0c0d0e0f2");
    EXPECT_EQ(integer(Uint256("105315505618206987246253880190783558935785933862974822347068935681")),
              "9c0100020003000400050006000700080009000a000b000c000d000e01");
    EXPECT_EQ(integer(Uint256("115792089237316195423570985008687907853269984665640564039457584007913129639935")),
              "a0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff");
}

TEST(Rlp, WritesIntegersAtEveryByteBoundary) {
    for (unsigned bits = 8; bits < 256; bits += 8) {
        const Uint256 boundary = Uint256(1) << bits;
        for (const Uint256& value : {Uint256(boundary - 1), boundary}) {
            Bytes out;
            rlp::append_integer(out, value);
            const auto item = rlp::decode(out);
            ASSERT_TRUE(item) << value;
            EXPECT_EQ(*rlp::to_uint256(*item, "value"), value);
            EXPECT_EQ(integer(value), to_hex(out));
        }
    }
}

// github.com/ethereum/tests RLPTests/rlptest.json
TEST(Rlp, WritesThePublishedStringsAndLists) {
    EXPECT_EQ(string(""), "80");
    EXPECT_EQ(string(hex("00")), "00");
    EXPECT_EQ(string(hex("7f")), "7f");
    EXPECT_EQ(string(hex("80")), "8180");
    EXPECT_EQ(string("dog"), "83646f67");
    const std::string_view k55 = "Lorem ipsum dolor sit amet, consectetur adipisicing eli";
    const std::string_view k56 = "Lorem ipsum dolor sit amet, consectetur adipisicing elit";
    ASSERT_EQ(k55.size(), 55U);
    EXPECT_EQ(string(k55), "b7" + to_hex(as_bytes(k55)));
    EXPECT_EQ(string(k56), "b838" + to_hex(as_bytes(k56)));
    EXPECT_EQ(string(std::string(1024, 'a')).substr(0, 6), "b90400");
    EXPECT_EQ(string(std::string(65536, 'a')).substr(0, 8), "ba010000");
    EXPECT_EQ(to_hex(rlp::list({})), "c0");
    EXPECT_EQ(to_hex(rlp::list(hex("83646f6783676f6483636174"))), "cc83646f6783676f6483636174");
    EXPECT_EQ(to_hex(rlp::list(Bytes(56, 1))).substr(0, 4), "f838");
    EXPECT_EQ(rlp::list(Bytes(56, 1)).size(), rlp::list_size(56));
}

TEST(Rlp, ReadsNestedLists) {
    // rlptest.json "listsoflists2": [ [], [[]], [ [], [[]] ] ]
    const Bytes input = hex("c7c0c1c0c3c0c1c0");
    const auto item = rlp::decode(input);
    ASSERT_TRUE(item);
    ASSERT_EQ(item->items.size(), 3U);
    EXPECT_TRUE(item->items[0].is_list);
    EXPECT_TRUE(item->items[0].items.empty());
    ASSERT_EQ(item->items[2].items.size(), 2U);
    EXPECT_EQ(item->items[2].items[1].items.size(), 1U);
}

TEST(Rlp, StopsAtThirtyTwoLevels) {
    const auto nested = [](unsigned levels) {
        Bytes out;
        for (unsigned i = 0; i < levels; ++i) out = rlp::list(out);
        return out;
    };
    EXPECT_TRUE(rlp::decode(nested(32)));
    const Bytes deeper = nested(33);
    ASSERT_FALSE(rlp::decode(deeper));
    EXPECT_NE(rlp::decode(deeper).error().message.find("32 levels"), std::string::npos);
    EXPECT_FALSE(rlp::decode(nested(5'000)));
}

struct Malformed {
    std::string_view name, input, reason;
};

// github.com/ethereum/tests RLPTests/invalidRLPTest.json, names as there; those with spaces in their names are ours.
constexpr Malformed kMalformed[] = {
    {"int32Overflow", "bf0f000000000000021111", "cut short"},
    {"int32Overflow2", "ff0f000000000000021111", "cut short"},
    {"wrongSizeList", "f80180", "canonical"},
    {"wrongSizeList2", "f80100", "canonical"},
    {"incorrectLengthInArray", "b9002100dc2b275d0f74e8a53e6f4ec61b27f24278820be3f82ea2110e582081b0565df0", "leading zero"},
    {"randomRLP",
     "f861f83eb9002100dc2b275d0f74e8a53e6f4ec61b27f24278820be3f82ea2110e582081b0565df027b90015002d5ef8325ae4d034df55d4b58d0d"
     "fb"
     "a64d61ddd17be00000b9001a00dae30907045a2f66fa36f2bb8aa9029cbb0b8a7b3b5c435ab331",
     "leading zero"},
    {"bytesShouldBeSingleByte00", "8100", "canonical"},
    {"bytesShouldBeSingleByte01", "8101", "canonical"},
    {"bytesShouldBeSingleByte7F", "817F", "canonical"},
    {"leadingZerosInLongLengthArray1",
     "b90040000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f3031323334353637"
     "38"
     "393a3b3c3d3e3f",
     "leading zero"},
    {"leadingZerosInLongLengthArray2", "b800", "leading zero"},
    {"leadingZerosInLongLengthList1",
     "fb00000040000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f303132333435"
     "36"
     "3738393a3b3c3d3e3f",
     "leading zero"},
    {"leadingZerosInLongLengthList2", "f800", "leading zero"},
    {"nonOptimalLongLengthArray1", "b81000112233445566778899aabbccddeeff", "long form"},
    {"nonOptimalLongLengthArray2", "b801ff", "long form"},
    {"nonOptimalLongLengthList1", "f810000102030405060708090a0b0c0d0e0f", "long form"},
    {"nonOptimalLongLengthList2", "f803112233", "long form"},
    {"nothing at all", "", "ends where"},
    {"a short string without its byte", "81", "cut short"},
    {"a short string one byte short", "a0000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e", "cut short"},
    {"a short list too short", "c5010203", "cut short"},
    {"a long string too short", "ba010000aabbccddeeff", "cut short"},
    {"a long list too short", "f90180", "cut short"},
    {"the longest length there is", "ffffffffffffffffff0001020304050607", "cut short"},
    {"bytes after a string", "8080", "1 bytes after"},
    {"bytes after a list", "c00000", "2 bytes after"},
    {"a length with no digits", "b9", "cut short within a length"},
    {"a length with one digit of two", "b901", "cut short within a length"},
    {"an item longer than its list", "c183010203", "cut short"},
};

TEST(Rlp, RefusesWhatIsMalformed) {
    for (const auto& [name, input, reason] : kMalformed) {
        const Bytes bytes = hex(input);
        const auto item = rlp::decode(bytes);
        ASSERT_FALSE(item) << name;
        EXPECT_EQ(item.error().code, ErrorCode::kInvalidInput) << name;
        EXPECT_NE(item.error().message.find(reason), std::string::npos) << name << ": " << item.error().message;
    }
}

TEST(Rlp, RefusesNumbersThatAreNot) {
    const auto message = [](std::string_view input, bool wide) -> std::string {
        const Bytes bytes = hex(input);
        const auto item = rlp::decode(bytes);
        if (!item) return "undecodable";
        if (wide) {
            const auto value = rlp::to_uint256(*item, "gasLimit");
            return value ? "ok" : value.error().message;
        }
        const auto value = rlp::to_uint64(*item, "gasLimit");
        return value ? "ok" : value.error().message;
    };
    EXPECT_EQ(message("88ffffffffffffffff", false), "ok");
    EXPECT_EQ(message("89010000000000000000", false), "The gasLimit is larger than 2^64 - 1.");
    EXPECT_EQ(message("a1010000000000000000000000000000000000000000000000000000000000000000", true),
              "The gasLimit is larger than 2^256 - 1.");
    EXPECT_EQ(message("00", false), "The gasLimit has a leading zero byte, which RLP forbids in numbers.");
    EXPECT_EQ(message("820001", true), "The gasLimit has a leading zero byte, which RLP forbids in numbers.");
    EXPECT_EQ(message("c0", true), "The gasLimit is a list where a number should be.");
    EXPECT_EQ(message("80", true), "ok");
}

}  // namespace
}  // namespace keydeck::ethereum
