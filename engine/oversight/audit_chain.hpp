// What the audit log's links and its seal are computed over. Internal to the room.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "engine/oversight/audit_log.hpp"

namespace keydeck::oversight {

/// An event's columns, not copied: as bound for an insert, or as a row shows them.
struct EventView {
    std::int64_t id = 0;
    std::int64_t time = 0;  ///< microseconds
    /// actor, surface, action, target, user, key_id, result, digest, detail
    std::array<std::string_view, 9> texts;
};
[[nodiscard]] EventView view_of(const AuditEvent& event);

/// audit_hash() with the buffer of the caller's, which saves an allocation an event.
[[nodiscard]] Hash32 link_hash(const Hash32& previous, const EventView& event, Bytes& buffer);

/// HMAC-SHA256 under the seal key over vault id, number of events and newest hash, each with its length in front.
[[nodiscard]] Hash32 seal_of(const AuditSeal& seal, std::int64_t events, const Hash32& head);

/// The head row as it stands in the database.
struct SealedHead {
    std::int64_t events = 0;
    Hash32 hash{};
    Bytes seal;
};
/// Empty where there is none, or one whose hash has not 32 bytes.
[[nodiscard]] Result<std::optional<SealedHead>> read_sealed_head(sqlite::Database& database);

/// Whether the seal of a head is ours; in constant time.
[[nodiscard]] bool seal_is_good(const AuditSeal& seal, const SealedHead& head);

/// A place in the chain: so many events, the last of them with this hash.
struct ChainPlace {
    std::int64_t events = 0;
    Hash32 hash{};
    friend bool operator==(const ChainPlace&, const ChainPlace&) = default;
};
/// What the first row follows: the last archived event as its sealed row says it, or, where nothing was archived, the
/// genesis. Empty where the row is there and its seal is not ours: somebody wrote it to hide that rows are gone.
[[nodiscard]] Result<std::optional<ChainPlace>> read_base(sqlite::Database& database, const AuditSeal& seal);
/// The same without looking at the seal, for showing; `vault_id` as the database has it.
[[nodiscard]] Result<ChainPlace> read_unsealed_base(sqlite::Database& database);
/// Seals the place from which the log goes on. Inside the caller's DbTransaction.
[[nodiscard]] Status write_base(sqlite::Database& database, const AuditSeal& seal, const ChainPlace& base);

/// The head row, whose seal and newest row are as they must be. Errors: corrupt, invalid_input (no seal key).
[[nodiscard]] Result<SealedHead> trusted_head(sqlite::Database& database, const AuditSeal& seal);

/// What a row of kEventColumns says; the views live until the next step.
inline constexpr std::string_view kEventColumns =
    "id, time, actor, surface, action, target, user, key_id, result, digest, detail, hash";
void read_event_row(const sqlite::Statement& row, EventView& event);
inline constexpr int kHashColumn = 11;
/// The same, copied, without `previous`.
[[nodiscard]] AuditEvent event_in_row(const sqlite::Statement& row);

/// The 32 bytes of a hash column, or all zeros where it holds something else.
[[nodiscard]] Hash32 hash_at(const sqlite::Statement& row, int column);

}  // namespace keydeck::oversight
