#include "engine/store/wallets.hpp"

#include <fmt/format.h>

#include <utility>

#include "engine/store/names.hpp"
#include "engine/store/rows.hpp"
#include "engine/store/wallet_rows.hpp"
#include "engine/store/wallet_search.hpp"

namespace keydeck::store {
namespace {

using sqlite::Database;

constexpr std::size_t kPublicKeySize = 65;

std::unexpected<Error> no_such_wallet(std::int64_t id) {
    return fail(ErrorCode::kNotFound, fmt::format("There is no wallet with id {}.", id));
}

// What the writing functions need to know of a row.
struct Row {
    std::int64_t user_id = 0;
    std::int64_t key_ref = 0;
    std::string user;
    std::string label;
    Bytes address;
    bool removed = false;
    bool user_removed = false;
};

Result<Row> read_row(Database& database, std::int64_t id) {
    auto row = database.prepare(
        "SELECT w.user_id, w.key_ref, u.name, w.label, w.address, w.removed_at, u.removed_at"
        " FROM wallets w JOIN users u ON u.id = w.user_id WHERE w.id = ?");
    const auto found = row.bind(1, id).step();
    if (!found) return fail(found);
    if (!*found) return no_such_wallet(id);
    Row out;
    out.user_id = row.integer(0);
    out.key_ref = row.integer(1);
    out.user = row.text(2);
    out.label = row.text(3);
    out.address = to_bytes(row.blob(4));
    out.removed = !row.is_null(5);
    out.user_removed = !row.is_null(6);
    return out;
}

Status check_address_is_free(Database& database, const AddressBytes& address) {
    auto row = database.prepare("SELECT removed_at FROM wallets WHERE address = ?");
    const auto found = row.bind(1, ByteView(address)).step();
    if (!found) return fail(found);
    if (!*found) return {};
    if (row.is_null(0)) return fail(ErrorCode::kAlreadyExists, "There is already a wallet with this address.");
    return fail(ErrorCode::kAlreadyExists, "A removed wallet has this address.",
                "keydeck wallet remove ADDRESS --destroy erases the removed one");
}

Result<bool> label_is_taken(Database& database, std::string_view label, std::int64_t but_by) {
    if (label.empty()) return false;
    auto row = database.prepare("SELECT 1 FROM wallets WHERE label = ? AND label <> '' AND removed_at IS NULL AND id <> ?");
    return row.bind(1, label).bind(2, but_by).step();
}

Status check_label_free(Database& database, std::string_view label, std::int64_t but_by) {
    if (label.empty()) return {};
    const auto taken = label_is_taken(database, label, but_by);
    if (!taken) return fail(taken);
    if (*taken) return fail(ErrorCode::kAlreadyExists, fmt::format("There is already a wallet labelled \"{}\".", label));
    auto row = database.prepare("SELECT 1 FROM users WHERE name = ? AND removed_at IS NULL");
    const auto is_name = row.bind(1, label).step();
    if (!is_name) return fail(is_name);
    if (!*is_name) return {};
    return fail(ErrorCode::kAlreadyExists,
                fmt::format("\"{}\" is a user's name: as a label it would mean two things.", label),
                "Choose another label.");
}

/// Whether the label a hidden wallet has kept can still be its own.
Result<bool> may_keep_label(Database& database, std::string_view label, std::int64_t wallet_id) {
    const Status free = check_label_free(database, label, wallet_id);
    if (!free && free.error().code != ErrorCode::kAlreadyExists) return fail(free);
    return free.has_value();
}

Result<std::string> name_of_user(Database& database, std::int64_t user_id) {
    auto row = database.prepare("SELECT name FROM users WHERE id = ? AND removed_at IS NULL");
    const auto found = row.bind(1, user_id).step();
    if (!found) return fail(found);
    if (!*found) return fail(ErrorCode::kNotFound, fmt::format("There is no user with id {}.", user_id));
    return string_at(row, 0);
}

Result<std::int64_t> ref_of_key(Database& database, std::string_view key_id) {
    auto row = database.prepare("SELECT id FROM keys WHERE key_id = ?");
    const auto found = row.bind(1, key_id).step();
    if (!found) return fail(found);
    if (!*found) return fail(ErrorCode::kNotFound, fmt::format("The vault does not know the key {}.", key_id));
    return row.integer(0);
}

Status insert_row(Database& database, const NewWallet& wallet, std::int64_t key_ref) {
    auto insert = database.prepare(
        "INSERT INTO wallets (id, user_id, key_ref, label, address, custody, region, path, has_mnemonic, imported, "
        "created_at,"
        " public_key, sealed_data_key, sealed_secret, key_version, sealed_at)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?11)");
    insert.bind(1, wallet.id).bind(2, wallet.user_id).bind(3, key_ref).bind(4, wallet.label);
    insert.bind(5, ByteView(wallet.address)).bind(6, custody_word(wallet.custody)).bind(7, wallet.region);
    insert.bind(8, wallet.path).bind(9, std::int64_t{wallet.has_mnemonic}).bind(10, std::int64_t{wallet.imported});
    insert.bind(11, to_micros(wallet.created_at)).bind(12, ByteView(wallet.public_key));
    insert.bind(13, ByteView(wallet.sealed_data_key)).bind(14, ByteView(wallet.sealed_secret));
    insert.bind(15, wallet.key_version);
    return insert.run();
}

// A wallet has appeared in lists: the counts, and the user's default address, which is that of the oldest wallet.
Status count_shown(Database& database, std::int64_t user_id) {
    auto update = database.prepare(
        "UPDATE users SET wallets = wallets + 1, default_address ="
        " (SELECT address FROM wallets WHERE user_id = ?1 AND removed_at IS NULL ORDER BY id LIMIT 1) WHERE id = ?1");
    if (const auto done = update.bind(1, user_id).run(); !done) return fail(done);
    return add_to_counter(database, "wallets", 1);
}

Status count_hidden(Database& database, std::int64_t user_id) {
    auto update = database.prepare(
        "UPDATE users SET wallets = wallets - 1, default_address ="
        " (SELECT address FROM wallets WHERE user_id = ?1 AND removed_at IS NULL ORDER BY id LIMIT 1) WHERE id = ?1");
    if (const auto done = update.bind(1, user_id).run(); !done) return fail(done);
    return add_to_counter(database, "wallets", -1);
}

Status count_under_key(Database& database, std::int64_t key_ref, std::int64_t by) {
    auto update = database.prepare("UPDATE keys SET wallets = wallets + ? WHERE id = ?");
    return update.bind(1, by).bind(2, key_ref).run();
}

}  // namespace

Result<std::int64_t> reserve_wallet_ids(Database& database, std::int64_t count) {
    if (count < 1) return fail(ErrorCode::kInvalidInput, "At least one wallet must be asked for.");
    if (const auto added = add_to_counter(database, "last_wallet_id", count); !added) return fail(added);
    auto row = database.prepare("SELECT value FROM counters WHERE name = 'last_wallet_id'");
    const auto found = row.step();
    if (!found) return fail(found);
    if (!*found) return fail(ErrorCode::kCorrupt, "keydeck.db has lost one of its counters.");
    return row.integer(0) - count + 1;
}

Status insert_wallet(Database& database, const NewWallet& wallet) {
    if (const auto good = check_label(wallet.label); !good) return fail(good);
    if (wallet.public_key.size() != kPublicKeySize) {
        return fail(ErrorCode::kInvalidInput, "A wallet's public key must have 65 bytes.");
    }
    if (const auto free = check_address_is_free(database, wallet.address); !free) return fail(free);
    if (const auto free = check_label_free(database, wallet.label, wallet.id); !free) return fail(free);
    const auto user = name_of_user(database, wallet.user_id);
    if (!user) return fail(user);
    const auto key_ref = ref_of_key(database, wallet.key_id);
    if (!key_ref) return fail(key_ref);
    if (const auto done = insert_row(database, wallet, *key_ref); !done) return fail(done);
    if (const auto done = search_add(database, wallet.id, wallet.label, *user); !done) return fail(done);
    if (const auto done = count_shown(database, wallet.user_id); !done) return fail(done);
    return count_under_key(database, *key_ref, 1);
}

Result<SealedColumns> sealed_columns(Database& database, std::int64_t wallet_id) {
    auto row = database.prepare(
        "SELECT w.sealed_data_key, w.sealed_secret, k.key_id, w.key_version FROM wallets w JOIN keys k ON k.id = w.key_ref"
        " WHERE w.id = ?");
    const auto found = row.bind(1, wallet_id).step();
    if (!found) return fail(found);
    if (!*found) return no_such_wallet(wallet_id);
    return SealedColumns{to_bytes(row.blob(0)), to_bytes(row.blob(1)), string_at(row, 2), row.integer(3)};
}

Status check_label_free(Database& database, std::string_view label) { return check_label_free(database, label, 0); }

Status set_wallet_label(Database& database, std::int64_t wallet_id, std::string_view label) {
    if (const auto good = check_label(label); !good) return fail(good);
    const auto row = read_row(database, wallet_id);
    if (!row) return fail(row);
    if (row->removed) return no_such_wallet(wallet_id);
    if (row->label == label) return {};
    if (const auto free = check_label_free(database, label, wallet_id); !free) return fail(free);
    auto update = database.prepare("UPDATE wallets SET label = ? WHERE id = ?");
    if (const auto done = update.bind(1, label).bind(2, wallet_id).run(); !done) return fail(done);
    if (const auto done = search_remove(database, wallet_id, row->label, row->user); !done) return fail(done);
    return search_add(database, wallet_id, label, row->user);
}

Status hide_wallet(Database& database, std::int64_t wallet_id, Timestamp now) {
    const auto row = read_row(database, wallet_id);
    if (!row) return fail(row);
    if (row->removed) return no_such_wallet(wallet_id);
    auto update = database.prepare("UPDATE wallets SET removed_at = ? WHERE id = ?");
    if (const auto done = update.bind(1, to_micros(now)).bind(2, wallet_id).run(); !done) return fail(done);
    return count_hidden(database, row->user_id);
}

Status unhide_wallet(Database& database, std::int64_t wallet_id) {
    const auto row = read_row(database, wallet_id);
    if (!row) return fail(row);
    if (!row->removed) return {};
    if (row->user_removed) {
        return fail(ErrorCode::kRejected, fmt::format("The wallet's user \"{}\" has been removed.", row->user));
    }
    const auto kept = may_keep_label(database, row->label, wallet_id);
    if (!kept) return fail(kept);
    const std::string_view label = *kept ? std::string_view(row->label) : std::string_view();
    auto update = database.prepare("UPDATE wallets SET removed_at = NULL, label = ? WHERE id = ?");
    if (const auto done = update.bind(1, label).bind(2, wallet_id).run(); !done) return fail(done);
    if (label != row->label) {
        if (const auto done = search_remove(database, wallet_id, row->label, row->user); !done) return fail(done);
        if (const auto done = search_add(database, wallet_id, label, row->user); !done) return fail(done);
    }
    return count_shown(database, row->user_id);
}

Status destroy_wallet(Database& database, std::int64_t wallet_id) {
    const auto row = read_row(database, wallet_id);
    if (!row) return fail(row);
    // Zeros of the same lengths overwrite the cell in place before it is freed, whatever secure_delete is set to.
    auto overwrite = database.prepare(
        "UPDATE wallets SET sealed_data_key = zeroblob(length(sealed_data_key)),"
        " sealed_secret = zeroblob(length(sealed_secret)) WHERE id = ?");
    if (const auto done = overwrite.bind(1, wallet_id).run(); !done) return fail(done);
    auto remove = database.prepare("DELETE FROM wallets WHERE id = ?");
    if (const auto done = remove.bind(1, wallet_id).run(); !done) return fail(done);
    if (const auto done = search_remove(database, wallet_id, row->label, row->user); !done) return fail(done);
    if (!row->removed) {
        if (const auto done = count_hidden(database, row->user_id); !done) return fail(done);
    }
    return count_under_key(database, row->key_ref, -1);
}

Status note_signatures(Database& database, std::int64_t wallet_id, std::int64_t count, Timestamp at) {
    const std::int64_t micros = to_micros(at);
    auto wallet = database.prepare(
        "UPDATE wallets SET signatures = signatures + ?, last_signed_at = max(ifnull(last_signed_at, ?2), ?2) WHERE id = ?3"
        " RETURNING user_id, key_ref");
    const auto found = wallet.bind(1, count).bind(2, micros).bind(3, wallet_id).step();
    if (!found) return fail(found);
    if (!*found) return no_such_wallet(wallet_id);
    const std::int64_t user_id = wallet.integer(0);
    const std::int64_t key_ref = wallet.integer(1);
    auto user = database.prepare("UPDATE users SET last_signed_at = max(ifnull(last_signed_at, ?1), ?1) WHERE id = ?2");
    if (const auto done = user.bind(1, micros).bind(2, user_id).run(); !done) return fail(done);
    auto key = database.prepare("UPDATE keys SET last_used_at = max(ifnull(last_used_at, ?1), ?1) WHERE id = ?2");
    return key.bind(1, micros).bind(2, key_ref).run();
}

Status replace_sealed_columns(Database& database, std::int64_t wallet_id, std::string_view key_id, std::string_view region,
                              const SealedColumns& sealed, std::int64_t key_version, Timestamp at) {
    const auto row = read_row(database, wallet_id);
    if (!row) return fail(row);
    const auto key_ref = ref_of_key(database, key_id);
    if (!key_ref) return fail(key_ref);
    auto update = database.prepare(
        "UPDATE wallets SET key_ref = ?, region = ?, sealed_data_key = ?, sealed_secret = ?, key_version = ?, sealed_at = ?"
        " WHERE id = ?");
    update.bind(1, *key_ref).bind(2, region).bind(3, ByteView(sealed.data_key)).bind(4, ByteView(sealed.secret));
    update.bind(5, key_version).bind(6, to_micros(at));
    if (const auto done = update.bind(7, wallet_id).run(); !done) return fail(done);
    if (*key_ref == row->key_ref) return {};
    if (const auto done = count_under_key(database, row->key_ref, -1); !done) return fail(done);
    return count_under_key(database, *key_ref, 1);
}

Result<bool> has_wallets_of(Database& database, Custody custody) {
    auto row = database.prepare("SELECT 1 FROM wallets WHERE custody = ? LIMIT 1");
    return row.bind(1, custody_word(custody)).step();
}

Result<std::int64_t> count_users_of_key(Database& database, std::string_view key_id) {
    auto row = database.prepare(
        "SELECT COUNT(DISTINCT user_id) FROM wallets INDEXED BY wallets_key"
        " WHERE key_ref = (SELECT id FROM keys WHERE key_id = ?)");
    const auto found = row.bind(1, key_id).step();
    if (!found) return fail(found);
    return row.integer(0);
}

}  // namespace keydeck::store
