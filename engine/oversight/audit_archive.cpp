#include "engine/oversight/audit_archive.hpp"

#include <fmt/format.h>

#include <fstream>
#include <string>
#include <utility>

#include "engine/base/new_file.hpp"
#include "engine/oversight/audit_chain.hpp"
#include "engine/oversight/cloudtrail.hpp"
#include "engine/sqlite/db_transaction.hpp"

namespace keydeck::oversight {
namespace {

namespace fs = std::filesystem;
using sqlite::Database;

std::unexpected<Error> broken(std::string_view why) {
    return fail(ErrorCode::kRejected, fmt::format("The audit log is not as it was written; nothing was archived. {}", why),
                "keydeck audit verify shows where it was changed");
}

/// The newest event that may go: everything up to it is older than `before`. The base's number where none is.
Result<std::int64_t> last_before(Database& database, const ChainPlace& base, std::int64_t events, Timestamp before) {
    auto row = database.prepare("SELECT MIN(id) FROM audit NOT INDEXED WHERE time >= ?1");
    const auto found = row.bind(1, to_micros(before)).step();
    if (!found) return fail(found);
    const std::int64_t first_kept = row.is_null(0) ? events : std::min(row.integer(0), events);
    return std::max(base.events, first_kept - 1);
}

/// One archive's lines, each held against the place where the chain stands.
Status write_lines(Database& database, const VaultInfo& vault, ChainPlace at, std::int64_t last, NewFile& out) {
    static const std::string kRows =
        fmt::format("SELECT {} FROM audit NOT INDEXED WHERE id > ?1 AND id <= ?2 ORDER BY id", kEventColumns);
    auto row = database.prepare(kRows);
    row.bind(1, at.events).bind(2, last);
    auto more = row.step();
    for (; more && *more; more = row.step()) {
        AuditEvent event = event_in_row(row);
        event.previous = at.hash;
        std::string line = to_cloudtrail_json(event, vault);
        // What will be all there is must be enough to compute the hash from.
        const auto reread = from_cloudtrail_json(line);
        if (!reread || reread->event.id != at.events + 1 || audit_hash(at.hash, reread->event) != event.hash) {
            return broken(fmt::format("Event {} does not fit.", event.id));
        }
        at = {event.id, event.hash};
        line += '\n';
        if (Status written = out.append(line); !written) return written;
    }
    return more ? Status{} : fail(more);
}

Result<Hash32> hash_of_event(Database& database, std::int64_t id) {
    auto row = database.prepare("SELECT hash FROM audit NOT INDEXED WHERE id = ?1");
    const auto found = row.bind(1, id).step();
    if (!found) return fail(found);
    return *found ? hash_at(row, 0) : Hash32{};
}

/// Whether the file holds the log's oldest events, up to `last` at most, and nothing else: then the number of its last one.
Result<std::int64_t> leftover_in(Database& database, const VaultInfo& vault, const ChainPlace& base, std::int64_t last,
                                 const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    ChainPlace at = base;
    for (std::string line; std::getline(in, line);) {
        const auto read = from_cloudtrail_json(line);
        if (!read || read->event.id != at.events + 1) return 0;
        if (read->vault_id != vault.id || read->region != vault.region || read->account != vault.account) return 0;
        at = {read->event.id, audit_hash(at.hash, read->event)};
    }
    if (at.events == base.events || at.events > last) return 0;
    const auto hash = hash_of_event(database, at.events);
    if (!hash) return fail(hash);
    return *hash == at.hash ? at.events : 0;
}

}  // namespace

Result<AuditArchive> write_audit_archive(Database& database, const AuditSeal& seal, const VaultInfo& vault, Timestamp before,
                                         const fs::path& file) {
    // The whole log, not only what goes: a break further on may mean that what goes was written anew.
    const auto whole = verify_audit(database, seal, std::nullopt);
    if (!whole) return fail(whole);
    if (!whole->valid) return broken(whole->reason);
    auto snapshot = sqlite::DbTransaction::begin_read(database);
    if (!snapshot) return fail(snapshot);
    const auto base = read_base(database, seal);
    if (!base) return fail(base);
    if (!*base) return broken("Its seal is wrong.");
    const auto head = trusted_head(database, seal);
    if (!head) return fail(head);
    auto last = last_before(database, **base, head->events, before);
    if (!last) return fail(last);
    if (*last == (*base)->events) {
        return fail(ErrorCode::kRejected,
                    fmt::format("No event is older than {}; nothing was archived.", to_rfc3339(before)),
                    "The newest event always stays.");
    }
    auto out = NewFile::begin(file);
    if (!out && out.error().code == ErrorCode::kAlreadyExists) {
        const auto leftover = leftover_in(database, vault, **base, *last, file);
        if (!leftover) return fail(leftover);
        if (*leftover == 0) return fail(out);
        last = *leftover;
    } else {
        if (!out) return fail(out);
        if (Status written = write_lines(database, vault, **base, *last, *out); !written) return fail(written);
        if (Status finished = out->finish(); !finished) return fail(finished);
    }
    const auto hash = hash_of_event(database, *last);
    if (!hash) return fail(hash);
    return AuditArchive{file.string(), (*base)->events + 1, *last, *hash};
}

Status remove_archived(Database& database, const AuditSeal& seal, const AuditArchive& archive) {
    const auto base = read_base(database, seal);
    if (!base) return fail(base);
    const auto hash = hash_of_event(database, archive.last);
    if (!hash) return fail(hash);
    if (!*base || (*base)->events + 1 != archive.first || *hash != archive.head) {
        return fail(ErrorCode::kRejected, "Somebody else archived events meanwhile; nothing was archived.", "Try again.");
    }
    auto remove = database.prepare("DELETE FROM audit WHERE id <= ?1");
    if (Status removed = remove.bind(1, archive.last).run(); !removed) return removed;
    return write_base(database, seal, {archive.last, archive.head});
}

Result<std::int64_t> archived_events(Database& database, const AuditSeal& seal) {
    const auto base = read_base(database, seal);
    if (!base) return fail(base);
    if (!*base) return fail(ErrorCode::kCorrupt, "The seal of what the audit log goes on from is wrong.");
    return (*base)->events;
}

}  // namespace keydeck::oversight
