// Keeping within AWS's quotas, and a bound on how many calls are under way.
// https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html
#pragma once

#include <condition_variable>
#include <cstddef>
#include <map>
#include <mutex>
#include <stop_token>
#include <string_view>

#include "engine/kms/aws/timer.hpp"

namespace keydeck::kms::aws {

/// The quota an operation counts against: some have one together.
struct Quota {
    std::string_view name;
    double per_second = 0;
};

/// Of an AWS account that has not asked for more.
[[nodiscard]] Quota quota_of(std::string_view operation);

/// A token bucket a quota; each holds the tokens of one second. Thread-safe.
class RateLimit {
public:
    /// How long the caller must wait before it makes the call. The token is taken: those who come later wait longer.
    [[nodiscard]] Timer::Duration reserve(std::string_view operation, Timer::TimePoint now);

private:
    std::mutex mutex_;
    /// When the bucket was (or will be) empty; it fills from then on.
    std::map<std::string_view, Timer::TimePoint> empty_at_;
};

/// So many calls at once and no more.
class CallsInFlight {
public:
    explicit CallsInFlight(std::size_t most) : most_(most) {}
    CallsInFlight(const CallsInFlight&) = delete;
    CallsInFlight& operator=(const CallsInFlight&) = delete;

    /// Waits for a place. False when it was stopped or took longer than `patience`.
    bool enter(Timer::Duration patience, const std::stop_token& stop);
    void leave();

private:
    const std::size_t most_;
    std::mutex mutex_;
    std::condition_variable_any left_;
    std::size_t inside_ = 0;
};

}  // namespace keydeck::kms::aws
