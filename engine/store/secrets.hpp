// Records of secrets and their versions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/bytes.hpp"
#include "engine/base/clock.hpp"
#include "engine/error.hpp"
#include "engine/secrets.hpp"
#include "engine/sqlite/database.hpp"

namespace keydeck::store {

/// SecretName with its owner's id; 0: the vault itself.
struct SecretKeyName {
    std::string_view name;
    std::string_view environment;
    std::int64_t user_id = 0;
};

struct SecretRecord {
    SecretInfo info;
    std::int64_t user_id = 0;
};

/// What is encrypted, and how it opens.
struct SealedSecret {
    Bytes data_key;  ///< encrypted by the KMS key; empty where the KMS encrypted the value itself
    Bytes value;
    bool operator==(const SealedSecret&) const = default;
};

/// A version to insert.
struct NewSecretVersion {
    std::int64_t secret_id = 0;
    std::int64_t version = 1;
    std::string_view key_id;  ///< must be known to keys.hpp
    std::int64_t key_version = 1;
    std::int64_t size = 0;  ///< bytes of the value
    const std::vector<std::pair<std::string, std::string>>* context = nullptr;
    const SealedSecret* sealed = nullptr;
    Timestamp at{};
};

/// An id for a new secret, so that sealing can bind it beforehand.
[[nodiscard]] Result<std::int64_t> reserve_secret_id(sqlite::Database& database);

/// Empty where there is none that is not hidden.
[[nodiscard]] Result<std::optional<SecretRecord>> find_secret(sqlite::Database& database, const SecretKeyName& name);
/// Of that name, the one hidden last; empty where there is none.
[[nodiscard]] Result<std::optional<SecretRecord>> find_hidden_secret(sqlite::Database& database, const SecretKeyName& name);

/// A secret and its first version. Errors: invalid_input (name, environment), already_exists, not_found (the key).
[[nodiscard]] Status insert_secret(sqlite::Database& database, const SecretKeyName& name, const NewSecretVersion& first);
/// The next version of one. Errors: already_exists where there is one of that number; not_found.
[[nodiscard]] Status add_secret_version(sqlite::Database& database, const NewSecretVersion& next);

/// Newest first.
[[nodiscard]] Result<std::vector<SecretVersion>> secret_versions(sqlite::Database& database, std::int64_t secret_id);
struct SecretContent {
    SecretVersion version;
    SealedSecret sealed;
};
/// Error: not_found for a version that there is not.
[[nodiscard]] Result<SecretContent> secret_content(sqlite::Database& database, std::int64_t secret_id, std::int64_t version);

/// Error: not_found where it is hidden already.
[[nodiscard]] Status hide_secret(sqlite::Database& database, std::int64_t secret_id, Timestamp now);
/// Error: already_exists where another has its name by now.
[[nodiscard]] Status unhide_secret(sqlite::Database& database, std::int64_t secret_id);
/// Overwrites what was sealed and erases the rows.
[[nodiscard]] Status destroy_secret(sqlite::Database& database, std::int64_t secret_id);

/// In the order of name, environment, owner. Error: invalid_input for an unknown PageQuery::after.
[[nodiscard]] Result<std::vector<SecretInfo>> list_secrets(sqlite::Database& database, const SecretQuery& query,
                                                           const std::optional<std::int64_t>& user_id);
/// Of a user, hidden ones too.
[[nodiscard]] Result<std::int64_t> count_secrets_of_user(sqlite::Database& database, std::int64_t user_id);

}  // namespace keydeck::store
