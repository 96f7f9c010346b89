// The tries of one call to a KMS: whether another is made, and after what wait. The client of AWS's and a demo's weather go
// by the same rules.
#pragma once

#include <chrono>
#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>

#include "engine/base/random.hpp"
#include "engine/error.hpp"
#include "engine/kms/aws/timer.hpp"

namespace keydeck::kms::aws {

/// What repeating a call does.
enum class Repeat : std::uint8_t {
    kHarmless,    ///< the same as once
    kNoticeable,  ///< nothing twice, but the second may be refused because of the first: CreateAlias
    kHarmful,     ///< something twice: CreateKey. Done once more only where the first was certainly not carried out
};

/// How one try ended.
struct TryEnd {
    enum class Next : std::uint8_t { kDone, kBackOff, kAtOnce, kGiveUp };
    Next next = Next::kGiveUp;
    Error error{};
    bool doubtful = false;     ///< it may have been carried out
    bool unreachable = false;  ///< no connection was made
    bool throttled = false;
    std::string request_id{};  ///< the KMS's, where it answered
};

struct TriesOptions {
    std::chrono::milliseconds call_timeout{30'000};  ///< over all tries
    int most_attempts = 10;
};

/// `cancelled`, for a call of this operation.
[[nodiscard]] Error cancelled_call(std::string_view operation);

/// Of one call; time begins to count when it is made. The references outlive it.
class Tries {
public:
    Tries(const TriesOptions& options, Timer& timer, Random& random, std::string_view operation, Repeat repeat);

    [[nodiscard]] std::chrono::milliseconds left() const;
    /// Whether a try may begin.
    [[nodiscard]] bool has_time() const;
    /// What to answer when it may not: the last try's error, where there was one.
    [[nodiscard]] Error out_of_time() const;

    /// Whether another try is to be made; waits for its time. `last` is the try before; its error is completed where it is
    /// final. Tells the TryWatch of what was throttled and is tried again, the FailureWatch of what is not.
    bool again(TryEnd& last, const std::stop_token& stop);
    [[nodiscard]] bool doubtful() const { return doubtful_; }

private:
    [[nodiscard]] bool wants_another(TryEnd& last, const std::stop_token& stop);
    [[nodiscard]] std::chrono::microseconds backoff() const;
    void doubt(Error& error) const;

    TriesOptions options_;
    Timer& timer_;
    Random& random_;
    std::string_view operation_;
    Repeat repeat_;
    Timer::TimePoint begin_;
    Timer::TimePoint end_;
    int made_ = 0;
    int unreachable_ = 0;  ///< of the last tries
    Error last_error_;
    bool hurried_ = false;
    bool doubtful_ = false;
};

}  // namespace keydeck::kms::aws
