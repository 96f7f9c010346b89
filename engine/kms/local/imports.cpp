// Key material that somebody brings along: GetParametersForImport, ImportKeyMaterial, DeleteImportedKeyMaterial.
// https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys.html
#include <fmt/format.h>

#include <chrono>

#include "engine/crypto/hash.hpp"
#include "engine/crypto/rsa.hpp"
#include "engine/kms/kms_error.hpp"
#include "engine/kms/limits.hpp"
#include "engine/kms/local/impl.hpp"
#include "engine/kms/local/import_token.hpp"
#include "engine/kms/local/material.hpp"
#include "engine/kms/signature.hpp"

namespace keydeck::kms {
namespace {

using local::KeyRecord;
using sqlite::Database;

constexpr auto kTokenLife = std::chrono::hours(24);
constexpr auto kMostMaterialLife = std::chrono::days(365);
constexpr std::string_view kTokenLabel = "import token";
constexpr std::string_view kCheckLabel = "imported material check";

/// Only a key that was made for it takes material.
Status check_external(const KeyRecord& key, const std::string& arn) {
    if (key.origin == Origin::kExternal) return {};
    return kms_fail("UnsupportedOperationException",
                    fmt::format("{} origin is {} which is not valid for this operation.", arn, to_string(key.origin)));
}

Status check_importable(const KeyRecord& key, const std::string& arn) {
    if (Status external = check_external(key, arn); !external) return external;
    return key.state() == KeyState::kPendingDeletion ? pending_deletion(arn) : Status{};
}

std::unexpected<Error> incorrect_material(std::string hint) {
    return kms_fail("IncorrectKeyMaterialException",
                    "The key material in the request is expired, invalid, or is not the same key material that was "
                    "previously imported into this KMS key.",
                    std::move(hint));
}

/// As it travels: the bytes themselves, or PKCS#8 around a private key.
Result<SecretBytes> read_material(KeySpec spec, SecretBytes travelled) {
    if (spec == KeySpec::kEccSecgP256k1) {
        Result<SecretBytes> key = parse_pkcs8_private_key(travelled.view());
        if (!key) return incorrect_material("It must be a secp256k1 private key in PKCS #8, DER encoded.");
        return key;
    }
    if (!local::fits(spec, travelled)) return incorrect_material("Its length does not fit the key spec.");
    return travelled;
}

Status check_valid_to(const std::optional<Timestamp>& valid_to, Timestamp now) {
    if (!valid_to) return {};
    if (*valid_to <= now) return validation_error("ValidTo must be in the future.");
    if (*valid_to > now + kMostMaterialLife) return validation_error("ValidTo must be within 365 days from now.");
    return {};
}

Result<Bytes> read_check(Database& database, std::int64_t key_row) {
    sqlite::Statement select = database.prepare("SELECT material_check FROM keys WHERE id = ?1");
    select.bind(1, key_row);
    const Result<bool> found = select.step();
    if (!found) return fail(found);
    return *found ? to_bytes(select.blob(0)) : Bytes();
}

Status note_imported(Database& database, const KeyRecord& key, ByteView check, const std::optional<Timestamp>& valid_to) {
    // Material for a key that waited for it enables the key; imported again it leaves the key as it is.
    sqlite::Statement update = database.prepare(
        "UPDATE keys SET has_material = 1, enabled = CASE WHEN ?4 THEN 1 ELSE enabled END, material_valid_to = ?2, "
        "material_check = ?3 WHERE id = ?1");
    update.bind(1, key.row)
        .bind(2, valid_to ? std::optional(to_micros(*valid_to)) : std::nullopt)
        .bind(3, check)
        .bind(4, static_cast<std::int64_t>(key.state() == KeyState::kPendingImport ? 1 : 0));
    return update.run();
}

}  // namespace

Result<ImportParameters> LocalKms::get_parameters_for_import(std::string_view key_id, WrappingAlgorithm algorithm,
                                                             WrappingKeySpec key_spec) {
    std::string id;
    {
        Result<Impl::Lease> lease = impl_->begin();
        if (!lease) return fail(lease);
        Result<KeyRecord> key = impl_->find(**lease, key_id, local::Aliases::kRefused);
        if (!key) return fail(key);
        if (Status fit = check_importable(*key, impl_->arn_of(*key)); !fit) return fail(fit);
        id = std::move(key->key_id);
    }
    const Result<SecretBytes> sealing_key = derive_key(kTokenLabel);
    if (!sealing_key) return fail(sealing_key);
    constexpr std::array kBits = {2048, 3072, 4096};
    crypto::RsaKeyPair pair = crypto::make_rsa_key(kBits.at(static_cast<std::size_t>(key_spec)));
    const local::ImportToken token{algorithm, impl_->clock.now() + kTokenLife, std::move(pair.private_key)};
    return ImportParameters{.key_arn = impl_->place.key_arn(id),
                            .import_token = local::seal_token(sealing_key->view(), id, token, impl_->random),
                            .public_key = std::move(pair.public_key),
                            .valid_to = token.valid_to};
}

Result<std::string> LocalKms::import_key_material(const ImportRequest& request) {
    if (Status length = check_ciphertext(request.import_token, "importToken"); !length) return fail(length);
    if (Status length = check_ciphertext(request.encrypted_material, "encryptedKeyMaterial"); !length) return fail(length);
    if (Status date = check_valid_to(request.valid_to, impl_->clock.now()); !date) return fail(date);
    Result<KeyRecord> key = KeyRecord{};
    {
        Result<Impl::Lease> lease = impl_->begin();
        if (!lease) return fail(lease);
        key = impl_->find(**lease, request.key_id, local::Aliases::kRefused);
    }
    if (!key) return fail(key);
    std::string arn = impl_->arn_of(*key);
    if (Status fit = check_importable(*key, arn); !fit) return fail(fit);
    const Result<SecretBytes> sealing_key = derive_key(kTokenLabel);
    if (!sealing_key) return fail(sealing_key);
    const Result<local::ImportToken> token = local::open_token(sealing_key->view(), key->key_id, request.import_token);
    if (!token) return fail(token);
    if (token->valid_to <= impl_->clock.now()) {
        return kms_fail("ExpiredImportTokenException", "The import token is expired.",
                        "Ask for new parameters with GetParametersForImport.");
    }
    Result<SecretBytes> travelled = local::unwrap(*token, request.encrypted_material);
    if (!travelled) return fail(travelled);
    const Result<SecretBytes> material = read_material(key->spec, std::move(*travelled));
    if (!material) return fail(material);
    const Status stored = impl_->store_imported(key->key_id, *material, request.valid_to);
    if (!stored) return fail(stored);
    return arn;
}

Status LocalKms::Impl::store_imported(std::string_view key_id, const SecretBytes& material,
                                      const std::optional<Timestamp>& valid_to) {
    const std::shared_ptr<const local::RootKey> root = ring.root();
    if (!root) return vault_locked();
    const SecretBytes check_key = local::derive_from_root(*root, vault, kCheckLabel);
    SecretBytes checked = SecretBytes::copy_of(key_id);
    checked.append(material.view());
    const Hash32 check = crypto::hmac_sha256(check_key.view(), checked.view());
    return change_key_in_any_state(key_id, [&](Database& database, const KeyRecord& key) -> Status {
        if (Status fit = check_importable(key, arn_of(key)); !fit) return fit;
        const Result<Bytes> before = read_check(database, key.row);
        if (!before) return fail(before);
        // Another material under the same key would make every old ciphertext and address a lie.
        if (!before->empty() && !equal_in_constant_time(*before, check)) return incorrect_material({});
        if (Status erased = erase_material(database, key); !erased) return erased;
        const Result<local::VersionRecord> version = seal_version(key, material);
        if (!version) return fail(version);
        if (Status inserted = local::insert_version(database, key.row, *version); !inserted) return inserted;
        return note_imported(database, key, check, valid_to);
    });
}

Status LocalKms::Impl::erase_material(Database& database, const KeyRecord& key) {
    ring.forget(key.key_id);
    sqlite::Statement overwrite =
        database.prepare("UPDATE key_versions SET sealed = zeroblob(length(sealed)), public_key = NULL WHERE key = ?1");
    overwrite.bind(1, key.row);
    if (Status overwritten = overwrite.run(); !overwritten) return overwritten;
    sqlite::Statement remove = database.prepare("DELETE FROM key_versions WHERE key = ?1");
    remove.bind(1, key.row);
    if (Status removed = remove.run(); !removed) return removed;
    return local::write_scrub_pending(database, true);
}

Result<std::string> LocalKms::delete_imported_key_material(std::string_view key_id) {
    std::string arn;
    const Status changed = impl_->change_key_in_any_state(key_id, [&](Database& database, const KeyRecord& key) -> Status {
        arn = impl_->arn_of(key);
        if (Status external = check_external(key, arn); !external) return external;
        if (Status erased = impl_->erase_material(database, key); !erased) return erased;
        sqlite::Statement update =
            database.prepare("UPDATE keys SET has_material = 0, material_valid_to = NULL WHERE id = ?1");
        update.bind(1, key.row);
        return update.run();
    });
    if (!changed) return fail(changed);
    // Where a reader stands in the way, scrub_pending has the next look try again.
    (void)impl_->scrub().has_value();
    return arn;
}

}  // namespace keydeck::kms
