#include "engine/custody/retire.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <string>

#include "engine/custody/access.hpp"
#include "engine/custody/audit_trail.hpp"
#include "engine/custody/key_tags.hpp"
#include "engine/custody/key_view.hpp"
#include "engine/custody/keys.hpp"
#include "engine/custody/migration/dependants.hpp"
#include "engine/custody/rewrap.hpp"
#include "engine/custody/rewrap_plan.hpp"
#include "engine/store/keys.hpp"

namespace keydeck::custody {
namespace {

using sqlite::Database;

constexpr std::string_view kEnabled = "Enabled";

std::string name_of(const store::KeyRecord& key) { return key.alias.empty() ? key.key_id : key.alias; }

/// In one DbTransaction: there is another key, and from now on nothing new is sealed under this one.
Status begin_retiring(Database& database, const store::KeyRecord& key) {
    const Result<std::vector<store::KeyRecord>> pool = store::pool_keys(database, {});
    if (!pool) return fail(pool);
    const bool another = std::ranges::any_of(*pool, [&](const store::KeyRecord& other) {
        return other.key_id != key.key_id && other.state == kEnabled && !other.retiring;
    });
    if (!another) {
        return fail(ErrorCode::kRejected,
                    "The key " + name_of(key) + " is the last enabled one of the pool; nothing was changed.",
                    "Add another first: keydeck pool add");
    }
    const auto elsewhere = migration::migrated_to(database, key.key_id);
    if (!elsewhere) return fail(elsewhere);
    if (!elsewhere->empty()) {
        return fail(ErrorCode::kRejected,
                    "Retiring moves what is in the vault, and " + std::to_string(elsewhere->front().values) + " values of " +
                        elsewhere->front().database + " were migrated to the key " + name_of(key) +
                        ": nothing would open them. Nothing was changed.",
                    "Take them back to Fernet first: keydeck migrate fernet --rollback");
    }
    return store::set_key_retiring(database, key.key_id, true);
}

Result<store::KeyRecord> record_of(OpenVault& vault, const std::string& key_id) {
    auto record = ask_store(vault, [&](Database& database) { return store::key_by_id(database, key_id); });
    if (!record) return fail(record);
    if (*record && (*record)->purpose == kPurposePool) return std::move(**record);
    return fail(ErrorCode::kRejected, "The key " + key_id + " is not of this vault's pool; nothing was changed.",
                "keydeck pool status shows them.");
}

/// Nothing is left to do once the key is empty and disabled.
bool is_retired(const store::KeyRecord& key) {
    return key.retiring && key.wallets + key.secrets == 0 && key.state != kEnabled;
}

Result<store::KeyRecord> close(OpenVault& vault, const Session& session, std::string_view key) {
    AuditEvent event = event_of(vault, session, "RetireKey", key);
    return audited(vault, event, [&]() -> Result<store::KeyRecord> {
        if (Status allowed = require_operator(session, "retire keys"); !allowed) return fail(allowed);
        if (Status writable = vault.require_writable(); !writable) return fail(writable);
        if (const Result<kms::Kms*> kms = vault.unlocked_kms(); !kms) return fail(kms);
        if (Status seen = refresh_pool(vault); !seen) return fail(seen);
        const Result<KeyInfo> info = view_key(vault, key);
        if (!info) return fail(info);
        event.target = event.key_id = info->id;
        Result<store::KeyRecord> record = record_of(vault, info->id);
        if (!record || is_retired(*record)) return record;
        if (record->state != kEnabled && record->wallets + record->secrets > 0) {
            return fail(ErrorCode::kRejected,
                        "The key " + name_of(*record) + " is " + record->state +
                            ": what is sealed under it does not open, and cannot be moved.",
                        "Enable it: keydeck key enable " + record->key_id);
        }
        Status closed =
            vault.write([&](Database& database) { return begin_retiring(database, *record); }, std::span(&event, 1));
        if (!closed) return fail(closed);
        return record;
    });
}

/// Moves everything away until nothing is left: what was being sealed when the key was closed may come late.
Status empty_key(OpenVault& vault, const Session& session, const store::KeyRecord& key, const Progress& progress) {
    Rewrap request;
    request.from = key.key_id;
    Result<JobInfo> moved = rewrap(vault, session, request, progress);
    if (!moved) {
        moved.error().hint = "The same command goes on: keydeck pool retire " + key.key_id;
        return fail(moved);
    }
    const Result<store::KeyRecord> now = record_of(vault, key.key_id);
    if (!now) return fail(now);
    const std::int64_t left = now->wallets + now->secrets;
    if (left == 0) return {};
    const std::string told = moved->failed > 0 ? "keydeck job show " + std::to_string(moved->id) + " tells which." : "";
    return fail(ErrorCode::kRejected,
                std::to_string(left) + " of what is sealed under " + name_of(key) +
                    " could not be moved: the key stays enabled, and nothing new is sealed under it.",
                told);
}

}  // namespace

Result<KeyInfo> retire_pool_key(OpenVault& vault, const Session& session, std::string_view key, const Progress& progress) {
    const Result<store::KeyRecord> closed = close(vault, session, key);
    if (!closed) return fail(closed);
    if (closed->state == kEnabled) {
        if (Status emptied = empty_key(vault, session, *closed, progress); !emptied) return fail(emptied);
        if (const Result<KeyInfo> disabled = disable_key(vault, session, closed->key_id); !disabled) return fail(disabled);
    }
    return view_key(vault, closed->key_id);
}

}  // namespace keydeck::custody
