#include "engine/store/key_standing.hpp"

#include "engine/store/rows.hpp"

namespace keydeck::store {

using sqlite::Database;

Result<KeyCounts> key_counts(Database& database) {
    KeyCounts counts;
    auto row = database.prepare("SELECT name, value FROM counters");
    auto more = row.step();
    for (; more && *more; more = row.step()) {
        const auto name = row.text(0);
        if (name == "keys_enabled") counts.enabled = row.integer(1);
        if (name == "keys_disabled") counts.disabled = row.integer(1);
        if (name == "keys_pending") counts.pending = row.integer(1);
    }
    if (!more) return fail(more);
    return counts;
}

Result<std::vector<EndingKeyRecord>> ending_keys(Database& database, std::int64_t limit) {
    auto row = database.prepare(
        "SELECT key_id, alias, deletion_date, wallets, secrets FROM keys INDEXED BY keys_ending"
        " WHERE state = 'PendingDeletion' AND deletion_date IS NOT NULL ORDER BY deletion_date, id LIMIT ?");
    row.bind(1, limit);
    std::vector<EndingKeyRecord> keys;
    auto more = row.step();
    for (; more && *more; more = row.step())
        keys.push_back({string_at(row, 0), string_at(row, 1), from_micros(row.integer(2)), row.integer(3), row.integer(4)});
    if (!more) return fail(more);
    return keys;
}

}  // namespace keydeck::store
