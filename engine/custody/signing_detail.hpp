// What the audit log keeps of what was signed.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/bytes.hpp"
#include "engine/base/uint256.hpp"
#include "engine/ethereum/transaction.hpp"
#include "engine/ethereum/typed_data.hpp"

namespace keydeck::custody {

/// JSON objects. What is longer than 4,096 bytes is kept as its length and Keccak-256; the digest stands in the event
/// itself.
[[nodiscard]] std::string message_detail(ByteView message);
[[nodiscard]] std::string typed_data_detail(const ethereum::TypedData& data, std::string_view json);
[[nodiscard]] std::string transaction_detail(const ethereum::Transaction& transaction);
[[nodiscard]] std::string authorization_detail(const Uint256& chain_id, const ethereum::Address& delegate,
                                               std::uint64_t nonce);

}  // namespace keydeck::custody
