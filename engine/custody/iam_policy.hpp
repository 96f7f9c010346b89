// The least an AWS identity must be allowed for a vault to work.
#pragma once

#include <string>
#include <string_view>

namespace keydeck::custody {

/// Whose keys, and what is done with them.
struct IamScope {
    std::string_view vault_id;
    std::string_view region;
    std::string_view account;  ///< 12 digits; empty where it is not known yet: any account's, which is the caller's own
    std::string_view pool_alias_prefix;
    bool envelope = true;   ///< wallets sealed under the pool
    bool kms_key = true;    ///< wallets that are KMS keys
    bool key_pair = false;  ///< wallets whose pair the KMS made under the pool
};

/// An identity-based policy as JSON, two spaces a level. Keys are made only with the vault's tag and used only where they
/// bear it; what is sealed opens only under the vault's encryption context; signing is for digests alone. No key policy is
/// changed and nothing is granted to anybody else.
/// https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html
[[nodiscard]] std::string iam_policy(const IamScope& scope);

}  // namespace keydeck::custody
