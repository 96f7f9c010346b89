// The end of a key: what is lost with it, scheduled, and taken back.
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/custody/access.hpp"
#include "engine/custody/audit_trail.hpp"
#include "engine/custody/key_change.hpp"
#include "engine/custody/key_tags.hpp"
#include "engine/custody/key_view.hpp"
#include "engine/custody/keys.hpp"
#include "engine/custody/migration/dependants.hpp"
#include "engine/custody/vault_lock.hpp"
#include "engine/oversight/detail.hpp"
#include "engine/store/keys.hpp"
#include "engine/store/wallets.hpp"

namespace keydeck::custody {
namespace {

using sqlite::Database;

/// What would be lost with a key: by the record that the store has of it (empty where it has none), and outside the vault.
struct Dependants {
    store::KeyRecord record;
    std::vector<MigratedDatabase> databases;
    [[nodiscard]] std::int64_t total() const {
        std::int64_t sum = record.wallets + record.secrets;
        for (const MigratedDatabase& each : databases) sum += each.values;
        return sum;
    }
};

Result<Dependants> dependants_of(Database& database, std::string_view key_id) {
    Dependants out;
    Result<std::optional<store::KeyRecord>> record = store::key_by_id(database, key_id);
    if (!record) return fail(record);
    if (*record) out.record = std::move(**record);
    Result<std::vector<MigratedDatabase>> databases = migration::migrated_to(database, key_id);
    if (!databases) return fail(databases);
    out.databases = std::move(*databases);
    return out;
}

std::unexpected<Error> would_lose(const Dependants& dependants, std::string_view ending) {
    const store::KeyRecord& record = dependants.record;
    const std::string last_used =
        record.last_used_at ? " (last used " + to_rfc3339(*record.last_used_at).substr(0, 10) + ")" : std::string();
    std::string what = std::to_string(record.wallets) + " wallets and " + std::to_string(record.secrets) + " secrets";
    for (const MigratedDatabase& each : dependants.databases)
        what += ", and " + std::to_string(each.values) + " values of " + each.database + ",";
    std::string instead =
        record.purpose == kPurposePool && record.wallets + record.secrets > 0
            ? "Move them to other keys: keydeck pool rewrap --from " + record.key_id + "; or disable the key"
            : "Disable the key instead: keydeck key disable " + record.key_id;
    if (!dependants.databases.empty())
        instead += "; values of a database go back to Fernet with keydeck migrate fernet --rollback";
    return fail(ErrorCode::kRejected,
                what + " depend on this key" + last_used + " and would be lost for ever; " + std::string(ending),
                instead + ". To lose them: --acknowledge " + std::to_string(dependants.total()));
}

/// In one DbTransaction: the number acknowledged is the number that depends, and from now on nothing new is sealed under the
/// key. Answers that number.
Result<std::int64_t> close_for_deletion(OpenVault& vault, std::string_view key_id, std::int64_t acknowledge) {
    std::int64_t lost = 0;
    Status closed = vault.write([&](Database& database) -> Status {
        const Result<Dependants> dependants = dependants_of(database, key_id);
        if (!dependants) return fail(dependants);
        lost = dependants->total();
        if (lost != 0 && acknowledge != lost) return would_lose(*dependants, "nothing was scheduled.");
        return store::note_key_state(database, key_id, store::kKeyPendingDeletion, std::nullopt, vault.now());
    });
    if (!closed) return fail(closed);
    return lost;
}

/// Takes a deletion back that more depends on than was acknowledged: the key is again as it was. Each step is recorded.
Status undo_deletion(OpenVault& vault, const Session& session, kms::Kms& kms, const kms::KeyMetadata& before) {
    const auto step = [&](std::string_view action, const Status& done) {
        AuditEvent event = event_of(vault, session, action, before.key_id);
        event.key_id = before.key_id;
        event.detail = oversight::Detail().text("reason", "more depended on the key than was acknowledged").done();
        if (!done) mark_failed(event, done.error());
        const Status written = vault.write({}, std::span(&event, 1));
        return done ? written : done;
    };
    if (Status cancelled = step("CancelKeyDeletion", kms.cancel_key_deletion(before.key_id)); !cancelled) return cancelled;
    if (before.state != kms::KeyState::kEnabled) return {};
    return step("EnableKey", kms.enable_key(before.key_id));
}

/// Counts again once the KMS has closed the key. Something may have been sealed under it since the first count, by somebody
/// who had seen the key enabled; nothing can be from now on.
Status recount(OpenVault& vault, const Session& session, kms::Kms& kms, const kms::KeyMetadata& before,
               const kms::KeyMetadata& scheduled, std::int64_t acknowledged) {
    Dependants dependants;
    Status counted = vault.write([&](Database& database) -> Status {
        Result<Dependants> now = dependants_of(database, before.key_id);
        if (!now) return fail(now);
        dependants = std::move(*now);
        return store::note_key_state(database, before.key_id, to_string(scheduled.state), scheduled.deletion_date,
                                     vault.now());
    });
    if (counted && dependants.total() <= acknowledged) return {};
    const Status undone = undo_deletion(vault, session, kms, before);
    (void)refresh_key_state(vault, before.key_id).has_value();
    if (!undone) {
        return fail(
            undone.error().code,
            "The key " + before.key_id +
                " is scheduled for deletion, more depends on it than was acknowledged, and taking that back failed: " +
                undone.error().message,
            "Cancel the deletion: keydeck key cancel-deletion " + before.key_id, undone.error().kms_error);
    }
    if (!counted) return counted;
    return would_lose(dependants, "the deletion was cancelled again.");
}

/// Whether the store has no record of the key: then it cannot tell what depends on it.
Result<bool> is_unrecorded(OpenVault& vault, std::string_view key_id) {
    const auto record = ask_store(vault, [&](Database& database) { return store::key_by_id(database, key_id); });
    if (!record) return fail(record);
    return !record->has_value();
}

/// Of a key without a record its tags tell whose it is: another vault counts what depends on it, or this one did before an
/// older keydeck.db was put back. Under the exclusive lock nobody is just making one.
Status require_nobodys(OpenVault& vault, kms::Kms& kms, const std::string& key_id) {
    const Result<kms::Tags> tags = all_tags(kms, key_id);
    if (!tags) {
        return fail(ErrorCode::kRejected,
                    "This vault has no record of the key " + key_id + ", and the KMS does not show whose it is (" +
                        tags.error().message + "); nothing was scheduled.",
                    "Allow kms:ListResourceTags on it, or disable it: keydeck key disable " + key_id,
                    tags.error().kms_error);
    }
    for (const auto& [name, value] : *tags) {
        if (name != kVaultTag) continue;
        if (value != vault.record().id) {
            return fail(ErrorCode::kRejected,
                        "The key " + key_id + " belongs to another Keydeck vault; nothing was scheduled.",
                        "Delete it from that vault, which knows what depends on it.");
        }
        return fail(ErrorCode::kRejected,
                    "The key " + key_id +
                        " is this vault's, but it has no record of it and cannot tell what depends on it; nothing was "
                        "scheduled.",
                    std::string("Adopt it: keydeck doctor --adopt ")
                        .append(key_id)
                        .append("; or disable it: keydeck doctor --disable ")
                        .append(key_id));
    }
    return {};
}

/// The lock under which a key without a record is scheduled; none for a key that the store knows.
Result<std::optional<VaultLock>> lock_if_unrecorded(OpenVault& vault, kms::Kms& kms, const std::string& key_id) {
    Result<bool> unrecorded = is_unrecorded(vault, key_id);
    if (!unrecorded) return fail(unrecorded);
    if (!*unrecorded) return std::optional<VaultLock>();
    Result<VaultLock> lock = VaultLock::take(vault.options().directory, VaultLock::Kind::kExclusive);
    if (!lock) return fail(lock);
    unrecorded = is_unrecorded(vault, key_id);  // whoever was making it has recorded it by now
    if (!unrecorded) return fail(unrecorded);
    if (!*unrecorded) return std::optional<VaultLock>();
    if (Status nobodys = require_nobodys(vault, kms, key_id); !nobodys) return fail(nobodys);
    return std::optional<VaultLock>(std::move(*lock));
}

Status check_window(int days) {
    if (days >= 7 && days <= 30) return {};
    return fail(ErrorCode::kInvalidInput, "The waiting period must be 7 to 30 days.", {}, "ValidationException");
}

}  // namespace

Result<DeletionImpact> deletion_impact(OpenVault& vault, const Session& session, std::string_view key) {
    constexpr std::int64_t kFirstWallets = 100;
    if (Status allowed = require_operator(session, "see what depends on a key"); !allowed) return fail(allowed);
    Result<KeyInfo> info = view_key(vault, key);
    if (!info) return fail(info);
    return ask_store(vault, [&](Database& database) -> Result<DeletionImpact> {
        DeletionImpact impact;
        impact.wallets = info->wallets;
        impact.secrets = info->secrets;
        const Result<std::int64_t> users = store::count_users_of_key(database, info->id);
        if (!users) return fail(users);
        impact.users = *users;
        WalletQuery query;
        query.key = info->id;
        query.include_removed = true;
        query.page.limit = kFirstWallets;
        Result<std::vector<Wallet>> wallets = store::list_wallets(database, query);
        if (!wallets) return fail(wallets);
        impact.first_wallets = std::move(*wallets);
        Result<std::vector<MigratedDatabase>> databases = migration::migrated_to(database, info->id);
        if (!databases) return fail(databases);
        impact.databases = std::move(*databases);
        impact.key = std::move(*info);
        return impact;
    });
}

Result<KeyInfo> schedule_key_deletion(OpenVault& vault, const Session& session, std::string_view key, int days,
                                      std::int64_t acknowledge) {
    return change_key(
        vault, session, "ScheduleKeyDeletion", key,
        [&](kms::Kms& kms, const kms::KeyMetadata& metadata, AuditEvent& event) -> Status {
            event.detail =
                oversight::Detail().number("pending_window_days", days).number("acknowledged", acknowledge).done();
            if (Status sound = check_window(days); !sound) return sound;
            const Result<std::optional<VaultLock>> lock = lock_if_unrecorded(vault, kms, metadata.key_id);
            if (!lock) return fail(lock);
            const Result<std::int64_t> lost = close_for_deletion(vault, metadata.key_id, acknowledge);
            if (!lost) return fail(lost);
            vault.open_wallets().forget_key(metadata.key_id);
            const Result<kms::KeyMetadata> scheduled = kms.schedule_key_deletion(metadata.key_id, days);
            if (scheduled) return recount(vault, session, kms, metadata, *scheduled, *lost);
            const Result<std::string> state =
                refresh_key_state(vault, metadata.key_id);  // it was not: the store must say so again
            (void)state;
            return fail(scheduled);
        });
}

Result<KeyInfo> cancel_key_deletion(OpenVault& vault, const Session& session, std::string_view key) {
    return change_key(vault, session, "CancelKeyDeletion", key,
                      [](kms::Kms& kms, const kms::KeyMetadata& metadata, AuditEvent&) {
                          return kms.cancel_key_deletion(metadata.key_id);
                      });
}

}  // namespace keydeck::custody
