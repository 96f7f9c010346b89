#include "engine/store/users.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "engine/store/names.hpp"
#include "engine/store/rows.hpp"
#include "engine/store/secrets.hpp"
#include "engine/store/wallet_search.hpp"

namespace keydeck::store {
namespace {

using sqlite::Database;
using sqlite::Statement;

constexpr std::string_view kByName =
    "SELECT id, name, locked, created_at, wallets, default_address, last_signed_at FROM users"
    " WHERE name = ? AND removed_at IS NULL";
constexpr std::string_view kById =
    "SELECT id, name, locked, created_at, wallets, default_address, last_signed_at FROM users WHERE id = ?";

User read_user(const Statement& row) {
    User user;
    user.id = row.integer(0);
    user.name = string_at(row, 1);
    user.locked = row.integer(2) != 0;
    user.created_at = from_micros(row.integer(3));
    user.wallets = row.integer(4);
    const ByteView address = row.blob(5);
    if (address.size() == std::tuple_size_v<AddressBytes>) {
        user.default_address.emplace();
        std::ranges::copy(address, user.default_address->begin());
    }
    user.last_signed_at = optional_time(row, 6);
    return user;
}

std::unexpected<Error> no_such_user(std::string_view name) {
    return fail(ErrorCode::kNotFound, fmt::format("There is no user \"{}\".", name), "keydeck user list");
}

// Another user's name, or the label of a wallet: both are names a wallet is called by.
Status check_name_free(Database& database, std::string_view name) {
    auto user = database.prepare("SELECT 1 FROM users WHERE name = ? AND removed_at IS NULL");
    const auto taken = user.bind(1, name).step();
    if (!taken) return fail(taken);
    if (*taken) return fail(ErrorCode::kAlreadyExists, fmt::format("There is already a user \"{}\".", name));
    auto wallet = database.prepare("SELECT 1 FROM wallets WHERE label = ? AND label <> '' AND removed_at IS NULL");
    const auto labelled = wallet.bind(1, name).step();
    if (!labelled) return fail(labelled);
    if (!*labelled) return {};
    return fail(ErrorCode::kAlreadyExists,
                fmt::format("A wallet is labelled \"{}\": as a user's name it would mean two things.", name),
                "Relabel that wallet first: keydeck wallet label WALLET TEXT");
}

// The four shapes of a page, each one range of the index users_order. ?1 and ?2 bound the names, ?3 and ?4 are the row to go
// on from.
constexpr std::string_view kFirstPage =
    "SELECT id, name, locked, created_at, wallets, default_address, last_signed_at FROM users INDEXED BY users_order"
    " WHERE removed_at IS NULL AND name COLLATE NOCASE >= ?1 AND name COLLATE NOCASE < ?2"
    " ORDER BY name COLLATE NOCASE, id LIMIT ?5";
constexpr std::string_view kNextPage =
    "SELECT id, name, locked, created_at, wallets, default_address, last_signed_at FROM users INDEXED BY users_order"
    " WHERE removed_at IS NULL AND name COLLATE NOCASE >= ?3 AND name COLLATE NOCASE < ?2"
    " AND (name COLLATE NOCASE > ?3 OR id > ?4)"
    " ORDER BY name COLLATE NOCASE, id LIMIT ?5";
constexpr std::string_view kLastPage =
    "SELECT id, name, locked, created_at, wallets, default_address, last_signed_at FROM users INDEXED BY users_order"
    " WHERE removed_at IS NULL AND name COLLATE NOCASE >= ?1 AND name COLLATE NOCASE < ?2"
    " ORDER BY name COLLATE NOCASE DESC, id DESC LIMIT ?5";
constexpr std::string_view kPreviousPage =
    "SELECT id, name, locked, created_at, wallets, default_address, last_signed_at FROM users INDEXED BY users_order"
    " WHERE removed_at IS NULL AND name COLLATE NOCASE >= ?1 AND name COLLATE NOCASE <= ?3"
    " AND (name COLLATE NOCASE < ?3 OR id < ?4)"
    " ORDER BY name COLLATE NOCASE DESC, id DESC LIMIT ?5";

// Order of SQLite's NOCASE: bytes, with A–Z taken as a–z.
bool name_before(std::string_view a, std::string_view b) {
    const auto folded = [](char c) { return static_cast<unsigned char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c); };
    return std::ranges::lexicographical_compare(a, b, {}, folded, folded);
}

struct Cursor {
    std::string name;
    std::int64_t id = 0;
};

Result<Cursor> cursor_of(Database& database, std::int64_t id) {
    auto row = database.prepare("SELECT name FROM users WHERE id = ?");
    const auto found = row.bind(1, id).step();
    if (!found) return fail(found);
    if (!*found) return fail(ErrorCode::kInvalidInput, fmt::format("There is no user with id {} to go on from.", id));
    return Cursor{string_at(row, 0), id};
}

}  // namespace

