// Credentials that the machine gives to the programs on it: containers (ECS, EKS) and EC2's instance metadata.
#pragma once

#include <optional>
#include <stop_token>
#include <string>

#include "engine/error.hpp"
#include "engine/kms/aws/credential_chain.hpp"
#include "engine/kms/aws/credentials.hpp"

namespace keydeck::kms::aws {

/// What a place answered: credentials, or why there are none.
struct Found {
    std::optional<Credentials> credentials;
    std::string why_not;
};

/// AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI, with AWS_CONTAINER_AUTHORIZATION_TOKEN(_FILE). Plain http is for
/// this machine and the agents' addresses only. Nothing where neither is set. Errors: of a place that is set up and fails.
[[nodiscard]] Result<Found> container_credentials(const CredentialSources& sources, const std::stop_token& stop);

/// IMDSv2, with one second of patience: off EC2 nobody answers. Nothing where nobody does, where no role is attached, and
/// with AWS_EC2_METADATA_DISABLED=true.
[[nodiscard]] Result<Found> instance_credentials(const CredentialSources& sources, const std::stop_token& stop);

}  // namespace keydeck::kms::aws
