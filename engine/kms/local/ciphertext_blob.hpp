// The ciphertext blob that Encrypt answers and Decrypt reads.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/bytes.hpp"
#include "engine/base/random.hpp"
#include "engine/base/secret.hpp"
#include "engine/error.hpp"
#include "engine/kms/kms.hpp"

namespace keydeck::kms::local {

/// "KDC" 0x01 ‖ key id (the UUID's 16 bytes) ‖ version (4, big-endian) ‖ salt (16) ‖ nonce (12) ‖ ciphertext ‖ tag (16).
/// Each blob is sealed under a key of its own, HMAC-SHA256(material, label ‖ salt), so that random nonces never run out
/// under one key. The header and the encryption context are additional data.
inline constexpr std::size_t kBlobHeaderSize = 40;
inline constexpr std::size_t kBlobOverhead = kBlobHeaderSize + 12 + 16;

/// A blob taken apart, not opened. The views live as long as the blob.
struct CiphertextBlob {
    std::string key_id;
    std::int64_t version = 0;
    ByteView header;
    ByteView sealed;
};

/// Error: InvalidCiphertextException for what this KMS did not make.
[[nodiscard]] Result<CiphertextBlob> parse_blob(ByteView blob);

/// `key_id` is a UUID, `material` 32 bytes, `version` 1 to 2^32 - 1.
[[nodiscard]] Bytes seal_blob(ByteView material, std::string_view key_id, std::int64_t version,
                              const EncryptionContext& context, ByteView plaintext, Random& random);
/// Error: InvalidCiphertextException when a byte, the key or the context is another.
[[nodiscard]] Result<SecretBytes> open_blob(ByteView material, const CiphertextBlob& blob, const EncryptionContext& context);

}  // namespace keydeck::kms::local
