#include "app/cli/job_progress.hpp"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace keydeck::cli {
namespace {

void write_error(std::string_view text) {
    if (::write(STDERR_FILENO, text.data(), text.size()) < 0) return;  // a count that nobody sees
}

std::string time_left(double seconds) {
    constexpr double kMinute = 60;
    constexpr double kHour = 3600;
    if (seconds < 2 * kMinute) return fmt::format("{:.0f} s", seconds);
    return seconds < 2 * kHour ? fmt::format("{:.0f} min", seconds / kMinute) : fmt::format("{:.0f} h", seconds / kHour);
}

}  // namespace

std::string progress_text(std::int64_t done, std::int64_t total, std::int64_t done_at_first,
                          std::chrono::duration<double> since_first) {
    std::string text = fmt::format("{} of {}", done, total);
    const auto more = static_cast<double>(done - done_at_first);
    if (more <= 0 || since_first.count() <= 0) return text;
    const double rate = more / since_first.count();
    text += rate < 10 ? fmt::format(" · {:.1f}/s", rate) : fmt::format(" · {:.0f}/s", rate);
    if (done < total) text += fmt::format(" · {} left", time_left(static_cast<double>(total - done) / rate));
    return text;
}

Progress JobProgress::progress() {
    return {.report = [this](std::int64_t done, std::int64_t total) { show(done, total); }, .stop = interrupt_.token()};
}

void JobProgress::end_line() {
    if (std::exchange(line_open_, false)) write_error("\n");
}

void JobProgress::show(std::int64_t done, std::int64_t total) {
    const auto now = std::chrono::steady_clock::now();
    if (!first_) {
        first_ = now;
        done_at_first_ = done;
        // The first report tells what earlier runs of the job have done; where all is done, it is the only one.
        if (done > 0 && done < total) say_that_it_resumes(done, total);
    }
    if (!context_.out().interactive() || total < worth_showing_) return;
    write_error("\r\033[K" + progress_text(done, total, done_at_first_, now - *first_));
    line_open_ = true;
}

void JobProgress::say_that_it_resumes(std::int64_t done, std::int64_t total) {
    if (context_.json()) return;
    constexpr std::int64_t kNewest = 100;
    std::string job = "the job";
    const auto jobs = engine_.list_jobs(context_.session(), 0, kNewest);
    if (jobs) {  // a user's session is not told of jobs
        const auto ours = std::ranges::find_if(*jobs, [&](const JobInfo& info) {
            return info.kind == kind_ && info.state == "running" && info.total == total && info.done + info.failed == done;
        });
        if (ours != jobs->end()) job = fmt::format("job {}", ours->id);
    }
    context_.out().note(fmt::format("resumes {}: {} of {} done", job, done, total));
}

}  // namespace keydeck::cli
