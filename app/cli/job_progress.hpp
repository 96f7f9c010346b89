// How far long work is, on the terminal where a person watches.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "app/cli/context.hpp"
#include "app/cli/interrupt.hpp"

namespace keydeck::cli {

/// `1234 of 20000 · 2310/s · 8 s left`; without rate and time before anything is known of them.
[[nodiscard]] std::string progress_text(std::int64_t done, std::int64_t total, std::int64_t done_at_first,
                                        std::chrono::duration<double> since_first);

/// Shows a job's progress on a terminal, says once that it resumes one, and ends it cleanly at Ctrl-C. One at a time.
class JobProgress {
public:
    /// `kind` is the job's; less than `worth_showing` items are not shown.
    JobProgress(Context& context, Engine& engine, std::string_view kind, std::int64_t worth_showing = 0)
        : context_(context), engine_(engine), kind_(kind), worth_showing_(worth_showing) {}

    [[nodiscard]] Progress progress();
    /// Leaves the line of the count.
    void end_line();

private:
    void show(std::int64_t done, std::int64_t total);
    void say_that_it_resumes(std::int64_t done, std::int64_t total);

    Context& context_;
    Engine& engine_;
    std::string kind_;
    std::int64_t worth_showing_;
    StopOnInterrupt interrupt_;
    std::optional<std::chrono::steady_clock::time_point> first_;
    std::int64_t done_at_first_ = 0;
    bool line_open_ = false;
};

/// The end of a command that ran a job: shows it; exit status 1 where something in it failed.
[[nodiscard]] Outcome finish_job(Context& context, const Result<JobInfo>& job);

}  // namespace keydeck::cli
