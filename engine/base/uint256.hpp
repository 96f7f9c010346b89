// 256-bit unsigned integers: wei, EIP-712 integers, chain ids that do not fit 64 bits.
#pragma once

#include <boost/multiprecision/cpp_int.hpp>
#include <string>
#include <string_view>

#include "engine/base/bytes.hpp"
#include "engine/error.hpp"

namespace keydeck {

/// 0 to 2^256 - 1. Arithmetic that leaves the range wraps around: check before adding or multiplying foreign numbers.
using Uint256 =
    boost::multiprecision::number<boost::multiprecision::cpp_int_backend<256, 256, boost::multiprecision::unsigned_magnitude,
                                                                         boost::multiprecision::unchecked, void>>;

/// Reads a decimal text, or hex after `0x` (leading zeros allowed). `what` names the field.
/// Error: invalid_input for anything else, an empty text, or a value over 2^256 - 1.
[[nodiscard]] Result<Uint256> parse_uint256(std::string_view text, std::string_view what);

/// Decimal digits without leading zeros.
[[nodiscard]] std::string to_decimal(const Uint256& value);

/// 32 bytes, big-endian.
[[nodiscard]] FixedBytes<32> to_be32(const Uint256& value);

/// From at most 32 bytes, big-endian. More is a defect of the caller.
[[nodiscard]] Uint256 from_be(ByteView bytes);

/// Big-endian without leading zeros; zero is empty. What RLP wants.
[[nodiscard]] Bytes to_minimal_be(const Uint256& value);

}  // namespace keydeck
