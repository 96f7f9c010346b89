#include "engine/ethereum/typed_data.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/base/hex.hpp"
#include "engine/crypto/hash.hpp"
#include "engine/ethereum/typed_data_types.hpp"

namespace keydeck::ethereum {
namespace {

// https://eips.ethereum.org/EIPS/eip-712 and its assets/eip-712/Example.js
constexpr std::string_view kMail = R"({
  "types": {
    "EIP712Domain": [
      {"name": "name", "type": "string"}, {"name": "version", "type": "string"},
      {"name": "chainId", "type": "uint256"}, {"name": "verifyingContract", "type": "address"}],
    "Person": [{"name": "name", "type": "string"}, {"name": "wallet", "type": "address"}],
    "Mail": [{"name": "from", "type": "Person"}, {"name": "to", "type": "Person"}, {"name": "contents", "type": "string"}]},
  "primaryType": "Mail",
  "domain": {"name": "Ether Mail", "version": "1", "chainId": 1, "verifyingContract": "0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC"},
  "message": {
    "from": {"name": "Cow", "wallet": "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"},
    "to": {"name": "Bob", "wallet": "0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB"},
    "contents": "Hello, Bob!"}})";

std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
    std::string out(text);
    const auto at = out.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return out.replace(at, from.size(), to);
}

// A file with one struct `A` of the given fields, and no domain fields.
std::string file(std::string_view fields, std::string_view message, std::string_view more_types = {}) {
    return R"({"types":{"A":[)" + std::string(fields) + "]" + std::string(more_types) +
           R"(},"primaryType":"A","domain":{},"message":)" + std::string(message) + "}";
}

std::string one_field(std::string_view type, std::string_view value) {
    return file(R"({"name":"x","type":")" + std::string(type) + "\"}", R"({"x":)" + std::string(value) + "}");
}

std::string digest_of(std::string_view text) {
    const auto data = parse_typed_data(text);
    EXPECT_TRUE(data) << data.error().message << '\n' << text;
    return data ? to_hex(data->digest) : "";
}

TEST(TypedData, HashesTheExampleOfTheEip) {
    const auto data = parse_typed_data(kMail);
    ASSERT_TRUE(data) << data.error().message;
    EXPECT_EQ(to_hex(data->digest), "be609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2");
    EXPECT_EQ(to_hex(data->domain_hash), "f2cee375fa42b42143804025fc449deafd50cc031ca257e0b194a650a912090f");
    EXPECT_EQ(to_hex(data->message_hash), "c52c0ee5d84264471806290a3f2c4cecfc5490626bf912d01f240d7a274b371e");
    EXPECT_EQ(data->encoded_type, "Mail(Person from,Person to,string contents)Person(string name,address wallet)");
    EXPECT_EQ(to_hex(crypto::keccak256(as_bytes(data->encoded_type))),
              "a0cedeb2dc280ba39b857546d74f5549c3a1d7bdc2dd96bf881f76108e23dac2");
    EXPECT_EQ(data->primary_type, "Mail");
    EXPECT_EQ(data->chain_id, Uint256(1));
    ASSERT_TRUE(data->verifying_contract);
    EXPECT_EQ(to_checksum(*data->verifying_contract), "0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC");
}

TEST(TypedData, InfersTheDomainTypeInTheOrderOfTheEip) {
    auto inferred = std::string(kMail);
    const auto begin = inferred.find("\"EIP712Domain\"");
    inferred.erase(begin, inferred.find("\"Person\"") - begin);
    EXPECT_EQ(digest_of(inferred), digest_of(kMail));
    const auto shuffled = replaced(inferred, R"("name": "Ether Mail", "version": "1", "chainId": 1)",
                                   R"("chainId": "0x1", "salt": null, "version": "1", "name": "Ether Mail")");
    EXPECT_EQ(digest_of(shuffled), digest_of(kMail));
}

