#include "engine/store/key_journal.hpp"

#include <fmt/format.h>

#include "engine/store/rows.hpp"

namespace keydeck::store {
namespace {

using sqlite::Database;
using sqlite::Statement;

constexpr std::string_view kColumns =
    "SELECT journal_id, purpose, spec, alias, user_id, wallet_id, label, pool_prefix, pool_index, created_at, key_id,"
    " finished_at FROM key_journal ";

KeyJournalEntry read_entry(const Statement& row) {
    KeyJournalEntry entry;
    entry.journal_id = row.text(0);
    entry.purpose = row.text(1);
    entry.spec = row.text(2);
    entry.alias = row.text(3);
    entry.user_id = row.integer(4);
    entry.wallet_id = row.integer(5);
    entry.label = row.text(6);
    entry.pool_prefix = row.text(7);
    // One column for both: what is made for a pool has a prefix, and no job.
    (entry.pool_prefix.empty() ? entry.job : entry.pool_index) = row.integer(8);
    entry.created_at = from_micros(row.integer(9));
    entry.key_id = row.text(10);
    entry.finished_at = optional_time(row, 11);
    return entry;
}

std::string select_where(std::string_view rest) { return std::string(kColumns).append(rest); }

Result<std::optional<KeyJournalEntry>> one_entry(Statement& row) {
    const auto found = row.step();
    if (!found) return fail(found);
    if (!*found) return std::optional<KeyJournalEntry>();
    return std::optional(read_entry(row));
}

std::unexpected<Error> no_such_entry(std::string_view journal_id) {
    return fail(ErrorCode::kNotFound, fmt::format("The key journal has no entry {}.", journal_id));
}

}  // namespace

Status open_journal(Database& database, const KeyJournalEntry& entry) {
    auto known = database.prepare("SELECT 1 FROM key_journal WHERE journal_id = ?");
    const auto found = known.bind(1, entry.journal_id).step();
    if (!found) return fail(found);
    if (*found)
        return fail(ErrorCode::kAlreadyExists, fmt::format("The key journal already has an entry {}.", entry.journal_id));
    auto insert = database.prepare(
        "INSERT INTO key_journal (journal_id, purpose, spec, alias, user_id, wallet_id, label, pool_prefix, pool_index,"
        " created_at, key_id, finished_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    insert.bind(1, entry.journal_id).bind(2, entry.purpose).bind(3, entry.spec).bind(4, entry.alias);
    insert.bind(5, entry.user_id).bind(6, entry.wallet_id).bind(7, entry.label).bind(8, entry.pool_prefix);
    insert.bind(9, entry.pool_prefix.empty() ? entry.job : entry.pool_index)
        .bind(10, to_micros(entry.created_at))
        .bind(11, entry.key_id);
    return insert.bind(12, optional_micros(entry.finished_at)).run();
}

Status note_journal_key(Database& database, std::string_view journal_id, std::string_view key_id) {
    auto update = database.prepare("UPDATE key_journal SET key_id = ? WHERE journal_id = ?");
    if (const auto done = update.bind(1, key_id).bind(2, journal_id).run(); !done) return fail(done);
    return database.changes() == 1 ? Status() : no_such_entry(journal_id);
}

Status finish_journal(Database& database, std::string_view journal_id, Timestamp now) {
    auto update = database.prepare("UPDATE key_journal SET finished_at = ? WHERE journal_id = ?");
    if (const auto done = update.bind(1, to_micros(now)).bind(2, journal_id).run(); !done) return fail(done);
    return database.changes() == 1 ? Status() : no_such_entry(journal_id);
}

Result<std::optional<KeyJournalEntry>> journal_entry(Database& database, std::string_view journal_id) {
    static const std::string kText = select_where("WHERE journal_id = ?");
    auto row = database.prepare(kText);
    row.bind(1, journal_id);
    return one_entry(row);
}

Result<std::optional<KeyJournalEntry>> journal_of_key(Database& database, std::string_view key_id) {
    static const std::string kText = select_where("WHERE key_id = ? AND key_id <> '' ORDER BY id DESC LIMIT 1");
    auto row = database.prepare(kText);
    row.bind(1, key_id);
    return one_entry(row);
}

Result<std::vector<KeyJournalEntry>> unfinished_journal(Database& database) {
    static const std::string kText = select_where("WHERE finished_at IS NULL ORDER BY id");
    auto row = database.prepare(kText);
    std::vector<KeyJournalEntry> entries;
    auto more = row.step();
    for (; more && *more; more = row.step()) entries.push_back(read_entry(row));
    if (!more) return fail(more);
    return entries;
}

}  // namespace keydeck::store
