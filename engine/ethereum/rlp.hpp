// RLP (Yellow Paper, appendix B).
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/base/bytes.hpp"
#include "engine/base/uint256.hpp"
#include "engine/error.hpp"

namespace keydeck::ethereum::rlp {

/// Appends a byte string / an integer (minimal big-endian; zero is the empty string).
void append_bytes(Bytes& out, ByteView value);
void append_integer(Bytes& out, std::uint64_t value);
void append_integer(Bytes& out, const Uint256& value);
/// The encoding of a list whose items' encodings, joined, are `payload`.
[[nodiscard]] Bytes list(ByteView payload);

/// The length of what append_bytes() and append_integer() write, so that a list is written into one buffer, header first.
[[nodiscard]] std::size_t bytes_size(ByteView value);
[[nodiscard]] std::size_t integer_size(std::uint64_t value);
[[nodiscard]] std::size_t integer_size(const Uint256& value);
/// A list's header, for items whose encodings are `payload_size` bytes together; and its length with them.
void append_list_header(Bytes& out, std::size_t payload_size);
[[nodiscard]] std::size_t list_size(std::size_t payload_size);

/// One item: a byte string (view into the input) or a list.
struct Item {
    bool is_list = false;
    ByteView bytes;           ///< a string's content
    std::vector<Item> items;  ///< a list's
};

/// Reads exactly one item. Views point into `input`. Error: invalid_input for a length that is not minimal or runs past the
/// end, a single byte under 0x80 in long form, bytes after the item, or more than 32 levels.
[[nodiscard]] Result<Item> decode(ByteView input);

/// An integer without leading zeros, at most 8 / 32 bytes. `what` names the field.
[[nodiscard]] Result<std::uint64_t> to_uint64(const Item& item, std::string_view what);
[[nodiscard]] Result<Uint256> to_uint256(const Item& item, std::string_view what);

}  // namespace keydeck::ethereum::rlp
