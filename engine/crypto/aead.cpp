#include "engine/crypto/aead.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <climits>
#include <memory>

#include "engine/crypto/must.hpp"

namespace keydeck::crypto {
namespace {

constexpr std::size_t kOverhead = kGcmNonceSize + kGcmTagSize;
constexpr std::size_t kMost = std::size_t{INT_MAX} - kOverhead;  // OpenSSL counts in int

struct FreeContext {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
struct FreeCipher {
    void operator()(EVP_CIPHER* cipher) const { EVP_CIPHER_free(cipher); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;
using Cipher = std::unique_ptr<EVP_CIPHER, FreeCipher>;

Cipher fetch(const char* name) {
    Cipher cipher(EVP_CIPHER_fetch(nullptr, name, nullptr));
    must(cipher != nullptr, "fetching an AES cipher");
    return cipher;
}

// Looking an algorithm up costs several times what sealing 100 bytes does.
const EVP_CIPHER* aes256_gcm() {
    static const Cipher cipher = fetch("AES-256-GCM");
    return cipher.get();
}

const EVP_CIPHER* aes128_ctr_cipher() {
    static const Cipher cipher = fetch("AES-128-CTR");
    return cipher.get();
}

/// This thread's context for one use: afterwards the key schedule in it is wiped.
class Borrowed {
public:
    Borrowed() : context_(of_thread()) {}
    ~Borrowed() { EVP_CIPHER_CTX_reset(context_); }
    Borrowed(const Borrowed&) = delete;
    Borrowed& operator=(const Borrowed&) = delete;
    [[nodiscard]] EVP_CIPHER_CTX* get() const { return context_; }

private:
    static EVP_CIPHER_CTX* of_thread() {
        thread_local const Context context(EVP_CIPHER_CTX_new());
        must(context != nullptr, "making an AES context");
        return context.get();
    }
    EVP_CIPHER_CTX* context_;
};

int length_of(ByteView bytes) { return static_cast<int>(bytes.size()); }

/// Empty ranges have no address, and OpenSSL takes a null input for "finish".
bool add_data(EVP_CIPHER_CTX* context, ByteView data) {
    int ignored = 0;
    return data.empty() || EVP_CipherUpdate(context, nullptr, &ignored, data.data(), length_of(data)) == 1;
}

bool transform(EVP_CIPHER_CTX* context, ByteView in, std::uint8_t* out) {
    int written = 0;
    return in.empty() ||
           (EVP_CipherUpdate(context, out, &written, in.data(), length_of(in)) == 1 && written == length_of(in));
}

bool finish(EVP_CIPHER_CTX* context) {
    std::uint8_t nothing[16];
    int written = 0;
    return EVP_CipherFinal_ex(context, nothing, &written) == 1;
}

}  // namespace

Bytes seal(ByteView key, ByteView additional_data, ByteView plaintext, Random& random) {
    must(key.size() == kAesKeySize && plaintext.size() <= kMost && additional_data.size() <= kMost, "AES-GCM (sizes)");
    Bytes out(plaintext.size() + kOverhead);
    std::uint8_t* const body = out.data() + kGcmNonceSize;
    std::uint8_t* const tag = body + plaintext.size();
    random.fill({out.data(), kGcmNonceSize});
    const Borrowed context;
    const bool sealed = EVP_CipherInit_ex2(context.get(), aes256_gcm(), key.data(), out.data(), 1, nullptr) == 1 &&
                        add_data(context.get(), additional_data) && transform(context.get(), plaintext, body) &&
                        finish(context.get()) &&
                        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, static_cast<int>(kGcmTagSize), tag) == 1;
    must(sealed, "AES-GCM");
    return out;
}

Result<SecretBytes> open(ByteView key, ByteView additional_data, ByteView sealed, std::string_view what) {
    must(key.size() == kAesKeySize && additional_data.size() <= kMost, "AES-GCM (sizes)");
    if (sealed.size() < kOverhead || sealed.size() - kOverhead > kMost) {
        return fail(ErrorCode::kCorrupt, fmt::format("The sealed bytes of {} have an impossible length.", what));
    }
    const ByteView nonce = sealed.first(kGcmNonceSize);
    const ByteView body = sealed.subspan(kGcmNonceSize, sealed.size() - kOverhead);
    FixedBytes<kGcmTagSize> tag;
    std::ranges::copy(sealed.last(kGcmTagSize), tag.begin());
    SecretBytes out(body.size());
    const Borrowed context;
    const bool ready =
        EVP_CipherInit_ex2(context.get(), aes256_gcm(), key.data(), nonce.data(), 0, nullptr) == 1 &&
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, static_cast<int>(kGcmTagSize), tag.data()) == 1 &&
        add_data(context.get(), additional_data) && transform(context.get(), body, out.data());
    must(ready, "AES-GCM");
    if (!finish(context.get())) {
        return fail(
            ErrorCode::kCorrupt,
            fmt::format("Cannot open {}: it is damaged, or it was sealed for another place or under another key.", what));
    }
    return out;
}

SecretBytes aes128_ctr(ByteView key, ByteView iv, ByteView data) {
    must(key.size() == 16 && iv.size() == 16 && data.size() <= kMost, "AES-CTR (sizes)");
    SecretBytes out(data.size());
    const Borrowed context;
    const bool done = EVP_CipherInit_ex2(context.get(), aes128_ctr_cipher(), key.data(), iv.data(), 1, nullptr) == 1 &&
                      transform(context.get(), data, out.data());
    must(done, "AES-CTR");
    return out;
}

}  // namespace keydeck::crypto
