#include "engine/crypto/rsa.hpp"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <memory>

#include "engine/crypto/must.hpp"

namespace keydeck::crypto {
namespace {

constexpr std::size_t kWrapOverhead = 8;  // RFC 5649: the integrity block

struct FreeKey {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct FreeKeyContext {
    void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
};
struct FreeCipherContext {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, FreeKeyContext>;
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, FreeCipherContext>;

const EVP_MD* algorithm_of(OaepHash hash) { return hash == OaepHash::kSha1 ? EVP_sha1() : EVP_sha256(); }

bool set_oaep(EVP_PKEY_CTX* context, OaepHash hash) {
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_oaep_md(context, algorithm_of(hash)) == 1 &&
           EVP_PKEY_CTX_set_rsa_mgf1_md(context, algorithm_of(hash)) == 1;
}

std::unexpected<Error> cannot_open() { return fail(ErrorCode::kCorrupt, "The wrapped bytes do not open."); }

CipherContext wrap_context(ByteView key, int encrypt) {
    must(key.size() == 32, "AES key wrap (the key's size)");
    CipherContext context(EVP_CIPHER_CTX_new());
    must(context != nullptr, "making an AES context");
    EVP_CIPHER_CTX_set_flags(context.get(), EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
    must(EVP_CipherInit_ex(context.get(), EVP_aes_256_wrap_pad(), nullptr, key.data(), nullptr, encrypt) == 1,
         "AES key wrap");
    return context;
}

}  // namespace

RsaKeyPair make_rsa_key(int bits) {
    const Key key(EVP_RSA_gen(static_cast<unsigned>(bits)));
    must(key != nullptr, "making an RSA key");
    RsaKeyPair pair;
    const int private_size = i2d_PrivateKey(key.get(), nullptr);
    const int public_size = i2d_PUBKEY(key.get(), nullptr);
    must(private_size > 0 && public_size > 0, "encoding an RSA key");
    pair.private_key = SecretBytes(static_cast<std::size_t>(private_size));
    pair.public_key.resize(static_cast<std::size_t>(public_size));
    std::uint8_t* out = pair.private_key.data();
    must(i2d_PrivateKey(key.get(), &out) == private_size, "encoding an RSA key");
    out = pair.public_key.data();
    must(i2d_PUBKEY(key.get(), &out) == public_size, "encoding an RSA key");
    return pair;
}

Result<SecretBytes> rsa_oaep_decrypt(ByteView private_key, OaepHash hash, ByteView ciphertext) {
    const std::uint8_t* in = private_key.data();
    const Key key(d2i_PrivateKey(EVP_PKEY_RSA, nullptr, &in, static_cast<long>(private_key.size())));
    if (!key) return fail(ErrorCode::kCorrupt, "The RSA key is malformed.");
    const KeyContext context(EVP_PKEY_CTX_new(key.get(), nullptr));
    must(context != nullptr && EVP_PKEY_decrypt_init(context.get()) == 1 && set_oaep(context.get(), hash), "RSA-OAEP");
    std::size_t size = static_cast<std::size_t>(EVP_PKEY_get_size(key.get()));
    if (ciphertext.size() != size) return cannot_open();
    SecretBytes out(size);
    if (EVP_PKEY_decrypt(context.get(), out.data(), &size, ciphertext.data(), ciphertext.size()) != 1) return cannot_open();
    out.truncate(size);
    return out;
}

Result<Bytes> rsa_oaep_encrypt(ByteView public_key, OaepHash hash, ByteView plaintext) {
    const std::uint8_t* in = public_key.data();
    const Key key(d2i_PUBKEY(nullptr, &in, static_cast<long>(public_key.size())));
    if (!key || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA) {
        return fail(ErrorCode::kInvalidInput, "The public key is no RSA key.");
    }
    const KeyContext context(EVP_PKEY_CTX_new(key.get(), nullptr));
    must(context != nullptr && EVP_PKEY_encrypt_init(context.get()) == 1 && set_oaep(context.get(), hash), "RSA-OAEP");
    Bytes out(static_cast<std::size_t>(EVP_PKEY_get_size(key.get())));
    std::size_t size = out.size();
    if (EVP_PKEY_encrypt(context.get(), out.data(), &size, plaintext.data(), plaintext.size()) != 1) {
        return fail(ErrorCode::kInvalidInput, "The plaintext is too long for this RSA key.");
    }
    out.resize(size);
    return out;
}

Bytes aes_key_wrap_padded(ByteView key, ByteView plaintext) {
    const CipherContext context = wrap_context(key, 1);
    Bytes out(plaintext.size() + 2 * kWrapOverhead);
    int written = 0;
    int last = 0;
    must(EVP_CipherUpdate(context.get(), out.data(), &written, plaintext.data(), static_cast<int>(plaintext.size())) == 1 &&
             EVP_CipherFinal_ex(context.get(), out.data() + written, &last) == 1,
         "AES key wrap");
    out.resize(static_cast<std::size_t>(written) + static_cast<std::size_t>(last));
    return out;
}

Result<SecretBytes> aes_key_unwrap_padded(ByteView key, ByteView wrapped) {
    if (wrapped.size() < 2 * kWrapOverhead || wrapped.size() % kWrapOverhead != 0 || wrapped.size() > 16384) {
        return cannot_open();
    }
    const CipherContext context = wrap_context(key, 0);
    SecretBytes out(wrapped.size());
    int written = 0;
    const int done = EVP_CipherUpdate(context.get(), out.data(), &written, wrapped.data(), static_cast<int>(wrapped.size()));
    if (done != 1 || written <= 0) return cannot_open();
    out.truncate(static_cast<std::size_t>(written));
    return out;
}

}  // namespace keydeck::crypto
