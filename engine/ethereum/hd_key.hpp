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

/// Reads `m/44'/60'/0'/0/0` (`'`, `h` or `H` for hardened; at most 16 steps, each 0 to 2147483647 without leading zeros; `m`
/// alone is the master key). Error: invalid_input, naming the step.
[[nodiscard]] Result<std::vector<std::uint32_t>> parse_path(std::string_view path);
/// The form with `'`.
[[nodiscard]] std::string to_path(const std::vector<std::uint32_t>& steps);

/// An extended private key. Move-only: it holds secrets. A public key costs a point multiplication (two thirds of a
/// signature), so each is made when it is first asked for: hardened steps need none, and m/44'/60'/0'/0/0 with its address
/// needs three. Thread rule: one thread at a time, reading too.
class HdKey {
public:
    /// From a seed of 16 to 64 bytes. Error: invalid_input.
    [[nodiscard]] static Result<HdKey> from_seed(ByteView seed);
    /// One step; an `index` from kHardened on is hardened. Error: invalid_input in the one of 2^127 cases where the child
    /// does not exist, and below depth 255.
    [[nodiscard]] Result<HdKey> child(std::uint32_t index) const;
    /// The key at the end of a path from here. What lies between is wiped. Errors: as child().
    [[nodiscard]] Result<HdKey> derive(const std::vector<std::uint32_t>& path) const;

    [[nodiscard]] const SecretBytes& private_key() const { return private_key_; }  ///< 32 bytes
    [[nodiscard]] const crypto::PublicKey& public_key() const;
    /// `xprv…` / `xpub…` (Base58Check), for the published vectors.
    [[nodiscard]] SecretBytes extended_private_key() const;
    [[nodiscard]] std::string extended_public_key() const;

private:
    HdKey() = default;
    [[nodiscard]] HdKey clone() const;
    [[nodiscard]] Result<HdKey> step(std::uint32_t index, bool with_fingerprint) const;
    [[nodiscard]] SecretBytes serialized(std::uint32_t version, ByteView key_data) const;

    SecretBytes private_key_;
    SecretBytes chain_code_;
    mutable std::optional<crypto::PublicKey> public_key_;
    std::uint8_t depth_ = 0;
    FixedBytes<4> parent_fingerprint_{};
    std::uint32_t index_ = 0;
};

}  // namespace keydeck::ethereum
