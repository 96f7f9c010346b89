#include "engine/custody/secrets/secrets.hpp"

#include <optional>
#include <span>
#include <string>
#include <utility>

#include "engine/custody/access.hpp"
#include "engine/custody/audit_trail.hpp"
#include "engine/custody/key_view.hpp"
#include "engine/custody/secrets/secret_owner.hpp"
#include "engine/custody/secrets/secret_seal.hpp"
#include "engine/oversight/detail.hpp"
#include "engine/store/keys.hpp"

namespace keydeck::custody {
namespace {

using sqlite::Database;

constexpr std::string_view kNothingRead = "nothing was read";

/// A KMS's refusal because of the key's state, in the secret's words; the new state is noted in the store.
std::unexpected<Error> explain(OpenVault& vault, const SecretInfo& info, const SecretVersion& version, Error error) {
    const bool about_the_key =
        error.code == ErrorCode::kRejected || error.code == ErrorCode::kNotFound || error.code == ErrorCode::kDenied;
    if (!about_the_key) return std::unexpected(std::move(error));
    const Result<std::string> state = refresh_key_state(vault, version.key_id);
    if (!state || *state == "Enabled") return std::unexpected(std::move(error));
    const std::string key = version.key_alias.empty() ? version.key_id : version.key_alias;
    const std::string sentence = "The key " + key + " of the secret " + info.name;
    if (*state == store::kKeyDestroyed) {
        return fail(ErrorCode::kRejected, sentence + " was destroyed: that version is lost.", {}, "NotFoundException");
    }
    const bool pending = *state == store::kKeyPendingDeletion;
    return fail(
        ErrorCode::kRejected,
        sentence + (pending ? " is pending deletion; " : " is disabled; ") + std::string(kNothingRead) + ".",
        (pending ? "Cancel the deletion: keydeck key cancel-deletion " : "Enable it: keydeck key enable ") + version.key_id,
        std::move(error.kms_error));
}

/// Opens one version; a rewrap may move it meanwhile.
Result<SecretBytes> open_version(OpenVault& vault, const store::SecretRecord& record, store::SecretContent& content) {
    constexpr int kReadings = 3;
    const Result<kms::Kms*> kms = vault.unlocked_kms();
    if (!kms) return fail(kms);
    for (int reading = 1;; ++reading) {
        const SecretPlace place{vault.record().id, record.info.id,          record.user_id,          content.version.version,
                                record.info.name,  record.info.environment, &content.version.context};
        Result<SecretBytes> value = open_secret(**kms, content.version.key_id, place, content.sealed);
        if (value) return value;
        Result<store::SecretContent> again = ask_store(vault, [&](Database& database) {
            return store::secret_content(database, record.info.id, content.version.version);
        });
        const bool moved = again && again->sealed != content.sealed;
        if (!moved || reading == kReadings) return explain(vault, record.info, content.version, value.error());
        content = std::move(*again);
    }
}

/// A change of a secret that is there, or hidden, with its audit event in the same DbTransaction.
template <class Find, class Change>
Result<SecretInfo> change_secret(OpenVault& vault, const Session& session, std::string_view action, const SecretName& name,
                                 Find find, Change change) {
    AuditEvent event = secret_event(vault, session, action, name);
    return audited(vault, event, [&]() -> Result<SecretInfo> {
        if (Status writable = vault.require_writable(); !writable) return fail(writable);
        std::optional<store::SecretRecord> record;
        Status written = vault.write(
            [&](Database& database) -> Status {
                // The operator may tidy up after a locked user; the user may not change anything.
                const Result<SecretOwner> owner =
                    secret_owner(database, session, name.owner, !session.is_operator(), "nothing was changed");
                if (!owner) return fail(owner);
                event.user = owner->user;
                Result<store::SecretRecord> there = find(database, key_name_of(name, *owner));
                if (!there) return fail(there);
                event.key_id = there->info.newest.key_id;
                event.detail = oversight::Detail()
                                   .text("environment", there->info.environment)
                                   .number("secret", there->info.id)
                                   .number("versions", there->info.versions)
                                   .done();
                record = std::move(*there);
                return change(database, *record);
            },
            std::span(&event, 1));
        if (!written) return fail(written);
        return std::move(record->info);
    });
}

Result<store::SecretRecord> hidden_secret(Database& database, const store::SecretKeyName& name) {
    Result<std::optional<store::SecretRecord>> hidden = store::find_hidden_secret(database, name);
    if (!hidden) return fail(hidden);
    if (*hidden) return std::move(**hidden);
    return fail(ErrorCode::kNotFound, "There is no removed secret " + std::string(name.name) + " in the environment " +
                                          std::string(name.environment) + ".");
}

Result<store::SecretRecord> shown_or_hidden(Database& database, const store::SecretKeyName& name) {
    Result<store::SecretRecord> shown = existing_secret(database, name);
    if (shown || shown.error().code != ErrorCode::kNotFound) return shown;
    Result<store::SecretRecord> hidden = hidden_secret(database, name);
    return hidden ? std::move(hidden) : std::move(shown);
}

}  // namespace

Result<SecretValue> get_secret(OpenVault& vault, const Session& session, const SecretName& name, std::int64_t version) {
    AuditEvent event = secret_event(vault, session, "GetSecret", name);
    return audited(vault, event, [&]() -> Result<SecretValue> {
        if (Status writable = vault.require_writable(); !writable) return fail(writable);
        std::optional<store::SecretRecord> record;
        std::optional<store::SecretContent> content;
        Status found = ask_store(vault, [&](Database& database) -> Status {
            const Result<SecretOwner> owner = secret_owner(database, session, name.owner, true, kNothingRead);
            if (!owner) return fail(owner);
            event.user = owner->user;
            Result<store::SecretRecord> there = existing_secret(database, key_name_of(name, *owner));
            if (!there) return fail(there);
            Result<store::SecretContent> sealed =
                store::secret_content(database, there->info.id, version == 0 ? there->info.versions : version);
            if (!sealed) return fail(sealed);
            record = std::move(*there);
            content = std::move(*sealed);
            return {};
        });
        if (!found) return fail(found);
        event.key_id = content->version.key_id;
        event.detail = oversight::Detail()
                           .text("environment", record->info.environment)
                           .number("secret", record->info.id)
                           .number("version", content->version.version)
                           .done();
        Result<SecretBytes> value = open_version(vault, *record, *content);
        if (!value) return fail(value);
        if (Status written = vault.write({}, std::span(&event, 1)); !written) return fail(written);
        return SecretValue{std::move(record->info), std::move(content->version), std::move(*value)};
    });
}

Result<std::vector<SecretInfo>> list_secrets(OpenVault& vault, const Session& session, const SecretQuery& query) {
    return ask_store(vault, [&](Database& database) -> Result<std::vector<SecretInfo>> {
        std::optional<std::int64_t> user_id;
        if (query.owner || !session.is_operator()) {
            const Result<SecretOwner> owner = secret_owner(database, session, query.owner.value_or(""), false, {});
            if (!owner) return fail(owner);
            user_id = owner->user_id;
        }
        return store::list_secrets(database, query, user_id);
    });
}

Result<std::vector<SecretVersion>> secret_versions(OpenVault& vault, const Session& session, const SecretName& name) {
    return ask_store(vault, [&](Database& database) -> Result<std::vector<SecretVersion>> {
        const Result<SecretOwner> owner = secret_owner(database, session, name.owner, false, {});
        if (!owner) return fail(owner);
        const Result<store::SecretRecord> record = existing_secret(database, key_name_of(name, *owner));
        if (!record) return fail(record);
        return store::secret_versions(database, record->info.id);
    });
}

Result<SecretInfo> remove_secret(OpenVault& vault, const Session& session, const SecretName& name) {
    return change_secret(vault, session, "RemoveSecret", name, existing_secret,
                         [&](Database& database, const store::SecretRecord& record) {
                             return store::hide_secret(database, record.info.id, vault.now());
                         });
}

Result<SecretInfo> restore_secret(OpenVault& vault, const Session& session, const SecretName& name) {
    return change_secret(
        vault, session, "RestoreSecret", name, hidden_secret, [](Database& database, store::SecretRecord& record) -> Status {
            Status shown = store::unhide_secret(database, record.info.id);
            if (shown) record.info.removed_at.reset();
            if (shown || shown.error().code != ErrorCode::kAlreadyExists) return shown;
            return fail(ErrorCode::kAlreadyExists, "There is a new secret " + record.info.name + " in its place.",
                        "Remove that one first: keydeck secret remove " + record.info.name);
        });
}

Status destroy_secret(OpenVault& vault, const Session& session, const SecretName& name, std::int64_t acknowledge) {
    if (acknowledge != 1) {
        return fail(ErrorCode::kRejected, "Destroying a secret loses all its versions for ever; nothing was destroyed.",
                    "To lose it: --acknowledge 1");
    }
    const Result<SecretInfo> destroyed = change_secret(vault, session, "DestroySecret", name, shown_or_hidden,
                                                       [](Database& database, const store::SecretRecord& record) {
                                                           return store::destroy_secret(database, record.info.id);
                                                       });
    if (!destroyed) return fail(destroyed);
    // What was overwritten, out of the WAL too. While another process reads an older state it stays there; the doctor, or
    // the next checkpoint, takes it.
    Status purged = vault.store().purge();
    return !purged && purged.error().code == ErrorCode::kUnavailable ? Status{} : purged;
}

}  // namespace keydeck::custody
