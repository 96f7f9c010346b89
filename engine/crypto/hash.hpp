// Hashes and message authentication. Keccak-256 is our own (OpenSSL 3.0 does not offer it); the rest is OpenSSL's.
#pragma once

#include <cstdint>
#include <memory>

#include "engine/base/bytes.hpp"
#include "engine/base/secret.hpp"

namespace keydeck::crypto {

/// Keccak-256 as Ethereum uses it: the original padding 0x01, not SHA3-256's 0x06. Yellow Paper, appendix B.
[[nodiscard]] Hash32 keccak256(ByteView data);

/// Keccak-256 over pieces: `Keccak256 h; h.update(a); h.update(b); h.finish()`. One use an object.
class Keccak256 {
public:
    void update(ByteView data);
    [[nodiscard]] Hash32 finish();

private:
    std::uint64_t state_[25] = {};
    std::uint8_t block_[136] = {};
    std::size_t filled_ = 0;
};

[[nodiscard]] Hash32 sha256(ByteView data);

/// SHA-256 over pieces, as Keccak256 above: for what is larger than memory should hold. One use an object.
class Sha256Pieces {
public:
    Sha256Pieces();
    Sha256Pieces(Sha256Pieces&&) noexcept;
    Sha256Pieces& operator=(Sha256Pieces&&) noexcept;
    Sha256Pieces(const Sha256Pieces&) = delete;
    Sha256Pieces& operator=(const Sha256Pieces&) = delete;
    ~Sha256Pieces();
    void update(ByteView data);
    [[nodiscard]] Hash32 finish();

private:
    struct State;
    std::unique_ptr<State> state_;
};

[[nodiscard]] FixedBytes<64> sha512(ByteView data);
[[nodiscard]] FixedBytes<20> ripemd160_of_sha256(ByteView data);  ///< BIP-32 key identifiers
[[nodiscard]] Hash32 hmac_sha256(ByteView key, ByteView data);
[[nodiscard]] SecretBytes hmac_sha512(ByteView key, ByteView data);  ///< 64 bytes; used on secrets only (BIP-32)

/// HKDF-SHA256 (RFC 5869), extract and expand; `length` at most 8160.
[[nodiscard]] SecretBytes hkdf_sha256(ByteView secret, ByteView salt, ByteView info, std::size_t length);

}  // namespace keydeck::crypto
