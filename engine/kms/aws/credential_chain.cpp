#include "engine/kms/aws/credential_chain.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

#include "engine/base/file.hpp"
#include "engine/base/text.hpp"
#include "engine/kms/aws/credential_answers.hpp"
#include "engine/kms/aws/metadata.hpp"
#include "engine/kms/aws/process.hpp"
#include "engine/kms/aws/sts.hpp"

namespace keydeck::kms::aws {
namespace {

constexpr std::chrono::seconds kProcessTimeout{60};  // it may ask somebody for a second factor
constexpr std::size_t kMaxToken = std::size_t{64} << 10;
constexpr std::chrono::seconds kShortestRole{900};
constexpr std::chrono::seconds kLongestRole{43'200};

Found nothing(std::string why) { return {std::nullopt, std::move(why)}; }

Result<Found> found(Result<Credentials> credentials) {
    if (!credentials) return fail(credentials);
    if (Status usable = check_credentials(*credentials); !usable) return fail(usable);
    return Found{std::move(*credentials), {}};
}

Result<Found> from_environment(const Environment& environment) {
    const std::string id = variable(environment, "AWS_ACCESS_KEY_ID");
    const char* secret = environment("AWS_SECRET_ACCESS_KEY");
    const bool has_secret = secret != nullptr && *secret != '\0';
    if (id.empty() && !has_secret) return nothing("AWS_ACCESS_KEY_ID is not set");
    if (id.empty() || !has_secret) {
        return fail(ErrorCode::kInvalidInput,
                    fmt::format("{} is set and {} is not.", id.empty() ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID",
                                id.empty() ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY"),
                    "Set both, or neither.");
    }
    Credentials out{.access_key_id = id,
                    .secret_access_key = SecretBytes::copy_of(secret),
                    .session_token = {},
                    .expires_at = {},
                    .source = "the environment"};
    if (const char* token = environment("AWS_SESSION_TOKEN"); token != nullptr)
        out.session_token = SecretBytes::copy_of(token);
    return found(std::move(out));
}

/// "Keydeck" and the time: AWS's audit trail shows it.
std::string session_name(const CredentialSources& sources) {
    return fmt::format("keydeck-{}", to_micros(sources.clock.now()) / 1'000'000);
}

Result<Credentials> by_web_identity(const CredentialSources& sources, const RoleRequest& role, const std::string& token_file,
                                    const std::stop_token& stop) {
    Result<SecretBytes> token = read_secret_file(token_file, kMaxToken);
    if (!token) return fail(token);
    const SecretBytes text = SecretBytes::copy_of(trimmed(token->text()));
    if (text.empty())
        return fail(ErrorCode::kInvalidInput, fmt::format("The web identity token in {} is empty.", token_file));
    return assume_role_with_web_identity(sources, role, text, stop);
}

Result<Found> from_web_identity(const CredentialSources& sources, const std::stop_token& stop) {
    const std::string file = variable(sources.environment, "AWS_WEB_IDENTITY_TOKEN_FILE");
    if (file.empty()) return nothing("AWS_WEB_IDENTITY_TOKEN_FILE is not set");
    RoleRequest role;
    role.role_arn = variable(sources.environment, "AWS_ROLE_ARN");
    if (role.role_arn.empty())
        return fail(ErrorCode::kInvalidInput, "AWS_WEB_IDENTITY_TOKEN_FILE is set and AWS_ROLE_ARN is not.");
    role.session_name = variable(sources.environment, "AWS_ROLE_SESSION_NAME");
    if (role.session_name.empty()) role.session_name = session_name(sources);
    role.source = fmt::format("a web identity as {}", role.role_arn);
    return found(by_web_identity(sources, role, file, stop));
}

/// Credentials of profiles, which may lead to one another.
class ProfileSource {
public:
    ProfileSource(const CredentialSources& sources, std::stop_token stop) : sources_(sources), stop_(std::move(stop)) {}

    Result<Found> credentials_of(const std::string& profile) {
        const Profiles& profiles = *sources_.profiles;
        if (!profiles.has(profile))
            return nothing(fmt::format("there is no profile \"{}\" in {}", profile, profiles.places()));
        const bool leads_on = !get(profile, "role_arn").empty();
        const bool seen = std::ranges::find(visited_, profile) != visited_.end();
        // A profile may name itself as the source of its role: its own keys are meant then.
        if (leads_on && !seen) {
            visited_.push_back(profile);
            return found(role_of(profile));
        }
        if (!get(profile, "aws_access_key_id").empty() || !get(profile, "aws_secret_access_key").empty())
            return keys_of(profile);
        if (const std::string_view command = get(profile, "credential_process"); !command.empty())
            return found(process_of(profile, std::string(command)));
        if (seen) return refuse(profile, "leads back to itself");
        if (!get(profile, "sso_session").empty() || !get(profile, "sso_start_url").empty()) {
            return fail(ErrorCode::kRejected,
                        fmt::format("Profile \"{}\" signs in through SSO, which Keydeck does by a helper.", profile),
                        fmt::format("In another profile set credential_process = aws configure export-credentials --profile "
                                    "{} --format process, "
                                    "and choose that one.",
                                    profile));
        }
        return nothing(fmt::format("profile \"{}\" has no keys, no role_arn and no credential_process", profile));
    }

private:
    [[nodiscard]] std::string_view get(const std::string& profile, std::string_view name) const {
        return sources_.profiles->get(profile, name);
    }
    [[nodiscard]] std::string named(const std::string& profile) const { return fmt::format("profile \"{}\"", profile); }
    static std::unexpected<Error> refuse(const std::string& profile, std::string_view why) {
        return fail(ErrorCode::kInvalidInput, fmt::format("AWS profile \"{}\" {}.", profile, why));
    }

    Result<Found> keys_of(const std::string& profile) {
        Credentials out{.access_key_id = std::string(get(profile, "aws_access_key_id")),
                        .secret_access_key = SecretBytes::copy_of(get(profile, "aws_secret_access_key")),
                        .session_token = SecretBytes::copy_of(get(profile, "aws_session_token")),
                        .expires_at = {},
                        .source = named(profile)};
        if (out.access_key_id.empty()) return refuse(profile, "has aws_secret_access_key and no aws_access_key_id");
        if (out.secret_access_key.empty()) return refuse(profile, "has aws_access_key_id and no aws_secret_access_key");
        return found(std::move(out));
    }

    Result<Credentials> process_of(const std::string& profile, const std::string& command) {
        Result<SecretBytes> output = run_command(command, kProcessTimeout, stop_);
        if (!output) return fail(output);
        return parse_credentials_json(std::move(*output), CredentialsForm::kProcess, "The profile's credential_process",
                                      fmt::format("credential_process of {}", named(profile)));
    }

    Result<RoleRequest> role_request(const std::string& profile) {
        RoleRequest role;
        role.role_arn = get(profile, "role_arn");
        role.session_name = get(profile, "role_session_name");
        if (role.session_name.empty()) role.session_name = session_name(sources_);
        role.external_id = get(profile, "external_id");
        role.source = fmt::format("{} as {}", named(profile), role.role_arn);
        if (const std::string_view text = get(profile, "duration_seconds"); !text.empty()) {
            std::int64_t seconds = 0;
            const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), seconds);
            role.duration = std::chrono::seconds(seconds);
            const bool whole = problem == std::errc() && end == text.data() + text.size();
            if (!whole || role.duration < kShortestRole || role.duration > kLongestRole)
                return refuse(profile, "has a duration_seconds that is not from 900 to 43200");
        }
        return role;
    }

    Result<Credentials> role_of(const std::string& profile) {
        const Result<RoleRequest> role = role_request(profile);
        if (!role) return fail(role);
        if (const std::string_view file = get(profile, "web_identity_token_file"); !file.empty())
            return by_web_identity(sources_, *role, std::string(file), stop_);
        if (!get(profile, "mfa_serial").empty()) {
            return fail(ErrorCode::kRejected,
                        fmt::format("Profile \"{}\" wants a code of {}, for which Keydeck has no question.", profile,
                                    get(profile, "mfa_serial")),
                        "Use a credential_process that asks for it.");
        }
        Result<Credentials> caller = caller_of(profile);
        if (!caller) return caller;
        return assume_role(sources_, *role, *caller, stop_);
    }

    /// Who assumes the role.
    Result<Credentials> caller_of(const std::string& profile) {
        const std::string source(get(profile, "source_profile"));
        const std::string_view place = get(profile, "credential_source");
        if (source.empty() == place.empty())
            return refuse(profile, "has role_arn, and must have one of source_profile and credential_source");
        Result<Found> caller = source.empty() ? caller_from(profile, place) : credentials_of(source);
        if (!caller) return fail(caller);
        if (!caller->credentials)
            return fail(ErrorCode::kDenied, fmt::format("The source of profile \"{}\"'s role has no credentials: {}.",
                                                        profile, caller->why_not));
        return std::move(*caller->credentials);
    }
    Result<Found> caller_from(const std::string& profile, std::string_view place) {
        if (place == "Environment") return from_environment(sources_.environment);
        if (place == "EcsContainer") return container_credentials(sources_, stop_);
        if (place == "Ec2InstanceMetadata") return instance_credentials(sources_, stop_);
        return refuse(profile, "has a credential_source that is none of Environment, EcsContainer, Ec2InstanceMetadata");
    }

    const CredentialSources& sources_;
    std::stop_token stop_;
    std::vector<std::string> visited_;
};

}  // namespace

Result<Credentials> find_credentials(const CredentialSources& sources, const std::stop_token& stop) {
    std::string looked;
    const auto note = [&looked](std::string_view why) { looked += fmt::format("{}{}", looked.empty() ? "" : "; ", why); };
    for (int place = 0; place < 5; ++place) {
        Result<Found> answer = Found{};
        switch (place) {
            case 0:
                answer = sources.profile.by_option ? nothing("a profile was chosen by option")
                                                   : from_environment(sources.environment);
                break;
            case 1:
                answer = ProfileSource(sources, stop).credentials_of(sources.profile.name);
                break;
            case 2:
                answer = from_web_identity(sources, stop);
                break;
            case 3:
                answer = container_credentials(sources, stop);
                break;
            default:
                answer = instance_credentials(sources, stop);
                break;
        }
        if (!answer) return fail(answer);
        if (answer->credentials) return std::move(*answer->credentials);
        note(answer->why_not);
    }
    return fail(
        ErrorCode::kDenied, fmt::format("No AWS credentials were found: {}.", looked),
        "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run `aws configure`, or choose a profile that has some.");
}

}  // namespace keydeck::kms::aws
