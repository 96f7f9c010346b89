// Secrets: named values encrypted by a KMS key, as they cross the engine's public surface.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/clock.hpp"
#include "engine/base/secret.hpp"
#include "engine/types.hpp"

namespace keydeck {

/// What a KMS encrypts by itself; a larger value is sealed under a data key of its own.
/// https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html
inline constexpr std::size_t kDirectSecretSize = 4096;
inline constexpr std::size_t kLargestSecret = std::size_t{16} << 20;  ///< bytes

/// Which secret: names are unique within an owner and an environment.
struct SecretName {
    std::string name;         ///< 1..128 of A–Z a–z 0–9 . _ - / @ :
    std::string owner;        ///< a user's name; empty: the vault's own
    std::string environment;  ///< `production`; 1..64 characters as of a name; empty: `default`
};

struct PutSecret {
    SecretName name;
    std::string key;  ///< a symmetric key: key id, ARN or alias/NAME; empty: the key of the version before
    std::vector<std::pair<std::string, std::string>> context;  ///< more for the encryption context; kept, and not secret
};

/// One value of a secret; earlier ones stay until the secret is destroyed.
struct SecretVersion {
    std::int64_t version = 1;
    std::string key_id;
    std::string key_alias;         ///< as last seen; may be empty
    std::int64_t key_version = 1;  ///< of that key: the one known when it was sealed, or an older one
    std::int64_t size = 0;         ///< bytes of the value
    bool has_data_key = false;     ///< larger than kDirectSecretSize
    std::vector<std::pair<std::string, std::string>> context;  ///< what the caller gave
    Timestamp created_at{};
};

struct SecretInfo {
    std::int64_t id = 0;
    std::string name;
    std::string owner;  ///< empty: the vault's own
    std::string environment;
    Timestamp created_at{};
    std::optional<Timestamp> removed_at;  ///< hidden
    std::int64_t versions = 1;
    SecretVersion newest;
};

struct SecretValue {
    SecretInfo info;
    SecretVersion version;
    SecretBytes value;
};

struct SecretQuery {
    PageQuery page{};
    std::optional<std::string> owner{};  ///< empty text: the vault's own
    std::string environment{};           ///< empty: any
    std::string key{};                   ///< key id; empty: any
    std::string prefix{};                ///< of the name
    bool include_removed = false;
};

}  // namespace keydeck
