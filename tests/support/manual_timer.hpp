// Time that passes only when it is told to.
#pragma once

#include <chrono>
#include <mutex>
#include <stop_token>
#include <vector>

#include "engine/kms/aws/timer.hpp"

namespace keydeck::testing_support {

/// Sleeps take no time and move the timer; their lengths are kept.
class ManualTimer final : public kms::aws::Timer {
public:
    [[nodiscard]] TimePoint now() const override {
        const std::scoped_lock lock(mutex_);
        return now_;
    }
    bool sleep(Duration duration, const std::stop_token& stop) override {
        const std::scoped_lock lock(mutex_);
        if (stop.stop_requested()) return false;
        now_ += duration;
        sleeps_.push_back(duration);
        return true;
    }
    [[nodiscard]] std::vector<Duration> sleeps() const {
        const std::scoped_lock lock(mutex_);
        return sleeps_;
    }
    void advance(Duration duration) {
        const std::scoped_lock lock(mutex_);
        now_ += duration;
    }

private:
    mutable std::mutex mutex_;
    TimePoint now_{std::chrono::hours(1)};
    std::vector<Duration> sleeps_;
};

}  // namespace keydeck::testing_support
