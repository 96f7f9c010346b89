#include "engine/crypto/fernet.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <climits>
#include <memory>

#include "engine/base/base64.hpp"
#include "engine/crypto/hash.hpp"
#include "engine/crypto/must.hpp"

namespace keydeck::crypto {
namespace {

constexpr std::uint8_t kVersion = 0x80;
constexpr std::size_t kKeySize = 32;
constexpr std::size_t kKeyCharacters = 44;
constexpr std::size_t kIvAt = 1 + 8;
constexpr std::size_t kBlock = 16;
constexpr std::size_t kCiphertextAt = kIvAt + kBlock;
constexpr std::size_t kCodeSize = 32;
constexpr std::size_t kShortest = kCiphertextAt + kBlock + kCodeSize;
constexpr std::size_t kMost = std::size_t{INT_MAX} / 2;  // OpenSSL counts in int

struct FreeContext {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
struct FreeCipher {
    void operator()(EVP_CIPHER* cipher) const { EVP_CIPHER_free(cipher); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;
using Cipher = std::unique_ptr<EVP_CIPHER, FreeCipher>;

const EVP_CIPHER* aes128_cbc() {
    static const Cipher cipher(EVP_CIPHER_fetch(nullptr, "AES-128-CBC", nullptr));
    must(cipher != nullptr, "fetching AES-128-CBC");
    return cipher.get();
}

Context begin(ByteView key, ByteView iv, int encrypt) {
    Context context(EVP_CIPHER_CTX_new());
    must(context != nullptr, "making an AES context");
    must(EVP_CipherInit_ex2(context.get(), aes128_cbc(), key.data(), iv.data(), encrypt, nullptr) == 1, "AES-128-CBC");
    return context;
}

/// RFC 4648's other alphabet in this one, in place; false where it is neither.
bool from_url_alphabet(std::span<std::uint8_t> text) {
    for (std::uint8_t& c : text) {
        if (c == '+' || c == '/') return false;
        if (c == '-') c = '+';
        if (c == '_') c = '/';
    }
    return true;
}

std::string to_url_alphabet(std::string text) {
    std::ranges::replace(text, '+', '-');
    std::ranges::replace(text, '/', '_');
    return text;
}

std::unexpected<Error> malformed(std::string_view why) {
    return fail(ErrorCode::kCorrupt, fmt::format("It is not a whole Fernet token: {}.", why));
}

}  // namespace

Result<FernetKey> FernetKey::parse(std::string_view text) {
    const auto refuse = [] {
        return fail(ErrorCode::kInvalidInput, "A Fernet key is base64url of 32 bytes, 44 characters with its padding.",
                    "It is what Fernet.generate_key() printed.");
    };
    if (text.size() != kKeyCharacters) return refuse();
    SecretBytes standard = SecretBytes::copy_of(text);
    if (!from_url_alphabet(standard.span())) return refuse();
    Result<SecretBytes> bytes = secret_from_base64(standard.text(), "the key");
    if (!bytes || bytes->size() != kKeySize) return refuse();
    return FernetKey(std::move(*bytes));
}

Result<FernetToken> FernetToken::parse(std::string_view text) {
    Bytes standard = to_bytes(as_bytes(text));
    if (!from_url_alphabet(standard)) return malformed("it is not base64url");
    Result<Bytes> bytes = from_base64(as_text(standard), "it");
    if (!bytes) return malformed("it is not base64url, or it is cut short");
    if (bytes->size() < kShortest) return malformed("it is too short");
    if (bytes->size() > kMost) return malformed("it is too long");
    if (bytes->front() != kVersion) return malformed("its version is not 0x80");
    if ((bytes->size() - kShortest) % kBlock != 0) return malformed("its ciphertext is not whole blocks");
    return FernetToken(std::move(*bytes));
}

ByteView FernetToken::signed_part() const { return ByteView(bytes_).first(bytes_.size() - kCodeSize); }
ByteView FernetToken::iv() const { return ByteView(bytes_).subspan(kIvAt, kBlock); }
ByteView FernetToken::ciphertext() const { return signed_part().subspan(kCiphertextAt); }
ByteView FernetToken::code() const { return ByteView(bytes_).last(kCodeSize); }

bool FernetToken::is_signed_by(const FernetKey& key) const {
    return equal_in_constant_time(hmac_sha256(key.signing(), signed_part()), code());
}

Result<SecretBytes> FernetToken::open(const FernetKey& key) const {
    if (!is_signed_by(key)) return fail(ErrorCode::kCorrupt, "The Fernet key did not make this token, or it is damaged.");
    SecretBytes out(ciphertext().size());
    const Context context = begin(key.encryption(), iv(), 0);
    int written = 0;
    int last = 0;
    must(EVP_CipherUpdate(context.get(), out.data(), &written, ciphertext().data(), static_cast<int>(out.size())) == 1,
         "AES-128-CBC");
    if (EVP_CipherFinal_ex(context.get(), out.data() + written, &last) != 1)
        return fail(ErrorCode::kCorrupt, "The padding of the Fernet token is wrong.");
    out.truncate(static_cast<std::size_t>(written) + static_cast<std::size_t>(last));
    return out;
}

std::string FernetToken::seal(const FernetKey& key, ByteView plaintext, Timestamp now, Random& random) {
    must(plaintext.size() <= kMost, "Fernet (size)");
    const std::size_t padded = (plaintext.size() / kBlock + 1) * kBlock;
    Bytes bytes{kVersion};
    bytes.reserve(kCiphertextAt + padded + kCodeSize);
    append_u64_be(bytes,
                  static_cast<std::uint64_t>(std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count()));
    bytes.resize(kCiphertextAt + padded);
    random.fill({bytes.data() + kIvAt, kBlock});
    const Context context = begin(key.encryption(), ByteView(bytes).subspan(kIvAt, kBlock), 1);
    std::uint8_t* const body = bytes.data() + kCiphertextAt;
    int written = 0;
    int last = 0;
    const bool done = (plaintext.empty() || EVP_CipherUpdate(context.get(), body, &written, plaintext.data(),
                                                             static_cast<int>(plaintext.size())) == 1) &&
                      EVP_CipherFinal_ex(context.get(), body + written, &last) == 1;
    must(done && static_cast<std::size_t>(written) + static_cast<std::size_t>(last) == padded, "AES-128-CBC");
    append(bytes, hmac_sha256(key.signing(), bytes));
    return to_url_alphabet(to_base64(bytes));
}

const FernetKey* key_of(const FernetToken& token, std::span<const FernetKey> keys) {
    const auto found = std::ranges::find_if(keys, [&](const FernetKey& key) { return token.is_signed_by(key); });
    return found == keys.end() ? nullptr : &*found;
}

}  // namespace keydeck::crypto