TEST(TypedData, ADeclaredDomainIsHashedAsDeclared) {
    const auto other_order = replaced(kMail, R"({"name": "name", "type": "string"}, {"name": "version", "type": "string"})",
                                      R"({"name": "version", "type": "string"}, {"name": "name", "type": "string"})");
    EXPECT_NE(digest_of(other_order), digest_of(kMail));
    const auto null_salt = replaced(kMail, R"("domain": {)", R"("domain": {"salt": null, )");
    EXPECT_EQ(digest_of(null_salt), digest_of(kMail));
    const auto text_chain =
        parse_typed_data(replaced(replaced(kMail, R"("chainId", "type": "uint256")", R"("chainId", "type": "string")"),
                                  "\"chainId\": 1", "\"chainId\": \"1\""));
    ASSERT_TRUE(text_chain);
    EXPECT_FALSE(text_chain->chain_id);
}

TEST(TypedData, WithoutDomainFieldsThereIsNoChain) {
    const auto data = parse_typed_data(one_field("bool", "true"));
    ASSERT_TRUE(data);
    EXPECT_FALSE(data->chain_id);
    EXPECT_FALSE(data->verifying_contract);
    EXPECT_TRUE(data->domain.empty());
    EXPECT_EQ(to_hex(data->domain_hash),
              to_hex(crypto::keccak256(crypto::keccak256(as_bytes(std::string_view("EIP712Domain()"))))));
}

std::string lines_of(const std::vector<TypedDataLine>& lines) {
    std::string out;
    for (const auto& line : lines) {
        out += std::string(line.depth * 2, ' ') + line.name + ' ' + line.type;
        if (!line.value.empty()) out += " = " + line.value;
        out += '\n';
    }
    return out;
}

