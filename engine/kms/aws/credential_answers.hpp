// Credentials as other programs and services write them.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/secret.hpp"
#include "engine/error.hpp"
#include "engine/kms/aws/credentials.hpp"

namespace keydeck::kms::aws {

/// The two forms there are in JSON.
enum class CredentialsForm : std::uint8_t {
    kProcess,  ///< credential_process: Version 1, SessionToken, and the last two may be missing
    kService,  ///< containers and EC2: Token and Expiration always
};

/// Error: corrupt, with a sentence that begins with `what` ("The profile's credential_process").
[[nodiscard]] Result<Credentials> parse_credentials_json(SecretBytes body, CredentialsForm form, std::string_view what,
                                                         std::string source);

/// The Credentials element of an STS answer (AssumeRole, AssumeRoleWithWebIdentity), in locked memory from the start.
/// Error: corrupt.
[[nodiscard]] Result<Credentials> parse_sts_credentials(const SecretBytes& xml, std::string source);

/// The Code and the Message of an STS error answer; empty where they cannot be read.
struct StsRefusal {
    std::string code;
    std::string message;
};
[[nodiscard]] StsRefusal parse_sts_error(const SecretBytes& xml);

/// Refuses keys and tokens that no header can carry, and what has no secret. Error: invalid_input, naming the source.
[[nodiscard]] Status check_credentials(const Credentials& credentials);

}  // namespace keydeck::kms::aws
