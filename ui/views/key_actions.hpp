// What can be done to a KMS key, a user and the vault from more than one screen.
#pragma once

#include "ui/effects.hpp"
#include "ui/keymap.hpp"
#include "ui/scene.hpp"

namespace keydeck::ui {

/// Each asks first (level 1) and offers an undo afterwards where there is one.
void ask_disable_key(const KeyInfo& key, Effects& effects);
void ask_enable_key(const KeyInfo& key, Effects& effects);
void ask_cancel_deletion(const KeyInfo& key, const Scene& scene, Effects& effects);
/// Level 2: everything off the key, then disabled.
void ask_retire_key(const KeyInfo& key, const Scene& scene, Effects& effects);
/// Why a key cannot be retired; empty: it can.
[[nodiscard]] std::string why_not_retire(const KeyInfo& key, const Scene& scene);
void ask_lock_user(const User& user, Effects& effects);

/// `L`: wipes the wallets that are open in memory; with a passphrase the vault is locked too.
[[nodiscard]] Action lock_vault_action();

}  // namespace keydeck::ui