Result<User> insert_user(Database& database, std::string_view name, Timestamp now) {
    if (const auto good = check_user_name(name); !good) return fail(good);
    if (const auto free = check_name_free(database, name); !free) return fail(free);
    auto insert = database.prepare("INSERT INTO users (name, created_at) VALUES (?, ?)");
    if (const auto done = insert.bind(1, name).bind(2, to_micros(now)).run(); !done) return fail(done);
    User user;
    user.id = database.last_insert_rowid();
    user.name = name;
    user.created_at = now;
    if (const auto counted = add_to_counter(database, "users", 1); !counted) return fail(counted);
    return user;
}

Result<User> user_by_name(Database& database, std::string_view name) {
    auto row = database.prepare(kByName);
    const auto found = row.bind(1, name).step();
    if (!found) return fail(found);
    if (!*found) return no_such_user(name);
    return read_user(row);
}

Result<User> user_by_id(Database& database, std::int64_t id) {
    auto row = database.prepare(kById);
    const auto found = row.bind(1, id).step();
    if (!found) return fail(found);
    if (!*found) return fail(ErrorCode::kNotFound, fmt::format("There is no user with id {}.", id));
    return read_user(row);
}

Result<std::vector<User>> list_users(Database& database, const UserQuery& query) {
    if (query.page.limit < 1) return fail(ErrorCode::kInvalidInput, "The limit must be at least 1.");
    // 0xFF is in no UTF-8 text, so this is just past every name with the prefix.
    const std::string past_prefix = query.prefix + '\xFF';
    bool from_cursor = false;
    Cursor cursor;
    if (query.page.after) {
        auto found = cursor_of(database, *query.page.after);
        if (!found) return fail(found);
        cursor = std::move(*found);
        // A cursor outside the prefix's range stands before its beginning or behind its end.
        const bool before_range = name_before(cursor.name, query.prefix);
        const bool behind_range = !name_before(cursor.name, past_prefix);
        if (query.page.backwards ? before_range : behind_range) return std::vector<User>{};
        from_cursor = query.page.backwards ? !behind_range : !before_range;
    }
    const bool backwards = query.page.backwards;
    auto row =
        database.prepare(backwards ? (from_cursor ? kPreviousPage : kLastPage) : (from_cursor ? kNextPage : kFirstPage));
    // Parameter numbers a shape does not use are not bound: ?1 in kNextPage, ?2 in kPreviousPage, the cursor in the other
    // two.
    if (backwards || !from_cursor) row.bind(1, query.prefix);
    if (!backwards || !from_cursor) row.bind(2, past_prefix);
    if (from_cursor) row.bind(3, cursor.name).bind(4, cursor.id);
    row.bind(5, query.page.limit);
    std::vector<User> users;
    auto more = row.step();
    for (; more && *more; more = row.step()) users.push_back(read_user(row));
    if (!more) return fail(more);
    if (backwards) std::ranges::reverse(users);
    return users;
}

Result<User> rename_user(Database& database, std::string_view name, std::string_view new_name) {
    auto user = user_by_name(database, name);
    if (!user) return fail(user);
    if (name == new_name) return user;
    if (const auto good = check_user_name(new_name); !good) return fail(good);
    if (const auto free = check_name_free(database, new_name); !free) return fail(free);
    auto update = database.prepare("UPDATE users SET name = ? WHERE id = ?");
    if (const auto done = update.bind(1, new_name).bind(2, user->id).run(); !done) return fail(done);
    if (const auto done = search_rename_user(database, user->id, name, new_name); !done) return fail(done);
    user->name = new_name;
    return user;
}

Result<User> set_user_locked(Database& database, std::string_view name, bool locked) {
    auto user = user_by_name(database, name);
    if (!user) return fail(user);
    auto update = database.prepare("UPDATE users SET locked = ? WHERE id = ?");
    if (const auto done = update.bind(1, std::int64_t{locked}).bind(2, user->id).run(); !done) return fail(done);
    user->locked = locked;
    return user;
}

Status remove_user(Database& database, std::string_view name, Timestamp now) {
    const auto user = user_by_name(database, name);
    if (!user) return fail(user);
    if (user->wallets > 0) {
        return fail(ErrorCode::kRejected,
                    fmt::format("The user \"{}\" still has {} {}.", user->name, user->wallets,
                                user->wallets == 1 ? "wallet" : "wallets"),
                    "Remove the wallets first: keydeck wallet remove WALLET");
    }
    const auto secrets = count_secrets_of_user(database, user->id);
    if (!secrets) return fail(secrets);
    if (*secrets > 0) {
        return fail(
            ErrorCode::kRejected,
            fmt::format("The user \"{}\" still has {} {}.", user->name, *secrets, *secrets == 1 ? "secret" : "secrets"),
            "Destroy them first, removed ones too: keydeck secret list --removed --user " + user->name);
    }
    auto update = database.prepare("UPDATE users SET removed_at = ? WHERE id = ?");
    if (const auto done = update.bind(1, to_micros(now)).bind(2, user->id).run(); !done) return fail(done);
    return add_to_counter(database, "users", -1);
}

}  // namespace keydeck::store
