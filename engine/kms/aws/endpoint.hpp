// Which profile, which region and which address a service of AWS has.
#pragma once

#include <string>
#include <string_view>

#include "engine/error.hpp"
#include "engine/kms/aws/environment.hpp"
#include "engine/kms/aws/profiles.hpp"
#include "engine/net/url.hpp"

namespace keydeck::kms::aws {

struct Profile {
    std::string name;        ///< "default" where nobody chose
    bool by_option = false;  ///< an option chose it: the environment's keys are then not looked at
    bool chosen = false;     ///< somebody did, so it must exist
};

/// Option, AWS_PROFILE, "default". Error: not_found for a chosen profile that neither file has.
[[nodiscard]] Result<Profile> choose_profile(std::string_view option, const Environment& environment,
                                             const Profiles& profiles);

/// Option, AWS_REGION, AWS_DEFAULT_REGION, the profile's `region`. Error: invalid_input where there is none or it is no
/// region's name.
[[nodiscard]] Result<std::string> choose_region(std::string_view option, const Environment& environment,
                                                const Profiles& profiles, const Profile& profile);

struct Endpoint {
    net::Url url;
    bool overridden = false;  ///< not AWS's own
    std::string source;       ///< for people: "AWS_ENDPOINT_URL_KMS", "the region", …
};

/// `service` is "kms" or "sts". Option, AWS_ENDPOINT_URL_<SERVICE>, AWS_ENDPOINT_URL, the profile's own setting for the
/// service, its `endpoint_url`, and else AWS's in the region. AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true leaves only the first
/// and the last. Error: invalid_input for a malformed address, and for plain http to another machine unless
/// KEYDECK_ALLOW_HTTP=1.
[[nodiscard]] Result<Endpoint> choose_endpoint(std::string_view service, std::string_view option, std::string_view region,
                                               const Environment& environment, const Profiles& profiles,
                                               const Profile& profile);

}  // namespace keydeck::kms::aws
