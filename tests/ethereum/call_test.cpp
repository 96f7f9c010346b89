#include "engine/ethereum/call.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "engine/base/hex.hpp"
#include "engine/crypto/hash.hpp"
#include "engine/ethereum/abi.hpp"
#include "engine/ethereum/call_table.hpp"

namespace keydeck::ethereum {
namespace {

const Address kContract = *parse_address("0xBA975da4d2459Aa3F11D31291a25A8358F84946d", "contract");
constexpr std::string_view kWho = "0x5F63260EecF7F5E184046A03C89B3edd147Cb820";
const std::string kWhoWord = "0000000000000000000000005f63260eecf7f5e184046a03c89b3edd147cb820";

Bytes hex(const std::string& text) { return *from_hex(text, "test"); }

std::string word(const Uint256& value) { return to_hex(to_be32(value)); }

std::string selector(std::string_view signature) { return to_hex(crypto::keccak256(as_bytes(signature))).substr(0, 8); }

DecodedCall decoded(const std::string& data) { return decode_call(kContract, hex(data)); }

std::string argument(const DecodedCall& call, std::string_view name) {
    for (const CallArgument& argument : call.arguments) {
        if (argument.name == name) return argument.value;
    }
    return "no argument " + std::string(name);
}

TEST(Call, DecodesATransfer) {
    const Bytes data = hex("a9059cbb" + kWhoWord + word(250'000'000));
    const DecodedCall call = decode_call(kContract, data);
    EXPECT_TRUE(call.known);
    EXPECT_EQ(call.signature, "transfer(address to, uint256 value)");
    EXPECT_EQ(call.standard, "ERC-20");
    EXPECT_EQ(call.sentence,
              "Send 250000000 units of token 0xBA975da4d2459Aa3F11D31291a25A8358F84946d to " + std::string(kWho));
    ASSERT_EQ(call.arguments.size(), 2U);
    EXPECT_EQ(argument(call, "to"), kWho);
    EXPECT_EQ(argument(call, "value"), "250000000");
    EXPECT_EQ(call.risk, CallRisk::kNone);
    EXPECT_EQ(to_hex_0x(calldata_digest(data)), "0x79d1bde758786422c4645cf254607ee457613fa8bfd3811e8195fba9a0059439");
}

// Published selectors (4byte.directory), so that the table's texts cannot drift.
TEST(Call, HasThePublishedSelectors) {
    const std::pair<std::string_view, std::string_view> kSelectors[] = {
        {"transfer", "a9059cbb"},
        {"approve", "095ea7b3"},
        {"transferFrom", "23b872dd"},
        {"increaseAllowance", "39509351"},
        {"decreaseAllowance", "a457c2d7"},
        {"permit", "d505accf"},
        {"permit", "8fcbaf0c"},
        {"setApprovalForAll", "a22cb465"},
        {"safeTransferFrom", "42842e0e"},
        {"safeTransferFrom", "b88d4fde"},
        {"safeTransferFrom", "f242432a"},
        {"safeBatchTransferFrom", "2eb2c2d6"},
        {"approve", "87517c45"},
        {"permit", "2b67b570"},
        {"permit", "2a2d80d1"},
        {"transferFrom", "36c78516"},
        {"permitTransferFrom", "30f28b7a"},
        {"lockdown", "cc53287f"},
        {"deposit", "d0e30db0"},
        {"withdraw", "2e1a7d4d"},
        {"multicall", "ac9650d8"},
        {"multicall", "5ae401dc"},
        {"multicall", "1f0464d1"},
        {"aggregate", "252dba42"},
        {"aggregate3", "82ad56cb"},
        {"execTransaction", "6a761202"},
        {"transferOwnership", "f2fde38b"},
        {"upgradeToAndCall", "4f1ef286"},
        {"execute", "3593564c"},
        {"exactInputSingle", "414bf389"},
        {"swapExactTokensForTokens", "38ed1739"},
        {"authorizeOperator", "959b8c3f"},
        {"disperseEther", "e63d38ed"},
        {"disperseToken", "c73a2d60"},
        {"disperseTokenSimple", "51ba162c"},
    };
    std::set<std::string> ours;
    for (const KnownCall& call : known_calls()) {
        const auto function = abi::parse_function(call.signature);
        EXPECT_TRUE(ours.insert(function.name + " " + to_hex(function.selector)).second) << call.signature;
    }
    for (const auto& [name, published] : kSelectors)
        EXPECT_TRUE(ours.contains(std::string(name) + " " + std::string(published))) << name << " " << published;
}

// Every sentence names only arguments that the call has.
TEST(Call, HasSentencesThatCanBeFilled) {
    for (const KnownCall& call : known_calls()) {
        for (const std::string_view sentence : {call.sentence, call.risky_sentence}) {
            for (std::size_t at = sentence.find('{'); at != std::string_view::npos; at = sentence.find('{', at + 1)) {
                const std::string_view name = sentence.substr(at + 1, sentence.find('}', at) - at - 1);
                const std::string_view last = name.substr(name.rfind('.') + 1);  // npos + 1 is 0
                EXPECT_TRUE(name == "contract" || call.signature.find(" " + std::string(last)) != std::string_view::npos)
                    << call.signature << ": " << name;
            }
        }
        const bool decides = call.decider != Decider::kNothing && call.decider != Decider::kAlways;
        EXPECT_EQ(decides, !call.argument.empty()) << call.signature;
        EXPECT_EQ(decides, !call.risky_sentence.empty()) << call.signature;
        EXPECT_EQ(call.decider == Decider::kNothing, call.risk == CallRisk::kNone) << call.signature;
    }
}

TEST(Call, FlagsUnlimitedApprovals) {
    const Uint256 all = std::numeric_limits<Uint256>::max();
    struct Case {
        Uint256 value;
        CallRisk risk;
    };
    const Case cases[] = {{0, CallRisk::kNone},
                          {250, CallRisk::kNone},
                          {(Uint256(1) << 96) - 2, CallRisk::kNone},
                          {(Uint256(1) << 96) - 1, CallRisk::kUnlimitedApproval},
                          {Uint256(1) << 96, CallRisk::kUnlimitedApproval},
                          {(Uint256(1) << 112) - 1, CallRisk::kUnlimitedApproval},
                          {Uint256(1) << 127, CallRisk::kUnlimitedApproval},
                          {(Uint256(1) << 128) - 1, CallRisk::kUnlimitedApproval},
                          {(Uint256(1) << 160) - 1, CallRisk::kUnlimitedApproval},
                          {Uint256(1) << 255, CallRisk::kUnlimitedApproval},
                          {all, CallRisk::kUnlimitedApproval}};
    for (const auto& [value, risk] : cases) {
        for (const char* name : {"approve(address,uint256)", "increaseAllowance(address,uint256)"}) {
            const DecodedCall call = decoded(selector(name) + kWhoWord + word(value));
            EXPECT_EQ(call.risk, risk) << name << value;
            EXPECT_EQ(call.sentence.find("UNLIMITED") != std::string::npos, risk != CallRisk::kNone) << call.sentence;
        }
    }
    const std::string signature = word(28) + word(1) + word(2);
    EXPECT_EQ(decoded("d505accf" + kWhoWord + kWhoWord + word(all) + word(9) + signature).risk,
              CallRisk::kUnlimitedApproval);
    EXPECT_EQ(decoded("d505accf" + kWhoWord + kWhoWord + word(5) + word(9) + signature).risk, CallRisk::kNone);
    EXPECT_EQ(decoded("8fcbaf0c" + kWhoWord + kWhoWord + word(0) + word(9) + word(1) + signature).risk,
              CallRisk::kUnlimitedApproval);
    EXPECT_EQ(decoded("8fcbaf0c" + kWhoWord + kWhoWord + word(0) + word(9) + word(0) + signature).risk, CallRisk::kNone);
    EXPECT_EQ(decoded("87517c45" + kWhoWord + kWhoWord + word((Uint256(1) << 160) - 1) + word(9)).risk,
              CallRisk::kUnlimitedApproval);
}

TEST(Call, SaysWhoGains) {
    const Address who = *parse_address(kWho, "who");
    EXPECT_EQ(decoded("a9059cbb" + kWhoWord + word(1)).beneficiaries, std::vector<Address>{who});
    EXPECT_EQ(decoded("095ea7b3" + kWhoWord + word(1)).beneficiaries, std::vector<Address>{who});
    EXPECT_TRUE(decoded("12345678").beneficiaries.empty());
    const DecodedCall given = decoded("a22cb465" + kWhoWord + word(1));
    EXPECT_EQ(given.beneficiaries, std::vector<Address>{who});
    EXPECT_FALSE(given.takes_back);
    const DecodedCall taken = decoded("a22cb465" + kWhoWord + word(0));
    EXPECT_TRUE(taken.beneficiaries.empty());
    EXPECT_TRUE(taken.takes_back);
    EXPECT_FALSE(decoded("095ea7b3" + kWhoWord + word(0)).takes_back) << "item 0 of a collection";
    EXPECT_TRUE(decoded("39509351" + kWhoWord + word(0)).takes_back);
    EXPECT_TRUE(decoded("a457c2d7" + kWhoWord + word(7)).takes_back);
    // execute(target, 5, ""): whoever the coin goes to.
    EXPECT_EQ(decoded(selector("execute(address,uint256,bytes)") + kWhoWord + word(5) + word(96) + word(0)).beneficiaries,
              std::vector<Address>{who});
}

TEST(Call, NamesAddressesAsItIsTold) {
    const auto words = [](const Address& address) {
        return address == kContract ? std::string("USDC") : std::string("Bob");
    };
    EXPECT_EQ(decode_call(kContract, hex("a9059cbb" + kWhoWord + word(5)), words).sentence,
              "Send 5 units of token USDC to Bob");
    EXPECT_EQ(decode_call(kContract, hex("12345678"), words).sentence,
              "Unknown call 0x12345678 on USDC: what it does cannot be told");
}

TEST(Call, SaysWhatMoves) {
    const Address who = *parse_address(kWho, "who");
    const DecodedCall transfer = decoded("a9059cbb" + kWhoWord + word(5));
    ASSERT_EQ(transfer.movements.size(), 1U);
    EXPECT_EQ(transfer.movements[0].token, kContract);
    EXPECT_EQ(transfer.movements[0].to, who);
    EXPECT_EQ(transfer.movements[0].amount, 5);
    EXPECT_TRUE(decoded("23b872dd" + kWhoWord + kWhoWord + word(5)).movements.empty()) << "it may be an item's number";
    const DecodedCall coin = decoded(selector("execute(address,uint256,bytes)") + kWhoWord + word(5) + word(96) + word(0));
    ASSERT_EQ(coin.movements.size(), 1U);
    EXPECT_FALSE(coin.movements[0].token.has_value());
    EXPECT_EQ(coin.movements[0].amount, 5);
}

TEST(Call, FlagsApprovalsForAll) {
    const DecodedCall given = decoded("a22cb465" + kWhoWord + word(1));
    EXPECT_EQ(given.risk, CallRisk::kApprovalForAll);
    EXPECT_NE(given.sentence.find("EVERY item"), std::string::npos);
    EXPECT_EQ(argument(given, "approved"), "true");
    const DecodedCall taken = decoded("a22cb465" + kWhoWord + word(0));
    EXPECT_EQ(taken.risk, CallRisk::kNone);
    EXPECT_NE(taken.sentence.find("Take back"), std::string::npos);
    EXPECT_EQ(decoded("959b8c3f" + kWhoWord).risk, CallRisk::kApprovalForAll);
}

TEST(Call, DecodesTuplesBytesAndLists) {
    // Permit2 permit(owner, PermitSingle, signature): a static tuple of a tuple, then bytes of 65.
    const std::string single = kWhoWord + word(77) + word(1'700'000'000) + word(3) + kWhoWord + word(99);
    const std::string bytes = word(65) + std::string(130, 'a') + std::string(62, '0');
    const DecodedCall permit = decoded("2b67b570" + kWhoWord + single + word(8 * 32) + bytes);
    ASSERT_TRUE(permit.known);
    EXPECT_EQ(permit.standard, "Permit2");
    EXPECT_EQ(argument(permit, "permitSingle.details.amount"), "77");
    EXPECT_EQ(argument(permit, "permitSingle.spender"), kWho);
    EXPECT_EQ(argument(permit, "signature"), "0x" + std::string(130, 'a'));
    EXPECT_EQ(permit.risk, CallRisk::kNone);

    // ERC-1155 safeBatchTransferFrom(from, to, [1, 2], [30, 40], "")
    const std::string lists = word(2) + word(1) + word(2) + word(2) + word(30) + word(40) + word(0);
    const DecodedCall batch = decoded("2eb2c2d6" + kWhoWord + kWhoWord + word(160) + word(256) + word(352) + lists);
    ASSERT_TRUE(batch.known);
    EXPECT_EQ(argument(batch, "ids[1]"), "2");
    EXPECT_EQ(argument(batch, "values[0]"), "30");
    EXPECT_EQ(argument(batch, "data"), "0x");

    const DecodedCall empty =
        decoded("2eb2c2d6" + kWhoWord + kWhoWord + word(160) + word(192) + word(224) + word(0) + word(0) + word(0));
    ASSERT_TRUE(empty.known);
    EXPECT_EQ(argument(empty, "ids"), "[]");
}

TEST(Call, LooksIntoCallsWithinCalls) {
    const std::string approve = "095ea7b3" + kWhoWord + std::string(64, 'f');  // 68 bytes, 96 padded
    const std::string element = word(68) + approve + std::string(56, '0');
    const DecodedCall one = decoded("ac9650d8" + word(32) + word(1) + word(32) + element);
    ASSERT_TRUE(one.known);
    EXPECT_EQ(one.risk, CallRisk::kUnlimitedApproval);
    EXPECT_NE(argument(one, "call 1").find("UNLIMITED"), std::string::npos);
    EXPECT_NE(argument(one, "call 1").find(to_checksum(kContract)), std::string::npos);

    // The inner one cannot be read: the whole is as good as unknown.
    const std::string odd = word(4) + "12345678" + std::string(56, '0');
    EXPECT_EQ(decoded("ac9650d8" + word(32) + word(1) + word(32) + odd).risk, CallRisk::kUnknown);
    const DecodedCall both = decoded("ac9650d8" + word(32) + word(2) + word(64) + word(192) + element + odd);
    ASSERT_TRUE(both.known);
    EXPECT_EQ(both.risk, CallRisk::kUnlimitedApproval);

    // aggregate3([(target, true, approve)]): the inner contract is the target.
    const std::string tuple = kWhoWord + word(1) + word(96) + element;
    const DecodedCall aggregate = decoded("82ad56cb" + word(32) + word(1) + word(32) + tuple);
    ASSERT_TRUE(aggregate.known);
    EXPECT_NE(argument(aggregate, "call 1").find("of token " + std::string(kWho)), std::string::npos);

    // A smart account that only sends value calls nothing.
    const DecodedCall plain = decoded(selector("execute(address,uint256,bytes)") + kWhoWord + word(5) + word(96) + word(0));
    ASSERT_TRUE(plain.known);
    EXPECT_EQ(plain.risk, CallRisk::kNone);
}

TEST(Call, StopsAtManyCallsWithinCalls) {
    std::string data = "095ea7b3" + kWhoWord + word(1);
    for (int level = 0; level < 10; ++level) {
        const std::size_t bytes = data.size() / 2;
        data =
            "ac9650d8" + word(32) + word(1) + word(32) + word(bytes) + data + std::string((32 - bytes % 32) % 32 * 2, '0');
    }
    EXPECT_EQ(decoded(data).risk, CallRisk::kUnknown);
}

TEST(Call, IsUnknownWhenItCannotBeRead) {
    const std::string transfer = "a9059cbb" + kWhoWord + word(1);
    const std::string bad[] = {
        "12345678",
        "00",
        "a9059c",
        "a9059cbb",
        transfer + "00",                                                       // trailing byte
        transfer + word(0),                                                    // trailing word
        transfer.substr(0, transfer.size() - 2),                               // cut short
        "a9059cbb01" + kWhoWord.substr(2) + word(1),                           // dirty address
        "a22cb465" + kWhoWord + word(2),                                       // no boolean
        "87517c45" + kWhoWord + kWhoWord + word(Uint256(1) << 160) + word(9),  // over uint160
        "ac9650d8" + word(64) + word(0) + word(0),                             // an offset that is not Solidity's
        "ac9650d8" + word(32) + word(1),                                       // a list longer than the data
        "ac9650d8" + word(32) + word(std::numeric_limits<Uint256>::max()),
        "ac9650d8" + word(32) + word(1) + word(32) + word(4) + "12345678" + std::string(54, '0') + "01",  // dirty padding
        "ac9650d8" + word(32) + word(1) + word(32) + word(33) + std::string(64, '0'),
    };
    for (const std::string& data : bad) {
        const DecodedCall call = decoded(data);
        EXPECT_FALSE(call.known) << data;
        EXPECT_EQ(call.risk, CallRisk::kUnknown) << data;
        EXPECT_TRUE(call.signature.empty());
        EXPECT_EQ(argument(call, "selector"), "0x" + data.substr(0, 8));
        EXPECT_EQ(argument(call, "length"), std::to_string(data.size() / 2));
        EXPECT_EQ(argument(call, "keccak256"), to_hex_0x(crypto::keccak256(hex(data))));
    }
}

// abi::decode alone: what no known call has.
TEST(Call, ReadsSignedNumbersAndTexts) {
    const auto read = [](std::string_view signature, const std::string& data) -> std::string {
        const auto leaves = abi::decode(abi::parse_function(signature).parameters, hex(data));
        return leaves ? leaves->at(0).text : "nothing";
    };
    const std::string minus(62, 'f');
    EXPECT_EQ(read("f(int8 a)", minus + "ff"), "-1");
    EXPECT_EQ(read("f(int8 a)", minus + "80"), "-128");
    EXPECT_EQ(read("f(int8 a)", minus + "7f"), "nothing");
    EXPECT_EQ(read("f(int8 a)", word(127)), "127");
    EXPECT_EQ(read("f(int8 a)", word(128)), "nothing");
    EXPECT_EQ(read("f(int256 a)", "80" + std::string(62, '0')),
              "-57896044618658097711785492504343953926634992332820282019728792003956564819968");
    EXPECT_EQ(read("f(bytes4 a)", "12345678" + std::string(56, '0')), "0x12345678");
    EXPECT_EQ(read("f(bytes4 a)", "1234567801" + std::string(54, '0')), "nothing");
    EXPECT_EQ(read("f(string a)", word(32) + word(2) + "c3bc" + std::string(60, '0')), "ü");
    EXPECT_EQ(read("f(string a)", word(32) + word(1) + "ff" + std::string(62, '0')), "nothing");
}

TEST(Call, NamesChains) {
    EXPECT_EQ(chain_name(1), "Ethereum mainnet");
    EXPECT_EQ(chain_name(11155111), "Sepolia testnet");
    EXPECT_EQ(chain_name(42161), "Arbitrum One");
    EXPECT_EQ(chain_name(1666600000), "Harmony");
    EXPECT_EQ(chain_name(0), "");
    EXPECT_EQ(chain_name(2), "");
    EXPECT_EQ(chain_name((Uint256(1) << 64) + 1), "");
    EXPECT_EQ(chain_name(std::numeric_limits<Uint256>::max()), "");
}

TEST(Call, FormatsUnits) {
    EXPECT_EQ(format_units(0, 18), "0");
    EXPECT_EQ(format_units(1, 18), "0.000000000000000001");
    EXPECT_EQ(format_units(Uint256("1500000000000000000"), 18), "1.5");
    EXPECT_EQ(format_units(Uint256("1000000000000000000"), 18), "1");
    EXPECT_EQ(format_units(Uint256("100000000000000000000"), 18), "100");
    EXPECT_EQ(format_units(28'800'000'000, 9), "28.8");
    EXPECT_EQ(format_units(250, 0), "250");
    EXPECT_EQ(format_units(100, 2), "1");
    EXPECT_EQ(format_units(std::numeric_limits<Uint256>::max(), 18),
              "115792089237316195423570985008687907853269984665640564039457.584007913129639935");
}

}  // namespace
}  // namespace keydeck::ethereum
