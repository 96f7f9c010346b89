// A transaction's fields as RLP: each type is one fold over its fields in the order of its EIP. Used within this room only.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/base/bytes.hpp"
#include "engine/base/uint256.hpp"
#include "engine/ethereum/address.hpp"
#include "engine/ethereum/rlp.hpp"
#include "engine/ethereum/transaction.hpp"

namespace keydeck::ethereum {

/// A big-endian number in 32 bytes (r, s), which RLP wants without its leading zeros.
struct BigEndian {
    ByteView bytes;
    explicit BigEndian(ByteView number) : bytes(number) {
        while (!bytes.empty() && bytes.front() == 0) bytes = bytes.subspan(1);
    }
};

// How long each kind of field is as an RLP item, and the item itself.
inline std::size_t item_size(std::uint64_t value) { return rlp::integer_size(value); }
inline std::size_t item_size(const Uint256& value) { return rlp::integer_size(value); }
inline std::size_t item_size(const BigEndian& value) { return rlp::bytes_size(value.bytes); }
inline std::size_t item_size(const Bytes& value) { return rlp::bytes_size(value); }
inline std::size_t item_size(const Hash32& value) { return rlp::bytes_size(value); }
inline std::size_t item_size(const Address& value) { return rlp::bytes_size(value.bytes); }
inline std::size_t item_size(const std::optional<Address>& value) { return value ? item_size(*value) : 1; }
inline std::size_t item_size(const AccessListItem& value);
inline std::size_t item_size(const Authorization& value);

inline void append_item(Bytes& out, std::uint64_t value) { rlp::append_integer(out, value); }
inline void append_item(Bytes& out, const Uint256& value) { rlp::append_integer(out, value); }
inline void append_item(Bytes& out, const BigEndian& value) { rlp::append_bytes(out, value.bytes); }
inline void append_item(Bytes& out, const Bytes& value) { rlp::append_bytes(out, value); }
inline void append_item(Bytes& out, const Hash32& value) { rlp::append_bytes(out, value); }
inline void append_item(Bytes& out, const Address& value) { rlp::append_bytes(out, value.bytes); }
inline void append_item(Bytes& out, const std::optional<Address>& value) {
    rlp::append_bytes(out, value ? ByteView(value->bytes) : ByteView());
}
inline void append_item(Bytes& out, const AccessListItem& value);
inline void append_item(Bytes& out, const Authorization& value);

template <class T>
std::size_t payload_size(const std::vector<T>& items) {
    std::size_t size = 0;
    for (const T& item : items) size += item_size(item);
    return size;
}

template <class T>
std::size_t item_size(const std::vector<T>& items) {
    return rlp::list_size(payload_size(items));
}

template <class T>
void append_item(Bytes& out, const std::vector<T>& items) {
    rlp::append_list_header(out, payload_size(items));
    for (const T& item : items) append_item(out, item);
}

template <class... Fields>
std::size_t list_size_of(const Fields&... fields) {
    return rlp::list_size((item_size(fields) + ... + 0));
}

template <class... Fields>
void append_list_of(Bytes& out, const Fields&... fields) {
    rlp::append_list_header(out, (item_size(fields) + ... + 0));
    (append_item(out, fields), ...);
}

inline std::size_t item_size(const AccessListItem& value) { return list_size_of(value.address, value.storage_keys); }
inline void append_item(Bytes& out, const AccessListItem& value) { append_list_of(out, value.address, value.storage_keys); }

/// Calls `use` with the fields of an authorization, signed. https://eips.ethereum.org/EIPS/eip-7702
template <class Use>
auto with_fields(const Authorization& a, Use&& use) {
    return use(a.chain_id, a.address, a.nonce, std::uint64_t{a.signature.recovery_id}, BigEndian(a.signature.r),
               BigEndian(a.signature.s));
}
inline std::size_t item_size(const Authorization& value) {
    return with_fields(value, [](const auto&... fields) { return list_size_of(fields...); });
}
inline void append_item(Bytes& out, const Authorization& value) {
    with_fields(value, [&out](const auto&... fields) { append_list_of(out, fields...); });
}

/// Calls `use` with the fields that are signed, in the order of the type's EIP.
template <class Use>
auto with_fields(const Transaction& t, Use&& use) {
    const Uint256 chain_id = t.chain_id.value_or(0);
    switch (t.type) {
        case TransactionType::kLegacy:  // Yellow Paper, 4.2
            break;
        case TransactionType::kAccessList:  // https://eips.ethereum.org/EIPS/eip-2930
            return use(chain_id, t.nonce, t.gas_price, t.gas_limit, t.to, t.value, t.data, t.access_list);
        case TransactionType::kDynamicFee:  // https://eips.ethereum.org/EIPS/eip-1559
            return use(chain_id, t.nonce, t.max_priority_fee_per_gas, t.max_fee_per_gas, t.gas_limit, t.to, t.value, t.data,
                       t.access_list);
        case TransactionType::kBlob:  // https://eips.ethereum.org/EIPS/eip-4844
            return use(chain_id, t.nonce, t.max_priority_fee_per_gas, t.max_fee_per_gas, t.gas_limit, t.to, t.value, t.data,
                       t.access_list, t.max_fee_per_blob_gas, t.blob_versioned_hashes);
        case TransactionType::kSetCode:  // https://eips.ethereum.org/EIPS/eip-7702
            return use(chain_id, t.nonce, t.max_priority_fee_per_gas, t.max_fee_per_gas, t.gas_limit, t.to, t.value, t.data,
                       t.access_list, t.authorization_list);
    }
    return use(t.nonce, t.gas_price, t.gas_limit, t.to, t.value, t.data);
}

}  // namespace keydeck::ethereum
