#include "engine/kms/aws/endpoint.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/text.hpp"

namespace keydeck::kms::aws {
namespace {

bool is_region(std::string_view text) {
    const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
    return !text.empty() && text.size() <= 63 && text.front() != '-' && text.back() != '-' &&
           std::ranges::all_of(text, plain);
}

std::string_view domain_of(std::string_view region) {
    if (region.starts_with("cn-")) return "amazonaws.com.cn";
    if (region.starts_with("us-iso-")) return "c2s.ic.gov";
    if (region.starts_with("us-isob-")) return "sc2s.sgov.gov";
    return "amazonaws.com";
}

std::string upper(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return out;
}

/// Over plain http everybody on the way reads what is asked and answered, data keys among it.
Status check_safe(const net::Url& url, const std::string& source, const Environment& environment) {
    if (url.tls || net::is_loopback(url.host) || variable(environment, "KEYDECK_ALLOW_HTTP") == "1") return {};
    return fail(ErrorCode::kInvalidInput,
                fmt::format("{} names {} over plain http, on which secrets can be read and answers forged.",
                            as_subject(source), url.authority()),
                "Use https. In a network that you trust, KEYDECK_ALLOW_HTTP=1 in the environment allows http.");
}

}  // namespace

Result<Profile> choose_profile(std::string_view option, const Environment& environment, const Profiles& profiles) {
    Profile out{.name = std::string(option), .by_option = !option.empty()};
    if (out.name.empty()) out.name = variable(environment, "AWS_PROFILE");
    out.chosen = !out.name.empty();
    if (!out.chosen) out.name = "default";
    if (out.chosen && !profiles.has(out.name)) {
        return fail(ErrorCode::kNotFound, fmt::format("There is no AWS profile \"{}\" in {}.", out.name, profiles.places()),
                    "`aws configure list-profiles` shows those there are.");
    }
    return out;
}

Result<std::string> choose_region(std::string_view option, const Environment& environment, const Profiles& profiles,
                                  const Profile& profile) {
    std::string region(option);
    if (region.empty()) region = variable(environment, "AWS_REGION");
    if (region.empty()) region = variable(environment, "AWS_DEFAULT_REGION");
    if (region.empty()) region = profiles.get(profile.name, "region");
    if (region.empty()) {
        return fail(
            ErrorCode::kInvalidInput, "No AWS region is chosen.",
            fmt::format(
                "Give --region, or set AWS_REGION (for instance to eu-central-1), or `region` of profile \"{}\" in {}.",
                profile.name, profiles.config_path()));
    }
    if (!is_region(region)) {
        return fail(ErrorCode::kInvalidInput, fmt::format("\"{}\" is no AWS region's name.", region),
                    "Regions are named like us-east-1 and eu-central-1.");
    }
    return region;
}

Result<Endpoint> choose_endpoint(std::string_view service, std::string_view option, std::string_view region,
                                 const Environment& environment, const Profiles& profiles, const Profile& profile) {
    const std::string own_variable = "AWS_ENDPOINT_URL_" + upper(service);
    const auto made = [&environment](std::string_view text, const std::string& source) -> Result<Endpoint> {
        Result<net::Url> url = net::parse_url(text, source);
        if (!url) return fail(url);
        if (Status safe = check_safe(*url, source, environment); !safe) return fail(safe);
        const bool is_aws = url->host.ends_with(".amazonaws.com") || url->host.ends_with(".amazonaws.com.cn");
        return Endpoint{std::move(*url), !is_aws, source};
    };
    if (!option.empty()) return made(option, "the endpoint option");
    if (ascii_lower(variable(environment, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")) != "true") {
        for (const std::string& name : {own_variable, std::string("AWS_ENDPOINT_URL")}) {
            if (const std::string text = variable(environment, name.c_str()); !text.empty()) return made(text, name);
        }
        std::string_view text = profiles.get_of_service(profile.name, service, "endpoint_url");
        if (text.empty()) text = profiles.get(profile.name, "endpoint_url");
        if (!text.empty()) return made(text, fmt::format("profile \"{}\"'s endpoint_url", profile.name));
    }
    Result<net::Url> url =
        net::parse_url(fmt::format("https://{}.{}.{}", service, region, domain_of(region)), "the endpoint");
    if (!url) return fail(url);
    return Endpoint{std::move(*url), false, "the region"};
}

}  // namespace keydeck::kms::aws
