#include <fmt/format.h>

#include <limits>
#include <string>
#include <utility>

#include "engine/oversight/audit_chain.hpp"
#include "engine/oversight/audit_log.hpp"
#include "engine/sqlite/db_transaction.hpp"

namespace keydeck::oversight {
namespace {

using sqlite::Database;

// Where the walk along the rows stands.
struct Walk {
    std::int64_t events = 0;  // good ones so far
    Hash32 hash{};            // of the last good one
    bool met_expected = false;
    std::optional<std::int64_t> first_bad;
    std::string reason;
};

void stop(Walk& walk, std::int64_t id, std::string_view what) {
    walk.first_bad = id;
    walk.reason = fmt::format("Event {} {}.", id, what);
}

void read_event(const sqlite::Statement& row, EventView& event) {
    event.id = row.integer(0);
    event.time = row.integer(1);
    for (std::size_t i = 0; i < event.texts.size(); ++i) event.texts[i] = row.text(static_cast<int>(i) + 2);
}

// `sealed_events` is the number the head names where its seal is good, else no bound.
void check_row(const sqlite::Statement& row, std::int64_t sealed_events, Walk& walk, Bytes& buffer) {
    EventView event;
    read_event(row, event);
    const std::int64_t expected_id = walk.events + 1;
    if (event.id < expected_id) return stop(walk, event.id, "was added");
    if (event.id > sealed_events && expected_id > sealed_events) {
        return stop(walk, event.id, "was added behind the sealed end of the log");
    }
    if (event.id > expected_id) return stop(walk, expected_id, "is missing");
    const Hash32 hash = link_hash(walk.hash, event, buffer);
    if (hash != hash_at(row, 11)) return stop(walk, event.id, "was changed, or is not where it was");
    walk.events = expected_id;
    walk.hash = hash;
}

Result<Walk> walk_rows(Database& database, const Hash32& genesis, std::int64_t sealed_events,
                       const std::optional<Hash32>& expected_head) {
    // NOT INDEXED: an index could be made to say something else than the table.
    auto row = database.prepare(
        "SELECT id, time, actor, surface, action, target, user, key_id, result, digest, detail, hash"
        " FROM audit NOT INDEXED ORDER BY id");
    Walk walk;
    walk.hash = genesis;
    walk.met_expected = expected_head == genesis;
    Bytes buffer;
    auto more = row.step();
    for (; more && *more && !walk.first_bad; more = row.step()) {
        check_row(row, sealed_events, walk, buffer);
        walk.met_expected = walk.met_expected || (!walk.first_bad && expected_head == walk.hash);
    }
    if (!more) return fail(more);
    return walk;
}

// The rows agree with each other; now with the head.
void check_head(const std::optional<SealedHead>& head, bool seal_good, Walk& walk) {
    if (!head) {
        walk.reason = "The sealed head of the log is missing.";
    } else if (!seal_good) {
        walk.reason = "The seal of the log's head is wrong: the head was changed.";
    } else if (walk.events < head->events) {
        stop(walk, walk.events + 1, "is missing: the end of the log was cut off");
    } else if (walk.hash != head->hash) {
        stop(walk, walk.events, "is not the one the sealed head names: the log was written anew");
    }
}

Result<std::int64_t> count_rows(Database& database) {
    auto row = database.prepare("SELECT COUNT(*) FROM audit NOT INDEXED");
    const auto found = row.step();
    if (!found) return fail(found);
    return row.integer(0);
}

}  // namespace

Result<AuditVerification> verify_audit(Database& database, const AuditSeal& seal,
                                       const std::optional<Hash32>& expected_head) {
    auto snapshot = sqlite::DbTransaction::begin_read(database);
    if (!snapshot) return fail(snapshot);
    const auto head = read_sealed_head(database);
    if (!head) return fail(head);
    const bool seal_good = *head && seal_is_good(seal, **head);
    const std::int64_t sealed_events = seal_good ? (*head)->events : std::numeric_limits<std::int64_t>::max();
    auto walk = walk_rows(database, audit_genesis(seal.vault_id), sealed_events, expected_head);
    if (!walk) return fail(walk);
    if (!walk->first_bad) check_head(*head, seal_good, *walk);
    if (walk->reason.empty() && expected_head && !walk->met_expected) {
        walk->reason = "The noted head is not in this log: the log is another one, or older than the note.";
    }
    AuditVerification out;
    out.valid = walk->reason.empty();
    out.events = walk->events;
    out.first_bad = walk->first_bad;
    out.reason = std::move(walk->reason);
    out.head = walk->hash;
    if (!out.valid) {
        const auto rows = count_rows(database);
        if (!rows) return fail(rows);
        out.events = *rows;
    }
    return out;
}

}  // namespace keydeck::oversight
