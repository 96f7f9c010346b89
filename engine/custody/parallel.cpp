#include "engine/custody/parallel.hpp"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "engine/kms/call_scope.hpp"

namespace keydeck::custody {
namespace {

// AwsKmsOptions::calls_in_flight: more would only wait for their turn.
constexpr std::size_t kRemoteCalls = 32;

}  // namespace

std::size_t calls_at_once(OpenVault& vault) {
    return vault.has_remote_kms() ? kRemoteCalls : std::max(1U, std::thread::hardware_concurrency());
}

void for_each_in_parallel(std::size_t count, std::size_t threads, const std::stop_token& stop,
                          const std::function<void(std::size_t)>& work) {
    std::atomic<std::size_t> next = 0;
    const auto run = [&] {
        const kms::CallScope scope(stop);
        for (std::size_t i = next++; i < count && !stop.stop_requested(); i = next++) work(i);
    };
    std::vector<std::jthread> others;
    const std::size_t wanted = std::min(threads, count);
    others.reserve(wanted);
    for (std::size_t i = 1; i < wanted; ++i) others.emplace_back(run);
    run();
}

}  // namespace keydeck::custody
