// Whom and for which chains this vault has signed before: what makes a recipient known, and another one new.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "engine/error.hpp"
#include "engine/sqlite/database.hpp"
#include "engine/types.hpp"

namespace keydeck::store {

/// Whether the address was signed towards before, or is one of the vault's wallets (removed ones too).
[[nodiscard]] Result<bool> is_known_address(sqlite::Database& database, const AddressBytes& address);

/// Remembers recipients; those that are known already keep their first time. Inside the caller's DbTransaction.
[[nodiscard]] Status note_recipients(sqlite::Database& database, std::span<const AddressBytes> addresses, Timestamp now);

/// Known addresses (recipients and wallets) that begin and end with the same two bytes but differ between: what a hurried
/// eye takes for this one. At most 10.
[[nodiscard]] Result<std::vector<AddressBytes>> look_alikes(sqlite::Database& database, const AddressBytes& address);

/// Chains of signed transactions; `chain_id` is decimal text.
[[nodiscard]] Result<bool> chain_was_used(sqlite::Database& database, std::string_view chain_id);
[[nodiscard]] Result<bool> any_chain_was_used(sqlite::Database& database);
[[nodiscard]] Status note_chain(sqlite::Database& database, std::string_view chain_id, Timestamp now);

}  // namespace keydeck::store
