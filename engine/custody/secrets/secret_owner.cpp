#include "engine/custody/secrets/secret_owner.hpp"

#include <utility>

#include "engine/custody/access.hpp"
#include "engine/custody/audit_trail.hpp"
#include "engine/oversight/detail.hpp"

namespace keydeck::custody {

Result<SecretOwner> secret_owner(sqlite::Database& database, const Session& session, std::string_view owner, bool use,
                                 std::string_view not_done) {
    if (owner.empty() && session.is_operator()) return SecretOwner{};
    const Result<User> user = find_user(database, session, owner.empty() ? std::string_view(*session.user()) : owner);
    if (!user) return fail(user);
    if (use) {
        if (Status unlocked = require_unlocked_user(*user, not_done); !unlocked) return fail(unlocked);
    }
    return SecretOwner{user->id, user->name};
}

store::SecretKeyName key_name_of(const SecretName& name, const SecretOwner& owner) {
    return {name.name, name.environment.empty() ? kDefaultEnvironment : std::string_view(name.environment), owner.user_id};
}

Result<store::SecretRecord> existing_secret(sqlite::Database& database, const store::SecretKeyName& name) {
    Result<std::optional<store::SecretRecord>> found = store::find_secret(database, name);
    if (!found) return fail(found);
    if (*found) return std::move(**found);
    return fail(
        ErrorCode::kNotFound,
        "There is no secret " + std::string(name.name) + " in the environment " + std::string(name.environment) + ".",
        "keydeck secret list shows them.");
}

AuditEvent secret_event(const OpenVault& vault, const Session& session, std::string_view action, const SecretName& name) {
    AuditEvent event = event_of(vault, session, action, name.name);
    if (!name.owner.empty()) event.user = name.owner;
    event.detail =
        oversight::Detail()
            .text("environment", name.environment.empty() ? kDefaultEnvironment : std::string_view(name.environment))
            .done();
    return event;
}

}  // namespace keydeck::custody
