// A value on its way in: which key, sealed and proven, then recorded.
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "engine/custody/access.hpp"
#include "engine/custody/audit_trail.hpp"
#include "engine/custody/key_pool.hpp"
#include "engine/custody/key_tags.hpp"
#include "engine/custody/secrets/secret_key.hpp"
#include "engine/custody/secrets/secret_owner.hpp"
#include "engine/custody/secrets/secret_seal.hpp"
#include "engine/custody/secrets/secrets.hpp"
#include "engine/oversight/detail.hpp"
#include "engine/store/keys.hpp"
#include "engine/store/names.hpp"

namespace keydeck::custody {
namespace {

using sqlite::Database;

constexpr std::string_view kNothingKept = "nothing was kept";
// Somebody else may put the same secret at the same time: the later one becomes the later version.
constexpr int kTries = 5;

Status check_value(const SecretBytes& value) {
    if (value.empty()) return fail(ErrorCode::kInvalidInput, "The secret is empty: a KMS encrypts 1 byte and more.");
    if (value.size() <= kLargestSecret) return {};
    return fail(ErrorCode::kInvalidInput, "The secret has " + std::to_string(value.size()) + " bytes; at most " +
                                              std::to_string(kLargestSecret) + " are kept.");
}

/// The key by name: the one asked for, the environment's, or that of the version before; empty: one of the pool.
Result<std::string> chosen_key(OpenVault& vault, const Session& session, const PutSecret& request,
                               const std::optional<store::SecretRecord>& before, std::string_view environment) {
    if (!request.key.empty()) {
        if (Status allowed = require_operator(session, "choose the key of a secret"); !allowed) return fail(allowed);
        return request.key;
    }
    for (const auto& [name, key] : vault.options().secret_keys) {
        if (name == environment) return key;
    }
    if (!before) return std::string();
    // A key of the pool was drawn, not named: where nothing new is sealed under it any more, another is drawn.
    const auto record =
        ask_store(vault, [&](Database& database) { return store::key_by_id(database, before->info.newest.key_id); });
    if (!record) return fail(record);
    const bool is_closed =
        *record && (*record)->purpose == kPurposePool && ((*record)->state != "Enabled" || (*record)->retiring);
    return is_closed ? std::string() : before->info.newest.key_id;
}

/// What was sealed, and under which key.
struct Sealed {
    store::SealedSecret secret;
    std::string key_id;
    std::int64_t key_version = 1;
};

Result<Sealed> seal(OpenVault& vault, const Session& session, const std::string& key, const SecretPlace& place,
                    const SecretBytes& value) {
    const Result<kms::Kms*> kms = vault.unlocked_kms();
    if (!kms) return fail(kms);
    Sealed out;
    if (!key.empty()) {
        const Result<store::KeyRecord> record = key_for_secrets(vault, key);
        if (!record) return fail(record);
        Result<store::SealedSecret> sealed = seal_secret(**kms, vault.random(), record->key_id, place, value);
        if (!sealed) return fail(sealed);
        return Sealed{std::move(*sealed), record->key_id, record->rotation.version};
    }
    Result<KeyPool> pool = KeyPool::usable(vault, session);
    if (!pool) return fail(pool);
    Result<KeyPool::Key> drawn = pool->under_a_key([&](kms::Kms& open_kms, const std::string& key_id) -> Status {
        Result<store::SealedSecret> sealed = seal_secret(open_kms, vault.random(), key_id, place, value);
        if (!sealed) return fail(sealed);
        out.secret = std::move(*sealed);
        return {};
    });
    if (!drawn) return fail(drawn);
    out.key_id = std::move(drawn->id);
    out.key_version = drawn->version;
    return out;
}

/// One try. Error: already_exists where somebody else was faster.
Result<SecretInfo> put_once(OpenVault& vault, const Session& session, const PutSecret& request, const SecretBytes& value,
                            AuditEvent& event) {
    SecretOwner owner;
    std::optional<store::SecretRecord> before;
    Status looked = ask_store(vault, [&](Database& database) -> Status {
        Result<SecretOwner> found = secret_owner(database, session, request.name.owner, true, kNothingKept);
        if (!found) return fail(found);
        owner = std::move(*found);
        auto there = store::find_secret(database, key_name_of(request.name, owner));
        if (!there) return fail(there);
        before = std::move(*there);
        return {};
    });
    if (!looked) return fail(looked);
    event.user = owner.user;
    const store::SecretKeyName name = key_name_of(request.name, owner);
    const Result<std::string> key = chosen_key(vault, session, request, before, name.environment);
    if (!key) return fail(key);

    std::int64_t secret_id = before ? before->info.id : 0;
    if (!before) {
        Status reserved = vault.write([&](Database& database) -> Status {
            const Result<std::int64_t> id = store::reserve_secret_id(database);
            if (!id) return fail(id);
            secret_id = *id;
            return {};
        });
        if (!reserved) return fail(reserved);
    }
    const std::int64_t version = before ? before->info.versions + 1 : 1;
    const SecretPlace place{vault.record().id, secret_id,        owner.user_id,   version,
                            request.name.name, name.environment, &request.context};
    const Result<Sealed> sealed = seal(vault, session, *key, place, value);
    if (!sealed) return fail(sealed);
    event.key_id = sealed->key_id;
    event.detail = oversight::Detail()
                       .text("environment", name.environment)
                       .number("secret", secret_id)
                       .number("version", version)
                       .done();
    const store::NewSecretVersion row{
        secret_id,        version,         sealed->key_id, sealed->key_version, static_cast<std::int64_t>(value.size()),
        &request.context, &sealed->secret, vault.now()};
    std::optional<store::SecretRecord> put;
    Status written = vault.write(
        [&](Database& database) -> Status {
            // The user may have been locked or removed since.
            const Result<SecretOwner> still = secret_owner(database, session, request.name.owner, true, kNothingKept);
            if (!still) return fail(still);
            if (still->user_id != owner.user_id)
                return fail(ErrorCode::kNotFound, "The secret's owner is another user by now; nothing was kept.");
            if (Status enabled = require_enabled(database, {sealed->key_id}); !enabled) return enabled;
            Status added = before ? store::add_secret_version(database, row) : store::insert_secret(database, name, row);
            if (!added) return added;
            auto now = store::find_secret(database, name);
            if (!now) return fail(now);
            put = std::move(*now);
            return {};
        },
        std::span(&event, 1));
    if (!written) return fail(written);
    if (!put) return fail(ErrorCode::kInternal, "A secret that was put is not there.");
    return std::move(put->info);
}

}  // namespace

Result<SecretInfo> put_secret(OpenVault& vault, const Session& session, const PutSecret& request, const SecretBytes& value) {
    AuditEvent event = secret_event(vault, session, "PutSecret", request.name);
    return audited(vault, event, [&]() -> Result<SecretInfo> {
        if (Status writable = vault.require_writable(); !writable) return fail(writable);
        if (Status good = store::check_secret_name(request.name.name); !good) return fail(good);
        if (!request.name.environment.empty()) {
            if (Status good = store::check_environment(request.name.environment); !good) return fail(good);
        }
        if (Status good = check_value(value); !good) return fail(good);
        if (Status good = check_context(request.context); !good) return fail(good);
        Result<SecretInfo> put = put_once(vault, session, request, value, event);
        for (int attempt = 1; attempt < kTries && !put && put.error().code == ErrorCode::kAlreadyExists; ++attempt) {
            put = put_once(vault, session, request, value, event);
        }
        return put;
    });
}

}  // namespace keydeck::custody
