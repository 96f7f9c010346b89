// Keccak-f[1600] and the sponge for Keccak-256. Source: the Keccak reference, version 3.0.
#include <algorithm>
#include <bit>
#include <cstring>

#include "engine/crypto/hash.hpp"

namespace keydeck::crypto {
namespace {

constexpr std::size_t kRate = 136;
constexpr std::size_t kRateLanes = kRate / 8;

constexpr std::uint64_t kRoundConstants[24] = {
    0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000, 0x000000000000808b, 0x0000000080000001,
    0x8000000080008081, 0x8000000000008009, 0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
    0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003, 0x8000000000008002, 0x8000000000000080,
    0x000000000000800a, 0x800000008000000a, 0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
};

/// The 25 lanes; `a[x + 5 * y]` of the reference.
struct State {
    std::uint64_t a[25];
};

/// Chi on one row of the new state.
[[gnu::always_inline]] inline void chi(std::uint64_t* row, std::uint64_t b0, std::uint64_t b1, std::uint64_t b2,
                                       std::uint64_t b3, std::uint64_t b4) {
    row[0] = b0 ^ (~b1 & b2);
    row[1] = b1 ^ (~b2 & b3);
    row[2] = b2 ^ (~b3 & b4);
    row[3] = b3 ^ (~b4 & b0);
    row[4] = b4 ^ (~b0 & b1);
}

/// One round from `in` to `out`: two states taken in turn need no copies.
[[gnu::always_inline]] inline void round(State& out, const State& in, std::uint64_t constant) {
    const std::uint64_t* a = in.a;
    const std::uint64_t c0 = a[0] ^ a[5] ^ a[10] ^ a[15] ^ a[20];
    const std::uint64_t c1 = a[1] ^ a[6] ^ a[11] ^ a[16] ^ a[21];
    const std::uint64_t c2 = a[2] ^ a[7] ^ a[12] ^ a[17] ^ a[22];
    const std::uint64_t c3 = a[3] ^ a[8] ^ a[13] ^ a[18] ^ a[23];
    const std::uint64_t c4 = a[4] ^ a[9] ^ a[14] ^ a[19] ^ a[24];
    const std::uint64_t d0 = c4 ^ std::rotl(c1, 1);
    const std::uint64_t d1 = c0 ^ std::rotl(c2, 1);
    const std::uint64_t d2 = c1 ^ std::rotl(c3, 1);
    const std::uint64_t d3 = c2 ^ std::rotl(c4, 1);
    const std::uint64_t d4 = c3 ^ std::rotl(c0, 1);
    chi(out.a, a[0] ^ d0, std::rotl(a[6] ^ d1, 44), std::rotl(a[12] ^ d2, 43), std::rotl(a[18] ^ d3, 21),
        std::rotl(a[24] ^ d4, 14));
    out.a[0] ^= constant;
    chi(out.a + 5, std::rotl(a[3] ^ d3, 28), std::rotl(a[9] ^ d4, 20), std::rotl(a[10] ^ d0, 3), std::rotl(a[16] ^ d1, 45),
        std::rotl(a[22] ^ d2, 61));
    chi(out.a + 10, std::rotl(a[1] ^ d1, 1), std::rotl(a[7] ^ d2, 6), std::rotl(a[13] ^ d3, 25), std::rotl(a[19] ^ d4, 8),
        std::rotl(a[20] ^ d0, 18));
    chi(out.a + 15, std::rotl(a[4] ^ d4, 27), std::rotl(a[5] ^ d0, 36), std::rotl(a[11] ^ d1, 10), std::rotl(a[17] ^ d2, 15),
        std::rotl(a[23] ^ d3, 56));
    chi(out.a + 20, std::rotl(a[2] ^ d2, 62), std::rotl(a[8] ^ d3, 55), std::rotl(a[14] ^ d4, 39), std::rotl(a[15] ^ d0, 41),
        std::rotl(a[21] ^ d1, 2));
}

[[gnu::always_inline]] inline void permute_inline(std::uint64_t* lanes) {
    State even;
    State odd;
    std::memcpy(even.a, lanes, sizeof even.a);
    for (int i = 0; i < 24; i += 2) {
        round(odd, even, kRoundConstants[i]);
        round(even, odd, kRoundConstants[i + 1]);
    }
    std::memcpy(lanes, even.a, sizeof even.a);
}

void permute_plain(std::uint64_t* lanes) { permute_inline(lanes); }

#if defined(__x86_64__)
/// The same with ANDN and RORX, which spare the many copies.
[[gnu::target("bmi,bmi2")]] void permute_bmi2(std::uint64_t* lanes) { permute_inline(lanes); }
#endif

using Permute = void (*)(std::uint64_t*);

Permute best_permute() {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("bmi") != 0 && __builtin_cpu_supports("bmi2") != 0) return permute_bmi2;
#endif
    return permute_plain;
}

void permute(std::uint64_t* lanes) {
    static const Permute chosen = best_permute();
    chosen(lanes);
}

std::uint64_t load_le(const std::uint8_t* bytes) {
    std::uint64_t lane = 0;
    std::memcpy(&lane, bytes, sizeof lane);
    if constexpr (std::endian::native == std::endian::big) lane = __builtin_bswap64(lane);
    return lane;
}

void absorb_block(std::uint64_t* lanes, const std::uint8_t* block) {
    for (std::size_t i = 0; i < kRateLanes; ++i) lanes[i] ^= load_le(block + 8 * i);
    permute(lanes);
}

/// Pads the last `size` (under 136) bytes as 0x01 0x00 … 0x80, absorbs them and squeezes.
Hash32 finish_with(std::uint64_t* lanes, std::uint8_t* block, std::size_t size) {
    std::memset(block + size, 0, kRate - size);
    block[size] = 0x01;
    block[kRate - 1] |= 0x80;
    absorb_block(lanes, block);
    Hash32 hash;
    for (std::size_t i = 0; i < hash.size() / 8; ++i) {
        const std::uint64_t lane = load_le(reinterpret_cast<const std::uint8_t*>(lanes + i));
        std::memcpy(hash.data() + 8 * i, &lane, sizeof lane);
    }
    return hash;
}

}  // namespace

Hash32 keccak256(ByteView data) {
    std::uint64_t lanes[25] = {};
    while (data.size() >= kRate) {
        absorb_block(lanes, data.data());
        data = data.subspan(kRate);
    }
    std::uint8_t block[kRate];
    std::ranges::copy(data, block);
    return finish_with(lanes, block, data.size());
}

void Keccak256::update(ByteView data) {
    if (filled_ > 0) {
        const std::size_t taken = std::min(kRate - filled_, data.size());
        std::ranges::copy(data.first(taken), block_ + filled_);
        filled_ += taken;
        data = data.subspan(taken);
        if (filled_ < kRate) return;
        absorb_block(state_, block_);
    }
    while (data.size() >= kRate) {
        absorb_block(state_, data.data());
        data = data.subspan(kRate);
    }
    std::ranges::copy(data, block_);
    filled_ = data.size();
}

Hash32 Keccak256::finish() {
    const Hash32 hash = finish_with(state_, block_, filled_);
    wipe(block_);  // it may hold the tail of a key
    return hash;
}

}  // namespace keydeck::crypto
