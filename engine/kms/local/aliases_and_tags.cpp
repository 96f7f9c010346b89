// Aliases and tags.
#include <fmt/format.h>

#include "engine/base/hex.hpp"
#include "engine/base/text.hpp"
#include "engine/kms/kms_error.hpp"
#include "engine/kms/limits.hpp"
#include "engine/kms/local/impl.hpp"
#include "engine/kms/local/paging.hpp"
#include "engine/kms/local/tag_rows.hpp"

namespace keydeck::kms {
namespace {

using local::KeyRecord;
using sqlite::Database;
using sqlite::DbTransaction;

Result<std::size_t> count_of_key(Database& database, std::string_view sql, std::int64_t key_row) {
    sqlite::Statement count = database.prepare(sql);
    count.bind(1, key_row);
    const Result<bool> row = count.step();
    if (!row) return fail(row);
    return static_cast<std::size_t>(count.integer(0));
}

Status check_room_for_alias(Database& database, const KeyRecord& key, const std::string& arn) {
    const Result<std::size_t> count = count_of_key(database, "SELECT count(*) FROM aliases WHERE key = ?1", key.row);
    if (!count) return fail(count);
    if (*count < kMaxAliasesPerKey) return {};
    return kms_fail("LimitExceededException", fmt::format("{} already has {} aliases.", arn, kMaxAliasesPerKey),
                    "Delete one of its aliases first.");
}

Status point_alias_at(Database& database, std::string_view alias, const KeyRecord& key) {
    sqlite::Statement put =
        database.prepare("INSERT INTO aliases (name, key) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET key = ?2");
    put.bind(1, alias).bind(2, key.row);
    return put.run();
}

Result<std::string> parse_tag_marker(std::string_view marker) {
    const Result<Bytes> bytes = from_hex(marker, "marker");
    if (!bytes || !is_utf8(as_text(*bytes))) return local::invalid_marker();
    return std::string(as_text(*bytes));
}

}  // namespace

Status local::put_tags(Database& database, std::int64_t key_row, const Tags& tags) {
    for (const auto& [name, value] : tags) {
        sqlite::Statement put = database.prepare(
            "INSERT INTO tags (key, name, value) VALUES (?1, ?2, ?3) ON CONFLICT (key, name) DO UPDATE SET value = ?3");
        put.bind(1, key_row).bind(2, name).bind(3, value);
        if (Status status = put.run(); !status) return status;
    }
    const Result<std::size_t> count = count_of_key(database, "SELECT count(*) FROM tags WHERE key = ?1", key_row);
    if (!count) return fail(count);
    return *count <= kMaxTagsPerKey ? Status{} : kms_fail("TagException", "Too many tags");
}

Status LocalKms::create_alias(std::string_view alias_name, std::string_view target_key_id) {
    if (Status name = check_alias_name(alias_name); !name) return name;
    return impl_->change_key(target_key_id, [&](Database& database, const KeyRecord& key) -> Status {
        const Result<std::optional<KeyRecord>> taken = local::find_key_of_alias(database, alias_name);
        if (!taken) return fail(taken);
        if (*taken) {
            return kms_fail("AlreadyExistsException",
                            fmt::format("An alias with the name {} already exists", impl_->place.alias_arn(alias_name)));
        }
        if (Status room = check_room_for_alias(database, key, impl_->arn_of(key)); !room) return room;
        return point_alias_at(database, alias_name, key);
    });
}

Status LocalKms::update_alias(std::string_view alias_name, std::string_view target_key_id) {
    if (Status name = check_alias_name(alias_name); !name) return name;
    return impl_->change_key(target_key_id, [&](Database& database, const KeyRecord& key) -> Status {
        const Result<std::optional<KeyRecord>> current = local::find_key_of_alias(database, alias_name);
        if (!current) return fail(current);
        if (!*current) return alias_not_found(impl_->place.alias_arn(alias_name));
        if ((*current)->spec != key.spec || (*current)->usage != key.usage) {
            return validation_error(fmt::format(
                "Alias {} cannot be moved to {}: both keys must be of the same type and have the same key usage.",
                impl_->place.alias_arn(alias_name), impl_->arn_of(key)));
        }
        if ((*current)->row == key.row) return {};
        if (Status room = check_room_for_alias(database, key, impl_->arn_of(key)); !room) return room;
        return point_alias_at(database, alias_name, key);
    });
}

Status LocalKms::delete_alias(std::string_view alias_name) {
    if (Status name = check_alias_name(alias_name); !name) return name;
    Result<Impl::Lease> lease = impl_->begin();
    if (!lease) return fail(lease);
    Database& database = **lease;
    Result<DbTransaction> write = DbTransaction::begin_write(database);
    if (!write) return fail(write);
    sqlite::Statement remove = database.prepare("DELETE FROM aliases WHERE name = ?1");
    remove.bind(1, alias_name);
    if (Status removed = remove.run(); !removed) return removed;
    if (database.changes() == 0) return alias_not_found(impl_->place.alias_arn(alias_name));
    if (Status noted = impl_->note_event(database); !noted) return noted;
    return write->commit();
}

Result<Page<Alias>> LocalKms::list_aliases(std::string_view key_id, const PageRequest& page) {
    if (Status limit = check_page_limit(page.limit); !limit) return fail(limit);
    if (!page.marker.empty() && !check_alias_name(page.marker)) return local::invalid_marker();
    Result<Impl::Lease> lease = impl_->begin();
    if (!lease) return fail(lease);
    Database& database = **lease;
    std::int64_t row = 0;
    if (!key_id.empty()) {
        const Result<KeyRecord> key = impl_->find(database, key_id, local::Aliases::kRefused);
        if (!key) return fail(key);
        row = key->row;
    }
    const int limit = page.limit.value_or(kDefaultPageOfKeys);
    sqlite::Statement select =
        database.prepare(key_id.empty() ? "SELECT a.name, k.key_id FROM aliases a JOIN keys k ON k.id = a.key "
                                          "WHERE a.name > ?1 ORDER BY a.name LIMIT ?2"
                                        : "SELECT a.name, k.key_id FROM aliases a JOIN keys k ON k.id = a.key "
                                          "WHERE a.key = ?3 AND a.name > ?1 ORDER BY a.name LIMIT ?2");
    select.bind(1, page.marker).bind(2, static_cast<std::int64_t>(limit) + 1);
    if (!key_id.empty()) select.bind(3, row);
    return local::read_page<Alias>(
        select, limit,
        [&](const sqlite::Statement& found) {
            return Alias{std::string(found.text(0)), impl_->place.alias_arn(found.text(0)), std::string(found.text(1))};
        },
        [](const sqlite::Statement& found) { return std::string(found.text(0)); });
}

Status LocalKms::tag_resource(std::string_view key_id, const Tags& tags) {
    if (Status checked = check_tags(tags); !checked) return checked;
    return impl_->change_key(
        key_id, [&](Database& database, const KeyRecord& key) { return local::put_tags(database, key.row, tags); });
}

Status LocalKms::untag_resource(std::string_view key_id, const std::vector<std::string>& tag_keys) {
    if (Status checked = check_tag_keys(tag_keys); !checked) return checked;
    return impl_->change_key(key_id, [&](Database& database, const KeyRecord& key) -> Status {
        for (const std::string& name : tag_keys) {
            sqlite::Statement remove = database.prepare("DELETE FROM tags WHERE key = ?1 AND name = ?2");
            remove.bind(1, key.row).bind(2, name);
            if (Status removed = remove.run(); !removed) return removed;
        }
        return {};
    });
}

Result<Page<std::pair<std::string, std::string>>> LocalKms::list_resource_tags(std::string_view key_id,
                                                                               const PageRequest& page) {
    if (Status limit = check_page_limit(page.limit); !limit) return fail(limit);
    const Result<std::string> after = parse_tag_marker(page.marker);
    if (!after) return fail(after);
    Result<Impl::Lease> lease = impl_->begin();
    if (!lease) return fail(lease);
    const Result<KeyRecord> key = impl_->find(**lease, key_id, local::Aliases::kRefused);
    if (!key) return fail(key);
    const int limit = page.limit.value_or(kDefaultPageOfTags);
    sqlite::Statement select =
        (*lease)->prepare("SELECT name, value FROM tags WHERE key = ?1 AND name > ?2 ORDER BY name LIMIT ?3");
    select.bind(1, key->row).bind(2, *after).bind(3, static_cast<std::int64_t>(limit) + 1);
    return local::read_page<std::pair<std::string, std::string>>(
        select, limit,
        [](const sqlite::Statement& row) { return std::pair(std::string(row.text(0)), std::string(row.text(1))); },
        [](const sqlite::Statement& row) { return to_hex(as_bytes(row.text(0))); });
}

}  // namespace keydeck::kms
