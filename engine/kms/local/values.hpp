// Requests and answers of the operations that the embedded KMS has beyond the Kms interface.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/bytes.hpp"
#include "engine/base/clock.hpp"
#include "engine/base/secret.hpp"

namespace keydeck::kms {

/// In the order of the key specs HMAC_224 to HMAC_512.
enum class MacAlgorithm : std::uint8_t { kHmacSha224, kHmacSha256, kHmacSha384, kHmacSha512 };
inline constexpr std::array<std::string_view, 4> kMacAlgorithms = {"HMAC_SHA_224", "HMAC_SHA_256", "HMAC_SHA_384",
                                                                   "HMAC_SHA_512"};

struct MacResult {
    Bytes mac;  ///< 28, 32, 48 or 64 bytes
    std::string key_arn;
};

/// How material to be imported is wrapped: directly under RSA-OAEP, or under a fresh AES-256 key (RFC 5649) which stands
/// before it under RSA-OAEP.
enum class WrappingAlgorithm : std::uint8_t { kOaepSha1, kOaepSha256, kAesKeyWrapSha1, kAesKeyWrapSha256 };
inline constexpr std::array<std::string_view, 4> kWrappingAlgorithms = {
    "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "RSA_AES_KEY_WRAP_SHA_1", "RSA_AES_KEY_WRAP_SHA_256"};

enum class WrappingKeySpec : std::uint8_t { kRsa2048, kRsa3072, kRsa4096 };
inline constexpr std::array<std::string_view, 3> kWrappingKeySpecs = {"RSA_2048", "RSA_3072", "RSA_4096"};

struct ImportParameters {
    std::string key_arn;
    Bytes import_token;  ///< opaque; for this key and this public key
    Bytes public_key;    ///< RSA, SubjectPublicKeyInfo DER
    Timestamp valid_to{};
};

struct ImportRequest {
    std::string_view key_id;
    ByteView import_token;                ///< 1..6144 bytes
    ByteView encrypted_material;          ///< 1..6144 bytes
    std::optional<Timestamp> valid_to{};  ///< when the material expires, at most 365 days ahead; none: never
};

/// What a request to the KMS's server is signed with. AWS's forms: `AKIA…` (or `ASIA…` with a session token) and 40
/// characters of base64's alphabet.
struct AccessKey {
    std::string id;
    SecretBytes secret;
    SecretBytes session_token;  ///< empty: none, and a request must not carry one
    Timestamp created_at{};
};

struct AccessKeyEntry {
    std::string id;
    Timestamp created_at{};
    bool has_session_token = false;
};

}  // namespace keydeck::kms
