// Atomic values of EIP-712: a JSON value becomes the 32 bytes that are hashed. Only typed data uses this.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/bytes.hpp"
#include "engine/base/json.hpp"
#include "engine/error.hpp"
#include "engine/ethereum/typed_data_types.hpp"

namespace keydeck::ethereum::eip712 {

struct EncodedValue {
    Hash32 word{};     ///< encodeData's 32 bytes: the value padded, or the hash of a string or bytes
    std::string text;  ///< for a person, in full: decimal, EIP-55, 0x hex, true or false, a printable string
};

/// `path` names the value in the error ("message.to[2].wallet"). Error: invalid_input for a value of another kind, out of
/// range, or of another length.
[[nodiscard]] Result<EncodedValue> encode_atomic(AtomicType type, const json::Value& value, std::string_view path);

}  // namespace keydeck::ethereum::eip712
