// What holds for a transaction however it came to be: from JSON or from its raw bytes. Used within this room only.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/error.hpp"
#include "engine/ethereum/transaction.hpp"

namespace keydeck::ethereum {

/// A nonce stays below 2^64 - 1. https://eips.ethereum.org/EIPS/eip-2681
inline constexpr std::uint64_t kMaxNonce = 0xFFFF'FFFF'FFFF'FFFE;
/// v of a legacy transaction is this + 2 × chain id + parity. https://eips.ethereum.org/EIPS/eip-155
inline constexpr unsigned kEip155Base = 35;
/// v of a legacy transaction from before EIP-155 is this + parity.
inline constexpr unsigned kOldBase = 27;
/// First byte of a blob's versioned hash. https://eips.ethereum.org/EIPS/eip-4844
inline constexpr std::uint8_t kVersionedHashKzg = 0x01;
/// Gas of one blob. https://eips.ethereum.org/EIPS/eip-4844
inline constexpr std::uint64_t kGasPerBlob = 131'072;
/// What the digest of an authorization begins with. https://eips.ethereum.org/EIPS/eip-7702
inline constexpr std::uint8_t kAuthorizationMagic = 0x05;

/// The largest chain id whose EIP-155 v fits 256 bits: 2^255 - 19.
[[nodiscard]] const Uint256& max_chain_id();

/// Error: invalid_input naming the field that breaks a rule of its type.
[[nodiscard]] Status check_rules(const Transaction& transaction);

}  // namespace keydeck::ethereum
