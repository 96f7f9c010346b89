// What a transaction's data calls, as far as it can be told without a network.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/bytes.hpp"
#include "engine/base/uint256.hpp"
#include "engine/ethereum/address.hpp"

namespace keydeck::ethereum {

enum class CallRisk : std::uint8_t {
    kNone,
    kUnknown,            ///< what it does cannot be told
    kUnlimitedApproval,  ///< a spender may take everything of a token
    kApprovalForAll,     ///< an operator may move every token of a collection
    kControl,            ///< somebody gets to rule over the contract, or nobody does any more
    kDelegateCall,       ///< foreign code runs as the account that is called
};

struct CallArgument {
    std::string name;
    std::string value;  ///< decimal, `true`, EIP-55, `0x…`, or a string from outside
    bool is_address = false;
    bool is_unlimited = false;        ///< an allowance that nobody means as an amount
    CallRisk risk = CallRisk::kNone;  ///< the worst of a call within the call; or why the whole is unknown
    bool is_call = false;             ///< a call within the call: `call 2`, `call 2.1`; its value is its sentence
};

/// What a call moves from the one who signs it.
struct Movement {
    std::optional<Address> token;  ///< none: the chain's own coin
    Address to;
    Uint256 amount;
};

struct DecodedCall {
    bool known = false;
    std::string signature;  ///< `transfer(address to, uint256 value)`; empty when unknown
    std::string standard;   ///< `ERC-20`, `ERC-721`, `ERC-1155`, `ERC-2612`, …
    std::string sentence;   ///< "Send 250000000 units of token 0xBA97… to 0x5F63…"
    std::vector<CallArgument> arguments;
    CallRisk risk = CallRisk::kNone;  ///< the worst of `risks`
    std::vector<CallRisk> risks;      ///< each kind there is in it, in the calls within it too; once each
    /// Who gets something or may do something by it (recipients, spenders, operators, new owners), once each; those of calls
    /// within it too.
    std::vector<Address> beneficiaries;
    /// Those of them who may do something from then on: spenders, operators, owners, code that runs as the account.
    std::vector<Address> empowered;
    std::vector<std::string> dangers;  ///< whole sentences: what else it gives away (a Safe's gas refund), calls within too
    bool takes_back = false;           ///< it only takes rights back: nobody gains
    std::vector<Movement> movements;   ///< coins and units of tokens, as far as they are certainly amounts
};

/// How a sentence names an address. Empty: in full EIP-55.
using AddressWords = std::function<std::string(const Address&)>;

/// Decodes the well-known calls (transfer, approve, transferFrom, setApprovalForAll, safeTransferFrom, permit,
/// increaseAllowance, …) strictly: trailing bytes or dirty address padding make it unknown. `data` must not be empty.
/// Unknown: selector, length, keccak-256 in `arguments`, and `problem` where there is more to say. Calls within calls
/// (multicall, Safe's multiSend and execTransaction, …) are told one by one, four deep at most; where there are more than
/// 1,024 in all, or a list of them is malformed, the call that makes them is unknown as a whole.
[[nodiscard]] DecodedCall decode_call(const Address& contract, ByteView data, const AddressWords& words = {});

/// 2^96 - 1 and more: 79 thousand million whole tokens of 18 decimals, more than there are of any that is worth something.
/// COMP and UNI count in 96 bits, so that it is their "unlimited".
[[nodiscard]] bool is_unlimited_allowance(const Uint256& amount);

/// What a Safe pays to whoever hands its transaction in. https://github.com/safe-global/safe-smart-account, handlePayment():
/// (gas used + base gas) × gas price, in units of the token, or in the chain's coin where that is zero; to whoever sends the
/// transaction where the receiver is zero.
struct SafeRefund {
    Uint256 base_gas = 0;
    Uint256 gas_price = 0;  ///< 0: nothing is paid
    Address token;
    Address receiver;
};
/// The danger in one sentence; empty where nothing is paid.
[[nodiscard]] std::string refund_danger(const SafeRefund& refund, const AddressWords& words = {});

/// keccak256(uint256(length) ‖ calldata): ERC-8213 (draft), to compare on a second device.
[[nodiscard]] Hash32 calldata_digest(ByteView data);

/// The name of a chain from the built-in list ("Ethereum mainnet"), or empty.
[[nodiscard]] std::string_view chain_name(const Uint256& chain_id);

/// Wei as ether without rounding: "1.5", "0.000000000000000001". Gwei with 9 digits likewise.
[[nodiscard]] std::string format_units(const Uint256& amount, unsigned decimals);

}  // namespace keydeck::ethereum
