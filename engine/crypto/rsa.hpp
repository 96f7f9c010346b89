// RSA as far as key material travels under it: wrapping keys, OAEP (RFC 8017), and AES key wrap with padding (RFC 5649).
#pragma once

#include <cstdint>

#include "engine/base/bytes.hpp"
#include "engine/base/secret.hpp"
#include "engine/error.hpp"

namespace keydeck::crypto {

enum class OaepHash : std::uint8_t { kSha1, kSha256 };

struct RsaKeyPair {
    SecretBytes private_key;  ///< RSAPrivateKey DER (PKCS#1)
    Bytes public_key;         ///< SubjectPublicKeyInfo DER
};

/// A fresh key of 2048, 3072 or 4096 bits with exponent 65537. Takes from tenths of a second to seconds.
[[nodiscard]] RsaKeyPair make_rsa_key(int bits);

/// Opens RSAES-OAEP with MGF1 of the same hash and no label. `private_key` is PKCS#1 DER. Error: corrupt.
[[nodiscard]] Result<SecretBytes> rsa_oaep_decrypt(ByteView private_key, OaepHash hash, ByteView ciphertext);

/// The other direction, for who sends material. `public_key` is SubjectPublicKeyInfo DER. Error: invalid_input (a malformed
/// key, a plaintext too long for it).
[[nodiscard]] Result<Bytes> rsa_oaep_encrypt(ByteView public_key, OaepHash hash, ByteView plaintext);

/// AES-256 key wrap with padding. `key` has 32 bytes. Error of unwrapping: corrupt.
[[nodiscard]] Bytes aes_key_wrap_padded(ByteView key, ByteView plaintext);
[[nodiscard]] Result<SecretBytes> aes_key_unwrap_padded(ByteView key, ByteView wrapped);

}  // namespace keydeck::crypto
