// SHA-2 through OpenSSL's block functions, and HMAC with the key's two states kept. Internal to the room.
// (The EVP interface would look the algorithm up and allocate on each call, which costs more than the hash of a short text.)
#pragma once

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "engine/base/bytes.hpp"

namespace keydeck::crypto {

struct Sha256 {
    using Context = SHA256_CTX;
    using Word = std::uint32_t;
    static constexpr std::size_t kBlock = 64;
    static constexpr std::size_t kDigest = 32;
    static void init(Context& c) { SHA256_Init(&c); }
    static void update(Context& c, ByteView data) { SHA256_Update(&c, data.data(), data.size()); }
    static void final(Context& c, std::uint8_t* out) { SHA256_Final(out, &c); }
    static void transform(Context& c, const std::uint8_t* block) { SHA256_Transform(&c, block); }
    static Word big_endian(Word word) { return std::endian::native == std::endian::little ? __builtin_bswap32(word) : word; }
};

struct Sha512 {
    using Context = SHA512_CTX;
    using Word = std::uint64_t;
    static constexpr std::size_t kBlock = 128;
    static constexpr std::size_t kDigest = 64;
    static void init(Context& c) { SHA512_Init(&c); }
    static void update(Context& c, ByteView data) { SHA512_Update(&c, data.data(), data.size()); }
    static void final(Context& c, std::uint8_t* out) { SHA512_Final(out, &c); }
    static void transform(Context& c, const std::uint8_t* block) { SHA512_Transform(&c, block); }
    static Word big_endian(Word word) { return std::endian::native == std::endian::little ? __builtin_bswap64(word) : word; }
};

template <class Sha>
void digest_into(ByteView data, std::uint8_t* out) {
    typename Sha::Context context;
    Sha::init(context);
    Sha::update(context, data);
    Sha::final(context, out);
    OPENSSL_cleanse(&context, sizeof context);
}

/// HMAC (RFC 2104) under one key: the states after the inner and the outer pad, to begin any number of messages from.
/// Wiped when it goes.
template <class Sha>
class HmacKey {
public:
    explicit HmacKey(ByteView key) {
        std::uint8_t pad[Sha::kBlock] = {};
        if (key.size() > Sha::kBlock) {
            digest_into<Sha>(key, pad);
        } else {
            std::ranges::copy(key, pad);
        }
        for (std::uint8_t& byte : pad) byte ^= 0x36;
        Sha::init(inner_);
        Sha::update(inner_, pad);
        for (std::uint8_t& byte : pad) byte ^= 0x36 ^ 0x5c;
        Sha::init(outer_);
        Sha::update(outer_, pad);
        OPENSSL_cleanse(pad, sizeof pad);
    }
    ~HmacKey() { OPENSSL_cleanse(this, sizeof *this); }
    HmacKey(const HmacKey&) = delete;
    HmacKey& operator=(const HmacKey&) = delete;

    [[nodiscard]] const typename Sha::Context& inner() const { return inner_; }
    [[nodiscard]] const typename Sha::Context& outer() const { return outer_; }

    /// The code of the concatenated parts, Sha::kDigest bytes. `out` may be one of the parts.
    template <class... Parts>
    void authenticate(std::uint8_t* out, const Parts&... parts) const {
        typename Sha::Context context = inner_;
        (Sha::update(context, parts), ...);
        Sha::final(context, out);
        context = outer_;
        Sha::update(context, ByteView(out, Sha::kDigest));
        Sha::final(context, out);
        OPENSSL_cleanse(&context, sizeof context);
    }

private:
    typename Sha::Context inner_;
    typename Sha::Context outer_;
};

}  // namespace keydeck::crypto
