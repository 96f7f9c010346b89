// Hexadecimal text.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/bytes.hpp"
#include "engine/error.hpp"

namespace keydeck {

/// Lower-case hex without a prefix.
[[nodiscard]] std::string to_hex(ByteView bytes);

/// Lower-case hex with `0x`.
[[nodiscard]] std::string to_hex_0x(ByteView bytes);

/// Reads hex of even length, with or without `0x`. `what` names the field in the error ("data").
/// Error: invalid_input for an odd length or a character that is no hex digit (its position is named, not the text).
[[nodiscard]] Result<Bytes> from_hex(std::string_view text, std::string_view what);

/// The same for exactly `out.size()` bytes.
[[nodiscard]] Status from_hex_into(std::string_view text, std::span<std::uint8_t> out, std::string_view what);

}  // namespace keydeck
