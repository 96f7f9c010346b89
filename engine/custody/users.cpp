#include "engine/custody/users.hpp"

#include <span>

#include "engine/custody/access.hpp"
#include "engine/custody/audit_trail.hpp"
#include "engine/oversight/detail.hpp"
#include "engine/store/users.hpp"

namespace keydeck::custody {
namespace {

using sqlite::Database;

/// A change of one user by the operator, with its audit event in the same DbTransaction.
template <class Change>
Result<User> change_user(OpenVault& vault, const Session& session, std::string_view action, std::string_view name,
                         std::string detail, Change change) {
    AuditEvent event = event_of(vault, session, action, name);
    event.user = name;
    event.detail = std::move(detail);
    return audited(vault, event, [&]() -> Result<User> {
        if (Status allowed = require_operator(session, "change users"); !allowed) return fail(allowed);
        Result<User> user;
        Status written = vault.write(
            [&](Database& database) -> Status {
                user = change(database);
                if (!user) return fail(user);
                return {};
            },
            std::span(&event, 1));
        if (!written) return fail(written);
        return user;
    });
}

}  // namespace

Result<User> add_user(OpenVault& vault, const Session& session, std::string_view name) {
    return change_user(vault, session, "CreateUser", name, "{}",
                       [&](Database& database) { return store::insert_user(database, name, vault.now()); });
}

Result<std::vector<User>> list_users(OpenVault& vault, const Session& session, const UserQuery& query) {
    if (Status allowed = require_operator(session, "list users"); !allowed) return fail(allowed);
    return ask_store(vault, [&](Database& database) { return store::list_users(database, query); });
}

Result<User> show_user(OpenVault& vault, const Session& session, std::string_view name) {
    return ask_store(vault, [&](Database& database) { return find_user(database, session, name); });
}

Result<User> rename_user(OpenVault& vault, const Session& session, std::string_view name, std::string_view new_name) {
    return change_user(vault, session, "RenameUser", name, oversight::Detail().text("new_name", new_name).done(),
                       [&](Database& database) { return store::rename_user(database, name, new_name); });
}

Result<User> set_user_locked(OpenVault& vault, const Session& session, std::string_view name, bool locked) {
    return change_user(vault, session, locked ? "LockUser" : "UnlockUser", name, "{}",
                       [&](Database& database) { return store::set_user_locked(database, name, locked); });
}

Status remove_user(OpenVault& vault, const Session& session, std::string_view name) {
    const Result<User> removed =
        change_user(vault, session, "RemoveUser", name, "{}", [&](Database& database) -> Result<User> {
            Result<User> user = store::user_by_name(database, name);
            if (!user) return user;
            if (Status gone = store::remove_user(database, name, vault.now()); !gone) return fail(gone);
            return user;
        });
    if (!removed) return fail(removed);
    return {};
}

}  // namespace keydeck::custody
