#include "engine/custody/keys.hpp"

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "engine/custody/access.hpp"
#include "engine/custody/audit_trail.hpp"
#include "engine/custody/doctor.hpp"
#include "engine/custody/key_changes.hpp"
#include "engine/custody/key_making.hpp"
#include "engine/custody/key_tags.hpp"
#include "engine/custody/key_view.hpp"
#include "engine/custody/vault_lock.hpp"
#include "engine/kms/limits.hpp"
#include "engine/oversight/detail.hpp"
#include "engine/store/keys.hpp"
#include "engine/store/wallets.hpp"

namespace keydeck::custody {
namespace {

using sqlite::Database;

constexpr std::string_view kManageKeys = "manage keys";

/// What a change of a key needs: the KMS and the key as it was.
using KeyChange = std::function<Status(kms::Kms&, const kms::KeyMetadata&, AuditEvent&)>;

/// One change of one key in the KMS: authorised, its intent written down, done, recorded, seen again (so that the store
/// follows). An intent whose outcome could not be recorded is told by the doctor.
Result<KeyInfo> change_key(OpenVault& vault, const Session& session, std::string_view action, std::string_view reference,
                           const KeyChange& change) {
    AuditEvent event = event_of(vault, session, action, reference);
    Result<std::string> intent;
    const Status done = [&]() -> Status {
        if (Status allowed = require_operator(session, kManageKeys); !allowed) return allowed;
        if (Status writable = vault.require_writable(); !writable) return writable;
        const Result<kms::Kms*> kms = vault.unlocked_kms();
        if (!kms) return fail(kms);
        const Result<kms::KeyMetadata> metadata = (*kms)->describe_key(reference);
        if (!metadata) return fail(metadata);
        event.target = metadata->key_id;
        event.key_id = metadata->key_id;
        // A change that could not be written down is not begun.
        if (Status trusted = vault.check_audit_head(); !trusted) return trusted;
        intent = begin_key_change(vault, event);
        if (!intent) return fail(intent);
        return change(**kms, *metadata, event);
    }();
    if (!done) mark_failed(event, done.error());
    const Status written = vault.write(
        [&](Database& database) {
            return intent && !intent->empty() ? finish_key_change(vault, database, *intent) : Status{};
        },
        std::span(&event, 1));
    if (!done) return fail(done);
    if (!written) return fail(written);
    return view_key(vault, event.key_id);
}

std::string with_alias_prefix(std::string_view name) {
    return name.starts_with("alias/") ? std::string(name) : "alias/" + std::string(name);
}

Result<PlannedKey> plan_key(const CreateKey& request) {
    const Result<kms::KeySpec> spec = kms::parse_key_spec(request.spec);
    if (!spec) return fail(spec);
    const bool symmetric = *spec == kms::KeySpec::kSymmetricDefault;
    Result<kms::KeyUsage> usage = symmetric ? kms::KeyUsage::kEncryptDecrypt : kms::KeyUsage::kSignVerify;
    if (!request.usage.empty()) usage = kms::parse_key_usage(request.usage);
    if (!usage) return fail(usage);
    PlannedKey planned;
    planned.spec = *spec;
    planned.usage = *usage;
    planned.description = request.description;
    if (!request.alias.empty()) planned.entry.alias = with_alias_prefix(request.alias);
    return planned;
}

/// An alias that is wanted must be well formed and free before a key is made for it.
Status check_alias_free(kms::Kms& kms, const std::string& alias) {
    if (alias.empty()) return {};
    if (Status sound = kms::check_alias_name(alias); !sound) return sound;
    const Result<kms::KeyMetadata> holder = kms.describe_key(alias);
    if (holder)
        return fail(ErrorCode::kAlreadyExists, alias + " names another key; no key was made.", "Choose another alias.",
                    "AlreadyExistsException");
    return holder.error().code == ErrorCode::kNotFound ? Status{} : fail(holder);
}

Result<KeyInfo> make_by_hand(OpenVault& vault, PlannedKey& planned, AuditEvent& event) {
    const Result<VaultLock> lock = VaultLock::take(vault.options().directory, VaultLock::Kind::kShared);
    if (!lock) return fail(lock);
    const std::span<PlannedKey> only(&planned, 1);
    Status journaled = vault.write([&](Database& database) { return open_journal_for(vault, database, only); });
    if (!journaled) return fail(journaled);
    const Result<kms::KeyMetadata> metadata = make_planned_key(vault, planned);
    if (!metadata) return fail(metadata);
    event.target = metadata->key_id;
    event.key_id = metadata->key_id;
    store::KeyRecord record = to_key_record(*metadata, vault.record().region);
    Status aliased;
    if (!planned.entry.alias.empty()) aliased = vault.kms().create_alias(planned.entry.alias, metadata->key_id);
    if (aliased) record.alias = planned.entry.alias;
    Status written = vault.write(
        [&](Database& database) -> Status {
            if (Status recorded = store::record_key(database, record); !recorded) return recorded;
            return store::finish_journal(database, planned.entry.journal_id, vault.now());
        },
        std::span(&event, 1));
    if (!written) return fail(written);
    if (!aliased) {
        aliased.error().message = "The key " + metadata->key_id + " was made, but not its alias: " + aliased.error().message;
        return fail(aliased);
    }
    return view_key(vault, metadata->key_id);
}

/// The record of a key the store knows; empty counts where it does not.
Result<store::KeyRecord> dependants_of(Database& database, std::string_view key_id) {
    Result<std::optional<store::KeyRecord>> record = store::key_by_id(database, key_id);
    if (!record) return fail(record);
    if (!*record) return store::KeyRecord{};
    return std::move(**record);
}

std::unexpected<Error> would_lose(const store::KeyRecord& record, std::string_view ending) {
    return fail(ErrorCode::kRejected,
                std::to_string(record.wallets) + " wallets and " + std::to_string(record.secrets) +
                    " secrets depend on this key and would be lost for ever; " + std::string(ending),
                "Disable the key instead, or acknowledge the number: --acknowledge " +
                    std::to_string(record.wallets + record.secrets));
}

/// In one DbTransaction: the number acknowledged is the number that depends, and from now on nothing new is sealed under the
/// key. Answers that number.
Result<std::int64_t> close_for_deletion(OpenVault& vault, std::string_view key_id, std::int64_t acknowledge) {
    std::int64_t lost = 0;
    Status closed = vault.write([&](Database& database) -> Status {
        const Result<store::KeyRecord> record = dependants_of(database, key_id);
        if (!record) return fail(record);
        lost = record->wallets + record->secrets;
        if (lost != 0 && acknowledge != lost) return would_lose(*record, "nothing was scheduled.");
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
    store::KeyRecord record;
    Status counted = vault.write([&](Database& database) -> Status {
        Result<store::KeyRecord> now = dependants_of(database, before.key_id);
        if (!now) return fail(now);
        record = std::move(*now);
        return store::note_key_state(database, before.key_id, to_string(scheduled.state), scheduled.deletion_date,
                                     vault.now());
    });
    if (counted && record.wallets + record.secrets <= acknowledged) return {};
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
    return would_lose(record, "the deletion was cancelled again.");
}

Status check_window(int days) {
    if (days >= 7 && days <= 30) return {};
    return fail(ErrorCode::kInvalidInput, "The waiting period must be 7 to 30 days.", {}, "ValidationException");
}

}  // namespace

Result<KeyInfo> create_key(OpenVault& vault, const Session& session, const CreateKey& request) {
    AuditEvent event = event_of(vault, session, "CreateKey", request.alias);
    event.detail =
        oversight::Detail().text("spec", request.spec).text("usage", request.usage).text("alias", request.alias).done();
    return audited(vault, event, [&]() -> Result<KeyInfo> {
        if (Status allowed = require_operator(session, kManageKeys); !allowed) return fail(allowed);
        if (Status writable = vault.require_writable(); !writable) return fail(writable);
        Result<PlannedKey> planned = plan_key(request);
        if (!planned) return fail(planned);
        const Result<kms::Kms*> kms = vault.unlocked_kms();
        if (!kms) return fail(kms);
        if (Status free = check_alias_free(**kms, planned->entry.alias); !free) return fail(free);
        return make_by_hand(vault, *planned, event);
    });
}

Result<std::vector<KeyInfo>> list_keys(OpenVault& vault, const Session& session, const KeyQuery& query,
                                       const Progress& progress) {
    if (Status allowed = require_operator(session, "list keys"); !allowed) return fail(allowed);
    return view_keys(vault, query, progress);
}

Result<KeyInfo> show_key(OpenVault& vault, const Session& session, std::string_view key) {
    if (Status allowed = require_operator(session, "see keys"); !allowed) return fail(allowed);
    return view_key(vault, key);
}

Result<KeyInfo> alias_key(OpenVault& vault, const Session& session, std::string_view key, std::string_view alias) {
    const std::string name = with_alias_prefix(alias);
    return change_key(vault, session, "CreateAlias", key,
                      [&](kms::Kms& kms, const kms::KeyMetadata& metadata, AuditEvent& event) {
                          event.detail = oversight::Detail().text("alias", name).done();
                          return kms.create_alias(name, metadata.key_id);
                      });
}

Result<KeyInfo> tag_key(OpenVault& vault, const Session& session, std::string_view key, std::string_view tag,
                        std::string_view value) {
    return change_key(vault, session, "TagResource", key,
                      [&](kms::Kms& kms, const kms::KeyMetadata& metadata, AuditEvent& event) -> Status {
                          event.detail = oversight::Detail().text("tag", tag).text("value", value).done();
                          if (tag.starts_with(kTagPrefix)) {
                              return fail(ErrorCode::kInvalidInput,
                                          "Tags beginning with keydeck: are Keydeck's own: they say whose key it is.",
                                          "Choose another tag.");
                          }
                          return kms.tag_resource(metadata.key_id, {{std::string(tag), std::string(value)}});
                      });
}

Result<KeyInfo> enable_key(OpenVault& vault, const Session& session, std::string_view key) {
    return change_key(vault, session, "EnableKey", key, [](kms::Kms& kms, const kms::KeyMetadata& metadata, AuditEvent&) {
        return kms.enable_key(metadata.key_id);
    });
}

Result<KeyInfo> disable_key(OpenVault& vault, const Session& session, std::string_view key) {
    return change_key(vault, session, "DisableKey", key,
                      [&](kms::Kms& kms, const kms::KeyMetadata& metadata, AuditEvent&) -> Status {
                          // The store first: were we killed between both, an opened wallet would sign on.
                          Status noted = vault.write([&](Database& database) {
                              return store::note_key_state(database, metadata.key_id, to_string(kms::KeyState::kDisabled),
                                                           {}, vault.now());
                          });
                          if (!noted) return noted;
                          vault.open_wallets().forget_key(metadata.key_id);
                          if (Status disabled = kms.disable_key(metadata.key_id); !disabled) {
                              (void)refresh_key_state(vault, metadata.key_id).has_value();
                              return disabled;
                          }
                          return settle_orphan(vault, metadata);
                      });
}

Result<KeyInfo> rotate_key(OpenVault& vault, const Session& session, std::string_view key) {
    return change_key(vault, session, "RotateKeyOnDemand", key,
                      [](kms::Kms& kms, const kms::KeyMetadata& metadata, AuditEvent&) {
                          return kms.rotate_key_on_demand(metadata.key_id);
                      });
}

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
