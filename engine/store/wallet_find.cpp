// Finding one wallet, by what a person or a row calls it.
#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>

#include "engine/base/hex.hpp"
#include "engine/store/names.hpp"
#include "engine/store/users.hpp"
#include "engine/store/wallet_rows.hpp"
#include "engine/store/wallets.hpp"

namespace keydeck::store {
namespace {

using sqlite::Database;
using sqlite::Statement;

Result<std::optional<Wallet>> one_wallet(Statement& row) {
    const auto found = row.step();
    if (!found) return fail(found);
    if (!*found) return std::optional<Wallet>();
    auto wallet = read_wallet(row);
    if (!wallet) return fail(wallet);
    return std::optional(std::move(*wallet));
}

std::string select_where(std::string_view condition) {
    std::string text = "SELECT ";
    text.append(kWalletColumns);
    text.append(" FROM wallets w JOIN users u ON u.id = w.user_id JOIN keys k ON k.id = w.key_ref WHERE ").append(condition);
    return text;
}

Result<std::optional<Wallet>> wallet_labelled(Database& database, std::string_view label) {
    static const std::string kText = select_where("w.label = ? AND w.label <> '' AND w.removed_at IS NULL");
    auto row = database.prepare(kText);
    row.bind(1, label);
    return one_wallet(row);
}

std::unexpected<Error> no_such_wallet(std::string_view reference) {
    return fail(ErrorCode::kNotFound, fmt::format("There is no wallet \"{}\".", reference), "keydeck wallet list");
}

// The only wallet of a user by that name. Error: invalid_input where there are several.
Result<std::optional<Wallet>> only_wallet_of(Database& database, std::string_view name) {
    const auto user = user_by_name(database, name);
    if (!user) {
        if (user.error().code == ErrorCode::kNotFound) return std::optional<Wallet>();
        return fail(user);
    }
    if (user->wallets == 0) {
        return fail(ErrorCode::kNotFound, fmt::format("The user \"{}\" has no wallet.", user->name),
                    fmt::format("keydeck wallet create {}", user->name));
    }
    if (user->wallets > 1) {
        return fail(ErrorCode::kInvalidInput,
                    fmt::format("The user \"{}\" has {} wallets; name one by address or label.", user->name, user->wallets),
                    fmt::format("keydeck wallet list --user {}", user->name));
    }
    static const std::string kText = select_where("w.user_id = ? AND w.removed_at IS NULL");
    auto row = database.prepare(kText);
    row.bind(1, user->id);
    return one_wallet(row);
}

// `text` looks like an address.
Result<Wallet> shown_wallet_at(Database& database, std::string_view text) {
    AddressBytes address{};
    if (const auto read = from_hex_into(text.substr(2), address, "address"); !read) return fail(read);
    auto wallet = wallet_by_address(database, address);
    if (wallet && wallet->state == WalletState::kRemoved) {
        return fail(ErrorCode::kNotFound, fmt::format("The wallet {} has been removed.", to_hex_0x(address)));
    }
    return wallet;
}

}  // namespace

Result<Wallet> wallet_by_id(Database& database, std::int64_t id) {
    static const std::string kText = select_where("w.id = ?");
    auto row = database.prepare(kText);
    row.bind(1, id);
    auto wallet = one_wallet(row);
    if (!wallet) return fail(wallet);
    if (!*wallet) return fail(ErrorCode::kNotFound, fmt::format("There is no wallet with id {}.", id));
    return std::move(**wallet);
}

Result<Wallet> wallet_by_address(Database& database, const AddressBytes& address) {
    static const std::string kText = select_where("w.address = ?");
    auto row = database.prepare(kText);
    row.bind(1, ByteView(address));
    auto wallet = one_wallet(row);
    if (!wallet) return fail(wallet);
    if (!*wallet)
        return fail(ErrorCode::kNotFound, fmt::format("There is no wallet with the address {}.", to_hex_0x(address)));
    return std::move(**wallet);
}

Result<Wallet> find_wallet(Database& database, std::string_view reference) {
    if (looks_like_address(reference)) return shown_wallet_at(database, reference);
    auto owned = only_wallet_of(database, reference);
    if (!owned) return fail(owned);
    if (*owned) return std::move(**owned);
    auto labelled = wallet_labelled(database, reference);
    if (!labelled) return fail(labelled);
    if (!*labelled) return no_such_wallet(reference);
    return std::move(**labelled);
}

Result<Wallet> find_labelled_wallet_of(Database& database, std::int64_t user_id, std::string_view label) {
    auto labelled = wallet_labelled(database, label);
    if (!labelled) return fail(labelled);
    if (!*labelled || (*labelled)->user_id != user_id) return no_such_wallet(label);
    return std::move(**labelled);
}

}  // namespace keydeck::store
