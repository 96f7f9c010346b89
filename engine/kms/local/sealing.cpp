#include "engine/kms/local/sealing.hpp"

#include "engine/crypto/aead.hpp"
#include "engine/crypto/hash.hpp"
#include "engine/crypto/kdf.hpp"

namespace keydeck::kms::local {
namespace {

constexpr std::size_t kRootKeySize = 32;
constexpr std::size_t kKeyFileSize = 32;
constexpr std::uint64_t kScryptR = 8;
constexpr std::uint64_t kScryptP = 1;

// What the secret is turned into: one key that seals, one value that tells whether it is the right secret.
struct SecretKeys {
    SecretBytes seal;
    SecretBytes check;
};

Result<SecretKeys> derive_secret_keys(const VaultRecord& vault, const RootSecret& secret) {
    SecretBytes stretched;
    if (secret.kind == RootSecret::Kind::kPassphrase) {
        Result<SecretBytes> derived =
            crypto::scrypt(secret.bytes.view(), vault.salt, vault.scrypt_n, kScryptR, kScryptP, kRootKeySize);
        if (!derived) return fail(derived);
        stretched = std::move(*derived);
    } else {
        stretched = secret.bytes.clone();
    }
    return SecretKeys{
        .seal = crypto::hkdf_sha256(stretched.view(), vault.salt, as_bytes("keydeck kms.db 1 root seal"), kRootKeySize),
        .check = crypto::hkdf_sha256(stretched.view(), vault.salt, as_bytes("keydeck kms.db 1 secret check"), kRootKeySize)};
}

Bytes root_additional_data(const VaultRecord& vault) {
    Bytes data;
    append_with_length(data, as_bytes("keydeck kms.db 1 root"));
    append_with_length(data, vault.vault_id);
    append_with_length(data, as_bytes(vault.region));
    append_with_length(data, as_bytes(vault.account));
    append_u64_be(data, static_cast<std::uint64_t>(vault.secret_kind));
    append_with_length(data, vault.salt);
    append_u64_be(data, vault.scrypt_n);
    append_with_length(data, vault.secret_check);
    return data;
}

Bytes material_additional_data(const KeyRecord& key, const VersionRecord& version) {
    Bytes data;
    append_with_length(data, as_bytes("keydeck kms.db 1 material"));
    append_with_length(data, as_bytes(key.key_id));
    append_u64_be(data, static_cast<std::uint64_t>(version.version));
    append_with_length(data, as_bytes(to_string(key.spec)));
    append_with_length(data, as_bytes(to_string(key.usage)));
    append_with_length(data, version.public_key);
    return data;
}

std::unexpected<Error> wrong_secret(RootSecret::Kind wanted) {
    if (wanted == RootSecret::Kind::kPassphrase) {
        return fail(ErrorCode::kDenied, "The passphrase does not open this vault.");
    }
    return fail(ErrorCode::kDenied, "The key file does not open this vault.", "Use the key file the vault was made with.");
}

RootKey make_root_key(SecretBytes root, const VaultRecord& vault) {
    SecretBytes material_key =
        crypto::hkdf_sha256(root.view(), vault.vault_id, as_bytes("keydeck kms.db 1 material seal"), kRootKeySize);
    return RootKey{std::move(root), std::move(material_key)};
}

}  // namespace

Status seal_new_root(VaultRecord& vault, const RootSecret& secret, Random& random) {
    if (secret.kind == RootSecret::Kind::kKeyFile && secret.bytes.size() != kKeyFileSize) {
        return fail(ErrorCode::kInvalidInput, "The key file must hold exactly 32 bytes.");
    }
    if (secret.bytes.empty()) return fail(ErrorCode::kInvalidInput, "The passphrase is empty.");
    vault.secret_kind = secret.kind;
    if (secret.kind == RootSecret::Kind::kKeyFile) vault.scrypt_n = 0;
    random.fill(vault.salt);
    const Result<SecretKeys> keys = derive_secret_keys(vault, secret);
    if (!keys) return fail(keys);
    vault.secret_check = to_bytes(keys->check.view());
    SecretBytes root(kRootKeySize);
    random.fill(root.span());
    vault.sealed_root = crypto::seal(keys->seal.view(), root_additional_data(vault), root.view(), random);
    return {};
}

Result<RootKey> open_root(const VaultRecord& vault, const RootSecret& secret) {
    if (secret.kind != vault.secret_kind) {
        return fail(ErrorCode::kDenied, vault.secret_kind == RootSecret::Kind::kPassphrase
                                            ? "This vault is opened by a passphrase, not by a key file."
                                            : "This vault is opened by a key file, not by a passphrase.");
    }
    const Result<SecretKeys> keys = derive_secret_keys(vault, secret);
    // The parameters stood under the checksum: what scrypt refuses now was written so.
    if (!keys) return fail(ErrorCode::kCorrupt, "The key store's scrypt parameters are out of range.");
    if (!equal_in_constant_time(keys->check.view(), vault.secret_check)) return wrong_secret(vault.secret_kind);
    Result<SecretBytes> root =
        crypto::open(keys->seal.view(), root_additional_data(vault), vault.sealed_root, "the key store's root key");
    if (!root) return fail(root);
    if (root->size() != kRootKeySize) return fail(ErrorCode::kCorrupt, "The key store's root key has a wrong length.");
    return make_root_key(std::move(*root), vault);
}

SecretBytes derive_from_root(const RootKey& root, const VaultRecord& vault, std::string_view label) {
    Bytes info;
    append_with_length(info, as_bytes("keydeck kms.db 1 derived key"));
    append_with_length(info, as_bytes(label));
    return crypto::hkdf_sha256(root.root.view(), vault.vault_id, info, kRootKeySize);
}

Bytes seal_material(const RootKey& root, const KeyRecord& key, const VersionRecord& version, ByteView material,
                    Random& random) {
    return crypto::seal(root.material_key.view(), material_additional_data(key, version), material, random);
}

Result<SecretBytes> open_material(const RootKey& root, const KeyRecord& key, const VersionRecord& version) {
    return crypto::open(root.material_key.view(), material_additional_data(key, version), version.sealed,
                        "the key material of " + key.key_id);
}

}  // namespace keydeck::kms::local
