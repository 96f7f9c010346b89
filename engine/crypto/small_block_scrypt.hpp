// scrypt (RFC 7914) with the block size r = 1 and n of 65536 or more. The RFC rules that pair out (n < 2^(16 r)), so OpenSSL
// refuses it; but the Web3 Secret Storage definition has it in its own test vector, and keystores of its first years have it
// too.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/base/bytes.hpp"
#include "engine/base/secret.hpp"
#include "engine/error.hpp"

namespace keydeck::crypto {

/// Whether these parameters are the ones this file is for.
[[nodiscard]] bool is_small_block_scrypt(std::uint64_t n, std::uint64_t r);

/// `n` is a power of two up to 2^23 (1 GiB), `p` 1 to 8. Needs 128 · n bytes, wiped at the end. Errors: invalid_input for
/// other parameters.
[[nodiscard]] Result<SecretBytes> small_block_scrypt(ByteView passphrase, ByteView salt, std::uint64_t n, std::uint64_t p,
                                                     std::size_t length);

}  // namespace keydeck::crypto
