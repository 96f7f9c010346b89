// How key material lies in kms.db: sealed under a root key, which is sealed under the key file or the passphrase.
#pragma once

#include <string_view>

#include "engine/base/random.hpp"
#include "engine/base/secret.hpp"
#include "engine/kms/local/records.hpp"

namespace keydeck::kms::local {

/// The root key of an unlocked vault, and the key derived from it that seals material. 32 bytes each.
struct RootKey {
    SecretBytes root;
    SecretBytes material_key;
};

/// Draws a root key and seals it into `vault` (whose other fields stand) under the secret. Errors: invalid_input for an
/// empty passphrase, a key file that is not 32 bytes, or scrypt parameters out of range.
[[nodiscard]] Status seal_new_root(VaultRecord& vault, const RootSecret& secret, Random& random);

/// Errors: denied when the secret is not the one, corrupt when it is and the root key still does not open.
[[nodiscard]] Result<RootKey> open_root(const VaultRecord& vault, const RootSecret& secret);

/// HKDF of the root key for another purpose, 32 bytes.
[[nodiscard]] SecretBytes derive_from_root(const RootKey& root, const VaultRecord& vault, std::string_view label);

/// Seals material so that they open under this key id, spec, version and public key only.
[[nodiscard]] Bytes seal_material(const RootKey& root, const KeyRecord& key, const VersionRecord& version, ByteView material,
                                  Random& random);
/// Error: corrupt when the row was changed, swapped with another, or sealed under another root key.
[[nodiscard]] Result<SecretBytes> open_material(const RootKey& root, const KeyRecord& key, const VersionRecord& version);

}  // namespace keydeck::kms::local
