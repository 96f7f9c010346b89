// Safe's calls within calls: multiSend's packed lists, execTransaction, and what must not be told as fine.
#include "engine/ethereum/multi_send.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/hex.hpp"
#include "engine/ethereum/call.hpp"

namespace keydeck::ethereum {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

const Address kContract = *parse_address("0xBA975da4d2459Aa3F11D31291a25A8358F84946d", "contract");
const std::string kWho = "0x5F63260EecF7F5E184046A03C89B3edd147Cb820";
const std::string kWhoDigits = "5f63260eecf7f5e184046a03c89b3edd147cb820";
const std::string kWhoWord = std::string(24, '0') + kWhoDigits;
const std::string kTransfer = "a9059cbb" + kWhoWord + std::string(63, '0') + "7";
const std::string kApproveAll = "095ea7b3" + kWhoWord + std::string(64, 'f');

std::string word(const Uint256& value) { return to_hex(to_be32(value)); }

/// One call of a list, all in hex.
std::string packed(int operation, const std::string& to, const Uint256& value, const std::string& data) {
    return to_hex(Bytes{static_cast<std::uint8_t>(operation)}) + to + word(value) + word(data.size() / 2) + data;
}

/// The calldata of a function that takes nothing but bytes.
std::string with_bytes(const std::string& selector, const std::string& bytes) {
    const std::size_t size = bytes.size() / 2;
    return selector + word(32) + word(size) + bytes + std::string((32 - size % 32) % 32 * 2, '0');
}

std::string multi_send(const std::string& list) { return with_bytes("8d80ff0a", list); }

std::string exec_transaction(const Uint256& value, const std::string& data, int operation) {
    const std::size_t size = data.size() / 2;
    const std::size_t room = (size + 31) / 32 * 32;
    return "6a761202" + kWhoWord + word(value) + word(320) + word(operation) + word(0) + word(0) + word(0) + word(0) +
           word(0) + word(320 + 32 + room) + word(size) + data + std::string((room - size) * 2, '0') + word(0);
}

DecodedCall decoded(const std::string& data) { return decode_call(kContract, *from_hex(data, "test")); }

const CallArgument& argument(const DecodedCall& call, std::string_view name) {
    static const CallArgument kNone{.name = "none", .value = "no such argument"};
    const auto found = std::ranges::find(call.arguments, name, &CallArgument::name);
    return found == call.arguments.end() ? kNone : *found;
}

bool has_risk(const DecodedCall& call, CallRisk risk) { return std::ranges::find(call.risks, risk) != call.risks.end(); }

TEST(MultiSend, TellsEachCallWithItsRisk) {
    const DecodedCall call = decoded(multi_send(packed(0, kWhoDigits, 5, "") + packed(0, kWhoDigits, 0, kTransfer) +
                                                packed(0, kWhoDigits, 9, kApproveAll) +
                                                packed(0, kWhoDigits, 0, "12345678") + packed(0, kWhoDigits, 0, "")));
    ASSERT_TRUE(call.known);
    EXPECT_EQ(call.signature, "multiSend(bytes transactions)");
    EXPECT_EQ(argument(call, "call 1").value, "Send 5 wei to " + kWho);
    EXPECT_EQ(argument(call, "call 1").risk, CallRisk::kNone);
    EXPECT_EQ(argument(call, "call 2").value, "Send 7 units of token " + kWho + " to " + kWho);
    EXPECT_THAT(argument(call, "call 3").value, HasSubstr("UNLIMITED"));
    EXPECT_THAT(argument(call, "call 3").value, HasSubstr(", and send it 9 wei"));
    EXPECT_EQ(argument(call, "call 3").risk, CallRisk::kUnlimitedApproval);
    EXPECT_THAT(argument(call, "call 4").value, StartsWith("Unknown call 0x12345678"));
    EXPECT_EQ(argument(call, "call 4").risk, CallRisk::kUnknown);
    EXPECT_EQ(argument(call, "call 5").value, "Call " + kWho + " without data");
    EXPECT_EQ(argument(call, "call 6").name, "none");
    EXPECT_EQ(call.risk, CallRisk::kUnlimitedApproval);
    EXPECT_TRUE(has_risk(call, CallRisk::kUnknown)) << "the lesser risk is told as well";
    ASSERT_EQ(call.movements.size(), 3U);
    EXPECT_EQ(call.movements[1].amount, 7);
    ASSERT_EQ(call.beneficiaries.size(), 1U);
    EXPECT_EQ(to_checksum(call.beneficiaries[0]), kWho);
    EXPECT_EQ(decoded(multi_send("")).risk, CallRisk::kNone);
}

TEST(MultiSend, IsLoudAboutADelegateCall) {
    const DecodedCall call = decoded(multi_send(packed(0, kWhoDigits, 5, "") + packed(1, kWhoDigits, 9, kTransfer)));
    ASSERT_TRUE(call.known);
    EXPECT_EQ(call.risk, CallRisk::kDelegateCall);
    EXPECT_THAT(argument(call, "call 2").value, StartsWith("DELEGATECALL: the code of " + kWho));
    EXPECT_THAT(argument(call, "call 2").value, HasSubstr("As a call it would be: Send 7 units"));
    EXPECT_EQ(argument(call, "call 2").risk, CallRisk::kDelegateCall);
    EXPECT_EQ(decoded(multi_send(packed(1, kWhoDigits, 0, ""))).risk, CallRisk::kDelegateCall);
    ASSERT_FALSE(call.movements.empty());
    for (const Movement& movement : call.movements) EXPECT_NE(movement.amount, 9) << "no value goes along";
}

TEST(MultiSend, IsUnknownAsAWholeWhereItIsMalformed) {
    const std::string good = packed(0, kWhoDigits, 5, "");
    const std::string longer = "00" + kWhoDigits + word(0) + word(5) + "12345678";
    const std::pair<std::string, std::string> bad[] = {
        {good + "00", "Call 2 of the list is cut short"},
        {good + good.substr(0, good.size() - 2), "Call 2 of the list is cut short"},
        {good + longer, "Call 2 of the list has data that ends beyond the list"},
        {"00" + kWhoDigits + word(0) + word(std::numeric_limits<Uint256>::max()), "Call 1 of the list has data"},
        {"00" + kWhoDigits + word(0) + word(Uint256(1) << 64U), "Call 1 of the list has data"},
        {good + packed(2, kWhoDigits, 0, ""), "Call 2 of the list has the operation 2"},
        {packed(255, kWhoDigits, 0, ""), "Call 1 of the list has the operation 255"},
        {std::string(64, '0'), "Call 1 of the list is cut short"},
    };
    for (const auto& [list, problem] : bad) {
        const DecodedCall call = decoded(multi_send(list));
        EXPECT_FALSE(call.known) << list;
        EXPECT_EQ(call.risk, CallRisk::kUnknown) << list;
        EXPECT_THAT(argument(call, "problem").value, StartsWith(problem));
        EXPECT_EQ(argument(call, "call 1").name, "none") << "nothing of it is told as fine";
        EXPECT_TRUE(call.movements.empty());
    }
    // The list itself is not the one that Solidity would write.
    EXPECT_FALSE(decoded(multi_send(good) + "00").known);
    EXPECT_FALSE(decoded(multi_send(good).substr(0, 100)).known);
}

TEST(MultiSend, TellsTheCallsOfAListWithinAList) {
    const std::string inner = multi_send(packed(0, kWhoDigits, 5, "") + packed(1, kWhoDigits, 0, kTransfer));
    const DecodedCall call = decoded(multi_send(packed(0, kWhoDigits, 1, "") + packed(0, kWhoDigits, 0, inner)));
    EXPECT_EQ(argument(call, "call 2.1").value, "Send 5 wei to " + kWho);
    EXPECT_THAT(argument(call, "call 2.2").value, StartsWith("DELEGATECALL"));
    EXPECT_EQ(call.risk, CallRisk::kDelegateCall);
    EXPECT_EQ(argument(call, "call 2").risk, CallRisk::kDelegateCall);
    const DecodedCall broken = decoded(multi_send(packed(0, kWhoDigits, 0, multi_send("00"))));
    EXPECT_TRUE(broken.known);
    EXPECT_EQ(broken.risk, CallRisk::kUnknown);
}

TEST(MultiSend, EndsAtADepthAndACount) {
    std::string data = kTransfer;
    for (int level = 0; level < 6; ++level) data = multi_send(packed(0, kWhoDigits, 0, data));
    EXPECT_EQ(decoded(data).risk, CallRisk::kUnknown);
    const auto calls = [](std::size_t count) {
        std::string list;
        for (std::size_t i = 0; i < count; ++i) list += packed(0, kWhoDigits, 1, "");
        return list;
    };
    EXPECT_TRUE(decoded(multi_send(calls(1024))).known);
    const DecodedCall many = decoded(multi_send(calls(1025)));
    EXPECT_FALSE(many.known);
    EXPECT_THAT(argument(many, "problem").value, HasSubstr("more than 1024 calls"));
    // In all, not in each list.
    const std::string half = packed(0, kWhoDigits, 0, multi_send(calls(600)));
    EXPECT_EQ(decoded(multi_send(half)).risk, CallRisk::kNone);
    EXPECT_EQ(decoded(multi_send(half + half)).risk, CallRisk::kUnknown);
}

TEST(SafeTransaction, TellsACallFromADelegateCall) {
    const DecodedCall call = decoded(exec_transaction(5, kTransfer, 0));
    ASSERT_TRUE(call.known);
    EXPECT_EQ(call.risk, CallRisk::kNone);
    EXPECT_THAT(call.sentence, HasSubstr("call " + kWho + " with 5 wei"));
    EXPECT_EQ(argument(call, "call 1").value, "Send 7 units of token " + kWho + " to " + kWho);
    const DecodedCall delegates = decoded(exec_transaction(0, kTransfer, 1));
    EXPECT_EQ(delegates.risk, CallRisk::kDelegateCall);
    EXPECT_THAT(delegates.sentence, HasSubstr("run the code of " + kWho + " as its own (DELEGATECALL)"));
    EXPECT_EQ(decoded(exec_transaction(0, "", 1)).risk, CallRisk::kDelegateCall);
    // Safe's own way of making several calls: a DELEGATECALL to MultiSend.
    const DecodedCall several = decoded(exec_transaction(0, multi_send(packed(0, kWhoDigits, 5, "")), 1));
    EXPECT_EQ(argument(several, "call 1.1").value, "Send 5 wei to " + kWho);
    const DecodedCall odd = decoded(exec_transaction(0, kTransfer, 2));
    EXPECT_FALSE(odd.known);
    EXPECT_EQ(odd.risk, CallRisk::kUnknown);
}

}  // namespace
}  // namespace keydeck::ethereum
