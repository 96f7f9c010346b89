// One call to an AWS service that speaks JSON 1.1: signed, sent, tried again where that is right.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "engine/base/clock.hpp"
#include "engine/base/random.hpp"
#include "engine/base/secret.hpp"
#include "engine/error.hpp"
#include "engine/kms/aws/answer_error.hpp"
#include "engine/kms/aws/credentials.hpp"
#include "engine/kms/aws/rate_limit.hpp"
#include "engine/kms/aws/timer.hpp"
#include "engine/kms/aws/tries.hpp"
#include "engine/net/http.hpp"
#include "engine/net/url.hpp"

namespace keydeck::kms::aws {

struct ClientOptions {
    net::Url endpoint;
    std::string region;
    std::chrono::milliseconds call_timeout{30'000};     ///< over all tries, from when the rate limit let the first go
    std::chrono::milliseconds attempt_timeout{10'000};  ///< of one try
    int most_attempts = 10;
    std::size_t calls_in_flight = 32;
    bool rate_limited = true;
};

struct Call {
    std::string_view operation;
    std::string_view key_id;  ///< as requested; empty for none
    ByteView body;
    Repeat repeat = Repeat::kHarmless;
    /// Whether a refusal only shows that an earlier change has not reached every part of the KMS yet; asked with the error
    /// and answered with true for another try. May be empty.
    std::function<bool(const Error&)> is_stale;
};

/// Thread-safe. The references outlive the client.
class Client {
public:
    Client(ClientOptions options, net::HttpTransport& transport, CredentialsCache& credentials, Timer& timer,
           const Clock& clock, Random& random);
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    /// The body of a 200. `doubtful` (may be null) becomes true when a try may have been carried out though it failed.
    Result<SecretBytes> call(const Call& call, bool* doubtful = nullptr);
    /// Ends the calls under way, and those to come, with `cancelled`.
    void stop() { stop_.request_stop(); }

    /// How far the service's clock is ahead of ours, by its last answer.
    [[nodiscard]] std::optional<std::chrono::seconds> clock_ahead() const;

    [[nodiscard]] const ClientOptions& options() const { return options_; }
    [[nodiscard]] Timer& timer() const { return timer_; }

private:
    static constexpr std::int64_t kNoDate = std::numeric_limits<std::int64_t>::min();
    struct SigningKey;
    struct Attempt;

    Attempt attempt(const Call& call, const Tries& tries, const std::stop_token& stop);
    Attempt judge(const Call& call, const net::HttpResponse& response, const CredentialsPtr& credentials,
                  Timestamp signed_at);
    Attempt judge(const Call& call, net::HttpFailure failure) const;
    /// What the answer's Date says of the clocks.
    std::optional<std::chrono::seconds> note_date(const net::HttpResponse& response);
    [[nodiscard]] std::vector<net::Header> signed_headers_of(const Call& call, const Credentials& credentials,
                                                             Timestamp time);
    std::shared_ptr<const SigningKey> key_for(const Credentials& credentials, std::string_view date);
    Status wait_for_turn(const Call& call, const std::stop_token& stop);

    const ClientOptions options_;
    const std::string url_;
    const std::string host_;
    net::HttpTransport& transport_;
    CredentialsCache& credentials_;
    Timer& timer_;
    const Clock& clock_;
    Random& random_;
    RateLimit rate_limit_;
    CallsInFlight in_flight_;
    std::stop_source stop_;
    /// How far AWS's clock was found to be ahead of ours, in microseconds: added to the time that is signed.
    std::atomic<std::int64_t> ahead_ = 0;
    std::atomic<std::int64_t> seen_ahead_ = kNoDate;  // in seconds, whether it mattered or not
    std::mutex mutex_;
    std::shared_ptr<const SigningKey> key_;
};

}  // namespace keydeck::kms::aws
