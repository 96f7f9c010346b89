// The DER that a KMS speaks, turned into numbers and back.
#pragma once

#include "engine/base/bytes.hpp"
#include "engine/base/secret.hpp"
#include "engine/crypto/secp256k1.hpp"
#include "engine/error.hpp"

namespace keydeck::kms {

/// Reads a DER ECDSA-Sig-Value strictly; r and s shorter than 32 bytes are padded. High s is an ordinary answer.
/// Error: corrupt for anything that is not minimal DER, a negative or zero number, one over 32 bytes, or bytes left over.
[[nodiscard]] Result<crypto::Signature> parse_der_signature(ByteView der);
[[nodiscard]] Bytes to_der_signature(const crypto::Signature& signature);

/// Reads a SubjectPublicKeyInfo (id-ecPublicKey, secp256k1 1.3.132.0.10). Error: corrupt.
[[nodiscard]] Result<crypto::PublicKey> parse_public_key_info(ByteView der);
[[nodiscard]] Bytes to_public_key_info(const crypto::PublicKey& key);

/// PKCS#8 PrivateKeyInfo around an RFC 5915 ECPrivateKey on secp256k1, as a data-key pair's private key comes. Error:
/// corrupt.
[[nodiscard]] Result<SecretBytes> parse_pkcs8_private_key(ByteView der);
[[nodiscard]] SecretBytes to_pkcs8_private_key(ByteView private_key, const crypto::PublicKey& public_key);

/// A KMS's signature made fit for Ethereum: s made low, the recovery id found by recovering `key`.
/// Error: corrupt when the signature is not that key's over that digest.
[[nodiscard]] Result<crypto::RecoverableSignature> to_recoverable(const crypto::Signature& signature, const Hash32& digest,
                                                                  const crypto::PublicKey& key);

}  // namespace keydeck::kms
