#include "engine/kms/aws/client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "engine/kms/aws/sigv4.hpp"
#include "engine/kms/call_scope.hpp"

namespace keydeck::kms::aws {
namespace {

constexpr std::string_view kService = "kms";
constexpr std::string_view kTarget = "TrentService.";
constexpr std::string_view kContentType = "application/x-amz-json-1.1";
/// Below this a signature was not refused because of the clock.
constexpr std::chrono::minutes kSkewToCorrect{4};

void wipe_text(std::string& text) { wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()}); }

/// AWS's are UUIDs. Anything else is not shown to anybody.
bool is_request_id(std::string_view text) {
    constexpr std::size_t kLongest = 64;
    return !text.empty() && text.size() <= kLongest && text.find_first_not_of("0123456789abcdefABCDEF-") == text.npos;
}

/// Two tokens as one.
class EitherStop {
public:
    EitherStop(const std::stop_token& a, const std::stop_token& b) : token_(a) {
        if (!b.stop_possible()) return;
        both_ = std::stop_source();
        token_ = both_.get_token();
        from_a_.emplace(a, Request{&both_});
        from_b_.emplace(b, Request{&both_});
    }
    EitherStop(const EitherStop&) = delete;
    EitherStop& operator=(const EitherStop&) = delete;
    ~EitherStop() = default;
    [[nodiscard]] const std::stop_token& token() const { return token_; }

private:
    struct Request {
        std::stop_source* source;
        void operator()() const { source->request_stop(); }
    };
    std::stop_source both_{std::nostopstate};
    std::stop_token token_;
    std::optional<std::stop_callback<Request>> from_a_;
    std::optional<std::stop_callback<Request>> from_b_;
};

}  // namespace

struct Client::SigningKey {
    std::string access_key_id;
    std::string date;
    SecretBytes secret;  ///< it was derived from
    SecretBytes key;
};

struct Client::Attempt : TryEnd {
    SecretBytes body;
};

Client::Client(ClientOptions options, net::HttpTransport& transport, CredentialsCache& credentials, Timer& timer,
               const Clock& clock, Random& random)
    : options_(std::move(options)),
      url_(options_.endpoint.text()),
      host_(options_.endpoint.authority()),
      transport_(transport),
      credentials_(credentials),
      timer_(timer),
      clock_(clock),
      random_(random),
      in_flight_(options_.calls_in_flight) {}

std::shared_ptr<const Client::SigningKey> Client::key_for(const Credentials& credentials, std::string_view date) {
    {
        const std::scoped_lock lock(mutex_);
        if (key_ && key_->date == date && key_->access_key_id == credentials.access_key_id &&
            equal_in_constant_time(key_->secret.view(), credentials.secret_access_key.view()))
            return key_;
    }
    auto made = std::make_shared<SigningKey>();
    made->access_key_id = credentials.access_key_id;
    made->date = date;
    made->secret = credentials.secret_access_key.clone();
    made->key = signing_key(made->secret.view(), {.region = options_.region, .service = kService, .date = date});
    const std::scoped_lock lock(mutex_);
    key_ = std::move(made);
    return key_;
}

std::vector<net::Header> Client::signed_headers_of(const Call& call, const Credentials& credentials, Timestamp time) {
    const std::string date = to_amz_date(time);
    std::vector<net::Header> headers;
    headers.reserve(6);
    headers.emplace_back("Content-Type", kContentType);
    headers.emplace_back("Host", host_);
    headers.emplace_back("X-Amz-Date", date);
    if (!credentials.session_token.empty())
        headers.emplace_back("X-Amz-Security-Token", std::string(credentials.session_token.text()));  // wiped after sending
    headers.emplace_back("X-Amz-Target", std::string(kTarget).append(call.operation));
    const std::string_view day = std::string_view(date).substr(0, 8);
    const Scope scope{.region = options_.region, .service = kService, .date = day};
    const std::shared_ptr<const SigningKey> key = key_for(credentials, day);
    const SignedRequest request{"POST", options_.endpoint.path, options_.endpoint.query, headers, call.body};
    headers.emplace_back("Authorization", authorization_header(credentials.access_key_id, scope, signed_headers(request),
                                                               signature(request, scope, date, key->key.view())));
    return headers;
}

Status Client::wait_for_turn(const Call& call, const std::stop_token& stop) {
    if (!options_.rate_limited) return {};
    const Timer::Duration wait = rate_limit_.reserve(call.operation, timer_.now());
    if (wait > Timer::Duration::zero() && !timer_.sleep(wait, stop)) return std::unexpected(cancelled_call(call.operation));
    return {};
}

Client::Attempt Client::judge(const Call& call, net::HttpFailure failure) const {
    using net::HttpFailureKind;
    Attempt out;
    out.doubtful = failure.may_have_arrived;
    out.error = std::move(failure.error);
    out.unreachable = failure.kind == HttpFailureKind::kRefused || failure.kind == HttpFailureKind::kNoRoute;
    const bool passing =
        out.unreachable || failure.kind == HttpFailureKind::kTimeout || failure.kind == HttpFailureKind::kDropped;
    out.next = passing ? TryEnd::Next::kBackOff : TryEnd::Next::kGiveUp;
    if (failure.kind == HttpFailureKind::kCancelled) out.error = cancelled_call(call.operation);
    return out;
}

