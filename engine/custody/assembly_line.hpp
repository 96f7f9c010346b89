// Work that several threads do piece by piece, in the order in which one puts it in and takes it out.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

#include "engine/kms/call_scope.hpp"

namespace keydeck::custody {

/// `work` turns an In into an Out on one of the threads. put() and take() belong to the thread that made the line. Leaving
/// its scope drops what nobody has begun, ends the KMS calls under way with `cancelled`, and joins the threads.
template <class In, class Out>
class AssemblyLine {
public:
    AssemblyLine(std::size_t threads, const std::stop_token& stop, std::function<Out(In)> work)
        : work_(std::move(work)), stop_with_(stop, [this] { calls_.request_stop(); }) {
        threads_.reserve(threads);
        for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
    }
    AssemblyLine(const AssemblyLine&) = delete;
    AssemblyLine& operator=(const AssemblyLine&) = delete;
    ~AssemblyLine() {
        calls_.request_stop();
        const std::scoped_lock lock(mutex_);
        closed_ = true;
        todo_.clear();
        more_.notify_all();
    }

    void put(In piece) {
        const std::scoped_lock lock(mutex_);
        todo_.emplace_back(put_++, std::move(piece));
        more_.notify_one();
    }
    /// How many were put in and not taken out yet.
    [[nodiscard]] std::size_t waiting() const { return static_cast<std::size_t>(put_ - taken_); }
    /// Waits for the one that was put in first. Precondition: waiting() > 0.
    Out take() {
        std::unique_lock lock(mutex_);
        ready_.wait(lock, [&] { return done_.contains(taken_); });
        auto node = done_.extract(taken_++);
        return std::move(node.mapped());
    }

private:
    void run() {
        const kms::CallScope scope(calls_.get_token());
        std::unique_lock lock(mutex_);
        while (true) {
            more_.wait(lock, [&] { return closed_ || !todo_.empty(); });
            if (closed_) return;
            auto [number, piece] = std::move(todo_.front());
            todo_.pop_front();
            lock.unlock();
            Out out = work_(std::move(piece));
            lock.lock();
            done_.emplace(number, std::move(out));
            if (number == taken_) ready_.notify_one();
        }
    }

    std::function<Out(In)> work_;
    std::mutex mutex_;
    std::condition_variable more_;
    std::condition_variable ready_;
    std::deque<std::pair<std::int64_t, In>> todo_;
    std::map<std::int64_t, Out> done_;
    std::int64_t put_ = 0;
    std::int64_t taken_ = 0;
    bool closed_ = false;
    std::stop_source calls_;
    std::stop_callback<std::function<void()>> stop_with_;
    std::vector<std::jthread> threads_;  // last: joined before the rest goes
};

}  // namespace keydeck::custody
