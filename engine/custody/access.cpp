#include "engine/custody/access.hpp"

#include <string>

#include "engine/ethereum/address.hpp"
#include "engine/store/names.hpp"
#include "engine/store/users.hpp"
#include "engine/store/wallets.hpp"

namespace keydeck::custody {
namespace {

std::string in_quotes(std::string_view text) { return "\"" + std::string(text) + "\""; }

std::unexpected<Error> no_wallet_for(const Session& session, std::string_view reference) {
    return fail(ErrorCode::kDenied, *session.user() + " has no wallet " + in_quotes(reference) + ".",
                "A session acting as a user sees that user's wallets only.");
}

/// A user's own name means the user's only wallet, whatever labels there may be.
Result<Wallet> only_wallet_of(sqlite::Database& database, const Session& session) {
    WalletQuery query;
    query.user = *session.user();
    query.page.limit = 2;
    Result<std::vector<Wallet>> wallets = store::list_wallets(database, query);
    if (!wallets) return fail(wallets);
    if (wallets->empty())
        return fail(ErrorCode::kNotFound, query.user + " has no wallet yet.",
                    "Create one: keydeck wallet create " + query.user);
    if (wallets->size() > 1) {
        return fail(ErrorCode::kInvalidInput, query.user + " has several wallets.", "Name one by its address or its label.");
    }
    return std::move(wallets->front());
}

/// Other users' names are not asked for at all: their number of wallets must not change what a label of one's own means.
Result<Wallet> wallet_of_user(sqlite::Database& database, const Session& session, std::string_view reference) {
    const Result<User> user = session_user(database, session);
    if (!user) return fail(user);
    if (reference == *session.user()) return only_wallet_of(database, session);
    Result<Wallet> found = store::looks_like_address(reference)
                               ? store::find_wallet(database, reference)
                               : store::find_labelled_wallet_of(database, user->id, reference);
    if (found && found->user_id == user->id) return found;
    if (!found && found.error().code != ErrorCode::kNotFound) return found;
    return no_wallet_for(session, reference);
}

}  // namespace

Status require_operator(const Session& session, std::string_view what) {
    if (session.is_operator()) return {};
    return fail(ErrorCode::kDenied, "Only the operator may " + std::string(what) + ".", "Leave out --as.");
}

Result<User> session_user(sqlite::Database& database, const Session& session) {
    Result<User> user = store::user_by_name(database, *session.user());
    if (!user && user.error().code == ErrorCode::kNotFound) {
        return fail(ErrorCode::kNotFound, "There is no user " + in_quotes(*session.user()) + " to act as.",
                    "keydeck user list shows them.");
    }
    return user;
}

Result<User> find_user(sqlite::Database& database, const Session& session, std::string_view name) {
    if (session.is_operator()) return store::user_by_name(database, name);
    Result<User> self = session_user(database, session);
    if (self && self->name != name) {
        return fail(ErrorCode::kDenied, *session.user() + " may not act for " + in_quotes(name) + ".",
                    "A session acting as a user acts for that user only.");
    }
    return self;
}

Status require_unlocked_user(const User& user, std::string_view not_done) {
    if (!user.locked) return {};
    return fail(ErrorCode::kLocked, user.name + " is locked; " + std::string(not_done) + ".",
                "Unlock first: keydeck user unlock " + user.name);
}

Status require_free_label(sqlite::Database& database, const Session& session, std::string_view label) {
    Status free = store::check_label_free(database, label);
    if (free || session.is_operator() || free.error().code != ErrorCode::kAlreadyExists) return free;
    return fail(ErrorCode::kAlreadyExists, "The label " + in_quotes(label) + " cannot be given.", "Choose another label.");
}

Result<Wallet> find_wallet(sqlite::Database& database, const Session& session, std::string_view reference) {
    if (reference.empty())
        return fail(ErrorCode::kInvalidInput, "The wallet's name is empty.", "Name it by address, label, or user.");
    if (store::looks_like_address(reference)) {
        if (const Result<ethereum::Address> address = ethereum::parse_address(reference, "wallet"); !address)
            return fail(address);
    }
    if (session.is_operator()) return store::find_wallet(database, reference);
    return wallet_of_user(database, session, reference);
}

Result<Wallet> find_wallet_or_hidden(sqlite::Database& database, const Session& session, std::string_view reference) {
    Result<Wallet> found = find_wallet(database, session, reference);
    if (found || !store::looks_like_address(reference)) return found;
    const Result<ethereum::Address> address = ethereum::parse_address(reference, "wallet");
    if (!address) return fail(address);
    Result<Wallet> hidden = store::wallet_by_address(database, address->bytes);
    if (!hidden) return found;
    if (session.is_operator()) return hidden;
    const Result<User> user = session_user(database, session);
    return user && user->id == hidden->user_id ? std::move(hidden) : std::move(found);
}

}  // namespace keydeck::custody
