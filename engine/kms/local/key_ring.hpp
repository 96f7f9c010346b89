// The opened keys of an unlocked KMS.
#pragma once

#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/base/secret.hpp"
#include "engine/crypto/secp256k1.hpp"
#include "engine/kms/local/sealing.hpp"

namespace keydeck::kms::local {

/// One version of a key, opened. Immutable once made; shared by the calls that use it.
struct Material {
    SecretBytes secret;  ///< 32 bytes; an HMAC key's 28 to 128
    std::optional<crypto::PublicKey> public_key;
    Bytes public_key_info;
};

/// Holds the root key and the material opened with it, in locked memory. Thread-safe. Whether a key may be used is not known
/// here: the caller has read the key's row in this very call.
class KeyRing {
public:
    void unlock(RootKey root);
    /// Wipes everything once the calls that are under way have ended.
    void lock();
    /// Null while locked.
    [[nodiscard]] std::shared_ptr<const RootKey> root() const;
    /// Null when it was not opened yet.
    [[nodiscard]] std::shared_ptr<const Material> find(std::string_view key_id, std::int64_t version) const;
    /// Keeps what was opened under `root`, unless the ring was locked since.
    void keep(const std::shared_ptr<const RootKey>& root, std::string_view key_id, std::int64_t version,
              std::shared_ptr<const Material> material);
    void forget(std::string_view key_id);

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };
    using Versions = std::vector<std::pair<std::int64_t, std::shared_ptr<const Material>>>;

    mutable std::shared_mutex mutex_;
    std::shared_ptr<const RootKey> root_;
    std::unordered_map<std::string, Versions, Hash, std::equal_to<>> opened_;
};

}  // namespace keydeck::kms::local
