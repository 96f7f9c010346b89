#include "engine/crypto/small_block_scrypt.hpp"

#include <array>
#include <bit>
#include <span>
#include <vector>

#include "engine/crypto/kdf.hpp"

namespace keydeck::crypto {
namespace {

// The names are RFC 7914's, sections 3 to 5. With r = 1 a block is two Salsa blocks of 16 words.
constexpr std::size_t kSalsaWords = 16;
constexpr std::size_t kBlockWords = 2 * kSalsaWords;
constexpr std::size_t kBlockBytes = 4 * kBlockWords;
constexpr std::uint64_t kMaxN = 1U << 23U;
constexpr std::uint64_t kMaxP = 8;

using SalsaBlock = std::array<std::uint32_t, kSalsaWords>;
using Block = std::array<std::uint32_t, kBlockWords>;

template <class Words>
void wipe_words(Words& words) {
    wipe({reinterpret_cast<std::uint8_t*>(words.data()), words.size() * sizeof(words[0])});
}

void quarter_round(SalsaBlock& x, std::size_t a, std::size_t b, std::size_t c, std::size_t d) {
    x[b] ^= std::rotl(x[a] + x[d], 7);
    x[c] ^= std::rotl(x[b] + x[a], 9);
    x[d] ^= std::rotl(x[c] + x[b], 13);
    x[a] ^= std::rotl(x[d] + x[c], 18);
}

void salsa20_8(SalsaBlock& block) {
    SalsaBlock x = block;
    for (int round = 0; round < 8; round += 2) {
        quarter_round(x, 0, 4, 8, 12);
        quarter_round(x, 5, 9, 13, 1);
        quarter_round(x, 10, 14, 2, 6);
        quarter_round(x, 15, 3, 7, 11);
        quarter_round(x, 0, 1, 2, 3);
        quarter_round(x, 5, 6, 7, 4);
        quarter_round(x, 10, 11, 8, 9);
        quarter_round(x, 15, 12, 13, 14);
    }
    for (std::size_t i = 0; i < kSalsaWords; ++i) block[i] += x[i];
}

// scryptBlockMix: with two halves, the even and odd results already stand in order.
void mix_block(Block& block) {
    SalsaBlock x;
    for (std::size_t i = 0; i < kSalsaWords; ++i) x[i] = block[kSalsaWords + i];
    for (std::size_t half = 0; half < kBlockWords; half += kSalsaWords) {
        for (std::size_t i = 0; i < kSalsaWords; ++i) x[i] ^= block[half + i];
        salsa20_8(x);
        for (std::size_t i = 0; i < kSalsaWords; ++i) block[half + i] = x[i];
    }
}

// scryptROMix, in place on 128 bytes. `memory` has n blocks.
void mix_memory(std::span<std::uint8_t> bytes, std::vector<Block>& memory) {
    Block x;
    for (std::size_t i = 0; i < kBlockBytes; ++i) {
        const auto shift = 8 * (i % 4);
        x[i / 4] = (i % 4 == 0 ? 0U : x[i / 4]) | static_cast<std::uint32_t>(bytes[i]) << shift;
    }
    for (auto& stored : memory) {
        stored = x;
        mix_block(x);
    }
    const std::size_t mask = memory.size() - 1;
    for (std::size_t step = 0; step < memory.size(); ++step) {
        const auto& stored = memory[x[kSalsaWords] & mask];  // Integerify: the low bits of the last Salsa block
        for (std::size_t i = 0; i < kBlockWords; ++i) x[i] ^= stored[i];
        mix_block(x);
    }
    for (std::size_t i = 0; i < kBlockBytes; ++i) bytes[i] = static_cast<std::uint8_t>(x[i / 4] >> (8 * (i % 4)));
    wipe_words(x);
}

}  // namespace

bool is_small_block_scrypt(std::uint64_t n, std::uint64_t r) { return r == 1 && n >= (1U << 16U); }

Result<SecretBytes> small_block_scrypt(ByteView passphrase, ByteView salt, std::uint64_t n, std::uint64_t p,
                                       std::size_t length) {
    if (!std::has_single_bit(n) || n > kMaxN || p == 0 || p > kMaxP)
        return fail(ErrorCode::kInvalidInput,
                    "The scrypt parameters are out of range: with r = 1, n is at most 8388608 and p 8.");
    auto blocks = pbkdf2_hmac_sha256(passphrase, salt, 1, p * kBlockBytes);
    if (!blocks) return fail(blocks);
    std::vector<Block> memory(n);
    for (std::size_t i = 0; i < p; ++i) mix_memory(blocks->span().subspan(i * kBlockBytes, kBlockBytes), memory);
    for (auto& stored : memory) wipe_words(stored);
    return pbkdf2_hmac_sha256(passphrase, blocks->view(), 1, length);
}

}  // namespace keydeck::crypto
