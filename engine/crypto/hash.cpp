#include "engine/crypto/hash.hpp"

#include <openssl/ripemd.h>

#include "engine/crypto/must.hpp"
#include "engine/crypto/sha2.hpp"

namespace keydeck::crypto {

Hash32 sha256(ByteView data) {
    Hash32 out;
    digest_into<Sha256>(data, out.data());
    return out;
}

struct Sha256Pieces::State {
    Sha256::Context context{};
    ~State() { OPENSSL_cleanse(&context, sizeof context); }
};

Sha256Pieces::Sha256Pieces() : state_(std::make_unique<State>()) { Sha256::init(state_->context); }
Sha256Pieces::Sha256Pieces(Sha256Pieces&&) noexcept = default;
Sha256Pieces& Sha256Pieces::operator=(Sha256Pieces&&) noexcept = default;
Sha256Pieces::~Sha256Pieces() = default;

void Sha256Pieces::update(ByteView data) { Sha256::update(state_->context, data); }

Hash32 Sha256Pieces::finish() {
    Hash32 out;
    Sha256::final(state_->context, out.data());
    return out;
}

FixedBytes<64> sha512(ByteView data) {
    FixedBytes<64> out;
    digest_into<Sha512>(data, out.data());
    return out;
}

FixedBytes<20> ripemd160_of_sha256(ByteView data) {
    const Hash32 inner = sha256(data);
    FixedBytes<20> out;
    RIPEMD160(inner.data(), inner.size(), out.data());
    return out;
}

Hash32 hmac_sha256(ByteView key, ByteView data) {
    Hash32 out;
    HmacKey<Sha256>(key).authenticate(out.data(), data);
    return out;
}

SecretBytes hmac_sha512(ByteView key, ByteView data) {
    SecretBytes out(Sha512::kDigest);
    HmacKey<Sha512>(key).authenticate(out.data(), data);
    return out;
}

SecretBytes hkdf_sha256(ByteView secret, ByteView salt, ByteView info, std::size_t length) {
    must(length <= 255 * Sha256::kDigest, "HKDF (more than 8160 bytes asked for)");
    FixedBytes<32> block;  // first the extracted key, then each T(i)
    const WipeOnExit guard(block);
    HmacKey<Sha256>(salt).authenticate(block.data(), secret);
    const HmacKey<Sha256> extracted(block);
    SecretBytes out(length);
    for (std::size_t done = 0; done < length; done += block.size()) {
        const auto counter = static_cast<std::uint8_t>(done / block.size() + 1);
        const ByteView previous = done == 0 ? ByteView() : ByteView(block);
        extracted.authenticate(block.data(), previous, info, ByteView(&counter, 1));
        std::ranges::copy(ByteView(block).first(std::min(block.size(), length - done)), out.data() + done);
    }
    return out;
}

}  // namespace keydeck::crypto
