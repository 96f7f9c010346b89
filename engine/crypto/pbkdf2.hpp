// The core of PBKDF2. Internal to the room.
#pragma once

#include <span>

#include "engine/crypto/kdf.hpp"
#include "engine/crypto/sha2.hpp"

namespace keydeck::crypto {

/// U_1 of block `index`: the only one whose message is not a single digest. Sha::kDigest bytes.
template <class Sha>
void pbkdf2_first(const HmacKey<Sha>& key, ByteView salt, std::uint32_t index, std::uint8_t* out) {
    const std::uint8_t suffix[4] = {static_cast<std::uint8_t>(index >> 24), static_cast<std::uint8_t>(index >> 16),
                                    static_cast<std::uint8_t>(index >> 8), static_cast<std::uint8_t>(index)};
    key.authenticate(out, salt, ByteView(suffix));
}

/// T(index) of PBKDF2 (RFC 8018, 5.2) for a password whose HMAC states are kept: two block functions an iteration.
template <class Sha>
void pbkdf2_block(const HmacKey<Sha>& key, ByteView salt, std::uint32_t index, std::uint32_t iterations, std::uint8_t* out) {
    using Word = typename Sha::Word;
    constexpr std::size_t kWords = Sha::kDigest / sizeof(Word);
    pbkdf2_first(key, salt, index, out);
    // From here on each message is one digest: one padded block after the pad of the key.
    struct Scratch {
        Word block[Sha::kBlock / sizeof(Word)] = {};
        Word sum[kWords] = {};
        typename Sha::Context context;
    } s;
    std::memcpy(s.block, out, Sha::kDigest);
    std::memcpy(s.sum, out, Sha::kDigest);
    s.block[kWords] = Sha::big_endian(static_cast<Word>(Word{0x80} << (8 * (sizeof(Word) - 1))));
    s.block[2 * kWords - 1] = Sha::big_endian(static_cast<Word>(8 * (Sha::kBlock + Sha::kDigest)));
    const auto half = [&s](const typename Sha::Context& start) {
        std::memcpy(s.context.h, start.h, sizeof start.h);
        Sha::transform(s.context, reinterpret_cast<const std::uint8_t*>(s.block));
        for (std::size_t i = 0; i < kWords; ++i) s.block[i] = Sha::big_endian(static_cast<Word>(s.context.h[i]));
    };
    s.context = key.inner();
    for (std::uint32_t i = 1; i < iterations; ++i) {
        half(key.inner());
        half(key.outer());
        for (std::size_t w = 0; w < kWords; ++w) s.sum[w] ^= s.block[w];
    }
    std::memcpy(out, s.sum, Sha::kDigest);
    OPENSSL_cleanse(&s, sizeof s);
}

/// The most passwords at once that this processor can work on: 8, 4 or 1.
[[nodiscard]] std::size_t widest_lanes();

/// pbkdf2_hmac_sha512_many with 8, 4 or 1 lanes, at most widest_lanes().
void pbkdf2_hmac_sha512_in_lanes(std::size_t lanes, std::span<const Pbkdf2Job> jobs, std::uint32_t iterations);

}  // namespace keydeck::crypto
