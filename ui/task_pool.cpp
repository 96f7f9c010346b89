#include "ui/task_pool.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <csignal>
#include <exception>

namespace keydeck::ui {
namespace {

constexpr std::size_t kThreadsPerLane = 2;
constexpr std::size_t kMostThreadsPerLane = 8;

// A verb reports failure by value; what still escapes (no memory) must not end the program with a raw terminal.
Outcome guarded(const Work& work, Engine& engine, const TaskContext& context) {
    try {
        return work(engine, context);
    } catch (const std::exception& caught) {
        Outcome outcome;
        outcome.error = Error{ErrorCode::kInternal, std::string("Something unforeseen happened: ") + caught.what(), "", ""};
        return outcome;
    }
}

}  // namespace

TaskPool::TaskPool(Engine& engine) : engine_(engine), event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    for (std::size_t i = 0; i < kThreadsPerLane; ++i) {
        start_thread(Lane::kData);
        start_thread(Lane::kKms);
        start_thread(Lane::kJobs);
    }
}

TaskPool::~TaskPool() {
    {
        const std::lock_guard lock(mutex_);
        for (auto& [id, running] : running_) running->stop.request_stop();
        data_.queue.clear();
        kms_.queue.clear();
        jobs_.queue.clear();
    }
    for (std::jthread& thread : threads_) thread.request_stop();
    threads_.clear();
    ::close(event_);
}

void TaskPool::start_thread(Lane lane) {
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    threads_.emplace_back([this, lane](const std::stop_token& stop) { work(stop, lane); });
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    ++state_of(lane).threads;
}

void TaskPool::submit(Task task) {
    const Lane lane = task.lane;
    {
        const std::lock_guard lock(mutex_);
        auto running = std::make_shared<Running>();
        running->lane = lane;
        running_.emplace(task.id, running);
        state_of(lane).queue.emplace_back(std::move(task), std::move(running));
    }
    state_of(lane).wake.notify_one();
}

void TaskPool::cancel(std::uint64_t id) {
    const std::lock_guard lock(mutex_);
    const auto found = running_.find(id);
    if (found == running_.end() || found->second->abandoned) return;
    found->second->stop.request_stop();
    found->second->abandoned = true;
    LaneState& lane = state_of(found->second->lane);
    if (found->second->started) ++lane.stuck;
    if (lane.threads - lane.stuck == 0 && lane.threads < kMostThreadsPerLane) start_thread(found->second->lane);
}

void TaskPool::work(const std::stop_token& stop, Lane lane) {
    LaneState& state = state_of(lane);
    while (true) {
        std::unique_lock lock(mutex_);
        if (!state.wake.wait(lock, stop, [&] { return !state.queue.empty(); })) return;
        auto [task, running] = std::move(state.queue.front());
        state.queue.pop_front();
        running->started = true;
        if (running->abandoned) ++state.stuck;
        lock.unlock();
        const TaskContext context{running->stop.get_token(), [running](std::int64_t done, std::int64_t total) {
                                      running->done = done;
                                      running->total = total;
                                  }};
        complete({task.id, guarded(task.work, engine_, context)}, *running);
    }
}

void TaskPool::complete(Completion completion, const Running& running) {
    {
        const std::lock_guard lock(mutex_);
        if (running.abandoned) --state_of(running.lane).stuck;
        running_.erase(completion.id);
        completions_.push_back(std::move(completion));
    }
    idle_.notify_all();
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(event_, &one, sizeof one);
}

std::vector<Completion> TaskPool::collect() {
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t got = ::read(event_, &count, sizeof count);
    const std::lock_guard lock(mutex_);
    return std::exchange(completions_, {});
}

TaskProgress TaskPool::progress(std::uint64_t id) const {
    const std::lock_guard lock(mutex_);
    const auto found = running_.find(id);
    if (found == running_.end()) return {};
    return {found->second->done.load(), found->second->total.load()};
}

bool TaskPool::wait_idle(std::chrono::milliseconds limit) {
    std::unique_lock lock(mutex_);
    for (auto& [id, running] : running_) running->stop.request_stop();
    for (LaneState* lane : {&data_, &kms_, &jobs_}) {
        for (const auto& [task, running] : lane->queue) running_.erase(task.id);
        lane->queue.clear();
    }
    return idle_.wait_for(lock, limit, [this] { return running_.empty(); });
}

}  // namespace keydeck::ui