TEST(TypedData, ShowsEveryValueInFull) {
    const auto data = parse_typed_data(kMail);
    ASSERT_TRUE(data);
    EXPECT_EQ(lines_of(data->domain),
              "name string = Ether Mail\n"
              "version string = 1\n"
              "chainId uint256 = 1\n"
              "verifyingContract address = 0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC\n");
    EXPECT_EQ(lines_of(data->message),
              "from Person\n"
              "  name string = Cow\n"
              "  wallet address = 0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826\n"
              "to Person\n"
              "  name string = Bob\n"
              "  wallet address = 0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB\n"
              "contents string = Hello, Bob!\n");
    const std::string long_text(100'000, 'y');
    const auto big = parse_typed_data(one_field("string", '"' + long_text + '"'));
    ASSERT_TRUE(big);
    EXPECT_EQ(big->message[0].value, long_text);
}

TEST(TypedData, ShowsNestedArraysItemByItem) {
    const auto data = parse_typed_data(file(
        R"({"name":"grid","type":"uint[2][]"},{"name":"people","type":"B[1]"},{"name":"none","type":"B[]"})",
        R"({"people":[{"ok":true,"note":"a\nb\u202ec"}],"none":[],"grid":[[1,"0x02"],["3",115792089237316195423570985008687907853269984665640564039457584007913129639935]]})",
        R"(,"B":[{"name":"ok","type":"bool"},{"name":"note","type":"string"}])"));
    ASSERT_TRUE(data) << data.error().message;
    EXPECT_EQ(data->encoded_type, "A(uint256[2][] grid,B[1] people,B[] none)B(bool ok,string note)");
    EXPECT_EQ(lines_of(data->message),
              "grid uint256[2][]\n"
              "  [0] uint256[2]\n"
              "    [0] uint256 = 1\n"
              "    [1] uint256 = 2\n"
              "  [1] uint256[2]\n"
              "    [0] uint256 = 3\n"
              "    [1] uint256 = 115792089237316195423570985008687907853269984665640564039457584007913129639935\n"
              "people B[1]\n"
              "  [0] B\n"
              "    ok bool = true\n"
              "    note string = a\\nb\\u{202e}c\n"
              "none B[]\n");
}

// Every way to write a number gives one digest, and that of ethers 6.17 (TypedDataEncoder.hash with an empty domain).
TEST(TypedData, NumbersMayBeWrittenInSeveralWays) {
    EXPECT_EQ(digest_of(one_field("int16", "-300")), digest_of(one_field("int16", R"("-300")")));
    EXPECT_EQ(digest_of(one_field("int16", "-300")), digest_of(one_field("int16", R"("-0x12c")")));
    EXPECT_EQ(digest_of(one_field("uint", "255")), digest_of(one_field("uint256", R"("0x00FF")")));
    EXPECT_EQ(digest_of(one_field("uint8", "0")), digest_of(one_field("uint8", R"("-0")")));
    EXPECT_EQ(digest_of(one_field("int", "-1")), digest_of(one_field("int256", R"("-1")")));
    EXPECT_NE(digest_of(one_field("int16", "-300")), digest_of(one_field("int16", "300")));
}

TEST(TypedData, TheEndsOfEveryIntegerRange) {
    for (unsigned bits = 8; bits <= 256; bits += 8) {
        const Uint256 one = 1;
        const Uint256 highest = bits == 256 ? ~Uint256(0) : (one << bits) - 1;
        const Uint256 half = one << (bits - 1);
        const std::string width = std::to_string(bits);
        const auto accepts = [](const std::string& type, const std::string& value) {
            return parse_typed_data(one_field(type, value)).has_value() &&
                   parse_typed_data(one_field(type, '"' + value + '"')).has_value();
        };
        const auto refuses = [](const std::string& type, const std::string& value) {
            const auto data = parse_typed_data(one_field(type, value));
            return !data && data.error().code == ErrorCode::kInvalidInput &&
                   data.error().message.find("message.x") != std::string::npos;
        };
        EXPECT_TRUE(accepts("uint" + width, to_decimal(highest)));
        EXPECT_TRUE(accepts("uint" + width, "0"));
        EXPECT_TRUE(accepts("int" + width, to_decimal(half - 1)));
        EXPECT_TRUE(accepts("int" + width, '-' + to_decimal(half)));
        EXPECT_TRUE(refuses("uint" + width, bits == 256 ? to_decimal(highest) + "0" : to_decimal(highest + 1)));
        EXPECT_TRUE(refuses("uint" + width, "-1"));
        EXPECT_TRUE(refuses("int" + width, to_decimal(half)));
        EXPECT_TRUE(refuses("int" + width, '-' + to_decimal(half + 1)));
    }
}

TEST(TypedData, EveryLengthOfFixedBytes) {
    for (unsigned size = 1; size <= 32; ++size) {
        const std::string type = "bytes" + std::to_string(size);
        const auto value = [](unsigned bytes) { return "\"0x" + std::string(std::size_t{bytes} * 2, 'a') + '"'; };
        EXPECT_TRUE(parse_typed_data(one_field(type, value(size))));
        EXPECT_FALSE(parse_typed_data(one_field(type, value(size - 1))));
        EXPECT_FALSE(parse_typed_data(one_field(type, value(size + 1))));
    }
}

TEST(TypedData, NamesInPartsAndDollarsAreNames) {
    const auto data = parse_typed_data(
        R"({"types":{"Exchange:UsdSend":[{"name":"$to_1","type":"string"}]},"primaryType":"Exchange:UsdSend","domain":{},"message":{"$to_1":"x"}})");
    ASSERT_TRUE(data) << data.error().message;
    EXPECT_EQ(data->encoded_type, "Exchange:UsdSend(string $to_1)");
}

TEST(TypedData, UnusedTypesMayStandInTheFile) {
    const auto unused = file(R"({"name":"x","type":"bool"})", R"({"x":true})", R"(,"Unused":[{"name":"y","type":"A[]"}])");
    EXPECT_EQ(digest_of(unused), digest_of(one_field("bool", "true")));
}

// A diamond is no cycle: D is reached twice, and written once.
TEST(TypedData, ADiamondOfTypesIsNoCycle) {
    const auto data = parse_typed_data(file(R"({"name":"b","type":"B"},{"name":"c","type":"C[]"})",
                                            R"({"b":{"d":{}},"c":[{"d":{}},{"d":{}}]})",
                                            R"(,"D":[],"C":[{"name":"d","type":"D"}],"B":[{"name":"d","type":"D"}])"));
    ASSERT_TRUE(data) << data.error().message;
    EXPECT_EQ(data->encoded_type, "A(B b,C[] c)B(D d)C(D d)D()");
}

// 2^60 ways lead through this chain of types; each type is looked at once.
TEST(TypedData, ALadderOfTypesCostsNoExponentialTime) {
    std::string more;
    for (int i = 0; i < 60; ++i) {
        const std::string next = "{\"name\":\"NAME\",\"type\":\"T" + std::to_string(i + 1) + "[]\"}";
        more += ",\"T" + std::to_string(i) + "\":[" + replaced(next, "NAME", "l") + "," + replaced(next, "NAME", "r") + "]";
    }
    more += R"(,"T60":[])";
    const auto data = parse_typed_data(file(R"({"name":"t","type":"T0"})", R"({"t":{"l":[],"r":[]}})", more));
    EXPECT_TRUE(data) << data.error().message;
}

TEST(TypedData, HostileSizesEndInAnError) {
    const auto refused = [](const std::string& text, std::string_view sentence) {
        const auto data = parse_typed_data(text);
        ASSERT_FALSE(data);
        EXPECT_EQ(data.error().code, ErrorCode::kInvalidInput);
        EXPECT_NE(data.error().message.find(sentence), std::string::npos) << data.error().message;
    };
    refused(std::string((4U << 20U) + 1, ' '), "4 MiB");
    refused(std::string(1'000'000, '['), "64 levels");
    refused(one_field("uint8" + std::string(200, '[') + std::string(200, ']'), "[]"), "not a type");
    std::string dimensions = "uint8";
    for (int i = 0; i < 65; ++i) dimensions += "[]";
    refused(one_field(dimensions, "[]"), "64 array dimensions");
    std::string chain;
    for (int i = 0; i < 512; ++i)
        chain += ",\"T" + std::to_string(i) + "\":[{\"name\":\"t\",\"type\":\"T" + std::to_string(i + 1) + "\"}]";
    refused(file("", "{}", chain), "512 structs");
    std::string fields = R"({"name":"f","type":"bool"})";
    for (int i = 0; i < 2048; ++i) fields += ",{\"name\":\"f" + std::to_string(i) + R"(","type":"bool"})";
    refused(file(fields, "{}"), "2048 fields");
    refused(file(R"({"name":")" + std::string(129, 'a') + R"(","type":"bool"})", "{}"), "not a name");
}

