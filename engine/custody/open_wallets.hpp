// The keys of opened wallets, in locked memory until somebody locks or they have been idle.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "engine/base/secret.hpp"
#include "engine/crypto/secp256k1.hpp"
#include "engine/ethereum/address.hpp"

namespace keydeck::custody {

/// A wallet that can sign now. Immutable; who holds the pointer may finish what it is doing although the wallet was
/// forgotten.
struct OpenedWallet {
    std::int64_t wallet_id = 0;
    std::int64_t user_id = 0;
    ethereum::Address address;
    crypto::PublicKey public_key;
    std::string key_id;       ///< the signing key, or the pool key the envelope opened under
    SecretBytes private_key;  ///< 32 bytes; empty for kms-key, whose key never leaves the KMS
};

/// Thread-safe.
class OpenWallets {
public:
    using Instant = std::chrono::steady_clock::time_point;

    /// The wallet, if it is open under that same key; marks it used.
    [[nodiscard]] std::shared_ptr<const OpenedWallet> find(std::int64_t wallet_id, std::string_view key_id, Instant now);
    /// Moves on whenever wallets are forgotten because they must not be open any more. Read it before opening one.
    [[nodiscard]] std::uint64_t generation() const;
    /// Keeps it, unless something was forgotten since `generation`: it may have been meant too. When too many are open the
    /// one unused for longest is wiped. The caller may finish with what it gets either way.
    std::shared_ptr<const OpenedWallet> keep(OpenedWallet opened, Instant now, std::uint64_t generation);

    void forget(std::int64_t wallet_id);
    void forget_key(std::string_view key_id);
    void forget_unused_since(Instant instant);
    void forget_all();
    [[nodiscard]] std::size_t size() const;

private:
    struct Entry {
        std::shared_ptr<const OpenedWallet> wallet;
        Instant last_used;
    };
    mutable std::mutex mutex_;
    std::unordered_map<std::int64_t, Entry> entries_;
    std::uint64_t generation_ = 0;
};

}  // namespace keydeck::custody
