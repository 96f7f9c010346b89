// Users: who owns wallets.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/error.hpp"
#include "engine/sqlite/database.hpp"
#include "engine/types.hpp"

namespace keydeck::store {

/// Adds a user; ids are never reused. Errors: invalid_input (check_user_name), already_exists (the exact name, or a
/// wallet's label: a wallet is called by both).
[[nodiscard]] Result<User> insert_user(sqlite::Database& database, std::string_view name, Timestamp now);

/// Exact name, case counts. Error: not_found.
[[nodiscard]] Result<User> user_by_name(sqlite::Database& database, std::string_view name);
/// Also finds a removed user, whose hidden wallets still name it. Error: not_found.
[[nodiscard]] Result<User> user_by_id(sqlite::Database& database, std::int64_t id);

/// A page in the order asked for: of the names (ASCII case ignored), of the last signature (never is the earliest), or of
/// the number of wallets; equals by id. Forwards, or backwards from a user or from the end; rows always stand in that order.
/// `after` may be a user removed since. Errors: invalid_input (limit under 1, an unknown `after`).
[[nodiscard]] Result<std::vector<User>> list_users(sqlite::Database& database, const UserQuery& query);

/// Errors: not_found, invalid_input, already_exists.
[[nodiscard]] Result<User> rename_user(sqlite::Database& database, std::string_view name, std::string_view new_name);

/// Doing it twice is fine. Error: not_found.
[[nodiscard]] Result<User> set_user_locked(sqlite::Database& database, std::string_view name, bool locked);

/// Takes the user out of lists and frees the name; the row stays, so that hidden wallets keep their owner.
/// Errors: not_found; rejected while the user has wallets (hidden ones do not count).
[[nodiscard]] Status remove_user(sqlite::Database& database, std::string_view name, Timestamp now);

}  // namespace keydeck::store
