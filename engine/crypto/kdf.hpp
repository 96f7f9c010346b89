// Keys from passphrases.
#pragma once

#include <cstdint>
#include <span>

#include "engine/base/bytes.hpp"
#include "engine/base/secret.hpp"
#include "engine/error.hpp"

namespace keydeck::crypto {

/// scrypt (RFC 7914, and r = 1 with a larger n than it allows, which old keystore files have). Errors: invalid_input for
/// parameters that are malformed or need over 1 GiB; internal.
[[nodiscard]] Result<SecretBytes> scrypt(ByteView passphrase, ByteView salt, std::uint64_t n, std::uint64_t r,
                                         std::uint64_t p, std::size_t length);

/// PBKDF2-HMAC-SHA256 (RFC 8018), for keystore files.
[[nodiscard]] Result<SecretBytes> pbkdf2_hmac_sha256(ByteView passphrase, ByteView salt, std::uint32_t iterations,
                                                     std::size_t length);

/// PBKDF2-HMAC-SHA512 with 64 bytes of output (one block), as BIP-39 uses it.
[[nodiscard]] SecretBytes pbkdf2_hmac_sha512(ByteView passphrase, ByteView salt, std::uint32_t iterations);

/// One password of a batch and where its 64 bytes go.
struct Pbkdf2Job {
    ByteView passphrase;
    ByteView salt;
    std::span<std::uint8_t> out;  ///< 64 bytes, in the caller's locked memory
};

/// The same for many passwords on the calling thread, several SIMD lanes at a time where the processor has them
/// (AVX-512: eight, AVX2: four; chosen at run time). Equal to pbkdf2_hmac_sha512 byte for byte.
void pbkdf2_hmac_sha512_many(std::span<const Pbkdf2Job> jobs, std::uint32_t iterations);

}  // namespace keydeck::crypto
