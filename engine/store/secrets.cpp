#include "engine/store/secrets.hpp"

#include <fmt/format.h>

#include "engine/base/json.hpp"
#include "engine/store/names.hpp"
#include "engine/store/rows.hpp"
#include "engine/store/secret_rows.hpp"

namespace keydeck::store {
namespace {

using sqlite::Database;
using sqlite::Statement;

constexpr std::string_view kNewest =
    " FROM secrets s JOIN secret_versions v ON v.secret_id = s.id AND v.version = s.versions"
    " JOIN keys k ON k.id = v.key_ref LEFT JOIN users u ON u.id = s.user_id";

constexpr int kNewestColumn = 16;

std::unexpected<Error> damaged() { return fail(ErrorCode::kCorrupt, "The row of a secret is damaged.", "keydeck doctor"); }

std::unexpected<Error> no_such_secret() { return fail(ErrorCode::kNotFound, "That secret is not there any more."); }

Result<std::optional<SecretRecord>> find(Database& database, const SecretKeyName& name, std::string_view condition) {
    auto row = database.prepare(std::string("SELECT ")
                                    .append(kSecretColumns)
                                    .append(kSecretVersionColumns)
                                    .append(", (SELECT max(version) FROM secret_versions WHERE secret_id = s.id)")
                                    .append(kNewest)
                                    .append(" WHERE s.name = ? AND s.environment = ? AND s.user_id = ? AND ")
                                    .append(condition));
    const auto found = row.bind(1, name.name).bind(2, name.environment).bind(3, name.user_id).step();
    if (!found) return fail(found);
    if (!*found) return std::optional<SecretRecord>();
    Result<SecretRecord> record = read_secret(row);
    if (!record) return fail(record);
    if (row.integer(kNewestColumn) != record->info.versions) return damaged();  // an older one was made the newest
    return std::optional(std::move(*record));
}

Result<std::int64_t> ref_of_key(Database& database, std::string_view key_id) {
    auto row = database.prepare("SELECT id FROM keys WHERE key_id = ?");
    const auto found = row.bind(1, key_id).step();
    if (!found) return fail(found);
    if (!*found) return fail(ErrorCode::kNotFound, fmt::format("The vault does not know the key {}.", key_id));
    return row.integer(0);
}

Result<std::vector<std::int64_t>> keys_of_secret(Database& database, std::int64_t secret_id) {
    auto row = database.prepare("SELECT DISTINCT key_ref FROM secret_versions WHERE secret_id = ?");
    row.bind(1, secret_id);
    std::vector<std::int64_t> refs;
    auto more = row.step();
    for (; more && *more; more = row.step()) refs.push_back(row.integer(0));
    if (!more) return fail(more);
    return refs;
}

Status insert_version(Database& database, const NewSecretVersion& next) {
    const auto ref = ref_of_key(database, next.key_id);
    if (!ref) return fail(ref);
    auto insert = database.prepare(
        "INSERT INTO secret_versions (secret_id, version, key_ref, key_version, size, context, created_at, sealed_at,"
        " sealed_data_key, sealed_value) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8, ?9)");
    insert.bind(1, next.secret_id).bind(2, next.version).bind(3, *ref).bind(4, next.key_version).bind(5, next.size);
    insert.bind(6, context_text(*next.context)).bind(7, to_micros(next.at));
    insert.bind(8, ByteView(next.sealed->data_key)).bind(9, ByteView(next.sealed->value));
    if (Status done = insert.run(); !done) return done;
    return recount_secrets(database, *ref);
}

}  // namespace

std::string context_text(const ContextPairs& context) {
    std::string text = "{";
    for (const auto& [name, value] : context) {
        if (text.size() > 1) text += ',';
        json::append_quoted(text, name);
        text += ':';
        json::append_quoted(text, value);
    }
    return text + '}';
}

Result<ContextPairs> parse_context(std::string_view text) {
    const Result<json::Value> value = json::parse(text, "an encryption context");
    if (!value || !value->is(json::Kind::kObject)) return damaged();
    ContextPairs context;
    for (const json::Member& member : value->members) {
        if (!member.second.is(json::Kind::kString)) return damaged();
        context.emplace_back(member.first, member.second.text);
    }
    return context;
}

Result<SecretVersion> read_secret_version(const Statement& row, int first) {
    SecretVersion version;
    version.version = row.integer(first);
    version.key_id = string_at(row, first + 1);
    version.key_alias = string_at(row, first + 2);
    version.key_version = row.integer(first + 3);
    version.size = row.integer(first + 4);
    version.has_data_key = row.integer(first + 5) != 0;
    Result<ContextPairs> context = parse_context(row.text(first + 6));
    if (!context) return fail(context);
    version.context = std::move(*context);
    version.created_at = from_micros(row.integer(first + 7));
    return version;
}

Result<SecretRecord> read_secret(const Statement& row) {
    Result<SecretVersion> newest = read_secret_version(row, kFirstVersionColumn);
    if (!newest) return fail(newest);
    SecretRecord record;
    record.info.id = row.integer(0);
    record.user_id = row.integer(1);
    record.info.owner = string_at(row, 2);
    record.info.environment = string_at(row, 3);
    record.info.name = string_at(row, 4);
    record.info.versions = row.integer(5);
    record.info.created_at = from_micros(row.integer(6));
    record.info.removed_at = optional_time(row, 7);
    record.info.newest = std::move(*newest);
    return record;
}

Status recount_secrets(Database& database, std::int64_t key_ref) {
    auto update = database.prepare(
        "UPDATE keys SET secrets = (SELECT COUNT(DISTINCT secret_id) FROM secret_versions WHERE key_ref = ?1) WHERE id = "
        "?1");
    return update.bind(1, key_ref).run();
}

Result<std::int64_t> reserve_secret_id(Database& database) {
    if (const auto added = add_to_counter(database, "last_secret_id", 1); !added) return fail(added);
    auto row = database.prepare("SELECT value FROM counters WHERE name = 'last_secret_id'");
    const auto found = row.step();
    if (!found) return fail(found);
    if (!*found) return fail(ErrorCode::kCorrupt, "keydeck.db has lost one of its counters.");
    return row.integer(0);
}

Result<std::optional<SecretRecord>> find_secret(Database& database, const SecretKeyName& name) {
    return find(database, name, "s.removed_at IS NULL");
}

Result<std::optional<SecretRecord>> find_hidden_secret(Database& database, const SecretKeyName& name) {
    return find(database, name, "s.removed_at IS NOT NULL ORDER BY s.removed_at DESC, s.id DESC LIMIT 1");
}

Status insert_secret(Database& database, const SecretKeyName& name, const NewSecretVersion& first) {
    if (Status good = check_secret_name(name.name); !good) return good;
    if (Status good = check_environment(name.environment); !good) return good;
    auto insert = database.prepare(
        "INSERT INTO secrets (id, user_id, environment, name, versions, created_at) VALUES (?, ?, ?, ?, 1, ?)");
    insert.bind(1, first.secret_id).bind(2, name.user_id).bind(3, name.environment).bind(4, name.name);
    if (Status done = insert.bind(5, to_micros(first.at)).run(); !done) return done;
    return insert_version(database, first);
}

Status add_secret_version(Database& database, const NewSecretVersion& next) {
    if (Status inserted = insert_version(database, next); !inserted) return inserted;
    auto update =
        database.prepare("UPDATE secrets SET versions = ?1 WHERE id = ?2 AND versions = ?1 - 1 AND removed_at IS NULL");
    if (Status done = update.bind(1, next.version).bind(2, next.secret_id).run(); !done) return done;
    return database.changes() == 1 ? Status{} : no_such_secret();
}

Result<std::vector<SecretVersion>> secret_versions(Database& database, std::int64_t secret_id) {
    auto row = database.prepare(std::string("SELECT ")
                                    .append(kSecretVersionColumns)
                                    .append(" FROM secret_versions v JOIN keys k ON k.id = v.key_ref WHERE v.secret_id = ?"
                                            " ORDER BY v.version DESC"));
    row.bind(1, secret_id);
    std::vector<SecretVersion> versions;
    auto more = row.step();
    for (; more && *more; more = row.step()) {
        Result<SecretVersion> version = read_secret_version(row, 0);
        if (!version) return fail(version);
        versions.push_back(std::move(*version));
    }
    if (!more) return fail(more);
    return versions;
}

Result<SecretContent> secret_content(Database& database, std::int64_t secret_id, std::int64_t version) {
    constexpr int kSealed = 8;
    auto row = database.prepare(std::string("SELECT ")
                                    .append(kSecretVersionColumns)
                                    .append(", v.sealed_data_key, v.sealed_value FROM secret_versions v"
                                            " JOIN keys k ON k.id = v.key_ref WHERE v.secret_id = ? AND v.version = ?"));
    const auto found = row.bind(1, secret_id).bind(2, version).step();
    if (!found) return fail(found);
    if (!*found) {
        return fail(ErrorCode::kNotFound, fmt::format("The secret has no version {}.", version),
                    "keydeck secret versions NAME lists them.");
    }
    Result<SecretVersion> read = read_secret_version(row, 0);
    if (!read) return fail(read);
    return SecretContent{std::move(*read), {to_bytes(row.blob(kSealed)), to_bytes(row.blob(kSealed + 1))}};
}

Status hide_secret(Database& database, std::int64_t secret_id, Timestamp now) {
    auto update = database.prepare("UPDATE secrets SET removed_at = ? WHERE id = ? AND removed_at IS NULL");
    if (Status done = update.bind(1, to_micros(now)).bind(2, secret_id).run(); !done) return done;
    return database.changes() == 1 ? Status{} : no_such_secret();
}

Status unhide_secret(Database& database, std::int64_t secret_id) {
    auto update = database.prepare("UPDATE secrets SET removed_at = NULL WHERE id = ? AND removed_at IS NOT NULL");
    if (Status done = update.bind(1, secret_id).run(); !done) return done;
    return database.changes() == 1 ? Status{} : no_such_secret();
}

Status destroy_secret(Database& database, std::int64_t secret_id) {
    const auto refs = keys_of_secret(database, secret_id);
    if (!refs) return fail(refs);
    // Zeros of the same lengths overwrite the cells in place before they are freed, whatever secure_delete is set to.
    auto overwrite = database.prepare(
        "UPDATE secret_versions SET sealed_data_key = zeroblob(length(sealed_data_key)),"
        " sealed_value = zeroblob(length(sealed_value)) WHERE secret_id = ?");
    if (Status done = overwrite.bind(1, secret_id).run(); !done) return done;
    auto versions = database.prepare("DELETE FROM secret_versions WHERE secret_id = ?");
    if (Status done = versions.bind(1, secret_id).run(); !done) return done;
    auto secret = database.prepare("DELETE FROM secrets WHERE id = ?");
    if (Status done = secret.bind(1, secret_id).run(); !done) return done;
    if (database.changes() != 1) return no_such_secret();
    for (const std::int64_t ref : *refs) {
        if (Status counted = recount_secrets(database, ref); !counted) return counted;
    }
    return {};
}

Result<std::int64_t> count_secrets_of_user(Database& database, std::int64_t user_id) {
    auto row = database.prepare("SELECT COUNT(*) FROM secrets WHERE user_id = ?");
    const auto found = row.bind(1, user_id).step();
    if (!found) return fail(found);
    return row.integer(0);
}

}  // namespace keydeck::store
