// The import token: what the KMS must remember between GetParametersForImport and ImportKeyMaterial, in the caller's hands.
#pragma once

#include <string_view>

#include "engine/base/bytes.hpp"
#include "engine/base/clock.hpp"
#include "engine/base/random.hpp"
#include "engine/base/secret.hpp"
#include "engine/error.hpp"
#include "engine/kms/local/values.hpp"

namespace keydeck::kms::local {

struct ImportToken {
    WrappingAlgorithm algorithm = WrappingAlgorithm::kOaepSha256;
    Timestamp valid_to{};
    SecretBytes wrapping_key;  ///< RSAPrivateKey DER
};

/// Sealed under `sealing_key` (32 bytes) for one key alone, so that nothing needs to be kept and a crash loses nothing.
[[nodiscard]] Bytes seal_token(ByteView sealing_key, std::string_view key_id, const ImportToken& token, Random& random);
/// Error: InvalidImportTokenException for what seal_token() did not make for this key.
[[nodiscard]] Result<ImportToken> open_token(ByteView sealing_key, std::string_view key_id, ByteView sealed);

/// Opens what was wrapped for the token's public key. Error: InvalidCiphertextException.
[[nodiscard]] Result<SecretBytes> unwrap(const ImportToken& token, ByteView encrypted_material);

}  // namespace keydeck::kms::local
