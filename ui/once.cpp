#include "ui/once.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <utility>

namespace keydeck::ui {
namespace {

void wait_for(const TaskPool& pool, SteadyTime until) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()).count();
    pollfd waiting{pool.descriptor(), POLLIN, 0};
    ::poll(&waiting, 1, static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000)));
}

}  // namespace

Result<Frame> settled_frame(Desk& desk, TaskPool& pool, Size size, const Clock& clock, std::chrono::milliseconds patience) {
    const auto now = [&] { return Now{std::chrono::steady_clock::now(), clock.now()}; };
    const SteadyTime end = now().steady + patience;
    desk.start(size, now());
    while (true) {
        DeskRequests requests = desk.take_requests();
        for (Task& task : requests.tasks) pool.submit(std::move(task));
        for (const std::uint64_t id : requests.cancelled) pool.cancel(id);
        if (requests.tasks.empty() && desk.settled(now())) return desk.draw(now());
        if (now().steady >= end) {
            return fail(ErrorCode::kUnavailable,
                        fmt::format("The screen was still being read after {} s.",
                                    std::chrono::floor<std::chrono::seconds>(patience).count()),
                        "The KMS may be slow or not reachable: `keydeck config show` says where it is.");
        }
        wait_for(pool, std::min(end, desk.next_deadline(now())));
        for (const Completion& completion : pool.collect()) desk.complete(completion.id, completion.outcome, now());
        desk.tick(now());
    }
}

}  // namespace keydeck::ui
