#include "engine/kms/aws/aws_kms.hpp"

#include <fmt/format.h>

#include <utility>

#include "engine/kms/aws/impl.hpp"
#include "engine/kms/call_scope.hpp"
#include "engine/net/curl_transport.hpp"

namespace keydeck::kms::aws {
namespace {

std::shared_ptr<net::HttpTransport> transport_of(const AwsKmsOptions& options) {
    if (options.transport) return options.transport;
    return std::make_shared<net::CurlTransport>(
        net::CurlOptions{.user_agent = options.user_agent, .ca_bundle = variable(options.environment, "AWS_CA_BUNDLE")});
}

ClientOptions client_options(const AwsKmsOptions& options, const AwsSettings& settings) {
    return {.endpoint = settings.endpoint.url,
            .region = settings.region,
            .call_timeout = options.call_timeout,
            .attempt_timeout = options.attempt_timeout,
            .most_attempts = options.most_attempts,
            .calls_in_flight = options.calls_in_flight,
            .rate_limited = options.rate_limited.value_or(!settings.endpoint.overridden)};
}

}  // namespace

AwsKms::Impl::Impl(AwsKmsOptions given, AwsSettings found, const Clock& clock, Random& random)
    : options(std::move(given)),
      settings(std::move(found)),
      transport(transport_of(options)),
      timer(options.timer ? options.timer : std::make_shared<SystemTimer>()),
      sources{options.environment, settings.profiles, settings.profile, settings.region, *transport, *timer, clock, random},
      credentials([this](const std::stop_token& stop) { return find_credentials(sources, stop); }, clock),
      recent(*timer),
      client(client_options(options, settings), *transport, credentials, *timer, clock, random) {}

Result<std::unique_ptr<AwsKms>> AwsKms::open(AwsKmsOptions options, const Clock& clock, Random& random) {
    if (!options.environment) options.environment = process_environment();
    Result<Profiles> profiles = Profiles::load(options.environment);
    if (!profiles) return fail(profiles);
    AwsSettings settings;
    settings.profiles = std::make_shared<const Profiles>(std::move(*profiles));
    Result<Profile> profile = choose_profile(options.profile, options.environment, *settings.profiles);
    if (!profile) return fail(profile);
    settings.profile = std::move(*profile);
    Result<std::string> region = choose_region(options.region, options.environment, *settings.profiles, settings.profile);
    if (!region) return fail(region);
    settings.region = std::move(*region);
    Result<Endpoint> endpoint =
        choose_endpoint("kms", options.endpoint, settings.region, options.environment, *settings.profiles, settings.profile);
    if (!endpoint) return fail(endpoint);
    settings.endpoint = std::move(*endpoint);
    return std::unique_ptr<AwsKms>(
        new AwsKms(std::make_unique<Impl>(std::move(options), std::move(settings), clock, random)));
}

AwsKms::AwsKms(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
AwsKms::~AwsKms() = default;

const std::string& AwsKms::region() const { return impl_->settings.region; }
std::string AwsKms::endpoint() const { return impl_->settings.endpoint.url.text(); }
const std::string& AwsKms::endpoint_source() const { return impl_->settings.endpoint.source; }
const std::string& AwsKms::profile() const { return impl_->settings.profile.name; }

Result<CredentialsInfo> AwsKms::credentials() {
    const Result<CredentialsPtr> found = impl_->credentials.get(CallScope::current());
    if (!found) return fail(found);
    return info_of(**found);
}

std::optional<CredentialsInfo> AwsKms::known_credentials() const {
    const CredentialsPtr kept = impl_->credentials.kept();
    if (!kept) return std::nullopt;
    return info_of(*kept);
}

void AwsKms::stop() { impl_->client.stop(); }

std::optional<std::chrono::seconds> AwsKms::clock_ahead() const { return impl_->client.clock_ahead(); }

Result<SecretBytes> AwsKms::Impl::call(std::string_view operation, std::string_view key_id,
                                       const Result<SecretBytes>& request, Repeat repeat, bool* doubtful) {
    if (!request) return fail(request);
    Call call{.operation = operation, .key_id = key_id, .body = request->view(), .repeat = repeat, .is_stale = {}};
    if (!key_id.empty()) {
        call.is_stale = [this, operation, key_id](const Error& error) { return recent.explain(operation, key_id, error); };
    }
    return client.call(call, doubtful);
}

Result<json::Value> AwsKms::Impl::ask(std::string_view operation, std::string_view key_id,
                                      const Result<SecretBytes>& request, Repeat repeat, bool* doubtful) {
    const Result<SecretBytes> body = call(operation, key_id, request, repeat, doubtful);
    if (!body) return fail(body);
    return parse_answer(*body, operation);
}

Status AwsKms::Impl::tell(std::string_view operation, std::string_view key_id, const Result<SecretBytes>& request,
                          Repeat repeat, bool* doubtful) {
    const Result<SecretBytes> body = call(operation, key_id, request, repeat, doubtful);
    if (!body) return fail(body);
    if (body->empty()) return {};
    const Result<json::Value> answer = parse_answer(*body, operation);
    return answer ? Status{} : fail(answer);
}

Result<json::Value> parse_answer(const SecretBytes& body, std::string_view operation) {
    Result<json::Value> answer = json::parse(body.text(), "it");
    if (!answer) return malformed_answer(operation, "it is not JSON");
    if (!answer->is(json::Kind::kObject)) return malformed_answer(operation, "it is no JSON object");
    if (answer->find("__type") != nullptr) return malformed_answer(operation, "it is an error and calls itself a success");
    return answer;
}

void check_key_arn(AnswerReader& reader, std::string_view field, const std::string& arn, std::string_view requested) {
    if (arn.empty()) return;  // the reader has said so
    const std::size_t key = arn.find(":key/");
    if (!arn.starts_with("arn:") || key == std::string::npos || key + 5 == arn.size()) {
        reader.refuse(field, "is no key's ARN");
        return;
    }
    const bool named_by_arn = requested.starts_with("arn:") && requested.find(":key/") != std::string_view::npos;
    const bool named_by_id =
        !requested.empty() && requested.find(':') == std::string_view::npos && !requested.starts_with("alias/");
    if ((named_by_arn && requested != arn) || (named_by_id && requested != std::string_view(arn).substr(key + 5)))
        reader.refuse(field, "is another key than the one that was asked for");
}

}  // namespace keydeck::kms::aws
