// Rows of the table users, as functions of this room read them.
#pragma once

#include "engine/sqlite/database.hpp"
#include "engine/types.hpp"

namespace keydeck::store {

/// Reads id, name, locked, created_at, wallets, default_address, last_signed_at, in this order.
[[nodiscard]] User read_user(const sqlite::Statement& row);

}  // namespace keydeck::store
