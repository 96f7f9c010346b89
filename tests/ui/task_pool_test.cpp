#include "ui/task_pool.hpp"

#include <gtest/gtest.h>
#include <poll.h>

#include <latch>
#include <memory>
#include <stdexcept>

#include "harness.hpp"

namespace keydeck::ui {
namespace {

struct Pool {
    Harness harness;
    TaskPool pool{harness.engine()};
    std::uint64_t next = 1;

    std::uint64_t submit(Lane lane, std::function<Status(const TaskContext&)> verb) {
        Task task = make_task(
            "test", lane, false, [verb = std::move(verb)](Engine&, const TaskContext& context) { return verb(context); },
            [](const Status&, const Scene&, Effects&) {});
        task.id = next++;
        pool.submit(task);
        return task.id;
    }
    Completion wait_for_one() {
        while (true) {
            pollfd ready{pool.descriptor(), POLLIN, 0};
            ::poll(&ready, 1, 10'000);
            auto done = pool.collect();
            if (!done.empty()) return std::move(done.front());
        }
    }
};

TEST(TaskPool, RunsTasksElsewhereAndTells) {
    Pool pool;
    const auto here = std::this_thread::get_id();
    std::atomic<bool> elsewhere = false;
    const auto id = pool.submit(Lane::kData, [&](const TaskContext&) -> Status {
        elsewhere = std::this_thread::get_id() != here;
        return {};
    });
    const Completion done = pool.wait_for_one();
    EXPECT_EQ(done.id, id);
    EXPECT_FALSE(done.outcome.error);
    EXPECT_TRUE(elsewhere);
}

TEST(TaskPool, CarriesErrorsAndEvenExceptions) {
    Pool pool;
    pool.submit(Lane::kData, [](const TaskContext&) -> Status { return fail(ErrorCode::kRejected, "no"); });
    EXPECT_EQ(pool.wait_for_one().outcome.error->code, ErrorCode::kRejected);
    pool.submit(Lane::kData, [](const TaskContext&) -> Status { throw std::runtime_error("odd"); });
    EXPECT_EQ(pool.wait_for_one().outcome.error->code, ErrorCode::kInternal);
}

// Reading goes on while every thread for the KMS hangs.
TEST(TaskPool, SlowCallsDoNotHoldUpReading) {
    Pool pool;
    auto gate = std::make_shared<std::latch>(1);
    for (int i = 0; i < 8; ++i) {
        pool.submit(Lane::kKms, [gate](const TaskContext&) -> Status {
            gate->wait();
            return {};
        });
    }
    const auto id = pool.submit(Lane::kData, [](const TaskContext&) -> Status { return {}; });
    EXPECT_EQ(pool.wait_for_one().id, id);
    gate->count_down();
}

TEST(TaskPool, WhatIsCancelledIsToldAndReplaced) {
    Pool pool;
    auto gate = std::make_shared<std::latch>(1);
    auto started = std::make_shared<std::latch>(2);
    const auto hang = [gate, started](const TaskContext& context) -> Status {
        started->count_down();
        gate->wait();
        return context.stop.stop_requested() ? Status(fail(ErrorCode::kCancelled, "stopped")) : Status();
    };
    const auto first = pool.submit(Lane::kKms, hang);
    const auto second = pool.submit(Lane::kKms, hang);
    started->wait();
    pool.pool.cancel(first);
    pool.pool.cancel(second);
    const auto third = pool.submit(Lane::kKms, [](const TaskContext&) -> Status { return {}; });
    EXPECT_EQ(pool.wait_for_one().id, third) << "another thread does the work while the two hang";
    gate->count_down();
    EXPECT_EQ(pool.wait_for_one().outcome.error->code, ErrorCode::kCancelled);
}

TEST(TaskPool, TellsHowFarATaskIs) {
    Pool pool;
    auto told = std::make_shared<std::latch>(1);
    auto gate = std::make_shared<std::latch>(1);
    const auto id = pool.submit(Lane::kKms, [told, gate](const TaskContext& context) -> Status {
        context.progress(3, 10);
        told->count_down();
        gate->wait();
        return {};
    });
    told->wait();
    EXPECT_EQ(pool.pool.progress(id).done, 3);
    EXPECT_EQ(pool.pool.progress(id).total, 10);
    gate->count_down();
    pool.wait_for_one();
    EXPECT_EQ(pool.pool.progress(id).total, 0);
}

TEST(TaskPool, EndsWithWorkLeftOver) {
    Pool pool;
    for (int i = 0; i < 100; ++i) pool.submit(Lane::kData, [](const TaskContext&) -> Status { return {}; });
    EXPECT_TRUE(pool.pool.wait_idle(std::chrono::seconds(10)));
}

TEST(TaskPool, DoesNotWaitForEverForACallThatHangs) {
    Pool pool;
    auto gate = std::make_shared<std::latch>(1);
    auto started = std::make_shared<std::latch>(1);
    pool.submit(Lane::kKms, [gate, started](const TaskContext&) -> Status {
        started->count_down();
        gate->wait();
        return {};
    });
    started->wait();
    EXPECT_FALSE(pool.pool.wait_idle(std::chrono::milliseconds(1)));
    gate->count_down();
}

}  // namespace
}  // namespace keydeck::ui
