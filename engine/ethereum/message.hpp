// Signed messages (EIP-191, version 0x45), and the 65-byte form of a signature.
#pragma once

#include <string_view>

#include "engine/base/bytes.hpp"
#include "engine/crypto/secp256k1.hpp"
#include "engine/error.hpp"

namespace keydeck::ethereum {

/// keccak-256("\x19Ethereum Signed Message:\n" ‖ decimal byte length ‖ message). https://eips.ethereum.org/EIPS/eip-191
[[nodiscard]] Hash32 message_hash(ByteView message);

/// r ‖ s ‖ v with v = 27 + recovery id.
[[nodiscard]] FixedBytes<65> to_signature_bytes(const crypto::RecoverableSignature& signature);

/// Reads r ‖ s ‖ v (65 bytes; v 27, 28, 0 or 1) or the 64-byte compact form of EIP-2098.
/// Error: invalid_input for another length or v, or high s.
[[nodiscard]] Result<crypto::RecoverableSignature> parse_signature_bytes(ByteView bytes);

}  // namespace keydeck::ethereum
