// AWS STS: temporary credentials for a role.
// https://docs.aws.amazon.com/STS/latest/APIReference/
#pragma once

#include <stop_token>
#include <string>

#include "engine/base/secret.hpp"
#include "engine/error.hpp"
#include "engine/kms/aws/credential_chain.hpp"
#include "engine/kms/aws/credentials.hpp"

namespace keydeck::kms::aws {

struct RoleRequest {
    std::string role_arn;
    std::string session_name;
    std::string external_id;  ///< may be empty
    std::chrono::seconds duration{3'600};
    std::string source;  ///< what the credentials will be said to come from
};

/// AssumeRole, signed with `caller`. Errors: denied (AWS's name in kms_error), unavailable, corrupt, cancelled.
[[nodiscard]] Result<Credentials> assume_role(const CredentialSources& sources, const RoleRequest& role,
                                              const Credentials& caller, const std::stop_token& stop);

/// AssumeRoleWithWebIdentity; the token is who asks, so nothing is signed.
[[nodiscard]] Result<Credentials> assume_role_with_web_identity(const CredentialSources& sources, const RoleRequest& role,
                                                                const SecretBytes& token, const std::stop_token& stop);

}  // namespace keydeck::kms::aws
