// The types of EIP-712: read, checked, and written in their one canonical form. Only typed data uses this.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/bytes.hpp"
#include "engine/base/json.hpp"
#include "engine/error.hpp"

namespace keydeck::ethereum::eip712 {

enum class AtomicKind : std::uint8_t { kBool, kAddress, kString, kBytes, kFixedBytes, kUint, kInt };

struct AtomicType {
    AtomicKind kind = AtomicKind::kBool;
    unsigned width = 0;  ///< bits of an integer, bytes of a bytesN, otherwise 0
    friend bool operator==(const AtomicType&, const AtomicType&) = default;
};

/// The atomic type of a name: `bool address string bytes`, `bytes1` to `bytes32`, `uint8` to `uint256` and `int8` to
/// `int256` in steps of 8, and `uint` and `int` for 256 bits, as ethers reads them. Empty for any other name.
[[nodiscard]] std::optional<AtomicType> parse_atomic(std::string_view name);

/// A field's type: a base and its array dimensions, innermost first. `Person[2][]` has the dimensions 2 and "any".
struct FieldType {
    std::string text;                                      ///< canonical: `uint` is written `uint256`
    std::string base;                                      ///< canonical
    std::optional<AtomicType> atomic;                      ///< absent: the base is a struct
    std::vector<std::optional<std::uint64_t>> dimensions;  ///< absent length: dynamic

    /// The canonical text with the first `dimension_count` dimensions only: the type of an item.
    [[nodiscard]] std::string_view text_of(std::size_t dimension_count) const;
};

/// Reads `base`, `base[]`, `base[3]`, … At most 64 dimensions. Error: invalid_input naming `what`.
[[nodiscard]] Result<FieldType> parse_field_type(std::string_view text, std::string_view what);

struct Field {
    std::string name;
    FieldType type;
    std::size_t struct_index = 0;  ///< the base's place in the table, when it is a struct
};

struct StructType {
    std::string name;
    std::vector<Field> fields;
};

/// The `types` object: every struct it defines, each field's type known, no cycles.
class TypeTable {
public:
    /// Error: invalid_input naming the place (`types.Mail[1].type`): malformed names, a field twice, a type that is not
    /// defined, a struct that contains itself, over 512 structs or 2,048 fields.
    [[nodiscard]] static Result<TypeTable> parse(const json::Value& types);

    [[nodiscard]] const StructType* find(std::string_view name) const;
    [[nodiscard]] const StructType& at(std::size_t index) const { return structs_[index]; }
    /// encodeType of EIP-712: the struct itself, then the structs it refers to, sorted by name.
    [[nodiscard]] std::string encode_type(const StructType& type) const;

private:
    [[nodiscard]] Status add_fields(const json::Value& fields, StructType& type);
    [[nodiscard]] Status link();
    [[nodiscard]] Status refuse_cycles() const;

    std::vector<StructType> structs_;
    std::map<std::string, std::size_t, std::less<>> index_;
    std::size_t field_count_ = 0;
};

/// `Mail(Person from,Person to,string contents)`
[[nodiscard]] std::string encode_own_type(const StructType& type);

}  // namespace keydeck::ethereum::eip712
