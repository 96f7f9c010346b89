// Input that must be refused, with the field that the sentence must name.
#include <gtest/gtest.h>

#include <string>

#include "engine/ethereum/typed_data.hpp"

namespace keydeck::ethereum {
namespace {

constexpr std::string_view kGood = R"({
"types":{"Person":[{"name":"name","type":"string"},{"name":"wallet","type":"address"},{"name":"tags","type":"bytes4[2]"}],
"Mail":[{"name":"to","type":"Person[]"},{"name":"amount","type":"uint8"},{"name":"delta","type":"int8"},{"name":"ok","type":"bool"},
{"name":"data","type":"bytes"},{"name":"grid","type":"uint16[2][]"},{"name":"contents","type":"string"}]},
"primaryType":"Mail",
"domain":{"name":"Ether Mail","version":"1","chainId":1,"verifyingContract":"0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC",
"salt":"0x00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"},
"message":{"to":[{"name":"Cow","wallet":"0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826","tags":["0x01020304","0x05060708"]}],
"amount":255,"delta":-128,"ok":true,"data":"0x0a","grid":[[1,2]],"contents":"Hello"}})";

struct Malformed {
    std::string_view from, to, sentence;
};

void expect_refused(const Malformed& entry) {
    std::string text(kGood);
    const auto at = text.find(entry.from);
    ASSERT_NE(at, std::string::npos) << entry.from;
    text.replace(at, entry.from.size(), entry.to);
    const auto data = parse_typed_data(text);
    ASSERT_FALSE(data) << entry.from << " -> " << entry.to;
    EXPECT_EQ(data.error().code, ErrorCode::kInvalidInput);
    EXPECT_NE(data.error().message.find(entry.sentence), std::string::npos)
        << entry.from << " -> " << entry.to << ": " << data.error().message;
}

TEST(MalformedTypedData, TheUnchangedOneIsFine) {
    const auto data = parse_typed_data(kGood);
    EXPECT_TRUE(data) << data.error().message;
}

TEST(MalformedTypedData, TopLevel) {
    constexpr Malformed kCases[] = {
        {"\"primaryType\":\"Mail\",", "", "field primaryType is missing"},
        {"\"primaryType\":\"Mail\"", "\"primaryType\":null", "field primaryType is null"},
        {"\"primaryType\":\"Mail\"", "\"primaryType\":\"mail\"", "primaryType holds \"mail\""},
        {"\"primaryType\":\"Mail\"", "\"primaryType\":\"Mail[]\"", "primaryType holds \"Mail[]\""},
        {"\"primaryType\":\"Mail\"", "\"primaryType\":\"uint256\"", "primaryType holds \"uint256\""},
        {"\"primaryType\":\"Mail\"", "\"primaryType\":\"\"", "primaryType holds \"\""},
        {"\"primaryType\":\"Mail\"", "\"primaryType\":\"EIP712Domain\"", "primaryType is EIP712Domain"},
        {"\"primaryType\":\"Mail\"", "\"primaryType\":\"Mail\",\"primaryType\":\"Mail\"", "\"primaryType\" twice"},
        {"\"primaryType\":\"Mail\"", "\"primaryType\":\"Mail\",\"extra\":1", "unknown member \"extra\""},
        {"\"domain\"", "\"Domain\"", "unknown member \"Domain\""},
        {"\"message\"", "\"value\"", "unknown member \"value\""},
        {"{\n\"types\"", "[{\n\"types\"", "JSON"},
        {"\"contents\":\"Hello\"}}", "\"contents\":\"Hello\"}", "JSON"},
        {"\"contents\":\"Hello\"}}", "\"contents\":\"Hello\"}} {}", "JSON"},
        {"\"contents\":\"Hello\"", "\"contents\":\"\xFF\"", "JSON"},
        {"\"contents\":\"Hello\"", "\"contents\":\"\\ud800\"", "JSON"},
        {"\"contents\":\"Hello\"", "\"contents\":'Hello'", "JSON"},
        {"\"contents\":\"Hello\"", "\"contents\":\"Hello\",", "JSON"},
    };
    for (const auto& entry : kCases) expect_refused(entry);
    for (const std::string_view text : {"", "null", "[]", "1", "\"x\"", "{}"}) EXPECT_FALSE(parse_typed_data(text)) << text;
}

