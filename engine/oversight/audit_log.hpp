// The audit log: events as a hash chain with a sealed head.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/bytes.hpp"
#include "engine/error.hpp"
#include "engine/sqlite/database.hpp"
#include "engine/types.hpp"

namespace keydeck::oversight {

/// What the head is sealed for and with. Views: the owner keeps both alive.
struct AuditSeal {
    std::string_view vault_id;  ///< UUID text
    ByteView key;               ///< 32 bytes: LocalKms::derive_key("audit-seal"), or the seal.key file
};

/// The `previous` of event 1: SHA-256 over a fixed label and the vault's id, so that no chain fits another vault.
[[nodiscard]] Hash32 audit_genesis(std::string_view vault_id);

/// SHA-256 over the previous hash (32 bytes), `id` and `time` in microseconds (8 bytes big-endian each), and then actor,
/// surface, action, target, user, key_id, result, digest and detail, each with its length (4 bytes big-endian) in front.
/// `event.previous` and `event.hash` are not read.
[[nodiscard]] Hash32 audit_hash(const Hash32& previous, const AuditEvent& event);

/// Writes the sealed head of an empty log. Once, in the DbTransaction that makes the vault.
[[nodiscard]] Status start_audit_log(sqlite::Database& database, const AuditSeal& seal);

/// Whether append_audit() would extend the log: for what must not begin unless it can be written down. Errors as there.
[[nodiscard]] Status check_audit_head(sqlite::Database& database, const AuditSeal& seal);

/// Appends the events in order, inside the caller's DbTransaction (begin_write), together with the change they tell of;
/// fills in their `id`, `previous` and `hash`. Cheapest with many at once. An empty span does nothing. Errors: corrupt where
/// the present head's seal is wrong or the newest row is not the one it names (a forged log is never extended);
/// invalid_input where `key` has not 32 bytes. After an error roll back.
[[nodiscard]] Status append_audit(sqlite::Database& database, const AuditSeal& seal, std::span<AuditEvent> events);

/// Reads the whole chain in one snapshot, row by row, and says whether it is as it was written, from the last archived event
/// on. `first_bad` is the first id that was changed, added, or is missing; it is empty where the rows agree and only a seal
/// (or the noted head) does not.
/// `expected_head` is a head noted earlier: it must be the hash of some event of the chain, or what it goes on
/// from.
/// A broken chain is an answer, not an error. The connection must have no DbTransaction open.
[[nodiscard]] Result<AuditVerification> verify_audit(sqlite::Database& database, const AuditSeal& seal,
                                                     const std::optional<Hash32>& expected_head);

/// What verify_audit_part() looks at: the `newest` events, back from the sealed head, and `others` more of the older ones,
/// the next ones with each `turn`, so that all have their turn in the end.
struct AuditPart {
    std::int64_t newest = 2'000;
    std::int64_t others = 8'000;
    std::uint64_t turn = 0;
};
/// The same at a cost that does not grow with the log. `valid`: nothing wrong was seen. A log that is no longer than both
/// together is read whole.
[[nodiscard]] Result<AuditVerification> verify_audit_part(sqlite::Database& database, const AuditSeal& seal,
                                                          const AuditPart& part);

/// A page of events, oldest or newest first; filters are exact and combine; `until` is excluded. `after` is an event's id:
/// the rows that follow it in the list's order, or, backwards, those before it (rows stand in the list's order either way).
/// Error: invalid_input (limit under 1).
[[nodiscard]] Result<std::vector<AuditEvent>> list_audit(sqlite::Database& database, const AuditQuery& query);

/// The number of events and the newest hash as the head row has them; its seal is not checked.
struct AuditHead {
    std::int64_t events = 0;
    Hash32 hash{};
};
/// Error: corrupt where there is no head row.
[[nodiscard]] Result<AuditHead> audit_head(sqlite::Database& database);

}  // namespace keydeck::oversight
