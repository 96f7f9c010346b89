#include "engine/store/keys.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "engine/store/rows.hpp"

namespace keydeck::store {
namespace {

using sqlite::Database;
using sqlite::Statement;

constexpr std::string_view kColumns =
    "SELECT key_id, arn, alias, spec, usage, state, region, purpose, pool_prefix, pool_index, created_at, deletion_date,"
    " last_used_at, wallets, secrets, version, rotation_period, next_rotation_at, rotated_at, pending_since, retiring"
    " FROM keys ";

KeyRecord read_key(const Statement& row) {
    KeyRecord key;
    key.key_id = row.text(0);
    key.arn = row.text(1);
    key.alias = row.text(2);
    key.spec = row.text(3);
    key.usage = row.text(4);
    key.state = row.text(5);
    key.region = row.text(6);
    key.purpose = row.text(7);
    key.pool_prefix = row.text(8);
    key.pool_index = row.integer(9);
    key.created_at = from_micros(row.integer(10));
    key.deletion_date = optional_time(row, 11);
    key.last_used_at = optional_time(row, 12);
    key.wallets = row.integer(13);
    key.secrets = row.integer(14);
    key.rotation.version = row.integer(15);
    key.rotation.period_days = static_cast<int>(row.integer(16));
    key.rotation.next_rotation = optional_time(row, 17);
    key.rotation.rotated_at = optional_time(row, 18);
    key.pending_since = optional_time(row, 19);
    key.retiring = row.integer(20) != 0;
    return key;
}

std::string select_where(std::string_view rest) { return std::string(kColumns).append(rest); }

Result<std::optional<KeyRecord>> one_key(Statement& row) {
    const auto found = row.step();
    if (!found) return fail(found);
    if (!*found) return std::optional<KeyRecord>();
    return std::optional(read_key(row));
}

Result<std::vector<KeyRecord>> all_keys(Statement& row) {
    std::vector<KeyRecord> keys;
    auto more = row.step();
    for (; more && *more; more = row.step()) keys.push_back(read_key(row));
    if (!more) return fail(more);
    return keys;
}

Result<std::optional<KeyRecord>> key_by_alias(Database& database, std::string_view alias) {
    static const std::string kText =
        select_where("WHERE alias = ? AND alias <> '' AND state <> 'Destroyed' ORDER BY id LIMIT 1");
    auto row = database.prepare(kText);
    row.bind(1, alias);
    return one_key(row);
}

// arn:aws:kms:<region>:<account>:key/<id> or …:alias/<name>
Result<std::optional<KeyRecord>> key_by_arn(Database& database, std::string_view arn) {
    const auto resource_at = arn.rfind(':') + 1;
    const auto resource = arn.substr(resource_at);
    auto key = resource.starts_with("key/") ? key_by_id(database, resource.substr(4)) : key_by_alias(database, resource);
    if (!key) return fail(key);
    // The same id or alias in another region or account is another key.
    if (*key && !std::string_view((*key)->arn).starts_with(arn.substr(0, resource_at))) return std::optional<KeyRecord>();
    return key;
}

Status check_pool_place(Database& database, const KeyRecord& key) {
    if (key.pool_index <= 0) return {};
    auto row =
        database.prepare("SELECT 1 FROM keys WHERE pool_prefix = ? AND pool_index = ? AND pool_index > 0 AND key_id <> ?");
    const auto taken = row.bind(1, key.pool_prefix).bind(2, key.pool_index).bind(3, key.key_id).step();
    if (!taken) return fail(taken);
    if (!*taken) return {};
    return fail(ErrorCode::kAlreadyExists,
                fmt::format("The pool {} already has a key number {}.", key.pool_prefix, key.pool_index));
}

// One alias names one key: it may have been moved here from another.
Status take_alias_from_others(Database& database, std::string_view alias, std::string_view key_id) {
    if (alias.empty()) return {};
    auto update = database.prepare("UPDATE keys SET alias = '' WHERE alias = ? AND alias <> '' AND key_id <> ?");
    return update.bind(1, alias).bind(2, key_id).run();
}

Result<std::string> state_of(Database& database, std::string_view key_id) {
    auto row = database.prepare("SELECT state FROM keys WHERE key_id = ?");
    const auto found = row.bind(1, key_id).step();
    if (!found) return fail(found);
    return *found ? string_at(row, 0) : std::string();
}

// The states of which the number is kept.
std::string_view counter_of(std::string_view state) {
    if (state == "Enabled") return "keys_enabled";
    if (state == "Disabled") return "keys_disabled";
    return state == kKeyPendingDeletion ? "keys_pending" : "";
}

// The kept number of keys leaves destroyed ones out. `before` is empty for a key not known until now.
Status count_change(Database& database, std::string_view before, std::string_view after) {
    if (before == after) return {};
    const int had = !before.empty() && before != kKeyDestroyed ? 1 : 0;
    const int has = after != kKeyDestroyed ? 1 : 0;
    const std::array<std::pair<std::string_view, int>, 3> changes{
        {{"keys", has - had}, {counter_of(before), -1}, {counter_of(after), 1}}};
    for (const auto& [name, by] : changes) {
        if (name.empty() || by == 0) continue;
        if (Status counted = add_to_counter(database, name, by); !counted) return counted;
    }
    return {};
}

// A counter of its own row, made with the first change: vaults made before it was kept have none.
constexpr std::string_view kChanges = "key_changes";

Status count_key_change(Database& database) {
    auto upsert = database.prepare(
        "INSERT INTO counters (name, value) VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1");
    return upsert.bind(1, kChanges).run();
}

}  // namespace

Status record_key(Database& database, const KeyRecord& key) {
    if (key.key_id.empty() || key.state.empty())
        return fail(ErrorCode::kInternal, "A key was recorded without its id or state.");
    if (const auto free = check_pool_place(database, key); !free) return fail(free);
    if (const auto done = take_alias_from_others(database, key.alias, key.key_id); !done) return fail(done);
    const auto before = state_of(database, key.key_id);
    if (!before) return fail(before);
    auto upsert = database.prepare(
        "INSERT INTO keys (key_id, arn, alias, spec, usage, state, region, purpose, pool_prefix, pool_index, created_at,"
        " deletion_date, last_used_at, pending_since)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, iif(?6 = 'PendingDeletion', ?14, NULL))"
        " ON CONFLICT (key_id) DO UPDATE SET arn = excluded.arn, alias = excluded.alias, spec = excluded.spec,"
        " usage = excluded.usage, state = excluded.state, region = excluded.region,"
        " purpose = iif(excluded.purpose = '', purpose, excluded.purpose),"
        " pool_prefix = iif(excluded.pool_index = 0, pool_prefix, excluded.pool_prefix),"
        " pool_index = iif(excluded.pool_index = 0, pool_index, excluded.pool_index),"
        " created_at = excluded.created_at, deletion_date = excluded.deletion_date,"
        " pending_since = iif(excluded.state = 'PendingDeletion', ifnull(pending_since, excluded.pending_since), NULL),"
        " last_used_at = nullif(max(ifnull(last_used_at, -1), ifnull(excluded.last_used_at, -1)), -1)");
    upsert.bind(1, key.key_id).bind(2, key.arn).bind(3, key.alias).bind(4, key.spec);
    upsert.bind(5, key.usage).bind(6, key.state).bind(7, key.region).bind(8, key.purpose);
    upsert.bind(9, key.pool_prefix).bind(10, key.pool_index).bind(11, to_micros(key.created_at));
    upsert.bind(12, optional_micros(key.deletion_date)).bind(13, optional_micros(key.last_used_at));
    upsert.bind(14, optional_micros(key.pending_since));
    if (const auto done = upsert.run(); !done) return fail(done);
    if (const auto moved = count_key_change(database); !moved) return fail(moved);
    return count_change(database, *before, key.state);
}

Status note_key_state(Database& database, std::string_view key_id, std::string_view state,
                      std::optional<Timestamp> deletion_date, Timestamp at) {
    const auto before = state_of(database, key_id);
    if (!before) return fail(before);
    if (before->empty()) return {};
    if (const auto moved = count_key_change(database); !moved) return fail(moved);
    auto update = database.prepare(
        "UPDATE keys SET state = ?1, deletion_date = ?2,"
        " pending_since = CASE ?1 WHEN 'PendingDeletion' THEN ifnull(pending_since, ?4)"
        " WHEN 'Destroyed' THEN pending_since END"
        " WHERE key_id = ?3 AND (state <> ?1 OR deletion_date IS NOT ?2)");
    update.bind(1, state).bind(2, optional_micros(deletion_date)).bind(3, key_id).bind(4, to_micros(at));
    if (const auto done = update.run(); !done) return fail(done);
    return count_change(database, *before, state);
}

Result<std::int64_t> key_changes(Database& database) {
    auto row = database.prepare("SELECT value FROM counters WHERE name = ?");
    const auto found = row.bind(1, kChanges).step();
    if (!found) return fail(found);
    return *found ? row.integer(0) : 0;
}

Status note_key_alias(Database& database, std::string_view key_id, std::string_view alias) {
    if (const auto done = take_alias_from_others(database, alias, key_id); !done) return fail(done);
    auto update = database.prepare("UPDATE keys SET alias = ?1 WHERE key_id = ?2 AND alias <> ?1");
    return update.bind(1, alias).bind(2, key_id).run();
}

Status note_key_used(Database& database, std::string_view key_id, Timestamp at) {
    auto update = database.prepare("UPDATE keys SET last_used_at = ?1 WHERE key_id = ?2 AND ifnull(last_used_at, -1) < ?1");
    return update.bind(1, to_micros(at)).bind(2, key_id).run();
}

Status note_key_rotation(Database& database, std::string_view key_id, const KeyRotation& rotation) {
    auto update = database.prepare(
        "UPDATE keys SET rotation_period = ?2, next_rotation_at = ?3,"
        " rotated_at = iif(?4 >= version, ?5, rotated_at), version = max(version, ?4) WHERE key_id = ?1");
    update.bind(1, key_id).bind(2, std::int64_t{rotation.period_days}).bind(3, optional_micros(rotation.next_rotation));
    return update.bind(4, rotation.version).bind(5, optional_micros(rotation.rotated_at)).run();
}

Status set_key_retiring(Database& database, std::string_view key_id, bool retiring) {
    auto update = database.prepare("UPDATE keys SET retiring = ? WHERE key_id = ? RETURNING id");
    const auto found = update.bind(1, std::int64_t{retiring}).bind(2, key_id).step();
    if (!found) return fail(found);
    if (!*found) return fail(ErrorCode::kNotFound, fmt::format("The vault does not know the key {}.", key_id));
    return {};
}

Result<std::optional<KeyRecord>> key_by_id(Database& database, std::string_view key_id) {
    static const std::string kText = select_where("WHERE key_id = ?");
    auto row = database.prepare(kText);
    row.bind(1, key_id);
    return one_key(row);
}

Result<std::optional<KeyRecord>> find_key(Database& database, std::string_view reference) {
    if (reference.starts_with("arn:")) return key_by_arn(database, reference);
    if (reference.starts_with("alias/")) return key_by_alias(database, reference);
    return key_by_id(database, reference);
}

Result<std::vector<KeyRecord>> pool_keys(Database& database, std::string_view prefix) {
    static const std::string kText = select_where(
        "WHERE pool_index > 0 AND state <> 'Destroyed' AND (?1 = '' OR pool_prefix = ?1) ORDER BY pool_prefix, pool_index");
    auto row = database.prepare(kText);
    row.bind(1, prefix);
    return all_keys(row);
}

Result<std::int64_t> next_pool_index(Database& database, std::string_view prefix) {
    // A journaled key may exist in the KMS without a record yet; its number is taken as well.
    auto row = database.prepare(
        "SELECT max((SELECT ifnull(max(pool_index), 0) FROM keys WHERE pool_prefix = ?1 AND pool_index > 0),"
        " (SELECT ifnull(max(pool_index), 0) FROM key_journal WHERE pool_prefix = ?1)) + 1");
    const auto found = row.bind(1, prefix).step();
    if (!found) return fail(found);
    return row.integer(0);
}

Result<std::vector<KeyRecord>> list_key_records(Database& database, std::string_view after_key_id, std::int64_t limit) {
    if (limit < 1) return fail(ErrorCode::kInvalidInput, "The limit must be at least 1.");
    std::int64_t after = 0;
    if (!after_key_id.empty()) {
        auto row = database.prepare("SELECT id FROM keys WHERE key_id = ?");
        const auto found = row.bind(1, after_key_id).step();
        if (!found) return fail(found);
        if (!*found) return fail(ErrorCode::kInvalidInput, fmt::format("There is no key {} to go on from.", after_key_id));
        after = row.integer(0);
    }
    static const std::string kText = select_where("WHERE id > ? ORDER BY id LIMIT ?");
    auto row = database.prepare(kText);
    row.bind(1, after).bind(2, limit);
    return all_keys(row);
}

}  // namespace keydeck::store
