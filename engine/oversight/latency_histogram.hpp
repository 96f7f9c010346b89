// How long calls took, in little room: a histogram whose buckets widen with the time.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/base/bytes.hpp"

namespace keydeck::oversight {

/// Sixteen buckets for each doubling of the time, from one nanosecond to over an hour (longer ones count as that): what it
/// tells of a latency is within 3.2 % of it. Merging loses nothing. Counts stop at their greatest value; nothing wraps.
class LatencyHistogram {
public:
    /// A negative latency counts as none.
    void add(std::chrono::nanoseconds latency);
    void merge(const LatencyHistogram& other);

    [[nodiscard]] std::int64_t count() const;
    /// All of them together; exact.
    [[nodiscard]] std::chrono::nanoseconds sum() const { return std::chrono::nanoseconds(sum_); }
    /// The smallest latency that `percent` (1..100) of the calls did not exceed (nearest rank); 0 where there is none.
    [[nodiscard]] std::chrono::nanoseconds percentile(int percent) const;

    /// A format byte, the sum in nanoseconds, then bucket (as the distance from the one before) and count of each bucket
    /// that is not empty, in its order; all as LEB128. Some 2 to 3 bytes a bucket in use.
    [[nodiscard]] Bytes encode() const;
    /// Nothing where the bytes are not what encode() writes.
    [[nodiscard]] static std::optional<LatencyHistogram> decode(ByteView bytes);

private:
    struct Slot {
        std::uint16_t bucket;
        std::int64_t count;
    };
    void put(std::uint16_t bucket, std::int64_t count);

    std::vector<Slot> slots_;  // in the order of the buckets, none empty
    std::int64_t sum_ = 0;
};

}  // namespace keydeck::oversight
