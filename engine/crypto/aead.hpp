// AES-256-GCM (NIST SP 800-38D), and AES-128-CTR for keystore files.
#pragma once

#include "engine/base/bytes.hpp"
#include "engine/base/random.hpp"
#include "engine/base/secret.hpp"
#include "engine/error.hpp"

namespace keydeck::crypto {

inline constexpr std::size_t kAesKeySize = 32;
inline constexpr std::size_t kGcmNonceSize = 12;
inline constexpr std::size_t kGcmTagSize = 16;

/// nonce (12 bytes, drawn from `random`) ‖ ciphertext ‖ tag (16 bytes). `key` has 32 bytes.
[[nodiscard]] Bytes seal(ByteView key, ByteView additional_data, ByteView plaintext, Random& random);

/// Opens what seal() made. Error: corrupt when the key, the additional data or a byte differs. `what` names the thing
/// ("the wallet's key") in the sentence.
[[nodiscard]] Result<SecretBytes> open(ByteView key, ByteView additional_data, ByteView sealed, std::string_view what);

/// AES-128-CTR over `data` (encrypting and decrypting are the same). `key` and `iv` have 16 bytes.
[[nodiscard]] SecretBytes aes128_ctr(ByteView key, ByteView iv, ByteView data);

}  // namespace keydeck::crypto