TEST(MalformedTypedData, Types) {
    constexpr Malformed kCases[] = {
        {"\"Person\":[", "\"Person\":3,\"P2\":[", "field types.Person is a number"},
        {"\"Person\":[", "\"Person\":null,\"P2\":[", "field types.Person is null"},
        {"\"Person\":[", "\"uint256\":[],\"Person\":[", "defines \"uint256\""},
        {"\"Person\":[", "\"uint7\":[],\"Person\":[", "defines \"uint7\""},
        {"\"Person\":[", "\"bytes33\":[],\"Person\":[", "defines \"bytes33\""},
        {"\"Person\":[", "\"bool\":[],\"Person\":[", "defines \"bool\""},
        {"\"Person\":[", "\"\":[],\"Person\":[", "defines \"\""},
        {"\"Person\":[", "\"1st\":[],\"Person\":[", "defines \"1st\""},
        {"\"Person\":[", "\"A B\":[],\"Person\":[", "defines \"A B\""},
        {"\"Person\":[", "\"A(bool x)\":[],\"Person\":[", "defines \"A(bool x)\""},
        {"\"Person\":[", "\"A[]\":[],\"Person\":[", "defines \"A[]\""},
        {"\"Person\":[", "\"A:\":[],\"Person\":[", "defines \"A:\""},
        {"\"Person\":[", "\":A\":[],\"Person\":[", "defines \":A\""},
        {"\"Person\":[", "\"A::B\":[],\"Person\":[", "defines \"A::B\""},
        {"\"Person\":[", "\"P\xC3\xA9\":[],\"Person\":[", "not a name a struct can have"},
        {"\"Person\":[", "\"Person\":[1,", "field types.Person[0] is a number"},
        {"\"Person\":[", "\"Person\":[{},", "field types.Person[0].name is missing"},
        {"\"Person\":[", "\"Person\":[{\"name\":\"x\"},", "field types.Person[0].type is missing"},
        {"\"Person\":[", "\"Person\":[{\"name\":1,\"type\":\"bool\"},", "field types.Person[0].name is a number"},
        {"\"Person\":[", "\"Person\":[{\"name\":\"x\",\"type\":null},", "field types.Person[0].type is null"},
        {"\"Person\":[", "\"Person\":[{\"name\":\"x\",\"type\":\"bool\",\"indexed\":true},", "unknown member \"indexed\""},
        {"\"Person\":[", "\"Person\":[{\"name\":\"wallet\",\"type\":\"bool\"},", "two fields named wallet"},
        {"\"Person\":[", "\"Person\":[{\"name\":\"\",\"type\":\"bool\"},", "field types.Person[0].name holds \"\""},
        {"\"Person\":[", "\"Person\":[{\"name\":\"a b\",\"type\":\"bool\"},", "field types.Person[0].name holds \"a b\""},
        {"\"Person\":[", "\"Person\":[{\"name\":\"a,bool b\",\"type\":\"bool\"},", "field types.Person[0].name"},
        {"\"Person\":[", "\"Person\":[{\"name\":\"0\",\"type\":\"bool\"},", "field types.Person[0].name"},
        {"\"Person\":[", "\"Person\":[{\"name\":\"a:b\",\"type\":\"bool\"},", "field types.Person[0].name"},
        {"\"type\":\"uint8\"", "\"type\":\"\"", "field types.Mail[1].type holds \"\""},
        {"\"type\":\"uint8\"", "\"type\":\"uint0\"", "field types.Mail[1].type holds \"uint0\""},
        {"\"type\":\"uint8\"", "\"type\":\"uint7\"", "field types.Mail[1].type holds \"uint7\""},
        {"\"type\":\"uint8\"", "\"type\":\"uint08\"", "field types.Mail[1].type holds \"uint08\""},
        {"\"type\":\"uint8\"", "\"type\":\"uint264\"", "field types.Mail[1].type holds \"uint264\""},
        {"\"type\":\"uint8\"", "\"type\":\"uint99999999999999999999\"", "field types.Mail[1].type"},
        {"\"type\":\"uint8\"", "\"type\":\"int12\"", "field types.Mail[1].type holds \"int12\""},
        {"\"type\":\"uint8\"", "\"type\":\"bytes0\"", "field types.Mail[1].type holds \"bytes0\""},
        {"\"type\":\"uint8\"", "\"type\":\"bytes33\"", "field types.Mail[1].type holds \"bytes33\""},
        {"\"type\":\"uint8\"", "\"type\":\"bytes01\"", "field types.Mail[1].type holds \"bytes01\""},
        {"\"type\":\"uint8\"", "\"type\":\"byte\"", "holds \"byte\", which types does not define"},
        {"\"type\":\"uint8\"", "\"type\":\"Uint8\"", "holds \"Uint8\", which types does not define"},
        {"\"type\":\"uint8\"", "\"type\":\"function\"", "holds \"function\", which types does not define"},
        {"\"type\":\"uint8\"", "\"type\":\"mapping(uint8=>bool)\"", "which is not a type"},
        {"\"type\":\"uint8\"", "\"type\":\"Strangr\"", "holds \"Strangr\", which types does not define"},
        {"\"type\":\"uint8\"", "\"type\":\"Strangr[]\"", "holds \"Strangr\", which types does not define"},
        {"\"type\":\"uint8\"", "\"type\":\" uint8\"", "which is not a type"},
        {"\"type\":\"uint8\"", "\"type\":\"uint8 \"", "which is not a type"},
        {"\"type\":\"uint8\"", "\"type\":\"uint8[\"", "which is not a type"},
        {"\"type\":\"uint8\"", "\"type\":\"uint8]\"", "which is not a type"},
        {"\"type\":\"uint8\"", "\"type\":\"uint8[]x\"", "which is not a type"},
        {"\"type\":\"uint8\"", "\"type\":\"uint8[-1]\"", "which is not a type"},
        {"\"type\":\"uint8\"", "\"type\":\"uint8[01]\"", "which is not a type"},
        {"\"type\":\"uint8\"", "\"type\":\"uint8[1.5]\"", "which is not a type"},
        {"\"type\":\"uint8\"", "\"type\":\"uint8[ 1]\"", "which is not a type"},
        {"\"type\":\"uint8\"", "\"type\":\"uint8[0x1]\"", "which is not a type"},
        {"\"type\":\"uint8\"", "\"type\":\"uint8[18446744073709551616]\"", "which is not a type"},
        {"\"type\":\"uint8\"", "\"type\":\"[]\"", "which is not a type"},
        {"\"type\":\"uint8\"", "\"type\":\"uint8[][\"", "which is not a type"},
        {"\"type\":\"uint8\"", "\"type\":\"uint8[[]]\"", "which is not a type"},
        {"\"type\":\"uint8\"", "\"type\":\"Mail\"", "makes the struct Mail contain itself"},
        {"\"type\":\"uint8\"", "\"type\":\"Mail[]\"", "makes the struct Mail contain itself"},
        {"\"Person\":[", "\"Person\":[{\"name\":\"m\",\"type\":\"Mail[3][]\"},", "contain itself"},
        {"\"Person\":[", "\"X\":[{\"name\":\"y\",\"type\":\"Y\"}],\"Y\":[{\"name\":\"x\",\"type\":\"X\"}],\"Person\":[",
         "contain itself"},
        {"\"Person\":[", "\"Person\":[],\"Person\":[", "\"Person\" twice"},
    };
    for (const auto& entry : kCases) expect_refused(entry);
}

