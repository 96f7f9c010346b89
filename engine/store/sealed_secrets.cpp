#include "engine/store/sealed_secrets.hpp"

#include <fmt/format.h>

#include <map>

#include "engine/store/rows.hpp"
#include "engine/store/secret_rows.hpp"

namespace keydeck::store {
namespace {

using sqlite::Database;
using sqlite::Statement;

constexpr std::string_view kFrom =
    " FROM secret_versions v CROSS JOIN keys k ON k.id = v.key_ref CROSS JOIN secrets s ON s.id = v.secret_id"
    " LEFT JOIN users u ON u.id = s.user_id";
constexpr std::string_view kColumns =
    "SELECT v.id, s.id, s.user_id, ifnull(u.name, ''), s.name, s.environment, v.sealed_data_key, v.sealed_value,";
constexpr int kFirstOfVersion = 8;
// A page of large values must not fill the memory.
constexpr std::size_t kMostBytes = std::size_t{32} << 20;

/// ?1 is the id to go on after, ?2 the key, ?3 the ids as a JSON array, ?5 a moment.
std::string conditions(const SealedRowQuery& query) {
    std::string text = " WHERE v.id > ?1";
    if (!query.key_id.empty()) text += " AND v.key_ref = (SELECT id FROM keys WHERE key_id = ?2)";
    if (!query.ids.empty()) text += " AND v.id IN (SELECT value FROM json_each(?3))";
    if (query.old_only) text += " AND v.key_version < k.version";
    if (query.sealed_before) text += " AND v.sealed_at < ?5";
    if (query.pool_only) text += " AND k.purpose = 'pool'";
    if (query.key_id.empty() && query.ids.empty()) text += " AND k.state <> 'Destroyed'";
    return text;
}

std::string json_array(const std::vector<std::int64_t>& ids) {
    std::string text = "[";
    for (const std::int64_t id : ids) {
        if (text.size() > 1) text += ',';
        text += std::to_string(id);
    }
    return text + ']';
}

void bind_conditions(Statement& row, const SealedRowQuery& query, std::int64_t after) {
    row.bind(1, after);
    if (!query.key_id.empty()) row.bind(2, query.key_id);
    if (!query.ids.empty()) row.bind(3, json_array(query.ids));
    if (query.sealed_before) row.bind(5, to_micros(*query.sealed_before));
}

Result<std::int64_t> key_ref(Database& database, std::map<std::string, std::int64_t, std::less<>>& refs,
                             std::string_view key_id) {
    if (const auto known = refs.find(key_id); known != refs.end()) return known->second;
    auto row = database.prepare("SELECT id FROM keys WHERE key_id = ?");
    const auto found = row.bind(1, key_id).step();
    if (!found) return fail(found);
    if (!*found) return fail(ErrorCode::kNotFound, fmt::format("The vault does not know the key {}.", key_id));
    return refs.emplace(key_id, row.integer(0)).first->second;
}

}  // namespace

Result<std::int64_t> count_sealed_secrets(Database& database, const SealedRowQuery& query) {
    auto row = database.prepare(std::string("SELECT COUNT(*)").append(kFrom).append(conditions(query)));
    bind_conditions(row, query, 0);
    const auto found = row.step();
    if (!found) return fail(found);
    return row.integer(0);
}

Result<std::vector<SealedSecretRow>> sealed_secrets(Database& database, const SealedRowQuery& query, std::int64_t after,
                                                    std::int64_t limit) {
    auto row = database.prepare(std::string(kColumns)
                                    .append(kSecretVersionColumns)
                                    .append(kFrom)
                                    .append(conditions(query))
                                    .append(" ORDER BY v.id LIMIT ?4"));
    bind_conditions(row, query, after);
    row.bind(4, limit);
    std::vector<SealedSecretRow> rows;
    std::size_t bytes = 0;
    auto more = row.step();
    for (; more && *more && bytes < kMostBytes; more = row.step()) {
        Result<SecretVersion> version = read_secret_version(row, kFirstOfVersion);
        if (!version) return fail(version);
        SealedSecretRow one;
        one.id = row.integer(0);
        one.secret_id = row.integer(1);
        one.user_id = row.integer(2);
        one.user = string_at(row, 3);
        one.name = string_at(row, 4);
        one.environment = string_at(row, 5);
        one.sealed = {to_bytes(row.blob(6)), to_bytes(row.blob(7))};
        bytes += one.sealed.value.size();
        one.version = std::move(*version);
        rows.push_back(std::move(one));
    }
    if (!more) return fail(more);
    return rows;
}

Result<std::vector<std::size_t>> reseal_secrets(Database& database, std::span<const SecretResealing> changes,
                                                std::optional<Timestamp> fresh_since) {
    auto update = database.prepare(
        "UPDATE secret_versions SET key_ref = ?1, key_version = ?2, sealed_at = ifnull(?3, sealed_at), sealed_data_key = "
        "?4, sealed_value = ?5"
        " WHERE id = ?6 AND key_ref = ?7 AND sealed_data_key = ?8 AND sealed_value = ?9");
    std::map<std::string, std::int64_t, std::less<>> refs;
    std::vector<std::size_t> unchanged;
    for (std::size_t i = 0; i < changes.size(); ++i) {
        const SecretResealing& change = changes[i];
        const auto to = key_ref(database, refs, change.key_id);
        if (!to) return fail(to);
        const auto from = key_ref(database, refs, change.before->version.key_id);
        if (!from) return fail(from);
        update.bind(1, *to).bind(2, change.key_version).bind(3, optional_micros(fresh_since));
        update.bind(4, ByteView(change.sealed->data_key)).bind(5, ByteView(change.sealed->value)).bind(6, change.before->id);
        update.bind(7, *from).bind(8, ByteView(change.before->sealed.data_key));
        if (Status done = update.bind(9, ByteView(change.before->sealed.value)).run(); !done) return fail(done);
        if (database.changes() != 1) unchanged.push_back(i);
    }
    for (const auto& [key_id, ref] : refs) {
        if (Status counted = recount_secrets(database, ref); !counted) return fail(counted);
    }
    return unchanged;
}

}  // namespace keydeck::store
