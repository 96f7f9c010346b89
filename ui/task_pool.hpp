// The worker threads on which engine calls run.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "ui/task.hpp"

namespace keydeck::ui {

struct Completion {
    std::uint64_t id = 0;
    Outcome outcome;
};

/// How far a running task says it is; total 0: it did not say.
struct TaskProgress {
    std::int64_t done = 0;
    std::int64_t total = 0;
};

/// Two threads for reading the database, two for what may wait for a KMS, two for jobs, which take long. When every thread
/// of a lane is held by work that was cancelled and does not come back, another is started, up to eight. Signals stay with
/// the thread that made the pool. submit(), cancel() and collect() belong to that one thread.
class TaskPool {
public:
    explicit TaskPool(Engine& engine);
    /// Asks everything to stop and waits; see wait_idle() for not waiting for ever.
    ~TaskPool();
    TaskPool(const TaskPool&) = delete;
    TaskPool& operator=(const TaskPool&) = delete;

    void submit(Task task);
    /// Asks a task to stop. It still completes, with whatever its verb answers.
    void cancel(std::uint64_t id);
    /// Readable while completions wait.
    [[nodiscard]] int descriptor() const { return event_; }
    [[nodiscard]] std::vector<Completion> collect();
    [[nodiscard]] TaskProgress progress(std::uint64_t id) const;
    /// Asks everything to stop and waits until nothing runs, at most so long. Whether that was reached.
    [[nodiscard]] bool wait_idle(std::chrono::milliseconds limit);

private:
    struct Running {
        std::stop_source stop;
        std::atomic<std::int64_t> done{0};
        std::atomic<std::int64_t> total{0};
        bool abandoned = false;
        bool started = false;
        Lane lane = Lane::kData;
    };
    struct LaneState {
        std::deque<std::pair<Task, std::shared_ptr<Running>>> queue;
        std::condition_variable_any wake;
        std::size_t threads = 0;
        std::size_t stuck = 0;  ///< threads held by abandoned work
    };

    [[nodiscard]] LaneState& state_of(Lane lane) { return lane == Lane::kData ? data_ : lane == Lane::kKms ? kms_ : jobs_; }
    void start_thread(Lane lane);
    void work(const std::stop_token& stop, Lane lane);
    void complete(Completion completion, const Running& running);

    Engine& engine_;
    int event_ = -1;
    mutable std::mutex mutex_;
    std::condition_variable_any idle_;
    LaneState data_;
    LaneState kms_;
    LaneState jobs_;
    std::map<std::uint64_t, std::shared_ptr<Running>> running_;
    std::vector<Completion> completions_;
    std::vector<std::jthread> threads_;  // last: they end before what they use
};

}  // namespace keydeck::ui
