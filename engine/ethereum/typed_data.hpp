// EIP-712 typed data. https://eips.ethereum.org/EIPS/eip-712
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/bytes.hpp"
#include "engine/base/uint256.hpp"
#include "engine/error.hpp"
#include "engine/ethereum/address.hpp"

namespace keydeck::ethereum {

/// One line of a typed message for a person: depth, name (`[0]` for an array's item), type, and the value in full (empty for
/// a struct or array): decimal integers, EIP-55 addresses, 0x bytes, and strings with control and bidirectional characters
/// written out (`\n`, `\u{202e}`).
struct TypedDataLine {
    unsigned depth = 0;
    std::string name;
    std::string type;
    std::string value;
};

/// Typed data that was checked and hashed; what a signer needs to show and to sign.
struct TypedData {
    Hash32 digest{};        ///< keccak-256(0x1901 ‖ domain_hash ‖ message_hash)
    Hash32 domain_hash{};   ///< hashStruct(EIP712Domain)
    Hash32 message_hash{};  ///< hashStruct(message)
    std::string primary_type;
    std::string encoded_type;  ///< encodeType(primaryType)
    std::optional<Uint256> chain_id;
    std::optional<Address> verifying_contract;
    std::vector<TypedDataLine> domain;
    std::vector<TypedDataLine> message;
};

/// Reads `{types, primaryType, domain, message}`, checks it strictly and hashes it.
/// `types.EIP712Domain` may be absent: it is then inferred from the domain's fields in the EIP's order, as ethers does.
/// A null field of the domain counts as absent; anywhere else null is an error (a null struct is one in ethers too). `uint`
/// and `int` are 256 bits and written so in encodeType. Integers may be JSON integers, decimal strings or `0x` strings
/// (negative ones as "-5" or -5); bytes are `0x` hex; addresses are hex too, names are not resolved. Types that the message
/// does not use may stand in `types`. Error: invalid_input naming the field by its path (`message.to[2].wallet`): undefined
/// or malformed types, cycles, a type used as a field of itself, integers out of range, fixed arrays of another length,
/// bytesN of another length, missing and unknown fields, `primaryType` absent, over 4 MiB of text, 512 structs, 2,048
/// declared fields or 64 levels.
[[nodiscard]] Result<TypedData> parse_typed_data(std::string_view text);

}  // namespace keydeck::ethereum
