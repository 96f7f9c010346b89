// JSON values into the values of a transaction. `what` names the field in the error. Used within this room only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/bytes.hpp"
#include "engine/base/json.hpp"
#include "engine/base/uint256.hpp"
#include "engine/error.hpp"
#include "engine/ethereum/address.hpp"
#include "engine/ethereum/transaction.hpp"

namespace keydeck::ethereum::json_values {

/// A name from outside as a JSON string, cut short enough for a sentence.
[[nodiscard]] std::string in_quotes(std::string_view name);

/// The failure for a value of another kind than `wanted`.
[[nodiscard]] std::unexpected<Error> wrong_kind(std::string_view what, std::string_view wanted, const json::Value& value);

/// Numbers are JSON integers, decimal strings or `0x` strings.
Status read(const json::Value& value, std::string_view what, Uint256& out);
Status read(const json::Value& value, std::string_view what, std::uint64_t& out);
/// Addresses and bytes are `0x` strings.
Status read(const json::Value& value, std::string_view what, Address& out);
Status read(const json::Value& value, std::string_view what, Bytes& out);
Status read(const json::Value& value, std::string_view what, Hash32& out);
/// `{address, storageKeys}`
Status read(const json::Value& value, std::string_view what, AccessListItem& out);
/// `{chainId, address, nonce, yParity, r, s}`, low s. Whose signature it is, authority_of() tells.
Status read(const json::Value& value, std::string_view what, Authorization& out);

template <class T>
Status read(const json::Value& value, std::string_view what, std::optional<T>& out) {
    return read(value, what, out.emplace());
}

template <class T>
Status read(const json::Value& value, std::string_view what, std::vector<T>& out) {
    if (!value.is(json::Kind::kArray)) return wrong_kind(what, "an array", value);
    out.reserve(value.items.size());
    for (std::size_t i = 0; i < value.items.size(); ++i) {
        const std::string item = std::string(what) + "[" + std::to_string(i) + "]";
        if (auto done = read(value.items[i], item, out.emplace_back()); !done) return done;
    }
    return {};
}

}  // namespace keydeck::ethereum::json_values
