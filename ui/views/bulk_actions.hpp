// What can be done to many rows at once (level 1, all of it reversible). Each asks with the list first.
#pragma once

#include <string>
#include <vector>

#include "ui/views/bulk_dialog.hpp"

namespace keydeck::ui {

using BulkDone = std::function<void(const std::vector<BulkItem>&)>;

/// What the engine is told of a row: a user's name, a wallet's address, a key's id.
[[nodiscard]] std::string bulk_id(const User& user);
[[nodiscard]] std::string bulk_id(const Wallet& wallet);
[[nodiscard]] std::string bulk_id(const KeyInfo& key);

/// The words of an action, without items: with its opposite as what takes it back.
[[nodiscard]] Bulk bulk_of(BulkAction action);

/// Those that are not locked, or, where all are, unlocks them.
void ask_lock_users(const std::vector<User>& users, BulkDone done, Effects& effects);
/// Hidden, not destroyed: `keydeck wallet restore` and `z` bring them back.
void ask_remove_wallets(const std::vector<Wallet>& wallets, BulkDone done, Effects& effects);
/// Those that are in the state this needs; how many are left out is said.
void ask_disable_keys(const std::vector<KeyInfo>& keys, BulkDone done, Effects& effects);
void ask_enable_keys(const std::vector<KeyInfo>& keys, BulkDone done, Effects& effects);

/// "0x454aCb…4F7956  alice  main": a wallet in a list of things something is done to. The address is whole.
[[nodiscard]] std::string line_of(const Wallet& wallet);

}  // namespace keydeck::ui
