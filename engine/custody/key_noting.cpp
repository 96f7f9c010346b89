#include "engine/custody/key_noting.hpp"

#include <span>

#include "engine/custody/audit_trail.hpp"
#include "engine/custody/vault_files.hpp"
#include "engine/oversight/detail.hpp"

namespace keydeck::custody {
namespace {

Result<bool> is_overtaken(sqlite::Database& database, std::int64_t asked_at) {
    const Result<std::int64_t> now = store::key_changes(database);
    if (!now) return fail(now);
    return *now != asked_at;
}

/// Nobody's call: the KMS destroyed the key when its waiting period was over, or somebody did behind our back. AWS records
/// it under this name, as its own doing.
AuditEvent destroyed_event(const OpenVault& vault, const store::KeyRecord& record) {
    AuditEvent event = event_of(vault, Session::of_operator("kms"), "DeleteKey", record.key_id);
    event.actor = "kms";
    event.key_id = record.key_id;
    event.detail = oversight::Detail()
                       .text("previous_state", record.state)
                       .number("wallets_lost", record.wallets)
                       .number("secrets_lost", record.secrets)
                       .done();
    return event;
}

/// Whether the KMS means the very key that the store knows. AWS names it by the account and region that were asked: with
/// other credentials, or at another endpoint, every key of the vault would seem destroyed.
bool is_about(const OpenVault& vault, const Error& not_found, const store::KeyRecord& record) {
    return vault.record().kms == kKmsLocal || not_found.message.find(record.arn) != std::string::npos;
}

/// The KMS's rotation beside what the store knows: a version that is known is never taken back.
std::optional<store::KeyRotation> news_of_rotation(const SeenKey& seen, const store::KeyRecord& record) {
    if (!seen.rotation) return std::nullopt;
    store::KeyRotation rotation = *seen.rotation;
    if (rotation.version < record.rotation.version) {
        rotation.version = record.rotation.version;
        rotation.rotated_at = record.rotation.rotated_at;
    }
    if (rotation == record.rotation) return std::nullopt;
    return rotation;
}

}  // namespace

std::int64_t changes_so_far(OpenVault& vault) {
    const Result<std::int64_t> changes =
        ask_store(vault, [](sqlite::Database& database) { return store::key_changes(database); });
    return changes ? *changes : -1;
}

Result<std::optional<store::KeyRecord>> record_of(OpenVault& vault, std::string_view reference) {
    return ask_store(vault, [&](sqlite::Database& database) { return store::find_key(database, reference); });
}

bool note_seen(OpenVault& vault, const SeenKey& seen, const store::KeyRecord& record, std::int64_t asked_at) {
    const bool same_state = record.state == seen.state && record.deletion_date == seen.deletion_date;
    const bool same_alias = record.alias == seen.alias;
    const std::optional<store::KeyRotation> rotation = news_of_rotation(seen, record);
    if (same_state && same_alias && !rotation) return true;
    bool overtaken = false;
    const Status noted = vault.write([&](sqlite::Database& database) -> Status {
        const Result<bool> late = is_overtaken(database, asked_at);
        if (!late) return fail(late);
        overtaken = *late;
        if (overtaken) return {};
        if (!same_state) {
            Status state = store::note_key_state(database, record.key_id, seen.state, seen.deletion_date, vault.now());
            if (!state) return state;
        }
        if (rotation) {
            if (Status turned = store::note_key_rotation(database, record.key_id, *rotation); !turned) return turned;
        }
        return same_alias ? Status{} : store::note_key_alias(database, record.key_id, seen.alias);
    });
    (void)noted;
    return !overtaken;
}

Status note_gone(OpenVault& vault, std::string_view reference, std::int64_t asked_at, const Error& not_found) {
    const Result<std::optional<store::KeyRecord>> record = record_of(vault, reference);
    if (!record || !*record || (*record)->state == store::kKeyDestroyed) return {};
    if (!is_about(vault, not_found, **record)) {
        return fail(ErrorCode::kDenied,
                    "These credentials do not lead to the vault's keys: asked for " + (*record)->arn +
                        ", AWS said: " + not_found.message,
                    "Are they of another account, or is the endpoint another one? `keydeck config show` tells.",
                    not_found.kms_error);
    }
    vault.open_wallets().forget_key((*record)->key_id);
    AuditEvent event = destroyed_event(vault, **record);
    // Where the log cannot be written (a vault that is locked or read-only) the store keeps its older view, so that whoever
    // looks next records it.
    const Status noted = vault.write(
        [&](sqlite::Database& database) -> Status {
            const Result<bool> late = is_overtaken(database, asked_at);
            if (!late) return fail(late);
            if (*late) return fail(ErrorCode::kUnavailable, "Another change of keys came in between.");
            return store::note_key_state(database, (*record)->key_id, store::kKeyDestroyed, std::nullopt, vault.now());
        },
        std::span(&event, 1));
    (void)noted;
    return {};
}

}  // namespace keydeck::custody
