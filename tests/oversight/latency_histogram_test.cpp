#include "engine/oversight/latency_histogram.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "engine/base/hex.hpp"

namespace keydeck::oversight {
namespace {

using std::chrono::nanoseconds;

/// By definition: the smallest value that at least percent of all do not exceed.
std::int64_t exact_percentile(std::vector<std::int64_t> values, int percent) {
    std::ranges::sort(values);
    const auto rank = (values.size() * static_cast<std::size_t>(percent) + 99) / 100;
    return values[rank - 1];
}

TEST(LatencyHistogram, PercentilesAreWithinTheirError) {
    std::mt19937_64 random(7);
    // Log-normal, as latencies are: from microseconds of an embedded KMS to seconds of a throttled one.
    for (const double median_us : {3.0, 40.0, 900.0, 25'000.0, 1'500'000.0}) {
        std::lognormal_distribution<double> latencies(std::log(median_us * 1000), 0.9);
        std::vector<std::int64_t> values;
        LatencyHistogram histogram;
        for (int i = 0; i < 20'000; ++i) {
            values.push_back(static_cast<std::int64_t>(latencies(random)));
            histogram.add(nanoseconds(values.back()));
        }
        for (const int percent : {1, 50, 95, 99, 100}) {
            const auto exact = static_cast<double>(exact_percentile(values, percent));
            const auto told = static_cast<double>(histogram.percentile(percent).count());
            EXPECT_NEAR(told / exact, 1.0, 0.032) << "p" << percent << " of median " << median_us << " us";
        }
    }
}

TEST(LatencyHistogram, EachLatencyIsToldWithinThreePerCent) {
    for (std::int64_t value = 1; value < 4'000'000'000'000; value = value * 21 / 20 + 1) {
        LatencyHistogram histogram;
        histogram.add(nanoseconds(value));
        const auto told = static_cast<double>(histogram.percentile(50).count());
        EXPECT_NEAR(told / static_cast<double>(value), 1.0, 0.032) << value;
    }
}

TEST(LatencyHistogram, FewValuesHaveTheNearestRank) {
    LatencyHistogram histogram;
    EXPECT_EQ(histogram.percentile(50), nanoseconds(0));
    for (const int value : {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}) histogram.add(nanoseconds(value));
    EXPECT_EQ(histogram.percentile(50), nanoseconds(5));
    EXPECT_EQ(histogram.percentile(51), nanoseconds(6));
    EXPECT_EQ(histogram.percentile(95), nanoseconds(10));
    EXPECT_EQ(histogram.percentile(1), nanoseconds(1));
    EXPECT_EQ(histogram.sum(), nanoseconds(55));
}

TEST(LatencyHistogram, MergingIsAsIfAllHadBeenAdded) {
    LatencyHistogram a;
    LatencyHistogram b;
    LatencyHistogram all;
    for (int i = 0; i < 1000; ++i) {
        const nanoseconds latency(i * i * 37);
        (i % 3 == 0 ? a : b).add(latency);
        all.add(latency);
    }
    a.merge(b);
    EXPECT_EQ(a.encode(), all.encode());
    EXPECT_EQ(a.count(), 1000);
}

TEST(LatencyHistogram, WhatIsTooLongOrNegativeHasAPlace) {
    LatencyHistogram histogram;
    histogram.add(nanoseconds(-5));
    histogram.add(nanoseconds::max());
    histogram.add(nanoseconds::max());
    EXPECT_EQ(histogram.count(), 3);
    EXPECT_EQ(histogram.percentile(1), nanoseconds(0));
    EXPECT_GT(histogram.percentile(99), std::chrono::hours(1));
    EXPECT_EQ(histogram.sum(), nanoseconds::max());
    EXPECT_TRUE(LatencyHistogram::decode(histogram.encode()));
}

TEST(LatencyHistogram, IsCompactAndComesBack) {
    LatencyHistogram histogram;
    for (int i = 0; i < 60'000; ++i) histogram.add(std::chrono::microseconds(30 + i % 20));
    const Bytes bytes = histogram.encode();
    EXPECT_LT(bytes.size(), 100U);
    const auto back = LatencyHistogram::decode(bytes);
    ASSERT_TRUE(back);
    EXPECT_EQ(back->encode(), bytes);
    EXPECT_EQ(back->count(), 60'000);
    EXPECT_EQ(back->sum(), histogram.sum());
}

TEST(LatencyHistogram, RefusesWhatIsNoHistogram) {
    const std::vector<const char*> malformed{
        "",                          // nothing
        "00",                        // another format
        "02",                        // another format
        "01",                        // no sum
        "0180",                      // a sum that is cut off
        "0100ff",                    // a bucket that is cut off
        "010005",                    // no count
        "01000580",                  // a count that is cut off
        "01000500",                  // a count of none
        "0100050105",                // the next bucket without a count
        "010005010001",              // a bucket twice
        "0100f00401",                // bucket 624, one too far
        "0100ff0401",                // farther
        "0100ef04010101",            // the last bucket, and one more
        "0100ffffffffffffffff7f01",  // a distance that only uint64 holds
        "0100ffffffffffffffffff0101",
        "01ffffffffffffffffffff01",
        "010005ffffffffffffffffff01",  // a count beyond int64
    };
    for (const char* hex : malformed) {
        const auto bytes = from_hex(hex, "histogram");
        ASSERT_TRUE(bytes) << hex;
        EXPECT_FALSE(LatencyHistogram::decode(*bytes)) << hex;
    }
    const auto last = from_hex("0100ef0401", "histogram");
    EXPECT_TRUE(LatencyHistogram::decode(*last));
}

TEST(LatencyHistogram, NoBytesCrashIt) {
    std::mt19937_64 random(11);
    for (int i = 0; i < 20'000; ++i) {
        Bytes bytes(random() % 24);
        for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
        if (!bytes.empty() && i % 4 != 0) bytes[0] = 1;
        auto histogram = LatencyHistogram::decode(bytes);
        if (!histogram) continue;
        histogram->merge(*histogram);
        EXPECT_GE(histogram->percentile(99).count(), 0);
        EXPECT_TRUE(LatencyHistogram::decode(histogram->encode()));
    }
}

TEST(LatencyHistogram, CountsStopAtTheGreatest) {
    const auto full = from_hex("01000affffffffffffffff7f", "histogram");  // 2^63 - 1 times ten nanoseconds
    auto histogram = LatencyHistogram::decode(*full);
    ASSERT_TRUE(histogram);
    histogram->add(nanoseconds(10));
    histogram->add(nanoseconds(1));
    histogram->merge(*histogram);
    EXPECT_EQ(histogram->count(), std::numeric_limits<std::int64_t>::max());
    EXPECT_EQ(histogram->percentile(99), nanoseconds(10));
}

}  // namespace
}  // namespace keydeck::oversight
