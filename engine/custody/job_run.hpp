// One process working on a job: it begins or resumes, counts as it commits, and leaves the place where it stopped.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/custody/open_vault.hpp"
#include "engine/store/jobs.hpp"

namespace keydeck::custody {

/// Of one thread. A run that is destroyed before finish() leaves the job paused, with pause()'s sentence; a run that is
/// killed leaves it running, without a process: whoever asks for the same again resumes it.
class JobRun {
public:
    /// The unfinished job that this actor began with just this request, or a new one. Errors: already_exists where another
    /// process is at it; those of the store.
    [[nodiscard]] static Result<JobRun> begin(OpenVault& vault, const Session& session, std::string_view kind,
                                              std::string_view request, std::int64_t total);
    JobRun(JobRun&& other) noexcept;
    JobRun(const JobRun&) = delete;
    JobRun& operator=(const JobRun&) = delete;
    JobRun& operator=(JobRun&&) = delete;
    ~JobRun();

    [[nodiscard]] std::int64_t id() const { return job_.id; }
    /// How much was done when this run began, and by now.
    [[nodiscard]] std::int64_t before() const { return before_; }
    [[nodiscard]] std::int64_t done() const { return job_.done; }
    /// Whether another run began it.
    [[nodiscard]] bool resumed() const { return resumed_; }

    /// Counts more as done, in the caller's DbTransaction: the work and its count are committed together or not at all. What
    /// was rolled back is forgotten by the next call of committed().
    Status count(sqlite::Database& database, std::int64_t more);
    /// Counts what others did of it meanwhile: this many are done already.
    void start_at(std::int64_t done) { job_.done = before_ = counted_ = done; }
    /// The DbTransaction of the last count() is durable.
    void committed() { counted_ = job_.done; }
    /// Why it stops, in one sentence, for whoever looks at the job.
    void pause(std::string error) { job_.error = std::move(error); }
    Status finish();

private:
    JobRun(OpenVault& vault, store::JobRecord job, bool resumed)
        : vault_(&vault), job_(std::move(job)), before_(job_.done), counted_(job_.done), resumed_(resumed) {}
    Status save(store::JobState state);

    OpenVault* vault_;
    store::JobRecord job_;
    std::int64_t before_;
    std::int64_t counted_;
    bool resumed_;
    bool left_ = false;
};

}  // namespace keydeck::custody
