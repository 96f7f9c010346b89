#include "engine/kms/aws/metadata.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "engine/base/file.hpp"
#include "engine/base/text.hpp"
#include "engine/kms/aws/credential_answers.hpp"
#include "engine/net/url.hpp"

namespace keydeck::kms::aws {
namespace {

constexpr std::chrono::seconds kContainerTimeout{2};
constexpr std::chrono::seconds kInstanceTimeout{1};
constexpr std::size_t kMaxToken = std::size_t{16} << 10;
constexpr std::size_t kMaxAnswer = std::size_t{64} << 10;

/// The addresses of ECS's and EKS's agents.
constexpr std::array<std::string_view, 3> kAgents = {"169.254.170.2", "169.254.170.23", "fd00:ec2::23"};

Found nothing(std::string why) { return {std::nullopt, std::move(why)}; }

void wipe_headers(net::HttpRequest& request) {
    for (auto& [name, value] : request.headers) wipe({reinterpret_cast<std::uint8_t*>(value.data()), value.size()});
}

/// The URL that the environment names; nothing where it names none.
Result<std::optional<net::Url>> container_url(const Environment& environment) {
    const std::string relative = variable(environment, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    const std::string full = variable(environment, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
    if (relative.empty() && full.empty()) return std::optional<net::Url>();
    if (!relative.empty() && relative.front() != '/')
        return fail(ErrorCode::kInvalidInput, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI does not begin with /.");
    Result<net::Url> url = relative.empty()
                               ? net::parse_url(full, "AWS_CONTAINER_CREDENTIALS_FULL_URI")
                               : net::parse_url("http://169.254.170.2" + relative, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    if (!url) return fail(url);
    const bool trusted = url->tls || net::is_loopback(url->host) || std::ranges::find(kAgents, url->host) != kAgents.end();
    if (!trusted) {
        return fail(
            ErrorCode::kInvalidInput,
            fmt::format("AWS_CONTAINER_CREDENTIALS_FULL_URI names {} over plain http, which is for this machine only.",
                        url->host));
    }
    return std::optional(std::move(*url));
}

/// The text of the Authorization header; empty where none is wanted.
Result<SecretBytes> container_token(const Environment& environment) {
    SecretBytes token;
    if (const std::string file = variable(environment, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"); !file.empty()) {
        Result<SecretBytes> read = read_secret_file(file, kMaxToken);
        if (!read) return read;
        token = std::move(*read);
    } else if (const char* text = environment("AWS_CONTAINER_AUTHORIZATION_TOKEN"); text != nullptr) {
        token = SecretBytes::copy_of(text);
    }
    if (token.text().find_first_of("\r\n") != std::string_view::npos)
        return fail(ErrorCode::kInvalidInput, "The container's authorization token has a line end in it.");
    return token;
}

/// One exchange with the instance's metadata; direct, for no proxy stands between.
net::HttpOutcome ask_instance(const CredentialSources& sources, const net::Url& base, std::string_view method,
                              std::string_view path, const SecretBytes& token, const std::stop_token& stop) {
    net::Url url = base;
    url.path = path;
    net::HttpRequest request{.method = std::string(method), .url = url.text(), .direct = true};
    if (token.empty()) {
        request.headers.emplace_back("X-aws-ec2-metadata-token-ttl-seconds", "21600");
    } else {
        request.headers.emplace_back("X-aws-ec2-metadata-token", std::string(token.text()));
    }
    net::HttpOutcome outcome = sources.transport.send(
        request, {.timeout = kInstanceTimeout, .connect_timeout = kInstanceTimeout, .max_body = kMaxAnswer, .stop = stop});
    wipe_headers(request);
    return outcome;
}

Result<net::Url> instance_url(const Environment& environment) {
    std::string text = variable(environment, "AWS_EC2_METADATA_SERVICE_ENDPOINT");
    if (text.empty()) {
        const bool six = ascii_lower(variable(environment, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE")) == "ipv6";
        text = six ? "http://[fd00:ec2::254]" : "http://169.254.169.254";
    }
    return net::parse_url(text, "AWS_EC2_METADATA_SERVICE_ENDPOINT");
}

bool is_role_name(std::string_view text) {  // IAM's characters
    constexpr std::string_view kAllowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+=,.@-";
    return !text.empty() && text.size() <= 128 && text.find_first_not_of(kAllowed) == std::string_view::npos;
}

}  // namespace

Result<Found> container_credentials(const CredentialSources& sources, const std::stop_token& stop) {
    const Result<std::optional<net::Url>> url = container_url(sources.environment);
    if (!url) return fail(url);
    if (!*url) return nothing("AWS_CONTAINER_CREDENTIALS_FULL_URI is not set");
    const Result<SecretBytes> token = container_token(sources.environment);
    if (!token) return fail(token);
    net::HttpRequest request{.method = "GET", .url = (*url)->text(), .direct = !(*url)->tls};
    if (!token->empty()) request.headers.emplace_back("Authorization", std::string(token->text()));
    net::HttpOutcome outcome =
        sources.transport.send(request, {.timeout = kContainerTimeout, .max_body = kMaxAnswer, .stop = stop});
    wipe_headers(request);
    if (!outcome) return std::unexpected(std::move(outcome.error().error));
    if (outcome->status != 200) {
        return fail(outcome->status >= 500 ? ErrorCode::kUnavailable : ErrorCode::kDenied,
                    fmt::format("The container's credentials service at {} refuses (HTTP {}).", (*url)->authority(),
                                outcome->status));
    }
    Result<Credentials> credentials = parse_credentials_json(std::move(outcome->body), CredentialsForm::kService,
                                                             "The container's credentials service", "the container");
    if (!credentials) return fail(credentials);
    return Found{std::move(*credentials), {}};
}

Result<Found> instance_credentials(const CredentialSources& sources, const std::stop_token& stop) {
    constexpr std::string_view kRoles = "/latest/meta-data/iam/security-credentials/";
    if (ascii_lower(variable(sources.environment, "AWS_EC2_METADATA_DISABLED")) == "true")
        return nothing("AWS_EC2_METADATA_DISABLED is set");
    const Result<net::Url> base = instance_url(sources.environment);
    if (!base) return fail(base);
    const auto no_answer = [&](const net::HttpOutcome& outcome) -> Result<Found> {
        if (!outcome && outcome.error().kind == net::HttpFailureKind::kCancelled)
            return std::unexpected(outcome.error().error);
        if (!outcome) return nothing(fmt::format("no instance metadata answers at {}", base->authority()));
        return nothing(fmt::format("the instance metadata at {} answers HTTP {}", base->authority(), outcome->status));
    };
    const net::HttpOutcome token = ask_instance(sources, *base, "PUT", "/latest/api/token", {}, stop);
    if (!token || token->status != 200 || token->body.empty()) return no_answer(token);
    const net::HttpOutcome roles = ask_instance(sources, *base, "GET", kRoles, token->body, stop);
    if (roles && roles->status == 404) return nothing("the instance has no role attached");
    if (!roles || roles->status != 200) return no_answer(roles);
    const std::string_view first_line = roles->body.text().substr(0, roles->body.text().find('\n'));
    const std::string role(trimmed(first_line));
    if (!is_role_name(role)) return nothing("the instance metadata names no role");
    net::HttpOutcome answer = ask_instance(sources, *base, "GET", std::string(kRoles) + role, token->body, stop);
    if (!answer || answer->status != 200) return no_answer(answer);
    Result<Credentials> credentials =
        parse_credentials_json(std::move(answer->body), CredentialsForm::kService, "The instance metadata",
                               fmt::format("the instance's role {}", role));
    if (!credentials) return fail(credentials);
    return Found{std::move(*credentials), {}};
}

}  // namespace keydeck::kms::aws
