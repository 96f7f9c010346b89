// Finding keys, opening their material, and the frame of every change.
#include <fmt/format.h>

#include "engine/crypto/secp256k1.hpp"
#include "engine/kms/kms_error.hpp"
#include "engine/kms/local/impl.hpp"
#include "engine/kms/signature.hpp"

namespace keydeck::kms {

using local::KeyRecord;
using sqlite::Database;
using sqlite::DbTransaction;

std::unexpected<Error> vault_locked() {
    return fail(ErrorCode::kLocked, "The vault is locked.", "Unlock it with its passphrase or key file.");
}

Result<LocalKms::Impl::Lease> LocalKms::Impl::begin() {
    Result<Lease> lease = pool.lease();
    if (!lease) return lease;
    const std::int64_t now = to_micros(clock.now());
    // A clock that went backwards is looked at as well.
    if (now >= look_again_at.load() || now < looked_at.load()) look_after(**lease);
    return lease;
}

Result<KeyRecord> LocalKms::Impl::find(Database& database, std::string_view key_id, local::Aliases aliases) const {
    const Result<local::KeyName> name = local::parse_key_name(key_id, aliases, place);
    if (!name) return fail(name);
    Result<std::optional<KeyRecord>> key =
        name->is_alias ? local::find_key_of_alias(database, name->name) : local::find_key(database, name->name);
    if (!key) return fail(key);
    if (*key) {
        drop_expired(**key);
        return std::move(**key);
    }
    if (name->is_alias) return alias_not_found(place.alias_arn(name->name));
    return key_not_found(place.key_arn(name->name));
}

void LocalKms::Impl::drop_expired(KeyRecord& key) const {
    if (!key.material_valid_to || *key.material_valid_to > clock.now()) return;
    key.has_material = false;
    key.material_valid_to.reset();
}

Status LocalKms::Impl::check_usable(const KeyRecord& key) {
    if (key.state() == KeyState::kEnabled) return {};
    ring.forget(key.key_id);
    if (key.state() == KeyState::kDisabled) return disabled(arn_of(key));
    if (key.state() == KeyState::kPendingImport) return pending_import(arn_of(key));
    return pending_deletion(arn_of(key));
}

Result<KeyRecord> LocalKms::Impl::find_usable(Database& database, std::string_view key_id, KeyUsage usage,
                                              std::string_view operation) {
    Result<KeyRecord> key = find(database, key_id, local::Aliases::kAccepted);
    if (!key) return key;
    if (Status usable = check_usable(*key); !usable) return fail(usable);
    if (key->usage != usage) {
        return kms_fail("InvalidKeyUsageException", fmt::format("{} key usage is {} which is not valid for {}.",
                                                                arn_of(*key), to_string(key->usage), operation));
    }
    return key;
}

Result<LocalKms::Impl::MaterialPtr> LocalKms::Impl::open_material(Database& database, const KeyRecord& key,
                                                                  std::int64_t version) {
    if (MaterialPtr opened = ring.find(key.key_id, version)) return opened;
    const std::shared_ptr<const local::RootKey> root = ring.root();
    if (!root) return vault_locked();
    const Result<std::optional<local::VersionRecord>> record = local::find_version(database, key.row, version);
    if (!record) return fail(record);
    if (!*record) return MaterialPtr();
    Result<SecretBytes> secret = local::open_material(*root, key, **record);
    if (!secret) return fail(secret);
    auto material = std::make_shared<local::Material>();
    material->secret = std::move(*secret);
    if (key.spec == KeySpec::kEccSecgP256k1) {
        const Result<crypto::PublicKey> public_key = crypto::public_key_of(material->secret.view());
        if (!public_key) return fail(ErrorCode::kCorrupt, "The key material of " + key.key_id + " is no private key.");
        material->public_key = *public_key;
        material->public_key_info = to_public_key_info(*public_key);
    }
    ring.keep(root, key.key_id, version, material);
    return MaterialPtr(std::move(material));
}

Result<LocalKms::Impl::MaterialPtr> LocalKms::Impl::open_current(Database& database, const KeyRecord& key) {
    Result<MaterialPtr> material = open_material(database, key, key.version);
    if (!material || *material) return material;
    // Destroyed between two reads, or the row was taken out of the file.
    const Result<std::optional<KeyRecord>> again = local::find_key(database, key.key_id);
    if (again && !*again) return key_not_found(arn_of(key));
    return fail(ErrorCode::kCorrupt, "The key material of " + key.key_id + " is missing from kms.db.");
}

Result<KeyMetadata> LocalKms::Impl::metadata_of(Database& database, const KeyRecord& key) const {
    Result<std::string> description = local::read_description(database, key.row);
    if (!description) return fail(description);
    return KeyMetadata{.key_id = key.key_id,
                       .arn = arn_of(key),
                       .spec = key.spec,
                       .usage = key.usage,
                       .state = key.state(),
                       .description = std::move(*description),
                       .created_at = key.created_at,
                       .deletion_date = key.deletion_at,
                       .origin = key.origin,
                       .valid_to = key.material_valid_to};
}

Status LocalKms::Impl::change_key(std::string_view key_id, const Change& change) {
    return change_key_in_any_state(key_id, [&](Database& database, const KeyRecord& key) -> Status {
        if (key.state() == KeyState::kPendingDeletion) return pending_deletion(arn_of(key));
        return change(database, key);
    });
}

Status LocalKms::Impl::change_key_in_any_state(std::string_view key_id, const Change& change) {
    Result<Lease> lease = begin();
    if (!lease) return fail(lease);
    Database& database = **lease;
    Result<DbTransaction> write = DbTransaction::begin_write(database);
    if (!write) return fail(write);
    const Result<KeyRecord> key = find(database, key_id, local::Aliases::kRefused);
    if (!key) return fail(key);
    if (Status changed = change(database, *key); !changed) return changed;
    if (Status noted = note_event(database); !noted) return noted;
    return write->commit();
}

}  // namespace keydeck::kms
