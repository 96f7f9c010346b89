// Whom each user knows, for which chains that user has signed, and which typed data: what makes a recipient known, and
// another one new. A user is who owns the wallet that signs.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/error.hpp"
#include "engine/sqlite/database.hpp"
#include "engine/types.hpp"

namespace keydeck::store {

/// Somebody who gains by a signature.
struct Recipient {
    AddressBytes address{};
    bool is_trusted = false;  ///< may do something from then on (spender, operator, owner, code); otherwise was only paid
    friend auto operator<=>(const Recipient&, const Recipient&) = default;
};

/// What a user knows of an address.
struct Standing {
    std::string contact;      ///< its name in the address book, which is for all; empty: it is not there
    bool is_wallet = false;   ///< of this vault, anybody's, removed ones too
    bool is_removed = false;  ///< a wallet that was
    bool is_own = false;      ///< the user's own wallet, not removed
    std::int64_t wallet_user = 0;
    std::string user;
    std::string label;
    bool was_recipient = false;  ///< the user has signed towards it before
    bool was_trusted = false;    ///< and let it act
    [[nodiscard]] bool is_known() const { return !contact.empty() || is_own || was_recipient; }
    [[nodiscard]] bool is_trusted() const { return !contact.empty() || is_own || was_trusted; }
};
[[nodiscard]] Result<Standing> standing_of(sqlite::Database& database, std::int64_t user_id, const AddressBytes& address);

/// Remembers whom a user has signed for; those that are known already keep their first time, and trust once given. Inside
/// the caller's DbTransaction.
[[nodiscard]] Status note_recipients(sqlite::Database& database, std::int64_t user_id, std::span<const Recipient> recipients,
                                     Timestamp now);

/// A known address that begins and ends with the same two bytes as another but differs between: what a hurried eye takes
/// for it.
struct LookAlike {
    enum class KnownAs : std::uint8_t { kContact, kWallet, kRecipient };
    AddressBytes address{};
    KnownAs known_as = KnownAs::kRecipient;
    std::string name;  ///< a contact's
};
/// Among contacts, the user's own wallets, and whom the user has signed for (also whom a vault remembers from before it
/// remembered by user). At most 10, in this order.
[[nodiscard]] Result<std::vector<LookAlike>> look_alikes(sqlite::Database& database, std::int64_t user_id,
                                                         const AddressBytes& address);
/// Among contacts and everybody's wallets: what must not get a trusted name. At most 10, contacts first.
[[nodiscard]] Result<std::vector<LookAlike>> named_look_alikes(sqlite::Database& database, const AddressBytes& address);

/// Chains that a user has signed for; `chain_id` is decimal text.
[[nodiscard]] Result<bool> chain_was_used(sqlite::Database& database, std::int64_t user_id, std::string_view chain_id);
/// By anybody.
[[nodiscard]] Result<bool> any_chain_was_used(sqlite::Database& database);
[[nodiscard]] Status note_chain(sqlite::Database& database, std::int64_t user_id, std::string_view chain_id, Timestamp now);

/// Typed data that nobody here can decode, but which a user has confirmed; `kind` tells what is the same kind.
[[nodiscard]] Result<bool> message_was_signed(sqlite::Database& database, std::int64_t user_id, const Hash32& kind);
[[nodiscard]] Status note_message(sqlite::Database& database, std::int64_t user_id, const Hash32& kind, Timestamp now);

}  // namespace keydeck::store
