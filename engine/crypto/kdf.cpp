#include "engine/crypto/kdf.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <bit>

#include "engine/crypto/pbkdf2.hpp"
#include "engine/crypto/small_block_scrypt.hpp"

namespace keydeck::crypto {
namespace {

constexpr std::uint64_t kMaxScryptMemory = std::uint64_t{1} << 30;
constexpr std::uint64_t kMaxScryptWork = std::uint64_t{1} << 28;  // n * r * p; keystores in use have 2^21
constexpr std::size_t kMaxLength = 1024;

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
    if (is_small_block_scrypt(n, r)) return small_block_scrypt(passphrase, salt, n, p, length);
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

}  // namespace keydeck::crypto
