// The curve secp256k1 (SEC 2), through libsecp256k1.
#pragma once

#include <cstdint>

#include "engine/base/bytes.hpp"
#include "engine/base/secret.hpp"
#include "engine/error.hpp"

namespace keydeck::crypto {

inline constexpr std::size_t kPrivateKeySize = 32;

/// X ‖ Y, 64 bytes, big-endian, without the 0x04 prefix. Always a point on the curve when it comes from here.
struct PublicKey {
    FixedBytes<64> xy{};
    friend bool operator==(const PublicKey&, const PublicKey&) = default;
};

/// r and s, 32 bytes each, big-endian.
struct Signature {
    FixedBytes<32> r{};
    FixedBytes<32> s{};
    friend bool operator==(const Signature&, const Signature&) = default;
};

/// A signature with the recovery id 0 to 3 (0 or 1 = parity of R.y for every r an honest signer meets).
struct RecoverableSignature {
    FixedBytes<32> r{};
    FixedBytes<32> s{};
    std::uint8_t recovery_id = 0;
    friend bool operator==(const RecoverableSignature&, const RecoverableSignature&) = default;
};

/// Whether 32 bytes are a private key: 1 to n - 1.
[[nodiscard]] bool is_private_key(ByteView key);

/// Error: invalid_input when `private_key` is not 32 bytes in 1 to n - 1.
[[nodiscard]] Result<PublicKey> public_key_of(ByteView private_key);

/// Signs a 32-byte digest deterministically (RFC 6979, HMAC-SHA256), low s. Error: invalid_input for a bad key.
[[nodiscard]] Result<RecoverableSignature> sign(ByteView private_key, const Hash32& digest);

/// The public key that made a signature. Accepts high s. Errors: invalid_input for r or s zero or not below n, recovery id
/// over 3; corrupt when no point fits.
[[nodiscard]] Result<PublicKey> recover(const Hash32& digest, const RecoverableSignature& signature);

/// Whether a signature (high s too) is valid.
[[nodiscard]] bool verify(const PublicKey& key, const Hash32& digest, const Signature& signature);

/// Whether s > n/2 (EIP-2 forbids it).
[[nodiscard]] bool has_high_s(const Signature& signature);

/// s or n - s, whichever is low. Flipping s flips the recovery parity: recover again.
[[nodiscard]] Signature with_low_s(const Signature& signature);

/// 0x02/0x03 ‖ X (33 bytes).
[[nodiscard]] FixedBytes<33> compress(const PublicKey& key);

/// From 33 (compressed), 65 (0x04 ‖ X ‖ Y) or 64 bytes. Error: invalid_input when it is no point of the curve.
[[nodiscard]] Result<PublicKey> parse_public_key(ByteView bytes);

/// (private_key + tweak) mod n, BIP-32's child step. Error: invalid_input when the result is no key (skip this child).
[[nodiscard]] Result<SecretBytes> add_to_private_key(ByteView private_key, ByteView tweak);

/// key + tweak·G, the public child step. Error: invalid_input.
[[nodiscard]] Result<PublicKey> add_to_public_key(const PublicKey& key, ByteView tweak);

}  // namespace keydeck::crypto
