// Waiting and measuring time, behind a seam so that tests need not wait.
#pragma once

#include <chrono>
#include <stop_token>

namespace keydeck::kms::aws {

/// Thread-safe.
class Timer {
public:
    using TimePoint = std::chrono::steady_clock::time_point;
    using Duration = std::chrono::steady_clock::duration;

    Timer() = default;
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;
    virtual ~Timer() = default;
    [[nodiscard]] virtual TimePoint now() const = 0;
    /// False when it was stopped before its time.
    virtual bool sleep(Duration duration, const std::stop_token& stop) = 0;
};

class SystemTimer final : public Timer {
public:
    [[nodiscard]] TimePoint now() const override;
    bool sleep(Duration duration, const std::stop_token& stop) override;
};

}  // namespace keydeck::kms::aws
