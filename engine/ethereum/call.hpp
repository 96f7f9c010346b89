// What a transaction's data calls, as far as it can be told without a network.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/bytes.hpp"
#include "engine/base/uint256.hpp"
#include "engine/ethereum/address.hpp"

namespace keydeck::ethereum {

enum class CallRisk : std::uint8_t { kNone, kUnlimitedApproval, kApprovalForAll, kUnknown };

struct DecodedCall {
    bool known = false;
    std::string signature;  ///< `transfer(address to, uint256 value)`; empty when unknown
    std::string standard;   ///< `ERC-20`, `ERC-721`, `ERC-1155`, `ERC-2612`, …
    std::string sentence;   ///< "Send 250000000 units of token 0xBA97… to 0x5F63…"
    std::vector<std::pair<std::string, std::string>> arguments;  ///< name and value; addresses in full EIP-55
    CallRisk risk = CallRisk::kNone;
};

/// Decodes the well-known calls (transfer, approve, transferFrom, setApprovalForAll, safeTransferFrom, permit,
/// increaseAllowance, …) strictly: trailing bytes or dirty address padding make it unknown. `data` must not be empty.
/// Unknown: selector, length, keccak-256 in `arguments`.
[[nodiscard]] DecodedCall decode_call(const Address& contract, ByteView data);

/// keccak256(uint256(length) ‖ calldata): ERC-8213 (draft), to compare on a second device.
[[nodiscard]] Hash32 calldata_digest(ByteView data);

/// The name of a chain from the built-in list ("Ethereum mainnet"), or empty.
[[nodiscard]] std::string_view chain_name(const Uint256& chain_id);

/// Wei as ether without rounding: "1.5", "0.000000000000000001". Gwei with 9 digits likewise.
[[nodiscard]] std::string format_units(const Uint256& amount, unsigned decimals);

}  // namespace keydeck::ethereum
