// Signatures and raw transactions of anybody's, read without a vault.
#pragma once

#include <optional>
#include <string_view>

#include "engine/base/bytes.hpp"
#include "engine/error.hpp"
#include "engine/types.hpp"

namespace keydeck::custody {

// `signature_hex` is 65 bytes (v 27, 28, 0 or 1) or the 64 of EIP-2098. Valid: it recovers, and to `expected` where that is
// given.
[[nodiscard]] Result<Verification> verify_message(ByteView message, std::string_view signature_hex,
                                                  const std::optional<AddressBytes>& expected);
[[nodiscard]] Result<Verification> verify_typed_data(std::string_view json, std::string_view signature_hex,
                                                     const std::optional<AddressBytes>& expected);

[[nodiscard]] Result<DecodedTransaction> decode_transaction(std::string_view raw_hex);

}  // namespace keydeck::custody
