// AWS's limits on requests (API model 2014-11-01), checked before anything is looked up.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "engine/base/bytes.hpp"
#include "engine/kms/kms.hpp"

namespace keydeck::kms {

inline constexpr std::size_t kMaxPlaintext = 4096;
inline constexpr std::size_t kMaxCiphertext = 6144;
inline constexpr std::size_t kDigestSize = 32;
inline constexpr std::size_t kMaxPolicy = 32'768;
inline constexpr std::size_t kMaxTagsPerKey = 50;
inline constexpr std::size_t kMaxAliasesPerKey = 50;
inline constexpr int kMaxOnDemandRotations = 25;
inline constexpr int kDefaultPageOfKeys = 100;
inline constexpr int kDefaultPageOfTags = 50;

// Each is a ValidationException with AWS's text where it fails, unless it says otherwise. Characters are code points.

[[nodiscard]] Status check_key_id(std::string_view key_id);  ///< 1..2048 characters
[[nodiscard]] Status check_plaintext(ByteView plaintext);    ///< 1..4096 bytes
[[nodiscard]] Status check_message(ByteView message);        ///< 1..4096 bytes
[[nodiscard]] Status check_policy(std::string_view policy);  ///< 1..32768 characters
/// 1..6144 bytes; `field` is AWS's name of it ("ciphertextBlob", "signature").
[[nodiscard]] Status check_ciphertext(ByteView ciphertext, std::string_view field);
[[nodiscard]] Status check_number_of_bytes(int number);                ///< 1..1024
[[nodiscard]] Status check_description(std::string_view description);  ///< at most 8192 characters
/// 1..256 of `a-zA-Z0-9:/_-` with the prefix `alias/`. Also InvalidAliasNameException for a bare `alias/`,
/// NotAuthorizedException for the reserved `alias/aws/`.
[[nodiscard]] Status check_alias_name(std::string_view name);
/// Keys 1..128, values 0..256 characters. TagException for duplicates, more than 50, and keys beginning `aws:`.
[[nodiscard]] Status check_tags(const Tags& tags);
[[nodiscard]] Status check_tag_keys(const std::vector<std::string>& keys);
[[nodiscard]] Status check_page_limit(const std::optional<int>& limit);  ///< 1..1000
[[nodiscard]] Status check_pending_window(int days);                     ///< 7..30
[[nodiscard]] Status check_rotation_period(int days);                    ///< 90..2560
[[nodiscard]] Status check_spec_and_usage(KeySpec spec, KeyUsage usage);
/// Names and values are text: UTF-8.
[[nodiscard]] Status check_context(const EncryptionContext& context);

}  // namespace keydeck::kms
