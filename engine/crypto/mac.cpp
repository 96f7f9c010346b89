#include "engine/crypto/mac.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "engine/crypto/must.hpp"

namespace keydeck::crypto {
namespace {

const EVP_MD* algorithm_of(MacHash hash) {
    switch (hash) {
        case MacHash::kSha224:
            return EVP_sha224();
        case MacHash::kSha256:
            return EVP_sha256();
        case MacHash::kSha384:
            return EVP_sha384();
        case MacHash::kSha512:
            return EVP_sha512();
    }
    return nullptr;
}

}  // namespace

std::size_t mac_size(MacHash hash) { return static_cast<std::size_t>(EVP_MD_get_size(algorithm_of(hash))); }

Bytes mac(MacHash hash, ByteView key, ByteView message) {
    must(!key.empty(), "HMAC (an empty key)");
    Bytes out(mac_size(hash));
    unsigned length = 0;
    const bool done = HMAC(algorithm_of(hash), key.data(), static_cast<int>(key.size()), message.data(), message.size(),
                           out.data(), &length) != nullptr;
    must(done && length == out.size(), "HMAC");
    return out;
}

}  // namespace keydeck::crypto
