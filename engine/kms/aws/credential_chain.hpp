// Where AWS credentials come from: each place that may have some is asked in turn.
// https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include "engine/base/clock.hpp"
#include "engine/base/random.hpp"
#include "engine/error.hpp"
#include "engine/kms/aws/credentials.hpp"
#include "engine/kms/aws/endpoint.hpp"
#include "engine/kms/aws/environment.hpp"
#include "engine/kms/aws/profiles.hpp"
#include "engine/kms/aws/timer.hpp"
#include "engine/net/http.hpp"

namespace keydeck::kms::aws {

/// What the places are asked with. The references outlive it.
struct CredentialSources {
    Environment environment;
    std::shared_ptr<const Profiles> profiles;
    Profile profile;
    std::string region;
    net::HttpTransport& transport;
    Timer& timer;
    const Clock& clock;
    Random& random;
};

/// The first that has any: the environment (unless an option chose the profile), the profile (a role to assume, keys, a
/// credential_process), a web identity, a container, EC2's instance metadata. A place that is set up and fails ends the
/// search: others would be somebody else's.
///
/// Errors: denied where no place has any, each with its reason in the message; those of the place that failed; cancelled.
[[nodiscard]] Result<Credentials> find_credentials(const CredentialSources& sources, const std::stop_token& stop);

}  // namespace keydeck::kms::aws
