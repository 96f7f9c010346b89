// The inner loop of PBKDF2-HMAC-SHA512 for several passwords at once, one in each lane of the vector registers. Internal to
// the room.
//
// Each file that includes this is compiled for one instruction set (see CMakeLists.txt). So nothing here may come from
// another header that defines functions: the linker might keep the copy made for a processor that is not there. Everything
// is in an unnamed namespace for the same reason.
#pragma once

#include <cstddef>
#include <cstdint>

namespace keydeck::crypto {

/// The state of `Lanes` runs, word by word; each word holds the numbers of all lanes side by side.
template <std::size_t Lanes>
struct Pbkdf2State {
    alignas(64) std::uint64_t inner[8][Lanes];  ///< SHA-512's state after the key's inner pad
    std::uint64_t outer[8][Lanes];              ///< and after its outer pad
    std::uint64_t block[8][Lanes];              ///< U_i
    std::uint64_t sum[8][Lanes];                ///< U_1 xor … xor U_i
};

namespace {

/// FIPS 180-4, 4.2.3.
constexpr std::uint64_t kRoundConstants[80] = {
    0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc, 0x3956c25bf348b538, 0x59f111f1b605d019,
    0x923f82a4af194f9b, 0xab1c5ed5da6d8118, 0xd807aa98a3030242, 0x12835b0145706fbe, 0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2,
    0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235, 0xc19bf174cf692694, 0xe49b69c19ef14ad2, 0xefbe4786384f25e3,
    0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65, 0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5,
    0x983e5152ee66dfab, 0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4, 0xc6e00bf33da88fc2, 0xd5a79147930aa725,
    0x06ca6351e003826f, 0x142929670a0e6e70, 0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed, 0x53380d139d95b3df,
    0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b, 0xa2bfe8a14cf10364, 0xa81a664bbc423001,
    0xc24b8b70d0f89791, 0xc76c51a30654be30, 0xd192e819d6ef5218, 0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8,
    0x19a4c116b8d2d0c8, 0x1e376c085141ab53, 0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8, 0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb,
    0x5b9cca4f7763e373, 0x682e6ff3d6b2b8a3, 0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
    0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b, 0xca273eceea26619c, 0xd186b8c721c0c207,
    0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178, 0x06f067aa72176fba, 0x0a637dc5a2c898a6, 0x113f9804bef90dae, 0x1b710b35131c471b,
    0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc, 0x431d67c49c100d4c, 0x4cc5d4becb3e42b6, 0x597f299cfc657e2a,
    0x5fcb6fab3ad6faec, 0x6c44198c4a475817,
};

template <std::size_t Lanes>
class Sha512Lanes {
public:
    /// Adds the next `count` blocks U to the sum.
    static void iterate(Pbkdf2State<Lanes>& state, std::uint32_t count) {
        Vector inner[8];
        Vector outer[8];
        Vector block[8];
        Vector sum[8];
        for (int i = 0; i < 8; ++i) {
            load(inner[i], state.inner[i]);
            load(outer[i], state.outer[i]);
            load(block[i], state.block[i]);
            load(sum[i], state.sum[i]);
        }
        for (; count > 0; --count) {
            compress(inner, block);
            compress(outer, block);
            for (int i = 0; i < 8; ++i) sum[i] ^= block[i];
        }
        for (int i = 0; i < 8; ++i) {
            store(state.block[i], block[i]);
            store(state.sum[i], sum[i]);
        }
    }

private:
    using Vector [[gnu::vector_size(8 * Lanes)]] = std::uint64_t;

    static void load(Vector& to, const std::uint64_t* from) { __builtin_memcpy(&to, from, sizeof to); }
    static void store(std::uint64_t* to, const Vector& from) { __builtin_memcpy(to, &from, sizeof from); }

    template <int Bits>
    [[gnu::always_inline]] static Vector rotated(Vector x) {
        return x >> Bits | x << (64 - Bits);
    }

    /// One round; the caller renames the eight words instead of moving them.
    [[gnu::always_inline]] static void round(Vector a, Vector b, Vector c, Vector& d, Vector e, Vector f, Vector g,
                                             Vector& h, Vector word) {
        const Vector t1 = h + (rotated<14>(e) ^ rotated<18>(e) ^ rotated<41>(e)) + (g ^ (e & (f ^ g))) + word;
        d += t1;
        // The majority of a, b, c, in the form whose a ^ b is the next round's b ^ c.
        h = t1 + (rotated<28>(a) ^ rotated<34>(a) ^ rotated<39>(a)) + (b ^ ((a ^ b) & (b ^ c)));
    }

    [[gnu::always_inline]] static void sixteen_rounds(Vector* s, const Vector* w, const std::uint64_t* k) {
        for (int i = 0; i < 16; i += 8) {
            round(s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7], w[i] + k[i]);
            round(s[7], s[0], s[1], s[2], s[3], s[4], s[5], s[6], w[i + 1] + k[i + 1]);
            round(s[6], s[7], s[0], s[1], s[2], s[3], s[4], s[5], w[i + 2] + k[i + 2]);
            round(s[5], s[6], s[7], s[0], s[1], s[2], s[3], s[4], w[i + 3] + k[i + 3]);
            round(s[4], s[5], s[6], s[7], s[0], s[1], s[2], s[3], w[i + 4] + k[i + 4]);
            round(s[3], s[4], s[5], s[6], s[7], s[0], s[1], s[2], w[i + 5] + k[i + 5]);
            round(s[2], s[3], s[4], s[5], s[6], s[7], s[0], s[1], w[i + 6] + k[i + 6]);
            round(s[1], s[2], s[3], s[4], s[5], s[6], s[7], s[0], w[i + 7] + k[i + 7]);
        }
    }

    [[gnu::always_inline]] static void next_schedule(Vector* w) {
        for (int i = 0; i < 16; ++i) {
            const Vector w1 = w[(i + 1) & 15];
            const Vector w14 = w[(i + 14) & 15];
            w[i] += (rotated<1>(w1) ^ rotated<8>(w1) ^ w1 >> 7) + w[(i + 9) & 15] +
                    (rotated<19>(w14) ^ rotated<61>(w14) ^ w14 >> 6);
        }
    }

    /// SHA-512 from the state `start` over the last block of a message that is `block`, 64 bytes after one block: into
    /// `block`.
    [[gnu::always_inline]] static void compress(const Vector* start, Vector* block) {
        Vector w[16] = {};
        for (int i = 0; i < 8; ++i) w[i] = block[i];
        w[8] += 0x8000000000000000;
        w[15] += 8 * (128 + 64);
        Vector s[8];
        for (int i = 0; i < 8; ++i) s[i] = start[i];
        sixteen_rounds(s, w, kRoundConstants);
        for (int i = 16; i < 80; i += 16) {
            next_schedule(w);
            sixteen_rounds(s, w, kRoundConstants + i);
        }
        for (int i = 0; i < 8; ++i) block[i] = s[i] + start[i];
    }
};

}  // namespace

/// The loop for four lanes, to be called on a processor with AVX2 only.
void pbkdf2_four_lanes(Pbkdf2State<4>& state, std::uint32_t count);

/// The loop for eight lanes, to be called on a processor with AVX-512F only.
void pbkdf2_eight_lanes(Pbkdf2State<8>& state, std::uint32_t count);

}  // namespace keydeck::crypto
