#include "engine/store/users.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "engine/store/names.hpp"
#include "engine/store/rows.hpp"
#include "engine/store/secrets.hpp"
#include "engine/store/user_rows.hpp"
#include "engine/store/wallet_search.hpp"

namespace keydeck::store {
namespace {

using sqlite::Database;

constexpr std::string_view kByName =
    "SELECT id, name, locked, created_at, wallets, default_address, last_signed_at FROM users"
    " WHERE name = ? AND removed_at IS NULL";
constexpr std::string_view kById =
    "SELECT id, name, locked, created_at, wallets, default_address, last_signed_at FROM users WHERE id = ?";

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

}  // namespace

User read_user(const sqlite::Statement& row) {
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
