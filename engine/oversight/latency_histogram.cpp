#include "engine/oversight/latency_histogram.hpp"

#include <algorithm>
#include <bit>
#include <limits>

#include "engine/oversight/saturating.hpp"

namespace keydeck::oversight {
namespace {

constexpr std::uint8_t kFormat = 1;
constexpr int kSubBits = 4;  // 2^4 buckets for each doubling
constexpr std::uint64_t kSubs = 1U << kSubBits;
constexpr int kTopBit = 41;  // 2^42 ns are 73 minutes
constexpr std::uint64_t kLongest = (std::uint64_t{1} << (kTopBit + 1)) - 1;
constexpr std::uint64_t kBuckets = kSubs * static_cast<std::uint64_t>(kTopBit - kSubBits + 2);

/// Below 16 ns a bucket a nanosecond; above, the four bits after the first one.
std::uint16_t bucket_of(std::uint64_t nanoseconds) {
    const std::uint64_t value = std::min(nanoseconds, kLongest);
    if (value < kSubs) return static_cast<std::uint16_t>(value);
    const int shift = static_cast<int>(std::bit_width(value)) - 1 - kSubBits;
    return static_cast<std::uint16_t>((static_cast<std::uint64_t>(shift) + 1) * kSubs + ((value >> shift) & (kSubs - 1)));
}

/// The middle of a bucket.
std::uint64_t latency_of(std::uint16_t bucket) {
    if (bucket < kSubs) return bucket;
    const std::uint64_t shift = bucket / kSubs - 1;
    return ((kSubs + bucket % kSubs) << shift) + ((std::uint64_t{1} << shift) >> 1U);
}

void append_number(Bytes& out, std::uint64_t value) {
    for (; value >= 0x80; value >>= 7U) out.push_back(static_cast<std::uint8_t>(value | 0x80U));
    out.push_back(static_cast<std::uint8_t>(value));
}

/// Takes a number off the front. Nothing where there is none, or one that an int64 cannot hold.
std::optional<std::uint64_t> take_number(ByteView& bytes) {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 63 && !bytes.empty(); shift += 7) {
        const std::uint8_t byte = bytes.front();
        bytes = bytes.subspan(1);
        value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
        if ((byte & 0x80U) == 0) return value;
    }
    return std::nullopt;
}

}  // namespace

void LatencyHistogram::put(std::uint16_t bucket, std::int64_t count) {
    const auto at = std::ranges::lower_bound(slots_, bucket, {}, &Slot::bucket);
    if (at != slots_.end() && at->bucket == bucket) {
        at->count = saturating_add(at->count, count);
    } else {
        slots_.insert(at, {bucket, count});
    }
}

void LatencyHistogram::add(std::chrono::nanoseconds latency) {
    const std::int64_t nanoseconds = std::max<std::int64_t>(latency.count(), 0);
    put(bucket_of(static_cast<std::uint64_t>(nanoseconds)), 1);
    sum_ = saturating_add(sum_, nanoseconds);
}

void LatencyHistogram::merge(const LatencyHistogram& other) {
    if (slots_.empty()) {
        slots_ = other.slots_;
    } else {
        for (const Slot& slot : other.slots_) put(slot.bucket, slot.count);
    }
    sum_ = saturating_add(sum_, other.sum_);
}

std::int64_t LatencyHistogram::count() const {
    std::int64_t count = 0;
    for (const Slot& slot : slots_) count = saturating_add(count, slot.count);
    return count;
}

std::chrono::nanoseconds LatencyHistogram::percentile(int percent) const {
    const std::int64_t all = count();
    // The rank, from 1: percent of all, rounded up; divided first, so that no count overflows.
    std::int64_t rank = all / 100 * percent + (all % 100 * percent + 99) / 100;
    for (const Slot& slot : slots_) {
        rank -= slot.count;
        if (rank <= 0) return std::chrono::nanoseconds(latency_of(slot.bucket));
    }
    return {};
}

Bytes LatencyHistogram::encode() const {
    Bytes out;
    out.reserve(8 + 3 * slots_.size());
    out.push_back(kFormat);
    append_number(out, static_cast<std::uint64_t>(sum_));
    std::uint16_t before = 0;
    for (const Slot& slot : slots_) {
        append_number(out, static_cast<std::uint64_t>(slot.bucket - before));
        append_number(out, static_cast<std::uint64_t>(slot.count));
        before = slot.bucket;
    }
    return out;
}

std::optional<LatencyHistogram> LatencyHistogram::decode(ByteView bytes) {
    if (bytes.empty() || bytes.front() != kFormat) return std::nullopt;
    bytes = bytes.subspan(1);
    const auto sum = take_number(bytes);
    if (!sum) return std::nullopt;
    LatencyHistogram out;
    out.sum_ = static_cast<std::int64_t>(*sum);
    std::uint64_t bucket = 0;
    while (!bytes.empty()) {
        const auto distance = take_number(bytes);
        const auto count = take_number(bytes);
        if (!distance || !count || *count == 0 || *distance >= kBuckets) return std::nullopt;
        if (*distance == 0 && !out.slots_.empty()) return std::nullopt;
        bucket += *distance;
        if (bucket >= kBuckets) return std::nullopt;
        out.slots_.push_back({static_cast<std::uint16_t>(bucket), static_cast<std::int64_t>(*count)});
    }
    return out;
}

}  // namespace keydeck::oversight