TEST(MalformedTypedData, Domain) {
    constexpr Malformed kCases[] = {
        {"\"name\":\"Ether Mail\"", "\"name\":1", "field domain.name is a number"},
        {"\"name\":\"Ether Mail\"", "\"name\":\"Ether Mail\",\"title\":\"x\"", "field domain has a member \"title\""},
        {"\"name\":\"Ether Mail\"", "\"name\":\"Ether Mail\",\"title\":null", "field domain has a member \"title\""},
        {"\"version\":\"1\"", "\"version\":1", "field domain.version is a number"},
        {"\"chainId\":1", "\"chainId\":-1", "field domain.chainId is out of the range of uint256"},
        {"\"chainId\":1", "\"chainId\":1.5", "field domain.chainId has a fraction"},
        {"\"chainId\":1", "\"chainId\":\"mainnet\"", "field domain.chainId"},
        {"\"chainId\":1", "\"chainId\":true", "field domain.chainId is a boolean"},
        {"\"chainId\":1", "\"chainid\":1", "field domain has a member \"chainid\""},
        {"0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC", "0xcCCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC",
         "field domain.verifyingContract"},
        {"0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC", "mail.eth", "field domain.verifyingContract"},
        {"\"salt\":\"0x0011", "\"salt\":\"0x11", "field domain.salt has 31 bytes"},
        {"\"Person\":[", "\"EIP712Domain\":[{\"name\":\"name\",\"type\":\"string\"}],\"Person\":[",
         "field domain has a member \"version\""},
        {"\"Person\":[", "\"EIP712Domain\":[{\"name\":\"owner\",\"type\":\"string\"}],\"Person\":[",
         "field domain.owner is missing"},
        {"\"domain\":{\"name\":\"Ether Mail\"", "\"domain\":[{\"name\":\"Ether Mail\"", "JSON"},
    };
    for (const auto& entry : kCases) expect_refused(entry);
}

