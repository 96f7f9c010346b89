#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "engine/oversight/audit_chain.hpp"
#include "engine/oversight/audit_log.hpp"
#include "engine/sqlite/db_transaction.hpp"

namespace keydeck::oversight {
namespace {

using sqlite::Database;

constexpr std::int64_t kNoEnd = std::numeric_limits<std::int64_t>::max();

// Where the walk along the rows stands.
struct Walk {
    ChainPlace at;  // behind the last good one
    bool met_expected = false;
    std::optional<std::int64_t> first_bad;
    std::string reason;
};

// What the rows are compared with.
struct Frame {
    ChainPlace base;
    bool base_good = true;
    std::optional<SealedHead> head;
    bool head_good = false;
    /// The number of events the head names where its seal is good, else no bound.
    [[nodiscard]] std::int64_t sealed_events() const { return head_good ? head->events : kNoEnd; }
};

Result<Frame> read_frame(Database& database, const AuditSeal& seal) {
    Frame frame;
    auto head = read_sealed_head(database);
    if (!head) return fail(head);
    frame.head = std::move(*head);
    frame.head_good = frame.head && seal_is_good(seal, *frame.head);
    const auto base = read_base(database, seal);
    if (!base) return fail(base);
    frame.base_good = base->has_value();
    frame.base = base->value_or(ChainPlace{0, audit_genesis(seal.vault_id)});
    return frame;
}

void stop(Walk& walk, std::int64_t id, std::string_view what) {
    walk.first_bad = id;
    walk.reason = fmt::format("Event {} {}.", id, what);
}

void check_row(const sqlite::Statement& row, std::int64_t sealed_events, Walk& walk, Bytes& buffer) {
    EventView event;
    read_event_row(row, event);
    const std::int64_t expected_id = walk.at.events + 1;
    if (event.id < expected_id) return stop(walk, event.id, "was added");
    if (event.id > sealed_events && expected_id > sealed_events) {
        return stop(walk, event.id, "was added behind the sealed end of the log");
    }
    if (event.id > expected_id) return stop(walk, expected_id, "is missing");
    const Hash32 hash = link_hash(walk.at.hash, event, buffer);
    if (hash != hash_at(row, kHashColumn)) return stop(walk, event.id, "was changed, or is not where it was");
    walk.at = {expected_id, hash};
}

/// Walks along the rows with ids above `above` (none: all) up to `last`.
Result<Walk> walk_rows(Database& database, const ChainPlace& from, std::optional<std::int64_t> above, std::int64_t last,
                       std::int64_t sealed_events, const std::optional<Hash32>& expected_head) {
    // NOT INDEXED: an index could be made to say something else than the table.
    static const std::string kRows =
        fmt::format("SELECT {} FROM audit NOT INDEXED WHERE id > ?1 AND id <= ?2 ORDER BY id", kEventColumns);
    auto row = database.prepare(kRows);
    row.bind(1, above.value_or(std::numeric_limits<std::int64_t>::min())).bind(2, last);
    Walk walk;
    walk.at = from;
    walk.met_expected = expected_head == from.hash;
    Bytes buffer;
    auto more = row.step();
    for (; more && *more && !walk.first_bad; more = row.step()) {
        check_row(row, sealed_events, walk, buffer);
        walk.met_expected = walk.met_expected || (!walk.first_bad && expected_head == walk.at.hash);
    }
    if (!more) return fail(more);
    if (!walk.first_bad && last < kNoEnd && walk.at.events < last) stop(walk, walk.at.events + 1, "is missing");
    return walk;
}

// The rows agree with each other; now with the head.
void check_head(const Frame& frame, Walk& walk) {
    if (!frame.head) {
        walk.reason = "The sealed head of the log is missing.";
    } else if (!frame.head_good) {
        walk.reason = "The seal of the log's head is wrong: the head was changed.";
    } else if (walk.at.events < frame.head->events) {
        stop(walk, walk.at.events + 1, "is missing: the end of the log was cut off");
    } else if (walk.at.hash != frame.head->hash) {
        stop(walk, walk.at.events, "is not the one the sealed head names: the log was written anew");
    }
}

Result<std::int64_t> number_in(Database& database, std::string_view select) {
    auto row = database.prepare(select);
    const auto found = row.step();
    if (!found) return fail(found);
    return row.integer(0);
}

Result<AuditVerification> result_of(Database& database, const Frame& frame, Walk walk) {
    AuditVerification out;
    out.valid = walk.reason.empty();
    out.first_bad = walk.first_bad;
    out.reason = std::move(walk.reason);
    out.head = walk.at.hash;
    out.archived = frame.base_good ? frame.base.events : 0;
    out.events = walk.at.events;
    if (out.valid) return out;
    const auto rows = number_in(database, "SELECT COUNT(*) FROM audit NOT INDEXED");
    if (!rows) return fail(rows);
    out.events = out.archived + *rows;
    return out;
}

Result<AuditVerification> verify_whole(Database& database, const Frame& frame, const std::optional<Hash32>& expected_head) {
    auto walk = walk_rows(database, frame.base, std::nullopt, kNoEnd, frame.sealed_events(), expected_head);
    if (!walk) return fail(walk);
    if (!frame.base_good) {
        walk->reason = "The seal of what the log goes on from is wrong: somebody made it look as if events were archived.";
    } else if (!walk->first_bad) {
        check_head(frame, *walk);
    }
    if (walk->reason.empty() && expected_head && !walk->met_expected) {
        walk->reason = "The noted head is not in this log: the log is another one, or older than the note";
        walk->reason += frame.base.events > 0
                            ? ", or that event is in an archive by now: name the archives as well, the oldest "
                              "first (--archive FILE)."
                            : ".";
    }
    return result_of(database, frame, std::move(*walk));
}

/// The place behind event `id`, as its row has it; a walk that stops at once where there is no such row.
Result<Walk> walk_from(Database& database, const Frame& frame, std::int64_t id, std::int64_t last) {
    if (id <= frame.base.events)
        return walk_rows(database, frame.base, std::nullopt, last, frame.sealed_events(), std::nullopt);
    auto row = database.prepare("SELECT hash FROM audit NOT INDEXED WHERE id = ?1");
    const auto found = row.bind(1, id).step();
    if (!found) return fail(found);
    if (!*found) {
        Walk walk;
        stop(walk, id, "is missing");
        return walk;
    }
    const ChainPlace from{id, hash_at(row, 0)};
    return walk_rows(database, from, id, last, frame.sealed_events(), std::nullopt);
}

}  // namespace

Result<AuditVerification> verify_audit(Database& database, const AuditSeal& seal,
                                       const std::optional<Hash32>& expected_head) {
    auto snapshot = sqlite::DbTransaction::begin_read(database);
    if (!snapshot) return fail(snapshot);
    const auto frame = read_frame(database, seal);
    if (!frame) return fail(frame);
    return verify_whole(database, *frame, expected_head);
}

Result<AuditVerification> verify_audit_part(Database& database, const AuditSeal& seal, const AuditPart& part) {
    auto snapshot = sqlite::DbTransaction::begin_read(database);
    if (!snapshot) return fail(snapshot);
    const auto frame = read_frame(database, seal);
    if (!frame) return fail(frame);
    const std::int64_t rows = frame->head_good ? frame->head->events - frame->base.events : 0;
    if (!frame->base_good || !frame->head_good || rows <= part.newest + part.others)
        return verify_whole(database, *frame, std::nullopt);
    // Each row's hash holds the one before it, so from a row on that is linked to the sealed head all are vouched for.
    const std::int64_t older = rows - part.newest;
    auto newest = walk_from(database, *frame, frame->base.events + older, kNoEnd);
    if (!newest) return fail(newest);
    if (!newest->first_bad) check_head(*frame, *newest);
    if (!newest->reason.empty()) return result_of(database, *frame, std::move(*newest));
    const std::int64_t slices = (older + part.others - 1) / part.others;
    const std::int64_t begin =
        frame->base.events + static_cast<std::int64_t>(part.turn % static_cast<std::uint64_t>(slices)) * part.others;
    auto others = walk_from(database, *frame, begin, std::min(begin + part.others, frame->base.events + older));
    if (!others) return fail(others);
    if (!others->reason.empty()) return result_of(database, *frame, std::move(*others));
    return result_of(database, *frame, std::move(*newest));
}

}  // namespace keydeck::oversight
