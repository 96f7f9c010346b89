#include "engine/kms/aws/timer.hpp"

#include <condition_variable>
#include <mutex>

namespace keydeck::kms::aws {

Timer::TimePoint SystemTimer::now() const { return std::chrono::steady_clock::now(); }

bool SystemTimer::sleep(Duration duration, const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any wakened;
    std::unique_lock lock(mutex);
    wakened.wait_for(lock, stop, duration, [] { return false; });
    return !stop.stop_requested();
}

}  // namespace keydeck::kms::aws
