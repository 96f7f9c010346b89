// Ethereum addresses.
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "engine/base/bytes.hpp"
#include "engine/crypto/secp256k1.hpp"
#include "engine/error.hpp"

namespace keydeck::ethereum {

/// 20 bytes: the last 20 of Keccak-256 of the public key's X ‖ Y.
struct Address {
    FixedBytes<20> bytes{};
    friend auto operator<=>(const Address&, const Address&) = default;
};

[[nodiscard]] Address address_of(const crypto::PublicKey& key);

/// `0x` and 40 digits with the EIP-55 checksum.
[[nodiscard]] std::string to_checksum(const Address& address);

/// Reads 40 hex digits after `0x`. All-lower and all-upper are accepted; mixed case must be the EIP-55 form.
/// Error: invalid_input that names `what` and says what is wrong (length, digit, checksum).
[[nodiscard]] Result<Address> parse_address(std::string_view text, std::string_view what);

/// Whether the text had mixed case, so that its checksum was verified (all one case deserves a notice).
[[nodiscard]] bool has_checksum(std::string_view text);

}  // namespace keydeck::ethereum
