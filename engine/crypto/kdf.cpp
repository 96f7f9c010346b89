#include "engine/crypto/kdf.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <bit>

#include "engine/crypto/must.hpp"
#include "engine/crypto/sha2.hpp"

namespace keydeck::crypto {
namespace {

constexpr std::uint64_t kMaxScryptMemory = std::uint64_t{1} << 30;
constexpr std::uint64_t kMaxScryptWork = std::uint64_t{1} << 28;  // n * r * p; keystores in use have 2^21
constexpr std::size_t kMaxLength = 1024;

/// T(index) of PBKDF2 (RFC 8018, 5.2) for a password whose HMAC states are kept: two block functions an iteration.
template <class Sha>
void pbkdf2_block(const HmacKey<Sha>& key, ByteView salt, std::uint32_t index, std::uint32_t iterations, std::uint8_t* out) {
    using Word = typename Sha::Word;
    constexpr std::size_t kWords = Sha::kDigest / sizeof(Word);
    const std::uint8_t suffix[4] = {static_cast<std::uint8_t>(index >> 24), static_cast<std::uint8_t>(index >> 16),
                                    static_cast<std::uint8_t>(index >> 8), static_cast<std::uint8_t>(index)};
    key.authenticate(out, salt, ByteView(suffix));
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

Status check_scrypt(std::uint64_t n, std::uint64_t r, std::uint64_t p, std::size_t length) {
    if (n < 2 || !std::has_single_bit(n)) {
        return fail(ErrorCode::kInvalidInput, "The scrypt parameter n is not a power of two above 1.");
    }
    if (r == 0 || p == 0) return fail(ErrorCode::kInvalidInput, "The scrypt parameters r and p must be at least 1.");
    if (length == 0 || length > kMaxLength) {
        return fail(ErrorCode::kInvalidInput, fmt::format("The length of a scrypt key must be 1 to {} bytes.", kMaxLength));
    }
    const std::uint64_t most_blocks = kMaxScryptMemory / 128;
    if (r > most_blocks || n > most_blocks / r || p > most_blocks / r) {
        return fail(ErrorCode::kInvalidInput, "The scrypt parameters ask for more than 1 GiB of memory.");
    }
    if (n * r > kMaxScryptWork / p) return fail(ErrorCode::kInvalidInput, "The scrypt parameters ask for too much work.");
    return {};
}

}  // namespace

Result<SecretBytes> scrypt(ByteView passphrase, ByteView salt, std::uint64_t n, std::uint64_t r, std::uint64_t p,
                           std::size_t length) {
    if (const Status checked = check_scrypt(n, r, p, length); !checked) return fail(checked);
    const std::uint64_t needed = 128 * r * (n + p + 2);  // what OpenSSL compares its limit with
    SecretBytes out(length);
    const std::string_view password = passphrase.empty() ? "" : as_text(passphrase);
    const std::uint8_t nothing = 0;
    const std::uint8_t* salt_data = salt.empty() ? &nothing : salt.data();
    if (EVP_PBE_scrypt(password.data(), password.size(), salt_data, salt.size(), n, r, p, needed, out.data(), length) != 1) {
        return fail(ErrorCode::kInternal, "The key could not be derived with scrypt.", "There may be too little memory.");
    }
    return out;
}

Result<SecretBytes> pbkdf2_hmac_sha256(ByteView passphrase, ByteView salt, std::uint32_t iterations, std::size_t length) {
    if (iterations == 0) return fail(ErrorCode::kInvalidInput, "The PBKDF2 iteration count must be at least 1.");
    if (length == 0 || length > kMaxLength) {
        return fail(ErrorCode::kInvalidInput, fmt::format("The length of a PBKDF2 key must be 1 to {} bytes.", kMaxLength));
    }
    const HmacKey<Sha256> key(passphrase);
    SecretBytes out(length);
    FixedBytes<Sha256::kDigest> block;
    const WipeOnExit guard(block);
    for (std::size_t done = 0; done < length; done += block.size()) {
        pbkdf2_block(key, salt, static_cast<std::uint32_t>(done / block.size() + 1), iterations, block.data());
        std::ranges::copy(ByteView(block).first(std::min(block.size(), length - done)), out.data() + done);
    }
    return out;
}

SecretBytes pbkdf2_hmac_sha512(ByteView passphrase, ByteView salt, std::uint32_t iterations) {
    must(iterations > 0, "PBKDF2 (no iterations asked for)");
    SecretBytes out(Sha512::kDigest);
    pbkdf2_block(HmacKey<Sha512>(passphrase), salt, 1, iterations, out.data());
    return out;
}

void pbkdf2_hmac_sha512_many(std::span<const Pbkdf2Job> jobs, std::uint32_t iterations) {
    must(iterations > 0, "PBKDF2 (no iterations asked for)");
    for (const Pbkdf2Job& job : jobs) {
        must(job.out.size() == Sha512::kDigest, "PBKDF2 (an output that is not 64 bytes)");
        pbkdf2_block(HmacKey<Sha512>(job.passphrase), job.salt, 1, iterations, job.out.data());
    }
}

}  // namespace keydeck::crypto
