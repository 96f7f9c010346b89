// Whom this vault knows and for which chains it has signed: what makes a recipient known, and another one new.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/error.hpp"
#include "engine/sqlite/database.hpp"
#include "engine/types.hpp"

namespace keydeck::store {

/// What the vault knows of an address.
struct Standing {
    std::string contact;      ///< its name in the address book; empty: it is not there
    bool is_wallet = false;   ///< of this vault, removed ones too
    bool is_removed = false;  ///< a wallet that was
    std::int64_t wallet_user = 0;
    std::string user;
    std::string label;
    bool was_recipient = false;  ///< signed towards before
    [[nodiscard]] bool is_known() const { return !contact.empty() || is_wallet || was_recipient; }
};
[[nodiscard]] Result<Standing> standing_of(sqlite::Database& database, const AddressBytes& address);

/// Remembers recipients; those that are known already keep their first time. Inside the caller's DbTransaction.
[[nodiscard]] Status note_recipients(sqlite::Database& database, std::span<const AddressBytes> addresses, Timestamp now);

/// A known address that begins and ends with the same two bytes as another but differs between: what a hurried eye takes
/// for it.
struct LookAlike {
    enum class KnownAs : std::uint8_t { kContact, kWallet, kRecipient };
    AddressBytes address{};
    KnownAs known_as = KnownAs::kRecipient;
    std::string name;  ///< a contact's
};
/// At most 10, contacts first, then wallets.
[[nodiscard]] Result<std::vector<LookAlike>> look_alikes(sqlite::Database& database, const AddressBytes& address);

/// Chains of signed transactions; `chain_id` is decimal text.
[[nodiscard]] Result<bool> chain_was_used(sqlite::Database& database, std::string_view chain_id);
[[nodiscard]] Result<bool> any_chain_was_used(sqlite::Database& database);
[[nodiscard]] Status note_chain(sqlite::Database& database, std::string_view chain_id, Timestamp now);

}  // namespace keydeck::store
