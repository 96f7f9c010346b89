// Whose secret is meant, and which.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/custody/open_vault.hpp"
#include "engine/secrets.hpp"
#include "engine/store/secrets.hpp"

namespace keydeck::custody {

inline constexpr std::string_view kDefaultEnvironment = "default";

/// Whose secrets a verb is about.
struct SecretOwner {
    std::int64_t user_id = 0;  ///< 0: the vault itself
    std::string user;
};

/// The vault's own or a user's for the operator, one's own in a user's session. Errors: not_found; denied; locked where
/// `use` and the user is locked (`not_done` completes the sentence).
[[nodiscard]] Result<SecretOwner> secret_owner(sqlite::Database& database, const Session& session, std::string_view owner,
                                               bool use, std::string_view not_done);

/// The name with the environment that an empty one means.
[[nodiscard]] store::SecretKeyName key_name_of(const SecretName& name, const SecretOwner& owner);

/// Error: not_found.
[[nodiscard]] Result<store::SecretRecord> existing_secret(sqlite::Database& database, const store::SecretKeyName& name);

/// An event about a secret: its name as the target, its owner as the user.
[[nodiscard]] AuditEvent secret_event(const OpenVault& vault, const Session& session, std::string_view action,
                                      const SecretName& name);

}  // namespace keydeck::custody
