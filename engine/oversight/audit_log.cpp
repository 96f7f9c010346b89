#include "engine/oversight/audit_log.hpp"

#include "engine/oversight/audit_chain.hpp"

namespace keydeck::oversight {
namespace {

using sqlite::Database;

constexpr std::size_t kSealKeySize = 32;

std::unexpected<Error> forged(std::string message) {
    return fail(ErrorCode::kCorrupt, std::move(message), "keydeck audit verify shows where the audit log was changed");
}

Status check_seal_key(const AuditSeal& seal) {
    if (seal.key.size() == kSealKeySize) return {};
    return fail(ErrorCode::kInvalidInput, "The audit log's seal key must have 32 bytes.");
}

Status write_head(Database& database, const AuditSeal& seal, std::int64_t events, const Hash32& hash) {
    const Hash32 sealed = seal_of(seal, events, hash);
    auto upsert = database.prepare(
        "INSERT INTO audit_head (id, events, hash, seal) VALUES (1, ?1, ?2, ?3)"
        " ON CONFLICT (id) DO UPDATE SET events = ?1, hash = ?2, seal = ?3");
    return upsert.bind(1, events).bind(2, ByteView(hash)).bind(3, ByteView(sealed)).run();
}

// The newest row must be the one the sealed head names: else rows were cut off or put on behind our back.
Status check_newest_row(Database& database, const SealedHead& head) {
    auto row = database.prepare("SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1");
    const auto found = row.step();
    if (!found) return fail(found);
    const std::int64_t newest = *found ? row.integer(0) : 0;
    if (newest != head.events || (*found && hash_at(row, 1) != head.hash)) {
        return forged("The audit log's newest event is not the one its seal names; nothing was done.");
    }
    return {};
}

}  // namespace

Result<SealedHead> trusted_head(Database& database, const AuditSeal& seal) {
    if (const auto good = check_seal_key(seal); !good) return fail(good);
    auto head = read_sealed_head(database);
    if (!head) return fail(head);
    if (!*head) return forged("The audit log has lost its sealed head; nothing was done.");
    if (!seal_is_good(seal, **head)) return forged("The audit log's seal is wrong; nothing was done.");
    if (const auto same = check_newest_row(database, **head); !same) return fail(same);
    return std::move(**head);
}

Status start_audit_log(Database& database, const AuditSeal& seal) {
    if (const auto good = check_seal_key(seal); !good) return fail(good);
    auto row = database.prepare(
        "SELECT 1 FROM audit_head UNION ALL SELECT 1 FROM audit UNION ALL SELECT 1 FROM audit_base LIMIT 1");
    const auto started = row.step();
    if (!started) return fail(started);
    if (*started) return fail(ErrorCode::kAlreadyExists, "The audit log has been started before.");
    return write_head(database, seal, 0, audit_genesis(seal.vault_id));
}

Status check_audit_head(Database& database, const AuditSeal& seal) {
    const auto head = trusted_head(database, seal);
    return head ? Status{} : fail(head);
}

Status append_audit(Database& database, const AuditSeal& seal, std::span<AuditEvent> events) {
    if (events.empty()) return {};
    auto head = trusted_head(database, seal);
    if (!head) return fail(head);
    auto insert = database.prepare(
        "INSERT INTO audit (id, time, actor, surface, action, target, user, key_id, result, digest, detail, hash)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    Bytes buffer;
    for (AuditEvent& event : events) {
        event.id = ++head->events;
        event.previous = head->hash;
        const EventView view = view_of(event);
        event.hash = link_hash(event.previous, view, buffer);
        head->hash = event.hash;
        insert.bind(1, view.id).bind(2, view.time);
        for (std::size_t i = 0; i < view.texts.size(); ++i) insert.bind(static_cast<int>(i) + 3, view.texts[i]);
        if (const auto done = insert.bind(12, ByteView(event.hash)).run(); !done) return fail(done);
    }
    return write_head(database, seal, head->events, head->hash);
}

Result<AuditHead> audit_head(Database& database) {
    const auto head = read_sealed_head(database);
    if (!head) return fail(head);
    if (!*head) return forged("The audit log has lost its sealed head.");
    return AuditHead{(*head)->events, (*head)->hash};
}

}  // namespace keydeck::oversight
