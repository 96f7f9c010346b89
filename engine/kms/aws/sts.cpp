#include "engine/kms/aws/sts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/kms/aws/answer_error.hpp"
#include "engine/kms/aws/credential_answers.hpp"
#include "engine/kms/aws/sigv4.hpp"

namespace keydeck::kms::aws {
namespace {

constexpr std::string_view kService = "sts";
constexpr int kMostAttempts = 3;
constexpr std::chrono::milliseconds kFirstBackoff{100};

/// Form encoding of one value; everything but RFC 3986's unreserved characters is escaped.
void append_form(SecretBytes& body, std::string_view name, std::string_view value) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    constexpr std::string_view kUnreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";
    SecretBytes text(3 * value.size());
    std::size_t used = 0;
    for (const char c : value) {
        if (kUnreserved.find(c) != std::string_view::npos) {
            text.data()[used++] = static_cast<std::uint8_t>(c);
            continue;
        }
        const auto byte = static_cast<std::uint8_t>(c);
        text.data()[used++] = '%';
        text.data()[used++] = static_cast<std::uint8_t>(kDigits[byte >> 4]);
        text.data()[used++] = static_cast<std::uint8_t>(kDigits[byte & 15]);
    }
    text.truncate(used);
    if (!body.empty()) body.append(as_bytes("&"));
    body.append(as_bytes(name));
    body.append(as_bytes("="));
    body.append(text.view());
}

SecretBytes form_of(std::string_view action, const RoleRequest& role) {
    SecretBytes body;
    append_form(body, "Action", action);
    append_form(body, "Version", "2011-06-15");
    append_form(body, "RoleArn", role.role_arn);
    append_form(body, "RoleSessionName", role.session_name);
    append_form(body, "DurationSeconds", std::to_string(role.duration.count()));
    return body;
}

std::vector<net::Header> headers_of(const CredentialSources& sources, const net::Url& url, ByteView body,
                                    const Credentials* caller) {
    const std::string date = to_amz_date(sources.clock.now());
    std::vector<net::Header> headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"},
                                        {"Host", url.authority()}};
    if (caller == nullptr) return headers;
    headers.emplace_back("X-Amz-Date", date);
    if (!caller->session_token.empty())
        headers.emplace_back("X-Amz-Security-Token", std::string(caller->session_token.text()));
    const Scope scope{.region = sources.region, .service = kService, .date = std::string_view(date).substr(0, 8)};
    const SecretBytes key = signing_key(caller->secret_access_key.view(), scope);
    const SignedRequest request{"POST", url.path, url.query, headers, body};
    headers.emplace_back("Authorization", authorization_header(caller->access_key_id, scope, signed_headers(request),
                                                               signature(request, scope, date, key.view())));
    return headers;
}

Error refusal_of(const net::HttpResponse& response, const CallFacts& facts, const RoleRequest& role) {
    StsRefusal refusal = parse_sts_error(response.body);
    if (refusal.code.empty()) {
        return {response.status >= 500 ? ErrorCode::kUnavailable : ErrorCode::kCorrupt,
                fmt::format("{} answers as AWS STS does not (HTTP {}).", facts.endpoint, response.status),
                "Check the endpoint of STS.",
                {}};
    }
    Error error = error_of(refusal.code, std::move(refusal.message), response.status, facts);
    if (refusal.code == "AccessDenied") {
        error.message = fmt::format("The role {} may not be assumed: {}", role.role_arn, error.message);
        error.hint = "The role's trust policy must name who asks, and who asks must be allowed sts:AssumeRole.";
    }
    return error;
}

Result<Credentials> ask(const CredentialSources& sources, const RoleRequest& role, const SecretBytes& body,
                        const Credentials* caller, const std::stop_token& stop) {
    const Result<Endpoint> endpoint =
        choose_endpoint(kService, "", sources.region, sources.environment, *sources.profiles, sources.profile);
    if (!endpoint) return fail(endpoint);
    const std::string host = endpoint->url.authority();
    for (int attempt = 1;; ++attempt) {
        net::HttpRequest request{.method = "POST",
                                 .url = endpoint->url.text(),
                                 .headers = headers_of(sources, endpoint->url, body.view(), caller),
                                 .body = body.view(),
                                 .direct = net::is_loopback(endpoint->url.host)};
        const net::HttpOutcome outcome = sources.transport.send(request, {.stop = stop});
        for (auto& [name, value] : request.headers) wipe({reinterpret_cast<std::uint8_t*>(value.data()), value.size()});
        if (outcome && outcome->status == 200) return parse_sts_credentials(outcome->body, role.source);
        CallFacts facts{"AssumeRole", {}, sources.region, host, caller, std::nullopt};
        if (outcome) {
            const std::string* date = outcome->header("date");
            if (const auto theirs = date == nullptr ? std::nullopt : parse_http_date(*date))
                facts.ahead = std::chrono::round<std::chrono::seconds>(*theirs - sources.clock.now());
        }
        Error error = outcome ? refusal_of(*outcome, facts, role) : outcome.error().error;
        const bool passing = error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kThrottled;
        if (!passing || attempt == kMostAttempts) return std::unexpected(std::move(error));
        const auto ceiling = std::chrono::microseconds(kFirstBackoff) * (1 << attempt);
        const std::chrono::microseconds pause(sources.random.below(static_cast<std::uint64_t>(ceiling.count()) + 1));
        if (!sources.timer.sleep(pause, stop)) return fail(ErrorCode::kCancelled, "Fetching AWS credentials was cancelled.");
    }
}

}  // namespace

Result<Credentials> assume_role(const CredentialSources& sources, const RoleRequest& role, const Credentials& caller,
                                const std::stop_token& stop) {
    SecretBytes body = form_of("AssumeRole", role);
    if (!role.external_id.empty()) append_form(body, "ExternalId", role.external_id);
    return ask(sources, role, body, &caller, stop);
}

Result<Credentials> assume_role_with_web_identity(const CredentialSources& sources, const RoleRequest& role,
                                                  const SecretBytes& token, const std::stop_token& stop) {
    SecretBytes body = form_of("AssumeRoleWithWebIdentity", role);
    append_form(body, "WebIdentityToken", token.text());
    return ask(sources, role, body, nullptr, stop);
}

}  // namespace keydeck::kms::aws
