#include "engine/kms/server/authentication.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "engine/base/text.hpp"
#include "engine/kms/kms_error.hpp"

namespace keydeck::kms::server {
namespace {

constexpr auto kMostSkew = std::chrono::minutes(15);
constexpr std::string_view kService = "kms";
// What a request means must not be changed on its way: these are signed, where they are there at all.
constexpr std::array<std::string_view, 4> kMustBeSigned = {"host", "x-amz-date", "x-amz-target", "x-amz-security-token"};

bool same_name(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::ranges::equal(a, b, [&](char x, char y) { return lower(x) == lower(y); });
}

std::unexpected<Error> incomplete(std::string message) {
    return kms_fail("IncompleteSignatureException", std::move(message));
}

std::unexpected<Error> refused(std::string message) { return kms_fail("InvalidSignatureException", std::move(message)); }

std::unexpected<Error> unrecognized() {
    return kms_fail("UnrecognizedClientException", "The security token included in the request is invalid.");
}

std::unexpected<Error> mismatch(const aws::SignedRequest& request) {
    return refused(fmt::format(
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key "
        "and "
        "signing method. Consult the service documentation for details.\n\nThe Canonical String for this request should "
        "have been\n'{}'\n",
        aws::canonical_request(request)));
}

/// The headers that the client says it signed, with all their values.
std::vector<aws::Header> signed_headers(const HttpRequest& request, const aws::ParsedAuthorization& authorization) {
    std::vector<aws::Header> out;
    out.reserve(authorization.signed_headers.size());
    for (const std::string_view name : authorization.signed_headers) {
        for (const auto& [given, value] : request.headers) {
            if (same_name(given, name)) out.emplace_back(name, value);
        }
    }
    return out;
}

Status check_signed(const HttpRequest& request, const aws::ParsedAuthorization& authorization) {
    for (const std::string_view name : kMustBeSigned) {
        const bool listed = std::ranges::find(authorization.signed_headers, name) != authorization.signed_headers.end();
        if (listed || (name != "host" && !request.header(name))) continue;
        if (name == "host") {
            return refused("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
        }
        return refused(fmt::format("'{}' must be a 'SignedHeader' in the AWS Authorization.", name));
    }
    return {};
}

Status check_token(const HttpRequest& request, const AccessKey& key) {
    const std::string_view given = request.header("x-amz-security-token").value_or("");
    if (equal_in_constant_time(as_bytes(given), key.session_token.view())) return {};
    return unrecognized();
}

}  // namespace

std::optional<std::string_view> HttpRequest::header(std::string_view name) const {
    for (const auto& [given, value] : headers) {
        if (same_name(given, name)) return value;
    }
    return std::nullopt;
}

Status Authenticator::check_scope(const aws::Scope& scope, std::string_view amz_date) const {
    if (scope.region != kms_.region()) {
        return refused(fmt::format("Credential should be scoped to a valid region, not '{}'. ", scope.region));
    }
    if (scope.service != kService) {
        return refused(fmt::format("Credential should be scoped to correct service: '{}'. ", kService));
    }
    if (scope.date != amz_date.substr(0, scope.date.size())) {
        return refused(
            fmt::format("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
                        "'{}' != '{}', from '{}'.",
                        scope.date, amz_date.substr(0, 8), amz_date));
    }
    return {};
}

Status Authenticator::check_skew(std::string_view amz_date, Timestamp signed_at) const {
    const Timestamp now = clock_.now();
    if (signed_at < now - kMostSkew) {
        return refused(fmt::format("Signature expired: {} is now earlier than {} ({} - 15 min.)", amz_date,
                                   aws::to_amz_date(now - kMostSkew), aws::to_amz_date(now)));
    }
    if (signed_at > now + kMostSkew) {
        return refused(fmt::format("Signature not yet current: {} is still later than {} ({} + 15 min.)", amz_date,
                                   aws::to_amz_date(now + kMostSkew), aws::to_amz_date(now)));
    }
    return {};
}

std::shared_ptr<const SecretBytes> Authenticator::signing_key(const std::shared_ptr<const AccessKey>& key,
                                                              const aws::Scope& scope) {
    const std::scoped_lock lock(mutex_);
    auto known = day_keys_.find(key->id);
    if (known == day_keys_.end()) known = day_keys_.emplace(key->id, DayKey{}).first;
    DayKey& day = known->second;
    if (day.access_key != key || day.date != scope.date) {
        day = {key, std::string(scope.date),
               std::make_shared<const SecretBytes>(aws::signing_key(key->secret.view(), scope))};
    }
    return day.signing_key;
}

Status Authenticator::check(const HttpRequest& request) {
    const std::optional<std::string_view> header = request.header("authorization");
    if (!header) return kms_fail("MissingAuthenticationTokenException", "Missing Authentication Token");
    const Result<aws::ParsedAuthorization> authorization = aws::parse_authorization(*header);
    if (!authorization) return incomplete(authorization.error().message + " Authorization=" + std::string(*header));
    const std::optional<std::string_view> amz_date = request.header("x-amz-date");
    if (!amz_date) {
        return incomplete("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
    }
    const Result<Timestamp> signed_at = aws::parse_amz_date(*amz_date);
    if (!signed_at) {
        return incomplete(fmt::format("Date must be in ISO-8601 'basic format'. Got '{}'.", *amz_date));
    }
    const Result<std::shared_ptr<const AccessKey>> key = kms_.find_access_key(authorization->access_key_id);
    if (!key) return fail(key);
    if (!*key) return unrecognized();
    if (Status scope = check_scope(authorization->scope, *amz_date); !scope) return scope;
    if (Status skew = check_skew(*amz_date, *signed_at); !skew) return skew;
    if (Status listed = check_signed(request, *authorization); !listed) return listed;

    const std::vector<aws::Header> headers = signed_headers(request, *authorization);
    const std::size_t question = std::min(request.target.find('?'), request.target.size());
    const aws::SignedRequest signed_request{.method = request.method,
                                            .path = request.target.substr(0, question),
                                            .query = request.target.substr(std::min(question + 1, request.target.size())),
                                            .headers = headers,
                                            .body = request.body};
    const std::string due =
        aws::signature(signed_request, authorization->scope, *amz_date, signing_key(*key, authorization->scope)->view());
    if (!equal_in_constant_time(as_bytes(due), as_bytes(authorization->signature))) return mismatch(signed_request);
    if (!aws::content_hash_holds(signed_request)) {
        return refused("The provided 'x-amz-content-sha256' header does not match what was computed.");
    }
    // Only now, so that nobody without the secret learns whether a token is right.
    return check_token(request, **key);
}

}  // namespace keydeck::kms::server
