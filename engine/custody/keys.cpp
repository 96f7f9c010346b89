#include "engine/custody/keys.hpp"

#include <optional>
#include <span>
#include <string>
#include <utility>

#include "engine/custody/access.hpp"
#include "engine/custody/audit_trail.hpp"
#include "engine/custody/doctor.hpp"
#include "engine/custody/key_change.hpp"
#include "engine/custody/key_making.hpp"
#include "engine/custody/key_tags.hpp"
#include "engine/custody/key_view.hpp"
#include "engine/custody/vault_lock.hpp"
#include "engine/kms/limits.hpp"
#include "engine/oversight/detail.hpp"
#include "engine/store/keys.hpp"

namespace keydeck::custody {
namespace {

using sqlite::Database;

constexpr std::string_view kManageKeys = "manage keys";

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

/// Whoever enables a key wants it to be used again.
Status take_back_retiring(OpenVault& vault, std::string_view key_id) {
    const Result<std::optional<store::KeyRecord>> record =
        ask_store(vault, [&](Database& database) { return store::key_by_id(database, key_id); });
    if (!record) return fail(record);
    if (!*record || !(*record)->retiring) return {};
    return vault.write([&](Database& database) { return store::set_key_retiring(database, key_id, false); });
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
    return change_key(vault, session, "EnableKey", key,
                      [&](kms::Kms& kms, const kms::KeyMetadata& metadata, AuditEvent&) -> Status {
                          if (Status enabled = kms.enable_key(metadata.key_id); !enabled) return enabled;
                          return take_back_retiring(vault, metadata.key_id);
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

}  // namespace keydeck::custody
