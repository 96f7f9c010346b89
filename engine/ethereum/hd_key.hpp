// Hierarchical keys: BIP-32 and BIP-44.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/bytes.hpp"
#include "engine/base/secret.hpp"
#include "engine/crypto/secp256k1.hpp"
#include "engine/error.hpp"

namespace keydeck::ethereum {

inline constexpr std::string_view kDefaultPath = "m/44'/60'/0'/0/0";
inline constexpr std::uint32_t kHardened = 0x80000000;

/// Reads `m/44'/60'/0'/0/0` (`'`, `h` or `H` for hardened; at most 16 steps). Error: invalid_input.
[[nodiscard]] Result<std::vector<std::uint32_t>> parse_path(std::string_view path);
/// The form with `'`.
[[nodiscard]] std::string to_path(const std::vector<std::uint32_t>& steps);

/// An extended private key. Move-only: it holds secrets.
class HdKey {
public:
    /// From a seed of 16 to 64 bytes. Error: invalid_input.
    [[nodiscard]] static Result<HdKey> from_seed(ByteView seed);
    /// One step. Error: invalid_input in the one of 2^127 cases where the child does not exist.
    [[nodiscard]] Result<HdKey> child(std::uint32_t index) const;
    [[nodiscard]] Result<HdKey> derive(const std::vector<std::uint32_t>& path) const;

    [[nodiscard]] const SecretBytes& private_key() const { return private_key_; }  ///< 32 bytes
    [[nodiscard]] const crypto::PublicKey& public_key() const { return public_key_; }
    /// `xprv…` / `xpub…` (Base58Check), for the published vectors.
    [[nodiscard]] SecretBytes extended_private_key() const;
    [[nodiscard]] std::string extended_public_key() const;

private:
    HdKey() = default;
    SecretBytes private_key_;
    FixedBytes<32> chain_code_{};
    crypto::PublicKey public_key_;
    std::uint8_t depth_ = 0;
    FixedBytes<4> parent_fingerprint_{};
    std::uint32_t index_ = 0;
};

}  // namespace keydeck::ethereum
