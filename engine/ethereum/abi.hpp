// The contract ABI, as far as calldata needs it. https://docs.soliditylang.org/en/latest/abi-spec.html. Used within this
// room only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/bytes.hpp"
#include "engine/base/uint256.hpp"

namespace keydeck::ethereum::abi {

enum class Kind : std::uint8_t { kUint, kInt, kAddress, kBool, kFixedBytes, kBytes, kString, kArray, kTuple };

struct Type {
    Kind kind = Kind::kUint;
    unsigned size = 0;        ///< bits of an integer, bytes of a bytesN
    std::string name;         ///< the parameter's; may be empty
    std::vector<Type> parts;  ///< an array's element, a tuple's components
};

struct Function {
    std::string name;
    std::vector<Type> parameters;
    FixedBytes<4> selector{};
};

/// Reads `transfer(address to, uint256 amount)`; tuples are `(address token, uint256 amount) details`, arrays `uint256[]
/// ids`. For our own constants: anything else it does not understand is a defect, and ends the program in debug builds.
[[nodiscard]] Function parse_function(std::string_view signature);

/// One decoded value that is no list and no tuple. Its name is the path to it: `permitSingle.details.amount`, `ids[2]`.
struct Leaf {
    std::string name;
    Kind kind = Kind::kUint;
    std::string text;    ///< decimal, `true`, EIP-55, `0x…`, or the string itself (from outside)
    Uint256 number = 0;  ///< of an unsigned integer, an address or a boolean
    ByteView bytes;      ///< of bytes and string: a view into the data
};

/// The arguments of a call, `data` being what follows the selector. Strict: the one encoding that Solidity itself produces;
/// other offsets, dirty padding, values out of range and trailing bytes give nothing. An empty list is one leaf with the
/// text `[]`.
[[nodiscard]] std::optional<std::vector<Leaf>> decode(const std::vector<Type>& parameters, ByteView data);

}  // namespace keydeck::ethereum::abi
