// hashStruct of EIP-712 over a JSON value, and the lines that show it to a person. Only typed data uses this.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/bytes.hpp"
#include "engine/base/json.hpp"
#include "engine/error.hpp"
#include "engine/ethereum/typed_data.hpp"
#include "engine/ethereum/typed_data_types.hpp"

namespace keydeck::ethereum::eip712 {

/// Hashes one value. Its recursion follows the JSON value, which nests at most 64 levels.
class Encoder {
public:
    /// Both must outlive the encoder. `path` is where the value stands ("message").
    Encoder(const TypeTable& types, std::string_view path) : types_(types), path_(path) {}

    /// keccak-256(typeHash ‖ encodeData(value)). Error: invalid_input naming the field by its path.
    [[nodiscard]] Result<Hash32> hash_struct(const StructType& type, const json::Value& value);

    /// One line a field, array and item met by hash_struct, in the order of the types.
    [[nodiscard]] std::vector<TypedDataLine> take_lines() { return std::move(lines_); }

private:
    [[nodiscard]] Result<Hash32> encode(const Field& field, std::size_t dimension_count, const json::Value& value);
    [[nodiscard]] Result<Hash32> encode_array(const Field& field, std::size_t dimension_count, const json::Value& value);
    [[nodiscard]] Status refuse_unknown(const StructType& type, const json::Value& value) const;
    [[nodiscard]] const Hash32& type_hash(const StructType& type);
    void add_line(std::string_view name, std::string_view type);

    const TypeTable& types_;
    std::string path_;
    unsigned depth_ = 0;
    std::vector<TypedDataLine> lines_;
    std::map<const StructType*, Hash32> type_hashes_;
};

}  // namespace keydeck::ethereum::eip712
