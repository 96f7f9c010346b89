// How a secret's value is encrypted, and the only way it opens.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/random.hpp"
#include "engine/base/secret.hpp"
#include "engine/error.hpp"
#include "engine/kms/kms.hpp"
#include "engine/store/secrets.hpp"

namespace keydeck::custody {

/// Where a ciphertext belongs. Each field is bound into it, so that it opens nowhere else.
struct SecretPlace {
    std::string_view vault_id;
    std::int64_t secret_id = 0;
    std::int64_t user_id = 0;  ///< 0: the vault itself
    std::int64_t version = 1;
    std::string_view name;
    std::string_view environment;
    /// What the caller wants bound as well. Names that begin with `keydeck:` are not theirs.
    const std::vector<std::pair<std::string, std::string>>* context = nullptr;
};

/// The encryption context: vault, secret, user, version, purpose, the SHA-256 of name and environment, and the caller's own.
/// It stands in the KMS's audit trail: ids and a hash only, but for what the caller gave.
[[nodiscard]] kms::EncryptionContext secret_context(const SecretPlace& place);

/// Error: invalid_input for a name that is empty, twice there, or begins with `keydeck:` or `aws:`.
[[nodiscard]] Status check_context(const std::vector<std::pair<std::string, std::string>>& context);

/// Up to kDirectSecretSize bytes by the KMS itself (Encrypt), more under a data key of its own (AES-256-GCM). Opened once
/// before it is answered. Errors: the KMS's; corrupt where it answers wrongly.
[[nodiscard]] Result<store::SealedSecret> seal_secret(kms::Kms& kms, Random& random, std::string_view key_id,
                                                      const SecretPlace& place, const SecretBytes& value);

/// Errors: corrupt where it was altered or sealed for another place; the KMS's where it refuses the key.
[[nodiscard]] Result<SecretBytes> open_secret(kms::Kms& kms, std::string_view key_id, const SecretPlace& place,
                                              const store::SealedSecret& sealed);

/// Moves it to another key, or seals it anew with `fresh_data_key`; what comes of it is opened before it is answered.
[[nodiscard]] Result<store::SealedSecret> reseal_secret(kms::Kms& kms, Random& random, std::string_view from_key_id,
                                                        std::string_view to_key_id, const SecretPlace& place,
                                                        const store::SealedSecret& sealed, bool fresh_data_key);

}  // namespace keydeck::custody
