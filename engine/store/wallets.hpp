// Wallets: one row each, the sealed key material in the row. Nothing here opens it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/error.hpp"
#include "engine/sqlite/database.hpp"
#include "engine/types.hpp"

namespace keydeck::store {

/// A row to insert. `id` comes from reserve_wallet_ids(), so that sealing can bind it beforehand.
struct NewWallet {
    std::int64_t id = 0;
    std::int64_t user_id = 0;
    std::string label;  ///< empty: none
    AddressBytes address{};
    Custody custody = Custody::kEnvelope;
    std::string key_id;  ///< must be known to keys.hpp
    std::string region;
    Bytes public_key;  ///< 65 bytes, 0x04 ‖ X ‖ Y
    std::string path;
    bool has_mnemonic = false;
    bool imported = false;
    Bytes sealed_data_key;  ///< what the KMS encrypted: the DEK, or the private key of a key-pair; empty for kms-key
    Bytes sealed_secret;    ///< entropy and private key under the DEK; empty for kms-key and key-pair
    std::int64_t key_version =
        1;  ///< of the key, as known before the sealing began: what is sealed is that version's or newer
    Timestamp created_at{};
};

/// The sealed columns of a row.
struct SealedColumns {
    Bytes data_key;
    Bytes secret;
    std::string key_id{};          ///< what they stand under; in answers only
    std::int64_t key_version = 1;  ///< likewise
};

/// Hands out `count` wallet ids that nobody gets again, also when they are not used: the first of them. Commit it (its own
/// short DbTransaction, or the one that uses them) before relying on them.
[[nodiscard]] Result<std::int64_t> reserve_wallet_ids(sqlite::Database& database, std::int64_t count);

/// Errors: invalid_input (check_label; public key not 65 bytes); already_exists for the address (the hint says when a
/// removed wallet holds it) or the label; not_found for the user or the key.
[[nodiscard]] Status insert_wallet(sqlite::Database& database, const NewWallet& wallet);

/// Error: not_found. A removed wallet is found too, with state kRemoved.
[[nodiscard]] Result<Wallet> wallet_by_id(sqlite::Database& database, std::int64_t id);
[[nodiscard]] Result<Wallet> wallet_by_address(sqlite::Database& database, const AddressBytes& address);

/// What a person means by WALLET: an address (0x and 40 hex digits in any case; its EIP-55 checksum is the caller's to check
/// first), the name of a user who has exactly one wallet, or a label. In this order: in a vault of before names and labels
/// were kept apart, a user's name is never taken away by somebody's label. Removed wallets are not found. Errors: not_found;
/// invalid_input where the user of that name has several wallets.
[[nodiscard]] Result<Wallet> find_wallet(sqlite::Database& database, std::string_view reference);

/// The wallet of this user with the label. Error: not_found, also where another user's wallet has it.
[[nodiscard]] Result<Wallet> find_labelled_wallet_of(sqlite::Database& database, std::int64_t user_id,
                                                     std::string_view label);

/// With the key they stand under: a row may be moved to another one at any time. Error: not_found.
[[nodiscard]] Result<SealedColumns> sealed_columns(sqlite::Database& database, std::int64_t wallet_id);

/// A page in the order asked for: of the ids, which is that of creation, or of the last signature (never is the earliest;
/// equals by id). Forwards, or backwards from a wallet or from the end; rows always stand in that order. An `after` that is
/// gone stands where its id would, as never signed. `filter` is an address's beginning where it starts with 0x (hex digits
/// only after it), else part of the label or user name (ASCII case ignored). An unknown user or key gives an empty page.
/// Error: invalid_input (limit under 1).
[[nodiscard]] Result<std::vector<Wallet>> list_wallets(sqlite::Database& database, const WalletQuery& query);

/// Whether a label may be given. Error: already_exists where a wallet that is not removed has it, or where it is a user's
/// name: both are names a wallet is called by. An empty one is always free.
[[nodiscard]] Status check_label_free(sqlite::Database& database, std::string_view label);

/// An empty label takes it away. Errors: not_found (removed ones too), invalid_input, already_exists.
[[nodiscard]] Status set_wallet_label(sqlite::Database& database, std::int64_t wallet_id, std::string_view label);

/// Hides the wallet and keeps the row and its sealed columns; it keeps its address, and frees its label. Error: not_found.
[[nodiscard]] Status hide_wallet(sqlite::Database& database, std::int64_t wallet_id, Timestamp now);
/// Shows a hidden wallet again; the label is dropped when another wallet has taken it. Errors: not_found; rejected where its
/// user has been removed.
[[nodiscard]] Status unhide_wallet(sqlite::Database& database, std::int64_t wallet_id);

/// Overwrites the sealed columns and deletes the row, hidden or not; its address may come back under a new id.
/// After the commit call Store::purge(). Error: not_found.
[[nodiscard]] Status destroy_wallet(sqlite::Database& database, std::int64_t wallet_id);

/// Adds `count` signatures, the last at `at`, to the wallet, its user and its key. Once a batch. Error: not_found.
[[nodiscard]] Status note_signatures(sqlite::Database& database, std::int64_t wallet_id, std::int64_t count, Timestamp at);

/// Puts other sealed columns under another (or the same) key, in that version or a newer one, into the row: rewrapping.
/// Errors: not_found for the wallet or key.
[[nodiscard]] Status replace_sealed_columns(sqlite::Database& database, std::int64_t wallet_id, std::string_view key_id,
                                            std::string_view region, const SealedColumns& sealed, std::int64_t key_version,
                                            Timestamp at);

/// Whether there is a wallet of this custody, hidden ones included.
[[nodiscard]] Result<bool> has_wallets_of(sqlite::Database& database, Custody custody);

/// How many users have a wallet, hidden ones included, under the key.
[[nodiscard]] Result<std::int64_t> count_users_of_key(sqlite::Database& database, std::string_view key_id);

}  // namespace keydeck::store
