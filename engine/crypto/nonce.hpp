// The nonce of a deterministic signature. Internal to the room.
#pragma once

namespace keydeck::crypto {

/// RFC 6979, 3.2, with HMAC-SHA256 for secp256k1, in the form of libsecp256k1's secp256k1_nonce_function. Equal to the
/// library's own secp256k1_nonce_function_rfc6979, whose SHA-256 in plain C is a fifth of the time of a signature; OpenSSL's
/// uses the processor's SHA instructions. A digest of n or more is reduced first, as the RFC says (the library does so from
/// 0.4 on). `algorithm` and `extra` are not supported and must be null.
int nonce_rfc6979(unsigned char* nonce32, const unsigned char* digest32, const unsigned char* key32,
                  const unsigned char* algorithm, void* extra, unsigned int attempt);

}  // namespace keydeck::crypto
