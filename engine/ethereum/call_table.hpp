// The calls we know, and what each means to the one who signs it. Used within this room only.
#pragma once

#include <span>
#include <string_view>

#include "engine/ethereum/call.hpp"

namespace keydeck::ethereum {

/// What decides which of a call's sentences is true, and how risky it is.
enum class Decider : std::uint8_t {
    kNothing,  ///< `sentence`, and no risk
    kAlways,   ///< `sentence`, and `risk`
    kAmount,   ///< an allowance: unlimited or not
    kFlag,     ///< a boolean: given or taken back
};

/// Sentences name arguments in braces; `{contract}` is whom the transaction calls.
struct KnownCall {
    std::string_view signature;
    std::string_view standard;
    std::string_view sentence;
    Decider decider = Decider::kNothing;
    std::string_view argument = {};  ///< that decides; in a list every one counts
    CallRisk risk = CallRisk::kNone;
    std::string_view risky_sentence = {};  ///< an unlimited amount, or the flag set
    /// Calls within the call: their data, and whom they call (empty: the same contract).
    std::string_view inner_data = {};
    std::string_view inner_target = {};
    std::string_view inner_value = {};          ///< the coin that goes along with each; empty: none
    std::string_view inner_operation = {};      ///< 0: a call; 1: a DELEGATECALL; others make the whole unknown
    std::string_view inner_packed = {};         ///< instead of all these: a list as MultiSend takes it (multi_send.hpp)
    std::string_view delegating_sentence = {};  ///< where the one inner call is a DELEGATECALL
    bool takes_back = false;                    ///< it only takes rights back
    bool may_name_item = false;                 ///< the amount may be an item's number: nothing of it is not nothing
    /// What it moves: how much, to whom, and of which token (empty: of the contract called). Only where the number is an
    /// amount whatever the contract is.
    std::string_view moved_amount = {};
    std::string_view moved_to = {};
    std::string_view moved_token = {};
    bool moves_coin = false;      ///< of the chain's own coin, not of a token
    bool may_refund_gas = false;  ///< its baseGas, gasPrice, gasToken and refundReceiver are a Safe's
};

[[nodiscard]] std::span<const KnownCall> known_calls();

}  // namespace keydeck::ethereum
