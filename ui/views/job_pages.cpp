#include "ui/views/job_pages.hpp"

#include <algorithm>

namespace keydeck::ui {
namespace {

constexpr std::chrono::milliseconds kLeastBetween{500};
constexpr double kShareOfNew = 0.4;  // the rest is what was seen before, so that a pause between commits does not show

std::int64_t processed(const JobInfo& job) { return job.done + job.failed; }

// The `limit` jobs with the lowest ids above `above`, newest first.
Result<std::vector<JobInfo>> jobs_above(Engine& engine, const Session& session, std::int64_t above, std::int64_t limit) {
    auto newest = engine.list_jobs(session, 0, 1);
    if (!newest || newest->empty()) return newest;
    for (std::int64_t span = limit;; span *= 2) {
        const bool reaches_newest = above + span >= newest->front().id;
        auto jobs = engine.list_jobs(session, reaches_newest ? 0 : above + span + 1, span);
        if (!jobs) return jobs;
        std::erase_if(*jobs, [above](const JobInfo& job) { return job.id <= above; });
        if (std::ssize(*jobs) < limit && !reaches_newest) continue;
        if (std::ssize(*jobs) > limit) jobs->erase(jobs->begin(), jobs->end() - limit);
        return jobs;
    }
}

}  // namespace

Result<std::vector<JobInfo>> page_of_jobs(Engine& engine, const Session& session, const PageQuery& page) {
    if (page.backwards) return jobs_above(engine, session, page.after.value_or(0), page.limit);
    return engine.list_jobs(session, page.after.value_or(0), page.limit);
}

bool is_running(const JobInfo& job) { return job.state == "running" || job.state == "pausing" || job.state == "cancelling"; }

bool has_ended(const JobInfo& job) { return job.state == "done" || job.state == "cancelled"; }

void JobRates::look(const std::vector<JobInfo>& jobs, SteadyTime now) {
    for (const JobInfo& job : jobs) {
        if (!is_running(job)) {
            looks_.erase(job.id);
            continue;
        }
        const auto [found, is_new] = looks_.try_emplace(job.id, Look{now, processed(job), std::nullopt});
        Look& last = found->second;
        if (is_new || processed(job) == last.processed || now - last.at < kLeastBetween) continue;
        const double seconds = std::chrono::duration<double>(now - last.at).count();
        const double rate = static_cast<double>(processed(job) - last.processed) / seconds;
        last = {now, processed(job), last.rate ? *last.rate * (1 - kShareOfNew) + rate * kShareOfNew : rate};
    }
}

std::optional<double> JobRates::rate(std::int64_t job) const {
    const auto found = looks_.find(job);
    return found == looks_.end() ? std::nullopt : found->second.rate;
}

std::optional<std::chrono::seconds> JobRates::left(const JobInfo& job) const {
    const auto per_second = rate(job.id);
    if (!per_second || *per_second <= 0) return std::nullopt;
    return std::chrono::seconds(static_cast<std::int64_t>(static_cast<double>(job.total - processed(job)) / *per_second));
}

}  // namespace keydeck::ui
