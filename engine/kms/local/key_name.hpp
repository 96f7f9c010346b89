// What a request calls a key: a key id, a key ARN, an alias name or an alias ARN.
#pragma once

#include <string>
#include <string_view>

#include "engine/error.hpp"

namespace keydeck::kms::local {

/// Whether a call takes aliases: the cryptographic ones, DescribeKey and GetPublicKey do.
enum class Aliases : bool { kRefused, kAccepted };

struct KeyName {
    bool is_alias = false;
    std::string_view name;  ///< the key id, or `alias/…`; a view into the request
};

/// Where a KMS stands, and the ARNs of what is in it.
struct Place {
    std::string region;
    std::string account;
    [[nodiscard]] std::string key_arn(std::string_view key_id) const;
    [[nodiscard]] std::string alias_arn(std::string_view alias) const;
};

/// Reads a request's KeyId. Errors: ValidationException for a wrong length; NotFoundException with AWS's texts: `Invalid
/// keyId '<x>'` for what names no key, `Invalid arn <region>` for another region, and `Key '<arn>' does not exist` for
/// another account.
[[nodiscard]] Result<KeyName> parse_key_name(std::string_view text, Aliases aliases, const Place& place);

}  // namespace keydeck::kms::local
