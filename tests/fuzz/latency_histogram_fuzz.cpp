// A minute's latencies as anybody with the file may have left them.
#include <cstdlib>

#include "engine/oversight/latency_histogram.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using keydeck::oversight::LatencyHistogram;
    auto histogram = LatencyHistogram::decode({data, size});
    if (!histogram) return 0;
    histogram->merge(*histogram);
    histogram->add(std::chrono::nanoseconds(1));
    if (histogram->percentile(99) < std::chrono::nanoseconds(0)) std::abort();
    if (!LatencyHistogram::decode(histogram->encode())) std::abort();
    return 0;
}