TEST(MalformedTypedData, Message) {
    constexpr Malformed kCases[] = {
        {"\"contents\":\"Hello\"", "\"contents\":null", "field message.contents is null"},
        {"\"contents\":\"Hello\"", "\"contents\":5", "field message.contents is a number"},
        {"\"contents\":\"Hello\"", "\"contents\":[\"Hello\"]", "field message.contents is an array"},
        {"\"contents\":\"Hello\"", "\"content\":\"Hello\"", "field message.contents is missing"},
        {",\"contents\":\"Hello\"", "", "field message.contents is missing"},
        {"\"contents\":\"Hello\"", "\"contents\":\"Hello\",\"cc\":\"Eve\"", "field message has a member \"cc\""},
        {"\"contents\":\"Hello\"", "\"contents\":\"Hello\",\"cc\":null", "field message has a member \"cc\""},
        {"\"contents\":\"Hello\"", "\"contents\":\"Hello\",\"contents\":\"Bye\"", "twice"},
        {"\"contents\":\"Hello\"", "\"contents\":\"Hello\",\"\\u001b[2J\":1", "has a member \"\\u{1b}[2J\""},
        {"\"amount\":255", "\"amount\":256", "field message.amount is out of the range of uint8"},
        {"\"amount\":255", "\"amount\":-1", "field message.amount is out of the range of uint8"},
        {"\"amount\":255", "\"amount\":\"-1\"", "field message.amount is out of the range of uint8"},
        {"\"amount\":255", "\"amount\":1.0", "field message.amount has a fraction"},
        {"\"amount\":255", "\"amount\":1e2", "field message.amount has a fraction"},
        {"\"amount\":255", "\"amount\":\"1e2\"", "field message.amount is not a whole number"},
        {"\"amount\":255", "\"amount\":\"1.0\"", "field message.amount is not a whole number"},
        {"\"amount\":255", "\"amount\":\"\"", "field message.amount is not a whole number"},
        {"\"amount\":255", "\"amount\":\"-\"", "field message.amount is not a whole number"},
        {"\"amount\":255", "\"amount\":\"--1\"", "field message.amount is not a whole number"},
        {"\"amount\":255", "\"amount\":\"+1\"", "field message.amount is not a whole number"},
        {"\"amount\":255", "\"amount\":\" 1\"", "field message.amount is not a whole number"},
        {"\"amount\":255", "\"amount\":\"0x\"", "field message.amount is not"},
        {"\"amount\":255", "\"amount\":\"0xg\"", "field message.amount is not"},
        {"\"amount\":255", "\"amount\":\"0b1\"", "field message.amount is not a whole number"},
        {"\"amount\":255", "\"amount\":true", "field message.amount is a boolean"},
        {"\"amount\":255", "\"amount\":null", "field message.amount is null"},
        {"\"amount\":255", "\"amount\":[1]", "field message.amount is an array"},
        {"\"amount\":255", "\"amount\":115792089237316195423570985008687907853269984665640564039457584007913129639936",
         "field message.amount is larger than 2^256 - 1"},
        {"\"delta\":-128", "\"delta\":-129", "field message.delta is out of the range of int8"},
        {"\"delta\":-128", "\"delta\":128", "field message.delta is out of the range of int8"},
        {"\"delta\":-128", "\"delta\":\"0xff\"", "field message.delta is out of the range of int8"},
        {"\"ok\":true", "\"ok\":1", "field message.ok is a number"},
        {"\"ok\":true", "\"ok\":\"true\"", "field message.ok is a string"},
        {"\"ok\":true", "\"ok\":null", "field message.ok is null"},
        {"\"data\":\"0x0a\"", "\"data\":\"0x0\"", "field message.data has an odd number"},
        {"\"data\":\"0x0a\"", "\"data\":\"0a\"", "field message.data must be hexadecimal and begin with 0x"},
        {"\"data\":\"0x0a\"", "\"data\":\"\"", "field message.data must be hexadecimal and begin with 0x"},
        {"\"data\":\"0x0a\"", "\"data\":\"0x0g\"", "field message.data is not hexadecimal"},
        {"\"data\":\"0x0a\"", "\"data\":[10]", "field message.data is an array"},
        {"\"data\":\"0x0a\"", "\"data\":10", "field message.data is a number"},
        {"\"grid\":[[1,2]]", "\"grid\":[[1,2],[3]]", "field message.grid[1] has 1 items"},
        {"\"grid\":[[1,2]]", "\"grid\":[[1,2,3]]", "field message.grid[0] has 3 items"},
        {"\"grid\":[[1,2]]", "\"grid\":[1,2]", "field message.grid[0] is a number"},
        {"\"grid\":[[1,2]]", "\"grid\":{\"0\":[1,2]}", "field message.grid is an object"},
        {"\"grid\":[[1,2]]", "\"grid\":\"[[1,2]]\"", "field message.grid is a string"},
        {"\"grid\":[[1,2]]", "\"grid\":[[1,65536]]", "field message.grid[0][1] is out of the range of uint16"},
        {"\"grid\":[[1,2]]", "\"grid\":null", "field message.grid is null"},
        {"[\"0x01020304\",\"0x05060708\"]", "[\"0x01020304\"]", "field message.to[0].tags has 1 items"},
        {"0x05060708", "0x050607", "field message.to[0].tags[1] has 3 bytes; bytes4 has exactly 4"},
        {"0x05060708", "0x0506070809", "field message.to[0].tags[1] has 5 bytes"},
        {"0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826", "0xcD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826",
         "field message.to[0].wallet is mistyped"},
        {"0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826", "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD8",
         "field message.to[0].wallet is not an address"},
        {"0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826", "CD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826",
         "field message.to[0].wallet is not an address"},
        {"0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826", "cow.eth", "field message.to[0].wallet is not an address"},
        {"0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826", "", "field message.to[0].wallet is not an address"},
        {"\"to\":[{", "\"to\":[null,{", "field message.to[0] is null"},
        {"\"to\":[{", "\"to\":[[],{", "field message.to[0] is an array"},
        {"\"to\":[{", "\"to\":[{\"name\":\"x\"},{", "field message.to[0].wallet is missing"},
        {"\"to\":[{\"name\":\"Cow\"", "\"to\":[{\"name\":\"Cow\",\"nick\":\"C\"",
         "field message.to[0] has a member \"nick\""},
        {"\"message\":{\"to\"", "\"message\":null,\"x\":{\"to\"", "unknown member \"x\""},
    };
    for (const auto& entry : kCases) expect_refused(entry);
}

}  // namespace
}  // namespace keydeck::ethereum
