// Pages of secrets, by keyset.
#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "engine/store/rows.hpp"
#include "engine/store/secret_rows.hpp"
#include "engine/store/secrets.hpp"

namespace keydeck::store {
namespace {

using sqlite::Database;

/// The row a page goes on from.
struct Cursor {
    std::string name;
    std::string environment;
    std::int64_t user_id = 0;
    std::int64_t id = 0;
};

/// `user_id`: the only one whose secrets are listed; nobody learns of another's.
Result<Cursor> cursor_of(Database& database, std::int64_t id, const std::optional<std::int64_t>& user_id) {
    auto row = database.prepare("SELECT name, environment, user_id FROM secrets WHERE id = ?");
    const auto found = row.bind(1, id).step();
    if (!found) return fail(found);
    if (!*found || (user_id && row.integer(2) != *user_id))
        return fail(ErrorCode::kInvalidInput, fmt::format("There is no secret with id {} to go on from.", id));
    return Cursor{string_at(row, 0), string_at(row, 1), row.integer(2), id};
}

/// Every condition that the query sets. ?1 the prefix and ?2 its end, ?3 environment, ?4 user, ?5 key, ?6–?9 the cursor.
std::string conditions(const SecretQuery& query, bool has_user, bool has_cursor) {
    std::string text = query.include_removed ? " WHERE 1" : " WHERE s.removed_at IS NULL";
    if (!query.prefix.empty()) text += " AND s.name >= ?1 AND s.name < ?2";
    if (!query.environment.empty()) text += " AND s.environment = ?3";
    if (has_user) text += " AND s.user_id = ?4";
    if (!query.key.empty()) {
        text +=
            " AND s.id IN (SELECT secret_id FROM secret_versions WHERE key_ref = (SELECT id FROM keys WHERE key_id = ?5))";
    }
    if (has_cursor) {
        text += " AND (s.name, s.environment, s.user_id, s.id) ";
        text += query.page.backwards ? "<" : ">";
        text += " (?6, ?7, ?8, ?9)";
    }
    return text;
}

std::string order(const SecretQuery& query) {
    return query.page.backwards ? " ORDER BY s.name DESC, s.environment DESC, s.user_id DESC, s.id DESC LIMIT ?10"
                                : " ORDER BY s.name, s.environment, s.user_id, s.id LIMIT ?10";
}

}  // namespace

Result<std::vector<SecretInfo>> list_secrets(Database& database, const SecretQuery& query,
                                             const std::optional<std::int64_t>& user_id) {
    Cursor cursor;
    if (query.page.after) {
        Result<Cursor> found = cursor_of(database, *query.page.after, user_id);
        if (!found) return fail(found);
        cursor = std::move(*found);
    }
    auto row = database.prepare(
        std::string("SELECT ")
            .append(kSecretColumns)
            .append(kSecretVersionColumns)
            .append(" FROM secrets s JOIN secret_versions v ON v.secret_id = s.id AND v.version = s.versions"
                    " JOIN keys k ON k.id = v.key_ref LEFT JOIN users u ON u.id = s.user_id")
            .append(conditions(query, user_id.has_value(), query.page.after.has_value()))
            .append(order(query)));
    const std::string prefix_end = query.prefix + '\x7F';  // above every character of a name
    if (!query.prefix.empty()) row.bind(1, query.prefix).bind(2, prefix_end);
    if (!query.environment.empty()) row.bind(3, query.environment);
    if (user_id) row.bind(4, *user_id);
    if (!query.key.empty()) row.bind(5, query.key);
    if (query.page.after) {
        row.bind(6, cursor.name).bind(7, cursor.environment).bind(8, cursor.user_id).bind(9, cursor.id);
    }
    row.bind(10, query.page.limit);
    std::vector<SecretInfo> secrets;
    auto more = row.step();
    for (; more && *more; more = row.step()) {
        Result<SecretRecord> one = read_secret(row);
        if (!one) return fail(one);
        secrets.push_back(std::move(one->info));
    }
    if (!more) return fail(more);
    if (query.page.backwards) std::ranges::reverse(secrets);
    return secrets;
}

}  // namespace keydeck::store
