#include "engine/oversight/audit_chain.hpp"

#include <algorithm>

#include "engine/crypto/hash.hpp"

namespace keydeck::oversight {
namespace {

constexpr std::string_view kGenesisLabel = "keydeck audit log v1";
constexpr std::string_view kSealLabel = "keydeck audit head v1";

void append_number(Bytes& out, std::int64_t value) { append_u64_be(out, static_cast<std::uint64_t>(value)); }

}  // namespace

EventView view_of(const AuditEvent& event) {
    return {event.id,
            to_micros(event.time),
            {event.actor, event.surface, event.action, event.target, event.user, event.key_id, event.result, event.digest,
             event.detail}};
}

Hash32 link_hash(const Hash32& previous, const EventView& event, Bytes& buffer) {
    buffer.clear();
    append(buffer, previous);
    append_number(buffer, event.id);
    append_number(buffer, event.time);
    for (const auto text : event.texts) append_with_length(buffer, as_bytes(text));
    return crypto::sha256(buffer);
}

Hash32 audit_hash(const Hash32& previous, const AuditEvent& event) {
    Bytes buffer;
    return link_hash(previous, view_of(event), buffer);
}

Hash32 audit_genesis(std::string_view vault_id) {
    Bytes buffer;
    append_with_length(buffer, as_bytes(kGenesisLabel));
    append_with_length(buffer, as_bytes(vault_id));
    return crypto::sha256(buffer);
}

Hash32 seal_of(const AuditSeal& seal, std::int64_t events, const Hash32& head) {
    Bytes buffer;
    append_with_length(buffer, as_bytes(kSealLabel));
    append_with_length(buffer, as_bytes(seal.vault_id));
    append_number(buffer, events);
    append(buffer, head);
    return crypto::hmac_sha256(seal.key, buffer);
}

Hash32 hash_at(const sqlite::Statement& row, int column) {
    Hash32 hash{};
    const ByteView bytes = row.blob(column);
    if (bytes.size() == hash.size()) std::ranges::copy(bytes, hash.begin());
    return hash;
}

Result<std::optional<SealedHead>> read_sealed_head(sqlite::Database& database) {
    auto row = database.prepare("SELECT events, hash, seal FROM audit_head WHERE id = 1");
    const auto found = row.step();
    if (!found) return fail(found);
    if (!*found || row.blob(1).size() != std::tuple_size_v<Hash32>) return std::optional<SealedHead>();
    return std::optional(SealedHead{row.integer(0), hash_at(row, 1), to_bytes(row.blob(2))});
}

bool seal_is_good(const AuditSeal& seal, const SealedHead& head) {
    return equal_in_constant_time(seal_of(seal, head.events, head.hash), head.seal);
}

}  // namespace keydeck::oversight
