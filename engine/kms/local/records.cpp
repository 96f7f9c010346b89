#include "engine/kms/local/records.hpp"

#include <algorithm>

#include "engine/crypto/hash.hpp"

namespace keydeck::kms::local {
namespace {

std::unexpected<Error> damaged(std::string what) {
    return fail(ErrorCode::kCorrupt, "The key store kms.db is damaged: " + std::move(what) + ".",
                "Restore it from a backup; nothing was changed.");
}

std::optional<Timestamp> timestamp_or_null(const sqlite::Statement& row, int column) {
    if (row.is_null(column)) return std::nullopt;
    return from_micros(row.integer(column));
}

std::optional<std::int64_t> micros_or_null(const std::optional<Timestamp>& at) {
    return at ? std::optional(to_micros(*at)) : std::nullopt;
}

// Over every other column, so that damage is told from a wrong secret before the secret is tried.
Hash32 checksum_of(const VaultRecord& vault) {
    Bytes all;
    append_with_length(all, vault.vault_id);
    append_with_length(all, as_bytes(vault.region));
    append_with_length(all, as_bytes(vault.account));
    append_u64_be(all, static_cast<std::uint64_t>(to_micros(vault.created_at)));
    append_u64_be(all, static_cast<std::uint64_t>(vault.secret_kind));
    append_with_length(all, vault.salt);
    append_u64_be(all, vault.scrypt_n);
    append_with_length(all, vault.secret_check);
    append_with_length(all, vault.sealed_root);
    return crypto::sha256(all);
}

template <std::size_t N>
bool copy_fixed(ByteView from, FixedBytes<N>& to) {
    if (from.size() != N) return false;
    std::ranges::copy(from, to.begin());
    return true;
}

constexpr std::string_view kFindKey =
    "SELECT id, key_id, spec, usage, enabled, created_at, deletion_at, version, rotation_period_days, next_rotation_at, "
    "on_demand_rotations, origin, has_material, material_valid_to FROM keys WHERE key_id = ?1";
constexpr std::string_view kFindKeyOfAlias =
    "SELECT id, key_id, spec, usage, enabled, created_at, deletion_at, version, rotation_period_days, next_rotation_at, "
    "on_demand_rotations, origin, has_material, material_valid_to FROM keys WHERE id = (SELECT key FROM aliases WHERE name "
    "= ?1)";

Result<std::optional<KeyRecord>> find_one(sqlite::Statement row) {
    const Result<bool> found = row.step();
    if (!found) return fail(found);
    if (!*found) return std::nullopt;
    const Result<KeySpec> spec = parse_key_spec(row.text(2));
    const Result<KeyUsage> usage = parse_key_usage(row.text(3));
    const Result<Origin> origin = parse_origin(row.text(11));
    if (!spec || !usage || !origin) return damaged("a key has an unknown spec, usage or origin");
    return KeyRecord{.row = row.integer(0),
                     .key_id = std::string(row.text(1)),
                     .spec = *spec,
                     .usage = *usage,
                     .enabled = row.integer(4) != 0,
                     .created_at = from_micros(row.integer(5)),
                     .deletion_at = timestamp_or_null(row, 6),
                     .version = row.integer(7),
                     .rotation_period_days = static_cast<int>(row.integer(8)),
                     .next_rotation_at = timestamp_or_null(row, 9),
                     .on_demand_rotations = static_cast<int>(row.integer(10)),
                     .origin = *origin,
                     .has_material = row.integer(12) != 0,
                     .material_valid_to = timestamp_or_null(row, 13)};
}

}  // namespace

Result<VaultRecord> read_vault(sqlite::Database& database) {
    sqlite::Statement row = database.prepare(
        "SELECT vault_id, region, account, created_at, secret_kind, salt, scrypt_n, secret_check, sealed_root, checksum "
        "FROM vault WHERE id = 1");
    const Result<bool> found = row.step();
    if (!found) return fail(found);
    if (!*found) return damaged("its first record is missing");
    VaultRecord vault;
    vault.region = row.text(1);
    vault.account = row.text(2);
    vault.created_at = from_micros(row.integer(3));
    vault.secret_kind = static_cast<RootSecret::Kind>(row.integer(4));
    vault.scrypt_n = static_cast<std::uint64_t>(row.integer(6));
    vault.secret_check = to_bytes(row.blob(7));
    vault.sealed_root = to_bytes(row.blob(8));
    if (!copy_fixed(row.blob(0), vault.vault_id) || !copy_fixed(row.blob(5), vault.salt) ||
        !std::ranges::equal(row.blob(9), checksum_of(vault))) {
        return damaged("the checksum of its first record is wrong");
    }
    return vault;
}

Status insert_vault(sqlite::Database& database, const VaultRecord& vault) {
    const Hash32 checksum = checksum_of(vault);
    sqlite::Statement insert = database.prepare(
        "INSERT INTO vault (id, vault_id, region, account, created_at, secret_kind, salt, scrypt_n, secret_check, "
        "sealed_root, checksum) VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)");
    insert.bind(1, ByteView(vault.vault_id))
        .bind(2, vault.region)
        .bind(3, vault.account)
        .bind(4, to_micros(vault.created_at))
        .bind(5, static_cast<std::int64_t>(vault.secret_kind))
        .bind(6, ByteView(vault.salt))
        .bind(7, static_cast<std::int64_t>(vault.scrypt_n))
        .bind(8, ByteView(vault.secret_check))
        .bind(9, ByteView(vault.sealed_root))
        .bind(10, ByteView(checksum));
    if (Status inserted = insert.run(); !inserted) return inserted;
    sqlite::Statement clock = database.prepare("INSERT INTO clock (id, last_event_at) VALUES (1, ?1)");
    clock.bind(1, to_micros(vault.created_at));
    return clock.run();
}

Result<ClockRecord> read_clock(sqlite::Database& database) {
    sqlite::Statement row = database.prepare(
        "SELECT last_event_at, scrub_pending, (SELECT min(deletion_at) FROM keys WHERE deletion_at IS NOT NULL), "
        "(SELECT min(material_valid_to) FROM keys WHERE material_valid_to IS NOT NULL) FROM clock WHERE id = 1");
    const Result<bool> found = row.step();
    if (!found) return fail(found);
    if (!*found) return damaged("its clock record is missing");
    std::optional<Timestamp> earliest = timestamp_or_null(row, 2);
    const std::optional<Timestamp> expiry = timestamp_or_null(row, 3);
    if (expiry && (!earliest || *expiry < *earliest)) earliest = expiry;
    return ClockRecord{
        .last_event_at = from_micros(row.integer(0)), .scrub_pending = row.integer(1) != 0, .earliest_deletion = earliest};
}

Status write_last_event(sqlite::Database& database, Timestamp at) {
    sqlite::Statement update = database.prepare("UPDATE clock SET last_event_at = ?1 WHERE id = 1");
    update.bind(1, to_micros(at));
    return update.run();
}

Status write_scrub_pending(sqlite::Database& database, bool pending) {
    sqlite::Statement update = database.prepare("UPDATE clock SET scrub_pending = ?1 WHERE id = 1");
    update.bind(1, static_cast<std::int64_t>(pending ? 1 : 0));
    return update.run();
}

Result<std::optional<KeyRecord>> find_key(sqlite::Database& database, std::string_view key_id) {
    sqlite::Statement select = database.prepare(kFindKey);
    select.bind(1, key_id);
    return find_one(std::move(select));
}

Result<std::optional<KeyRecord>> find_key_of_alias(sqlite::Database& database, std::string_view alias) {
    sqlite::Statement select = database.prepare(kFindKeyOfAlias);
    select.bind(1, alias);
    return find_one(std::move(select));
}

Result<std::string> read_description(sqlite::Database& database, std::int64_t row) {
    sqlite::Statement select = database.prepare("SELECT description FROM keys WHERE id = ?1");
    select.bind(1, row);
    const Result<bool> found = select.step();
    if (!found) return fail(found);
    return *found ? std::string(select.text(0)) : std::string();
}

Status insert_key(sqlite::Database& database, KeyRecord& key, std::string_view description, std::string_view policy) {
    sqlite::Statement insert = database.prepare(
        "INSERT INTO keys (key_id, spec, usage, enabled, created_at, deletion_at, version, rotation_period_days, "
        "next_rotation_at, on_demand_rotations, description, origin, has_material, policy) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)");
    insert.bind(1, key.key_id)
        .bind(2, to_string(key.spec))
        .bind(3, to_string(key.usage))
        .bind(4, static_cast<std::int64_t>(key.enabled ? 1 : 0))
        .bind(5, to_micros(key.created_at))
        .bind(6, micros_or_null(key.deletion_at))
        .bind(7, key.version)
        .bind(8, static_cast<std::int64_t>(key.rotation_period_days))
        .bind(9, micros_or_null(key.next_rotation_at))
        .bind(10, static_cast<std::int64_t>(key.on_demand_rotations))
        .bind(11, description)
        .bind(12, to_string(key.origin))
        .bind(13, static_cast<std::int64_t>(key.has_material ? 1 : 0))
        .bind(14, policy);
    if (Status inserted = insert.run(); !inserted) return inserted;
    key.row = database.last_insert_rowid();
    return {};
}

Status insert_version(sqlite::Database& database, std::int64_t key_row, const VersionRecord& version) {
    sqlite::Statement insert = database.prepare(
        "INSERT INTO key_versions (key, version, created_at, on_demand, public_key, sealed) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
    insert.bind(1, key_row)
        .bind(2, version.version)
        .bind(3, to_micros(version.created_at))
        .bind(4, static_cast<std::int64_t>(version.on_demand ? 1 : 0))
        .bind(6, ByteView(version.sealed));
    if (version.public_key.empty()) {
        insert.bind_null(5);
    } else {
        insert.bind(5, ByteView(version.public_key));
    }
    return insert.run();
}

Result<std::optional<VersionRecord>> find_version(sqlite::Database& database, std::int64_t key_row, std::int64_t version) {
    sqlite::Statement row = database.prepare(
        "SELECT version, created_at, on_demand, public_key, sealed FROM key_versions WHERE key = ?1 AND version = ?2");
    row.bind(1, key_row).bind(2, version);
    const Result<bool> found = row.step();
    if (!found) return fail(found);
    if (!*found) return std::nullopt;
    return VersionRecord{.version = row.integer(0),
                         .created_at = from_micros(row.integer(1)),
                         .on_demand = row.integer(2) != 0,
                         .public_key = to_bytes(row.blob(3)),
                         .sealed = to_bytes(row.blob(4))};
}

}  // namespace keydeck::kms::local
