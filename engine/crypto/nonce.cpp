#include "engine/crypto/nonce.hpp"

#include <optional>

#include "engine/base/secret.hpp"
#include "engine/crypto/sha2.hpp"

namespace keydeck::crypto {
namespace {

constexpr FixedBytes<32> kOrder = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                   0xff, 0xff, 0xff, 0xff, 0xfe, 0xba, 0xae, 0xdc, 0xe6, 0xaf, 0x48,
                                   0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41};

/// bits2octets of the RFC: the digest modulo n. It is less than 2n, so one subtraction is enough.
FixedBytes<32> reduced(const unsigned char* digest) {
    FixedBytes<32> out;
    std::copy_n(digest, out.size(), out.begin());
    if (out < kOrder) return out;
    int borrow = 0;
    for (std::size_t i = out.size(); i-- > 0;) {
        const int difference = out[i] - kOrder[i] - borrow;
        borrow = difference < 0 ? 1 : 0;
        out[i] = static_cast<std::uint8_t>(difference & 0xff);
    }
    return out;
}

/// HMAC_DRBG's K and V, named as in the RFC.
class Generator {
public:
    Generator(ByteView key, ByteView digest) {
        v_.fill(0x01);
        k_.fill(0x00);
        hmac_.emplace(k_);
        step(0x00, key, digest);
        step(0x01, key, digest);
    }
    ~Generator() {
        wipe(k_);
        wipe(v_);
    }
    Generator(const Generator&) = delete;
    Generator& operator=(const Generator&) = delete;

    ByteView next() {
        hmac_->authenticate(v_.data(), ByteView(v_));
        return v_;
    }
    /// After a candidate that did not serve.
    void retry() { step(0x00, {}, {}); }

private:
    void step(std::uint8_t separator, ByteView key, ByteView digest) {
        hmac_->authenticate(k_.data(), ByteView(v_), ByteView(&separator, 1), key, digest);
        hmac_.emplace(k_);
        hmac_->authenticate(v_.data(), ByteView(v_));
    }

    FixedBytes<32> k_;
    FixedBytes<32> v_;
    std::optional<HmacKey<Sha256>> hmac_;
};

}  // namespace

int nonce_rfc6979(unsigned char* nonce32, const unsigned char* digest32, const unsigned char* key32,
                  const unsigned char* algorithm, void* extra, unsigned int attempt) {
    if (algorithm != nullptr || extra != nullptr) return 0;
    Generator generator({key32, 32}, reduced(digest32));
    ByteView candidate = generator.next();
    for (; attempt > 0; --attempt) {
        generator.retry();
        candidate = generator.next();
    }
    std::ranges::copy(candidate, nonce32);
    return 1;
}

}  // namespace keydeck::crypto
