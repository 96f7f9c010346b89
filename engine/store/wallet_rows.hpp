// How a wallet is read from a row. Internal to the room.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/sqlite/database.hpp"
#include "engine/types.hpp"

namespace keydeck::store {

[[nodiscard]] std::string_view custody_word(Custody custody);
/// Empty where there is no such word.
[[nodiscard]] std::optional<Custody> custody_of_word(std::string_view word);

/// Reads what a statement that selects kWalletColumns stands on. Error: corrupt for a value that no wallet can have.
[[nodiscard]] Result<Wallet> read_wallet(const sqlite::Statement& row);

/// The columns of a list, with `w` a wallet, `u` its user and `k` its key.
inline constexpr std::string_view kWalletColumns =
    "w.id, w.user_id, u.name, w.label, w.address, w.custody, k.key_id, k.alias, w.region, w.public_key, w.path,"
    " w.has_mnemonic, w.imported, w.created_at, w.last_signed_at, w.signatures, w.removed_at, u.locked, k.state,"
    " w.key_version";

}  // namespace keydeck::store
