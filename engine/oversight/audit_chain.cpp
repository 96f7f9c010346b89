#include "engine/oversight/audit_chain.hpp"

#include <algorithm>

#include "engine/crypto/hash.hpp"

namespace keydeck::oversight {

using sqlite::Database;

namespace {

constexpr std::string_view kGenesisLabel = "keydeck audit log v1";
constexpr std::string_view kSealLabel = "keydeck audit head v1";
constexpr std::string_view kBaseLabel = "keydeck audit base v1";  // another: no head can be passed off as a base

void append_number(Bytes& out, std::int64_t value) { append_u64_be(out, static_cast<std::uint64_t>(value)); }

Hash32 seal_under(std::string_view label, const AuditSeal& seal, std::int64_t events, const Hash32& hash) {
    Bytes buffer;
    append_with_length(buffer, as_bytes(label));
    append_with_length(buffer, as_bytes(seal.vault_id));
    append_number(buffer, events);
    append(buffer, hash);
    return crypto::hmac_sha256(seal.key, buffer);
}

/// A row of audit_head or audit_base; empty where there is none, or one whose hash has not 32 bytes.
Result<std::optional<SealedHead>> read_sealed(Database& database, std::string_view select) {
    auto row = database.prepare(select);
    const auto found = row.step();
    if (!found) return fail(found);
    if (!*found || row.blob(1).size() != std::tuple_size_v<Hash32>) return std::optional<SealedHead>();
    return std::optional(SealedHead{row.integer(0), hash_at(row, 1), to_bytes(row.blob(2))});
}

Result<bool> has_base(Database& database) {
    auto row = database.prepare("SELECT 1 FROM audit_base");
    return row.step();
}

Result<std::optional<SealedHead>> read_sealed_base(Database& database) {
    return read_sealed(database, "SELECT events, hash, seal FROM audit_base WHERE id = 1");
}

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
    return seal_under(kSealLabel, seal, events, head);
}

Hash32 hash_at(const sqlite::Statement& row, int column) {
    Hash32 hash{};
    const ByteView bytes = row.blob(column);
    if (bytes.size() == hash.size()) std::ranges::copy(bytes, hash.begin());
    return hash;
}

Result<std::optional<SealedHead>> read_sealed_head(Database& database) {
    return read_sealed(database, "SELECT events, hash, seal FROM audit_head WHERE id = 1");
}

bool seal_is_good(const AuditSeal& seal, const SealedHead& head) {
    return equal_in_constant_time(seal_of(seal, head.events, head.hash), head.seal);
}

Result<std::optional<ChainPlace>> read_base(Database& database, const AuditSeal& seal) {
    const auto there = has_base(database);
    if (!there) return fail(there);
    if (!*there) return std::optional(ChainPlace{0, audit_genesis(seal.vault_id)});
    const auto base = read_sealed_base(database);
    if (!base) return fail(base);
    if (!*base) return std::optional<ChainPlace>();
    const Hash32 expected = seal_under(kBaseLabel, seal, (*base)->events, (*base)->hash);
    if (!equal_in_constant_time(expected, (*base)->seal)) return std::optional<ChainPlace>();
    return std::optional(ChainPlace{(*base)->events, (*base)->hash});
}

Result<ChainPlace> read_unsealed_base(Database& database) {
    const auto base = read_sealed_base(database);
    if (!base) return fail(base);
    if (*base) return ChainPlace{(*base)->events, (*base)->hash};
    auto row = database.prepare("SELECT uuid FROM vault WHERE id = 1");
    const auto found = row.step();
    if (!found) return fail(found);
    return ChainPlace{0, *found ? audit_genesis(row.text(0)) : Hash32{}};
}

Status write_base(Database& database, const AuditSeal& seal, const ChainPlace& base) {
    const Hash32 sealed = seal_under(kBaseLabel, seal, base.events, base.hash);
    auto upsert = database.prepare(
        "INSERT INTO audit_base (id, events, hash, seal) VALUES (1, ?1, ?2, ?3)"
        " ON CONFLICT (id) DO UPDATE SET events = ?1, hash = ?2, seal = ?3");
    return upsert.bind(1, base.events).bind(2, ByteView(base.hash)).bind(3, ByteView(sealed)).run();
}

void read_event_row(const sqlite::Statement& row, EventView& event) {
    event.id = row.integer(0);
    event.time = row.integer(1);
    for (std::size_t i = 0; i < event.texts.size(); ++i) event.texts[i] = row.text(static_cast<int>(i) + 2);
}

AuditEvent event_in_row(const sqlite::Statement& row) {
    AuditEvent event;
    event.id = row.integer(0);
    event.time = from_micros(row.integer(1));
    event.actor = row.text(2);
    event.surface = row.text(3);
    event.action = row.text(4);
    event.target = row.text(5);
    event.user = row.text(6);
    event.key_id = row.text(7);
    event.result = row.text(8);
    event.digest = row.text(9);
    event.detail = row.text(10);
    event.hash = hash_at(row, kHashColumn);
    return event;
}

}  // namespace keydeck::oversight
