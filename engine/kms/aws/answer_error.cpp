#include "engine/kms/aws/answer_error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <span>
#include <utility>

#include "engine/base/json.hpp"
#include "engine/base/text.hpp"
#include "engine/kms/kms_error.hpp"

namespace keydeck::kms::aws {
namespace {

/// A clock this far off is what a refused signature is blamed on; AWS allows 15 minutes.
constexpr std::chrono::minutes kSuspiciousSkew{4};

constexpr std::array<std::string_view, 9> kThrottling = {
    "ThrottlingException",  "Throttling", "ThrottledException",       "RequestThrottled",        "RequestThrottledException",
    "RequestLimitExceeded", "SlowDown",   "TooManyRequestsException", "PriorRequestNotComplete",
};
constexpr std::array<std::string_view, 11> kTransient = {
    "KMSInternalException", "DependencyTimeoutException", "KeyUnavailableException", "InternalFailure",
    "InternalServerError",  "InternalException",          "ServiceUnavailable",      "ServiceUnavailableException",
    "RequestTimeout",       "RequestTimeoutException",    "IDPCommunicationError",
};
constexpr std::array<std::string_view, 5> kAboutTime = {
    "InvalidSignatureException", "SignatureDoesNotMatch", "RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture",
};
constexpr std::array<std::string_view, 4> kAboutExpiry = {
    "ExpiredTokenException",
    "ExpiredToken",
    "TokenRefreshRequired",
    "ExpiredIdentityToken",
};
constexpr std::array<std::string_view, 3> kUnknownAccessKey = {
    "UnrecognizedClientException",
    "InvalidClientTokenId",
    "InvalidAccessKeyId",
};
constexpr std::array<std::string_view, 2> kDenied = {"AccessDeniedException", "AccessDenied"};

bool is_one_of(std::span<const std::string_view> names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

ErrorCode code_for(std::string_view name, int status) {
    if (is_throttling(name) || status == 429) return ErrorCode::kThrottled;
    if (is_transient(name)) return ErrorCode::kUnavailable;
    if (is_about_time(name) || is_about_expiry(name) || is_one_of(kUnknownAccessKey, name) || is_one_of(kDenied, name))
        return ErrorCode::kDenied;
    const ErrorCode known = code_of(name);
    if (known != ErrorCode::kInternal) return known;
    if (status >= 500) return ErrorCode::kUnavailable;
    return status == 403 ? ErrorCode::kDenied : ErrorCode::kRejected;
}

std::string who(const CallFacts& facts) {
    if (facts.credentials == nullptr) return "The AWS credentials";
    return fmt::format("The access key {} (from {})", facts.credentials->access_key_id, facts.credentials->source);
}

std::string in_words(std::chrono::seconds time) {
    const auto count = std::abs(time.count());
    if (count < 120) return fmt::format("{} seconds", count);
    if (count < 7'200) return fmt::format("{} minutes", count / 60);
    if (count < 172'800) return fmt::format("{} hours", count / 3'600);
    return fmt::format("{} days", count / 86'400);
}

/// The region in "arn:aws:kms:<region>:…"; empty where it is no ARN.
std::string_view region_of_arn(std::string_view arn) {
    if (!arn.starts_with("arn:")) return {};
    for (int colon = 0; colon < 3; ++colon) {
        const std::size_t at = arn.find(':');
        if (at == std::string_view::npos) return {};
        arn.remove_prefix(at + 1);
    }
    return arn.substr(0, arn.find(':'));
}

/// What may help with an error about the request, AWS's own text being kept.
std::string hint_for(std::string_view name, std::string_view text, const CallFacts& facts) {
    if (name == "DisabledException") return "Enable the key first.";
    if (name == "KMSInvalidStateException" && text.ends_with("is pending deletion."))
        return "Cancel the key's deletion first; it comes back disabled.";
    if (name == "KMSInvalidStateException" && text.ends_with("is pending import.")) return "Import its key material first.";
    if (name == "InvalidCiphertextException")
        return "The ciphertext is damaged, was not made by this KMS, or its encryption context is another.";
    if (name == "KMSInvalidSignatureException") return "The signature is not this key's over this message.";
    if (name == "LimitExceededException") return "Raise the quota in AWS's Service Quotas, or remove what is not needed.";
    if (is_throttling(name)) return "Wait a little, make fewer calls at once, or raise the quota in AWS's Service Quotas.";
    if (is_one_of(kDenied, name)) {
        return fmt::format("{} may not do kms:{} here. `keydeck config iam-policy` prints the policy that is needed.",
                           who(facts), facts.operation);
    }
    const std::string_view key_region = region_of_arn(facts.key_id);
    if (name == "NotFoundException" && !key_region.empty() && key_region != facts.region) {
        return fmt::format("The key is in {}, and Keydeck works in {}: choose the key's region.", key_region, facts.region);
    }
    if (name == "NotFoundException")
        return fmt::format("Check the key's name, the account and the region ({}).", facts.region);
    return {};
}

Error clock_is_wrong(std::string_view name, std::chrono::seconds ahead) {
    return {ErrorCode::kDenied,
            fmt::format("AWS refuses the request because this computer's clock is {} {}.", in_words(ahead),
                        ahead.count() > 0 ? "slow" : "fast"),
            "Set the clock (for instance with `timedatectl set-ntp true`).", std::string(name)};
}

/// The sentences about who signs and when: what AWS says there helps few.
std::optional<Error> error_of_signer(std::string_view name, std::string_view text, const CallFacts& facts) {
    const auto denied = [&](std::string sentence, std::string hint) {
        return Error{ErrorCode::kDenied, std::move(sentence), std::move(hint), std::string(name)};
    };
    if (is_about_time(name)) {
        if (facts.ahead && std::chrono::abs(*facts.ahead) >= kSuspiciousSkew) return clock_is_wrong(name, *facts.ahead);
        if (name == "InvalidSignatureException" || name == "SignatureDoesNotMatch") {
            return denied(fmt::format("{} and its secret do not belong together.", who(facts)),
                          "Check the secret access key (AWS_SECRET_ACCESS_KEY or the profile's aws_secret_access_key).");
        }
        return denied(fmt::format("AWS refuses the request's time: {}", text.empty() ? name : text),
                      "Check this computer's clock.");
    }
    if (is_about_expiry(name)) {
        return denied(fmt::format("{} has expired.", who(facts)),
                      "Sign in again or fetch new temporary credentials, with their session token.");
    }
    if (is_one_of(kUnknownAccessKey, name)) {
        return denied(fmt::format("{} is not known to AWS.", who(facts)),
                      "Check the access key, and that AWS_SESSION_TOKEN is set with temporary credentials and not without.");
    }
    if (name == "MissingAuthenticationTokenException" || name == "IncompleteSignatureException") {
        return denied(fmt::format("AWS cannot read the request's signature: {}", text.empty() ? name : text),
                      "Check the access key for characters that do not belong in it, and the endpoint.");
    }
    return std::nullopt;
}

/// `com.amazonaws.kms#NotFoundException:http://…` is NotFoundException.
std::string_view bare_name(std::string_view type) {
    type = type.substr(type.rfind('#') == std::string_view::npos ? 0 : type.rfind('#') + 1);
    return type.substr(0, type.find(':'));
}

bool is_name(std::string_view text) {
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
    return !text.empty() && text.size() <= 100 && std::ranges::all_of(text, letter);
}

std::string text_member(const json::Value& body, std::string_view name) {
    const json::Value* value = body.find(name);
    return value != nullptr && value->is(json::Kind::kString) ? value->text : std::string();
}

Error not_a_kms(const net::HttpResponse& response, const CallFacts& facts) {
    if (response.status >= 500) {
        return {
            ErrorCode::kUnavailable, fmt::format("{} fails (HTTP {}).", facts.endpoint, response.status), "Try again.", {}};
    }
    if (response.status >= 300 && response.status < 400) {
        return {ErrorCode::kCorrupt,
                fmt::format("{} points elsewhere (HTTP {}), which no KMS does; it was not followed.", facts.endpoint,
                            response.status),
                "Check the endpoint.",
                {}};
    }
    if (response.status == 429) {
        return {
            ErrorCode::kThrottled, fmt::format("{} is asked too often (HTTP 429).", facts.endpoint), "Wait a little.", {}};
    }
    return {ErrorCode::kCorrupt,
            fmt::format("{} answers as no KMS does (HTTP {}).", facts.endpoint, response.status),
            "Check the endpoint: something else may answer there.",
            {}};
}

}  // namespace

bool is_throttling(std::string_view name) { return is_one_of(kThrottling, name); }
bool is_transient(std::string_view name) { return is_one_of(kTransient, name); }
bool is_about_time(std::string_view name) { return is_one_of(kAboutTime, name); }
bool is_about_expiry(std::string_view name) { return is_one_of(kAboutExpiry, name); }

Error error_of(std::string_view name, std::string text, int status, const CallFacts& facts) {
    if (std::optional<Error> signer = error_of_signer(name, text, facts)) return *signer;
    std::string hint = hint_for(name, text, facts);
    const ErrorCode code = code_for(name, status);
    // Empty texts of AWS's stay as they are where the name says it all; a fault's says nothing.
    if (text.empty() && (code == ErrorCode::kThrottled || code == ErrorCode::kUnavailable || code == ErrorCode::kDenied))
        text = fmt::format("{} answers {} to {}.", facts.endpoint, name, facts.operation);
    return {code, std::move(text), std::move(hint), std::string(name)};
}

Error error_of(const net::HttpResponse& response, const CallFacts& facts) {
    const Result<json::Value> body = json::parse(response.body.text(), "the answer");
    std::string type;
    std::string text;
    if (body && body->is(json::Kind::kObject)) {
        type = text_member(*body, "__type");
        text = text_member(*body, "message");
        if (text.empty()) text = text_member(*body, "Message");
    }
    const std::string* header = response.header("x-amzn-errortype");
    std::string_view name = bare_name(type);
    if (!is_name(name) && header != nullptr) name = bare_name(*header);
    const bool is_refusal =
        response.status == 400 || response.status == 403 || response.status == 429 || response.status >= 500;
    if (!is_refusal || !is_name(name)) return not_a_kms(response, facts);
    return error_of(name, std::move(text), response.status, facts);
}

std::optional<Timestamp> parse_http_date(std::string_view text) {
    constexpr std::string_view kForm = "aaa, 00 aaa 0000 00:00:00 GMT";
    constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    if (text.size() != kForm.size()) return std::nullopt;
    for (std::size_t i = 0; i < kForm.size(); ++i) {
        const bool fits = kForm[i] == '0' ? text[i] >= '0' && text[i] <= '9' : kForm[i] == 'a' || kForm[i] == text[i];
        if (!fits) return std::nullopt;
    }
    const auto number = [text](std::size_t at, std::size_t length) {
        int value = 0;
        for (const char c : text.substr(at, length)) value = 10 * value + (c - '0');
        return value;
    };
    const auto* month = std::ranges::find(kMonths, text.substr(8, 3));
    if (month == kMonths.end()) return std::nullopt;
    const std::chrono::year_month_day date(std::chrono::year(number(12, 4)),
                                           std::chrono::month(static_cast<unsigned>(month - kMonths.begin()) + 1),
                                           std::chrono::day(static_cast<unsigned>(number(5, 2))));
    if (!date.ok() || number(17, 2) > 23 || number(20, 2) > 59 || number(23, 2) > 60) return std::nullopt;
    return Timestamp(std::chrono::sys_days(date)) + std::chrono::hours(number(17, 2)) + std::chrono::minutes(number(20, 2)) +
           std::chrono::seconds(number(23, 2));
}

}  // namespace keydeck::kms::aws