TEST(TypedData, FiftyLevelsOfStructsAndArraysAreFine) {
    std::string more;
    std::string message;
    std::string ends;
    for (int i = 0; i < 50; ++i) {
        more += ",\"T" + std::to_string(i) + "\":[{\"name\":\"t\",\"type\":\"T" + std::to_string(i + 1) + "\"}]";
        message += R"({"t":)";
        ends += '}';
    }
    EXPECT_TRUE(parse_typed_data(
        file(R"({"name":"t","type":"T0"})", R"({"t":)" + message + "{}" + ends + "}", more + R"(,"T50":[])")));
    EXPECT_TRUE(parse_typed_data(one_field("bytes1[][1][][1][][1][][1][]", R"([[[[[[[[["0x01"]]]]]]]]])")));
}

TEST(FieldType, SplitsDimensionsInnermostFirst) {
    const auto type = eip712::parse_field_type("uint[3][][12]", "t");
    ASSERT_TRUE(type);
    EXPECT_EQ(type->text, "uint256[3][][12]");
    EXPECT_EQ(type->base, "uint256");
    EXPECT_EQ(type->atomic, (eip712::AtomicType{eip712::AtomicKind::kUint, 256}));
    EXPECT_EQ(type->dimensions, (std::vector<std::optional<std::uint64_t>>{3, std::nullopt, 12}));
    EXPECT_EQ(type->text_of(0), "uint256");
    EXPECT_EQ(type->text_of(1), "uint256[3]");
    EXPECT_EQ(type->text_of(2), "uint256[3][]");
    EXPECT_EQ(type->text_of(3), type->text);
    const auto person = eip712::parse_field_type("Person[]", "t");
    ASSERT_TRUE(person);
    EXPECT_FALSE(person->atomic);
    EXPECT_EQ(person->base, "Person");
}

}  // namespace
}  // namespace keydeck::ethereum
