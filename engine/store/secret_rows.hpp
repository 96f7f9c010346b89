// How a secret is read from a row. Internal to the room.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/sqlite/database.hpp"
#include "engine/store/secrets.hpp"

namespace keydeck::store {

using ContextPairs = std::vector<std::pair<std::string, std::string>>;

/// A JSON object of texts.
[[nodiscard]] std::string context_text(const ContextPairs& context);
/// Error: corrupt for what is no such text.
[[nodiscard]] Result<ContextPairs> parse_context(std::string_view text);

/// With `s` a secret, `v` its version, `k` that version's key, `u` the owner (a LEFT JOIN).
inline constexpr std::string_view kSecretColumns =
    "s.id, s.user_id, ifnull(u.name, ''), s.environment, s.name, s.versions, s.created_at, s.removed_at,";
inline constexpr std::string_view kSecretVersionColumns =
    " v.version, k.key_id, k.alias, v.key_version, v.size, length(v.sealed_data_key) > 0, v.context, v.created_at";
inline constexpr int kFirstVersionColumn = 8;

/// Reads what a statement that selects kSecretColumns and kSecretVersionColumns stands on. Error: corrupt.
[[nodiscard]] Result<SecretRecord> read_secret(const sqlite::Statement& row);
/// Reads kSecretVersionColumns from `first` on.
[[nodiscard]] Result<SecretVersion> read_secret_version(const sqlite::Statement& row, int first);

/// Counts the secrets of a key anew: those with a version under it. Called with each change of what lies under a key.
[[nodiscard]] Status recount_secrets(sqlite::Database& database, std::int64_t key_ref);

}  // namespace keydeck::store
