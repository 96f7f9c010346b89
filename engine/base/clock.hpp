// Time, behind a seam so that tests can move it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/error.hpp"

namespace keydeck {

/// Microseconds since 1970-01-01T00:00:00Z.
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

[[nodiscard]] inline std::int64_t to_micros(Timestamp t) { return t.time_since_epoch().count(); }
[[nodiscard]] inline Timestamp from_micros(std::int64_t micros) { return Timestamp(std::chrono::microseconds(micros)); }

/// RFC 3339 in UTC with microseconds, as `2026-09-28T12:04:28.412000Z`.
[[nodiscard]] std::string to_rfc3339(Timestamp t);

/// Reads what to_rfc3339 writes, the fraction optional (1 to 6 digits). Error: invalid_input.
[[nodiscard]] Result<Timestamp> from_rfc3339(std::string_view text);

/// The wall clock. Thread-safe.
class Clock {
public:
    Clock() = default;
    Clock(const Clock&) = delete;
    Clock& operator=(const Clock&) = delete;
    virtual ~Clock() = default;
    [[nodiscard]] virtual Timestamp now() const = 0;
};

class SystemClock final : public Clock {
public:
    [[nodiscard]] Timestamp now() const override;
};

/// Stands still until it is moved.
class ManualClock final : public Clock {
public:
    explicit ManualClock(Timestamp start) : micros_(to_micros(start)) {}
    [[nodiscard]] Timestamp now() const override { return from_micros(micros_.load()); }
    void advance(std::chrono::microseconds by) { micros_ += by.count(); }

private:
    std::atomic<std::int64_t> micros_;
};

}  // namespace keydeck
