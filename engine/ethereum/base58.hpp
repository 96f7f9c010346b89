// Base58Check, as extended keys are written.
// https://github.com/bitcoin/bips/blob/master/bip-0032.mediawiki#serialization-format
#pragma once

#include "engine/base/bytes.hpp"
#include "engine/base/secret.hpp"

namespace keydeck::ethereum {

/// The Base58 text of `payload` followed by the first four bytes of its double SHA-256. In locked memory, as the payload
/// may be a private key; its intermediate values are wiped.
[[nodiscard]] SecretBytes to_base58_check(ByteView payload);

}  // namespace keydeck::ethereum
