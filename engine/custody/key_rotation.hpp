// Rotation of KMS keys: symmetric ones whose material the KMS made, and no others.
// https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/custody/open_vault.hpp"
#include "engine/store/keys.hpp"

namespace keydeck::custody {

/// What the KMS says of the key's rotation. None where the key has none, or the KMS would not say.
[[nodiscard]] std::optional<store::KeyRotation> ask_rotation(kms::Kms& kms, const kms::KeyMetadata& metadata);
/// The same, telling why it could not be read; nothing for a key that has no rotation. Errors: the KMS's.
[[nodiscard]] Result<std::optional<store::KeyRotation>> read_rotation(kms::Kms& kms, const kms::KeyMetadata& metadata);

/// `off`, `365d next 2027-01-01`, or why there is none: `n/a (ECC)`, `n/a (HMAC)`, `n/a (imported)`, `n/a (disabled)`,
/// `n/a (pending deletion)`. Empty where the KMS would not say.
[[nodiscard]] std::string rotation_words(const kms::KeyMetadata& metadata,
                                         const std::optional<store::KeyRotation>& rotation);

/// Error: rejected, with AWS's name, where the key cannot rotate (now), and why.
[[nodiscard]] Status require_rotatable(const kms::KeyMetadata& metadata);

/// New material on demand; the old versions still open what they sealed. Errors: rejected (require_rotatable(), 25 a key);
/// the KMS's.
[[nodiscard]] Result<KeyInfo> rotate_key(OpenVault& vault, const Session& session, std::string_view key);

/// New material every 90 to 2560 days; 0: no more. Errors: invalid_input; rejected (require_rotatable()); the KMS's.
[[nodiscard]] Result<KeyInfo> set_key_rotation(OpenVault& vault, const Session& session, std::string_view key,
                                               int period_days);

}  // namespace keydeck::custody