std::optional<std::chrono::seconds> Client::note_date(const net::HttpResponse& response) {
    const std::string* date = response.header("date");
    const auto theirs = date == nullptr ? std::nullopt : parse_http_date(*date);
    if (!theirs) return std::nullopt;
    const auto ahead = std::chrono::round<std::chrono::seconds>(*theirs - clock_.now());
    seen_ahead_ = ahead.count();
    return ahead;
}

std::optional<std::chrono::seconds> Client::clock_ahead() const {
    const std::int64_t seen = seen_ahead_.load();
    if (seen == kNoDate) return std::nullopt;
    return std::chrono::seconds(seen);
}

Client::Attempt Client::judge(const Call& call, const net::HttpResponse& response, const CredentialsPtr& credentials,
                              Timestamp signed_at) {
    Attempt out;
    CallFacts facts{call.operation, call.key_id, options_.region, host_, credentials.get(), std::nullopt};
    facts.ahead = note_date(response);
    out.error = error_of(response, facts);
    if (const std::string* id = response.header("x-amzn-requestid"); id != nullptr && is_request_id(*id))
        out.request_id = *id;
    const std::string& name = out.error.kms_error;
    const bool throttled = is_throttling(name) || out.error.code == ErrorCode::kThrottled;
    out.throttled = throttled;
    out.doubtful = !throttled && (is_transient(name) || response.status >= 500);
    if (throttled || out.doubtful || (call.is_stale && call.is_stale(out.error))) {
        out.next = TryEnd::Next::kBackOff;
    } else if (is_about_time(name) && facts.ahead) {
        // Signed with a wrong time: take AWS's from now on, and try this call again unless that is what was signed.
        const auto error_of_time = std::chrono::abs(clock_.now() + *facts.ahead - signed_at);
        if (error_of_time < kSkewToCorrect) return out;
        ahead_ = std::chrono::microseconds(*facts.ahead).count();
        out.next = TryEnd::Next::kAtOnce;
    } else if (is_about_expiry(name) && credentials_.expired(credentials)) {
        out.next = TryEnd::Next::kAtOnce;
    }
    return out;
}

Client::Attempt Client::attempt(const Call& call, const Tries& tries, const std::stop_token& stop) {
    Result<CredentialsPtr> credentials = credentials_.get(stop, tries.left());
    if (!credentials) return {{.next = TryEnd::Next::kGiveUp, .error = credentials.error()}, {}};
    if (!tries.has_time()) return {{.next = TryEnd::Next::kGiveUp, .error = tries.out_of_time()}, {}};
    const std::chrono::milliseconds timeout = std::min(tries.left(), options_.attempt_timeout);
    const Timestamp time = clock_.now() + std::chrono::microseconds(ahead_.load());
    net::HttpRequest request{.method = "POST",
                             .url = url_,
                             .headers = signed_headers_of(call, **credentials, time),
                             .body = call.body,
                             .repeatable = call.repeat == Repeat::kHarmless,
                             .direct = net::is_loopback(options_.endpoint.host)};
    net::HttpOutcome outcome = transport_.send(
        request, {.timeout = timeout, .connect_timeout = std::min(timeout, options_.attempt_timeout / 2), .stop = stop});
    for (auto& [name, value] : request.headers) {
        if (name == "X-Amz-Security-Token") wipe_text(value);
    }
    if (!outcome) return judge(call, std::move(outcome.error()));
    if (outcome->status == 200) {
        static_cast<void>(note_date(*outcome));
        return {{.next = TryEnd::Next::kDone}, std::move(outcome->body)};
    }
    return judge(call, *outcome, *credentials, time);
}

Result<SecretBytes> Client::call(const Call& call, bool* doubtful) {
    const EitherStop either(stop_.get_token(), CallScope::current());
    const std::stop_token& stop = either.token();
    std::optional<Tries> tries;
    for (;;) {
        if (Status turn = wait_for_turn(call, stop); !turn) return fail(turn);
        if (!tries) {
            tries.emplace(TriesOptions{options_.call_timeout, options_.most_attempts}, timer_, random_, call.operation,
                          call.repeat);
        }
        if (!tries->has_time()) return std::unexpected(tries->out_of_time());  // the turn came too late
        if (!in_flight_.enter(tries->left(), stop)) {
            if (stop.stop_requested()) return std::unexpected(cancelled_call(call.operation));
            return fail(ErrorCode::kThrottled, fmt::format("{} waited too long behind other calls.", call.operation),
                        "Try again.");
        }
        Attempt last = attempt(call, *tries, stop);
        in_flight_.leave();
        if (last.next == TryEnd::Next::kDone) return std::move(last.body);
        const bool again = tries->again(last, stop);
        if (doubtful != nullptr) *doubtful = tries->doubtful();
        if (!again) return std::unexpected(std::move(last.error));
    }
}

}  // namespace keydeck::kms::aws
