// The backup file's header and chunks, byte by byte; README.md beside this file tells them to other programs.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/base/bytes.hpp"
#include "engine/base/random.hpp"
#include "engine/base/secret.hpp"
#include "engine/error.hpp"

namespace keydeck::custody::backup {

/// 16 bytes magic ‖ version (4, big-endian as all numbers here) ‖ scrypt n (8), r (4), p (4) ‖ salt (32) ‖ HMAC-SHA256 of
/// all before it (32).
inline constexpr std::size_t kHeaderSize = 100;
using Header = FixedBytes<kHeaderSize>;

inline constexpr std::size_t kChunkSize = std::size_t{1} << 20;  ///< plaintext; the last chunk's may be shorter
inline constexpr std::size_t kChunkOverhead = 28;                ///< its nonce in front, its tag behind
inline constexpr std::size_t kSealedChunkSize = kChunkSize + kChunkOverhead;

/// What a whole backup is sealed under.
struct SealedUnder {
    Header header{};
    SecretBytes key;  ///< 32 bytes
};

/// A new header with a salt of its own. Errors: invalid_input (an empty passphrase, `scrypt_n` no power of two).
[[nodiscard]] Result<SealedUnder> make_header(const SecretBytes& passphrase, std::uint64_t scrypt_n, Random& random);

/// The key of a header that was read. Nothing of it is believed before its bounds were checked, and nothing at all after
/// its code does not agree. Errors: corrupt (no backup of ours, cut short, parameters out of bounds: `largest_n` is the most
/// memory-hungry n to be tried); rejected (a newer version); denied (the code: a wrong passphrase, most likely).
[[nodiscard]] Result<SealedUnder> open_header(ByteView bytes, const SecretBytes& passphrase, std::uint64_t largest_n);

/// nonce (12) ‖ ciphertext ‖ tag (16). Which file it belongs to, which chunk it is and whether it is the last one is
/// authenticated with it.
[[nodiscard]] Bytes seal_chunk(const SealedUnder& under, std::uint64_t number, bool is_last, ByteView plaintext,
                               Random& random);
/// Error: corrupt.
[[nodiscard]] Result<SecretBytes> open_chunk(const SealedUnder& under, std::uint64_t number, bool is_last, ByteView sealed);

}  // namespace keydeck::custody::backup
