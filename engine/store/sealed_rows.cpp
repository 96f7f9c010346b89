#include "engine/store/sealed_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>

#include "engine/store/rows.hpp"
#include "engine/store/wallet_rows.hpp"

namespace keydeck::store {
namespace {

using sqlite::Database;
using sqlite::Statement;

// The join's order is fixed: wallets are walked by id, or by key and id, and never sorted.
constexpr std::string_view kFrom =
    " FROM wallets w CROSS JOIN keys k ON k.id = w.key_ref CROSS JOIN users u ON u.id = w.user_id";
constexpr std::string_view kColumns =
    "SELECT w.id, w.user_id, u.name, w.address, w.custody, k.key_id, w.key_version, w.public_key, w.sealed_data_key,"
    " w.sealed_secret";

/// The conditions of a query; ?1 is the id to go on after, ?2 the key, ?3 the ids as a JSON array, ?5 a moment.
std::string conditions(const SealedRowQuery& query) {
    std::string text = " WHERE w.id > ?1 AND w.custody <> 'kms-key'";
    if (!query.key_id.empty()) text += " AND w.key_ref = (SELECT id FROM keys WHERE key_id = ?2)";
    if (!query.ids.empty()) text += " AND w.id IN (SELECT value FROM json_each(?3))";
    // The versions of few keys spare reading the rows of the others to their end.
    if (query.old_only) text += " AND w.key_ref IN (SELECT id FROM keys WHERE version > 1) AND w.key_version < k.version";
    if (query.sealed_before) text += " AND w.sealed_at < ?5";
    // What stands under a destroyed key is lost: nobody who asks for everything means it.
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

Result<SealedRow> read_sealed_row(const Statement& row) {
    SealedRow out;
    out.id = row.integer(0);
    const ByteView address = row.blob(3);
    const auto custody = custody_of_word(row.text(4));
    if (address.size() != out.address.size() || !custody) {
        return fail(ErrorCode::kCorrupt, fmt::format("The row of wallet {} is damaged.", out.id), "keydeck doctor");
    }
    std::ranges::copy(address, out.address.begin());
    out.custody = *custody;
    out.user_id = row.integer(1);
    out.user = row.text(2);
    out.key_id = row.text(5);
    out.key_version = row.integer(6);
    out.public_key = to_bytes(row.blob(7));
    out.sealed = {to_bytes(row.blob(8)), to_bytes(row.blob(9))};
    return out;
}

/// What the changes need of a key.
struct KeyRow {
    std::int64_t ref = 0;
    std::string region;
    std::int64_t wallets = 0;  ///< that came, less those that left
};

Status add_key(Database& database, std::map<std::string, KeyRow, std::less<>>& keys, std::string_view key_id) {
    if (keys.contains(key_id)) return {};
    auto row = database.prepare("SELECT id, region FROM keys WHERE key_id = ?");
    const auto found = row.bind(1, key_id).step();
    if (!found) return fail(found);
    if (!*found) return fail(ErrorCode::kNotFound, fmt::format("The vault does not know the key {}.", key_id));
    keys.emplace(key_id, KeyRow{row.integer(0), std::string(row.text(1)), 0});
    return {};
}

}  // namespace

Result<std::int64_t> count_sealed_rows(Database& database, const SealedRowQuery& query) {
    const std::string text = std::string("SELECT COUNT(*)").append(kFrom).append(conditions(query));
    auto row = database.prepare(text);
    bind_conditions(row, query, 0);
    const auto found = row.step();
    if (!found) return fail(found);
    return row.integer(0);
}

Result<std::vector<SealedRow>> sealed_rows(Database& database, const SealedRowQuery& query, std::int64_t after,
                                           std::int64_t limit) {
    const std::string text = std::string(kColumns).append(kFrom).append(conditions(query)).append(" ORDER BY w.id LIMIT ?4");
    auto row = database.prepare(text);
    bind_conditions(row, query, after);
    row.bind(4, limit);
    std::vector<SealedRow> rows;
    auto more = row.step();
    for (; more && *more; more = row.step()) {
        Result<SealedRow> one = read_sealed_row(row);
        if (!one) return fail(one);
        rows.push_back(std::move(*one));
    }
    if (!more) return fail(more);
    return rows;
}

Result<Timestamp> newest_seal(Database& database) {
    auto row = database.prepare(
        "SELECT max((SELECT ifnull(max(sealed_at), 0) FROM wallets), (SELECT ifnull(max(sealed_at), 0) FROM "
        "secret_versions))");
    const auto found = row.step();
    if (!found) return fail(found);
    return from_micros(row.integer(0));
}

Result<KeyVersions> key_versions(Database& database) {
    auto row = database.prepare("SELECT key_id, version FROM keys WHERE version > 1");
    KeyVersions versions;
    auto more = row.step();
    for (; more && *more; more = row.step()) versions.emplace(row.text(0), row.integer(1));
    if (!more) return fail(more);
    return versions;
}

Result<std::vector<std::size_t>> reseal_rows(Database& database, std::span<const Resealing> changes,
                                             std::optional<Timestamp> fresh_since) {
    std::map<std::string, KeyRow, std::less<>> keys;
    for (const Resealing& change : changes) {
        if (const auto added = add_key(database, keys, change.before->key_id); !added) return fail(added);
        if (const auto added = add_key(database, keys, change.key_id); !added) return fail(added);
    }
    auto update = database.prepare(
        "UPDATE wallets SET key_ref = ?1, region = ?2, sealed_data_key = ?3, sealed_secret = ?4, key_version = ?5,"
        " sealed_at = ifnull(?6, sealed_at) WHERE id = ?7 AND key_ref = ?8 AND sealed_data_key = ?9 AND sealed_secret = "
        "?10");
    std::vector<std::size_t> unchanged;
    for (std::size_t i = 0; i < changes.size(); ++i) {
        const Resealing& change = changes[i];
        KeyRow& to = keys.find(change.key_id)->second;
        KeyRow& from = keys.find(change.before->key_id)->second;
        update.bind(1, to.ref).bind(2, to.region).bind(3, ByteView(change.sealed->data_key));
        update.bind(4, ByteView(change.sealed->secret)).bind(5, change.key_version).bind(6, optional_micros(fresh_since));
        update.bind(7, change.before->id).bind(8, from.ref).bind(9, ByteView(change.before->sealed.data_key));
        if (const auto done = update.bind(10, ByteView(change.before->sealed.secret)).run(); !done) return fail(done);
        if (database.changes() != 1) {
            unchanged.push_back(i);
            continue;
        }
        --from.wallets;
        ++to.wallets;
    }
    auto count = database.prepare("UPDATE keys SET wallets = wallets + ? WHERE id = ?");
    for (const auto& [key_id, key] : keys) {
        if (key.wallets == 0) continue;
        if (const auto done = count.bind(1, key.wallets).bind(2, key.ref).run(); !done) return fail(done);
    }
    return unchanged;
}

}  // namespace keydeck::store
