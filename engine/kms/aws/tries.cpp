#include "engine/kms/aws/tries.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/kms/call_scope.hpp"

namespace keydeck::kms::aws {
namespace {

constexpr std::chrono::milliseconds kFirstBackoff{50};
constexpr std::chrono::milliseconds kLongestBackoff{5'000};
/// Nobody listening, or no way there, is seldom over soon: so many tries in a row, over about a second.
constexpr int kMostUnreachable = 3;
constexpr std::chrono::milliseconds kUnreachableBackoff{400};
/// What must not be repeated is not begun with less time left: its answer could not be waited for.
constexpr std::chrono::milliseconds kTimeForHarmful{1'000};

}  // namespace

Error cancelled_call(std::string_view operation) {
    return {ErrorCode::kCancelled, fmt::format("{} was cancelled.", operation), {}, {}};
}

Tries::Tries(const TriesOptions& options, Timer& timer, Random& random, std::string_view operation, Repeat repeat)
    : options_(options),
      timer_(timer),
      random_(random),
      operation_(operation),
      repeat_(repeat),
      begin_(timer.now()),
      end_(begin_ + options.call_timeout) {}

std::chrono::milliseconds Tries::left() const { return std::chrono::ceil<std::chrono::milliseconds>(end_ - timer_.now()); }

bool Tries::has_time() const {
    const std::chrono::milliseconds needed = std::min(kTimeForHarmful, options_.call_timeout / 2);
    return left() > (repeat_ == Repeat::kHarmful ? needed : std::chrono::milliseconds::zero());
}

Error Tries::out_of_time() const {
    if (made_ > 0) return last_error_;
    return {ErrorCode::kUnavailable, fmt::format("{} ran out of time before it was sent.", operation_), "Try again.", {}};
}

bool Tries::again(TryEnd& last, const std::stop_token& stop) {
    ++made_;
    const bool another = wants_another(last, stop);
    if (another && last.throttled) TryWatch::note_throttled();
    if (!another) {
        FailureWatch::note({std::string(operation_), made_,
                            std::chrono::round<std::chrono::milliseconds>(timer_.now() - begin_), last.error.code,
                            last.error.kms_error, last.request_id});
    }
    return another;
}

bool Tries::wants_another(TryEnd& last, const std::stop_token& stop) {
    doubtful_ = doubtful_ || last.doubtful;
    if (stop.stop_requested()) {
        last.error = cancelled_call(operation_);
        return false;
    }
    if (repeat_ == Repeat::kHarmful && last.doubtful) {
        doubt(last.error);
        return false;
    }
    last_error_ = last.error;
    unreachable_ = last.unreachable ? unreachable_ + 1 : 0;
    if (last.next == TryEnd::Next::kAtOnce && !hurried_) {
        hurried_ = true;  // once a call: whoever refuses a corrected request refuses it again
        return true;
    }
    if (last.next != TryEnd::Next::kBackOff || made_ >= options_.most_attempts) return false;
    if (unreachable_ >= kMostUnreachable) return false;
    const std::chrono::microseconds pause = backoff();
    if (timer_.now() + pause >= end_) return false;
    if (timer_.sleep(pause, stop)) return true;
    last.error = cancelled_call(operation_);
    return false;
}

/// Full jitter: https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
/// Half of it where nobody could be reached, so that a service that is being restarted has its second.
std::chrono::microseconds Tries::backoff() const {
    const auto random_up_to = [this](std::chrono::microseconds most) {
        return std::chrono::microseconds(random_.below(static_cast<std::uint64_t>(most.count()) + 1));
    };
    if (unreachable_ > 0) {
        const std::chrono::microseconds half = kUnreachableBackoff * unreachable_ / 2;
        return half + random_up_to(half);
    }
    return random_up_to(
        std::min<std::chrono::microseconds>(kLongestBackoff, kFirstBackoff * (1 << std::min(made_ - 1, 16))));
}

/// What was sent may have been carried out, and must not be sent again.
void Tries::doubt(Error& error) const {
    if (error.code != ErrorCode::kCancelled) error.code = ErrorCode::kUnavailable;
    const std::string_view find_out =
        operation_ == "CreateKey" ? " `keydeck doctor` finds a key that was made by its tag."
        : operation_ == "RotateKeyOnDemand"
            ? " `keydeck key show --json` counts the key's versions: one more shows that it was."
            : "";
    error.hint = fmt::format("Whether {} was carried out is not known, so it is not repeated.{}", operation_, find_out);
}

}  // namespace keydeck::kms::aws
