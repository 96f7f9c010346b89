// What the audit log keeps of what was signed.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/bytes.hpp"
#include "engine/base/uint256.hpp"
#include "engine/ethereum/transaction.hpp"
#include "engine/ethereum/typed_data.hpp"
#include "engine/types.hpp"

namespace keydeck::custody {

/// JSON objects. What is longer than 4,096 bytes is kept as its length and Keccak-256; the digest stands in the event
/// itself.
[[nodiscard]] std::string message_detail(ByteView message);
[[nodiscard]] std::string typed_data_detail(const ethereum::TypedData& data, std::string_view json);
[[nodiscard]] std::string transaction_detail(const ethereum::Transaction& transaction);
[[nodiscard]] std::string authorization_detail(const Uint256& chain_id, const ethereum::Address& delegate,
                                               std::uint64_t nonce);

/// What a preview shows, as a JSON array of its sentence, its lines (indented where they have no name), its warnings and its
/// digests, for the `shown` of a detail. What is longer than 16,384 bytes is an object instead: `cut` (true), `lines` (how
/// many texts there were), `length` and `keccak256` of the whole array, and `kept`, an array of some 15,000 bytes at most:
/// the first lines and the first warnings, each to its 1,024th byte, all digests, and a text `… (cut: N … more)` wherever
/// something is missing.
[[nodiscard]] std::string shown_text(const SigningPreview& preview);
/// The detail with `shown` as its last member; unchanged where that is empty.
[[nodiscard]] std::string with_shown(std::string detail, std::string_view shown);

}  // namespace keydeck::custody
