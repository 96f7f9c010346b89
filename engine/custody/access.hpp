// Who may do what: every verb passes through here first.
#pragma once

#include <string_view>

#include "engine/error.hpp"
#include "engine/sqlite/database.hpp"
#include "engine/types.hpp"

namespace keydeck::custody {

/// Error: denied for a user's session. `what` completes "Only the operator may …".
[[nodiscard]] Status require_operator(const Session& session, std::string_view what);

/// The user whose session it is. Errors: not_found. Precondition: a user's session.
[[nodiscard]] Result<User> session_user(sqlite::Database& database, const Session& session);

/// The user a verb acts for: anybody for the operator, oneself in a user's session (else denied, without telling whether the
/// other exists).
[[nodiscard]] Result<User> find_user(sqlite::Database& database, const Session& session, std::string_view name);

/// Error: locked while the user is locked. `not_done` completes the sentence: "nothing was signed".
[[nodiscard]] Status require_unlocked_user(const User& user, std::string_view not_done);

/// Whether a label may be given. Error: already_exists; a user's session is not told whether a wallet or a user has it, nor
/// whose.
[[nodiscard]] Status require_free_label(sqlite::Database& database, const Session& session, std::string_view label);

/// What WALLET names, for this session: an address (EIP-55 checked), a user's name where the user has one wallet, or a
/// label, in this order. In a user's session only that user's name and labels are looked at; a wallet of another's and one
/// that does not exist are the same error: denied.
[[nodiscard]] Result<Wallet> find_wallet(sqlite::Database& database, const Session& session, std::string_view reference);

/// The same, and wallets that were hidden too (by address only).
[[nodiscard]] Result<Wallet> find_wallet_or_hidden(sqlite::Database& database, const Session& session,
                                                   std::string_view reference);

}  // namespace keydeck::custody
