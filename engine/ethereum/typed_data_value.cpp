#include "engine/ethereum/typed_data_value.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/hex.hpp"
#include "engine/base/uint256.hpp"
#include "engine/crypto/hash.hpp"
#include "engine/ethereum/address.hpp"
#include "engine/ethereum/printable.hpp"

namespace keydeck::ethereum::eip712 {
namespace {

std::unexpected<Error> wrong_kind(std::string_view path, const json::Value& value, std::string_view wanted) {
    return fail(ErrorCode::kInvalidInput,
                fmt::format("The field {} is {}; it must be {}.", path, json::describe(value.kind), wanted));
}

std::string type_name(AtomicType type) {
    return (type.kind == AtomicKind::kUint ? "uint" : "int") + std::to_string(type.width);
}

struct Integer {
    Uint256 magnitude;
    bool negative = false;
};

Result<Integer> parse_integer(const json::Value& value, std::string_view path) {
    if (!value.is(json::Kind::kNumber) && !value.is(json::Kind::kString))
        return wrong_kind(path, value, "an integer, or a string with one");
    std::string_view text = value.text;
    const bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    if (value.is(json::Kind::kNumber) && text.find_first_not_of("0123456789") != std::string_view::npos)
        return fail(ErrorCode::kInvalidInput,
                    fmt::format("The field {} has a fraction or an exponent; it must be an integer.", path));
    auto magnitude = parse_uint256(text, fmt::format("field {}", path));
    if (!magnitude) return fail(magnitude);
    const bool below_zero = negative && *magnitude != 0;
    return Integer{std::move(*magnitude), below_zero};
}

bool fits(AtomicType type, const Integer& integer) {
    if (type.kind == AtomicKind::kUint)
        return !integer.negative && (type.width == 256 || (integer.magnitude >> type.width) == 0);
    const Uint256 half = Uint256(1) << (type.width - 1);
    return integer.negative ? integer.magnitude <= half : integer.magnitude < half;
}

Hash32 twos_complement(const Integer& integer) {
    auto word = to_be32(integer.magnitude);
    if (!integer.negative) return word;
    unsigned carry = 1;
    for (auto byte = word.rbegin(); byte != word.rend(); ++byte) {
        carry += static_cast<std::uint8_t>(~*byte);
        *byte = static_cast<std::uint8_t>(carry);
        carry >>= 8U;
    }
    return word;
}

Result<EncodedValue> encode_integer(AtomicType type, const json::Value& value, std::string_view path) {
    const auto integer = parse_integer(value, path);
    if (!integer) return fail(integer);
    if (!fits(type, *integer))
        return fail(ErrorCode::kInvalidInput, fmt::format("The field {} is out of the range of {}.", path, type_name(type)));
    return EncodedValue{twos_complement(*integer), (integer->negative ? "-" : "") + to_decimal(integer->magnitude)};
}

Result<EncodedValue> encode_address(const json::Value& value, std::string_view path) {
    if (!value.is(json::Kind::kString)) return wrong_kind(path, value, "a string with an address");
    const auto address = parse_address(value.text, fmt::format("field {}", path));
    if (!address) return fail(address);
    EncodedValue encoded{{}, to_checksum(*address)};
    std::ranges::copy(address->bytes, encoded.word.begin() + 12);
    return encoded;
}

Result<EncodedValue> encode_bytes(AtomicType type, const json::Value& value, std::string_view path) {
    if (!value.is(json::Kind::kString)) return wrong_kind(path, value, "a string of 0x and hex digits");
    if (!value.text.starts_with("0x"))
        return fail(ErrorCode::kInvalidInput, fmt::format("The field {} must be hexadecimal and begin with 0x.", path));
    const auto bytes = from_hex(value.text, fmt::format("field {}", path));
    if (!bytes) return fail(bytes);
    if (type.kind == AtomicKind::kBytes) return EncodedValue{crypto::keccak256(*bytes), to_hex_0x(*bytes)};
    if (bytes->size() != type.width)
        return fail(ErrorCode::kInvalidInput,
                    fmt::format("The field {0} has {1} bytes; bytes{2} has exactly {2}.", path, bytes->size(), type.width));
    EncodedValue encoded{{}, to_hex_0x(*bytes)};
    std::ranges::copy(*bytes, encoded.word.begin());
    return encoded;
}

}  // namespace

Result<EncodedValue> encode_atomic(AtomicType type, const json::Value& value, std::string_view path) {
    switch (type.kind) {
        case AtomicKind::kBool: {
            if (!value.is(json::Kind::kBool)) return wrong_kind(path, value, "true or false");
            EncodedValue encoded{{}, value.boolean ? "true" : "false"};
            encoded.word.back() = value.boolean ? 1 : 0;
            return encoded;
        }
        case AtomicKind::kString:
            if (!value.is(json::Kind::kString)) return wrong_kind(path, value, "a string");
            return EncodedValue{crypto::keccak256(as_bytes(value.text)), printable(value.text)};
        case AtomicKind::kAddress:
            return encode_address(value, path);
        case AtomicKind::kBytes:
        case AtomicKind::kFixedBytes:
            return encode_bytes(type, value, path);
        case AtomicKind::kUint:
        case AtomicKind::kInt:
            return encode_integer(type, value, path);
    }
    return fail(ErrorCode::kInternal, "A type is not handled.");
}

}  // namespace keydeck::ethereum::eip712
