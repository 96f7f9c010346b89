// One process working on a job: it begins or resumes, counts as it commits, and leaves the place where it stopped.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "engine/custody/open_vault.hpp"
#include "engine/store/jobs.hpp"

namespace keydeck::custody {

/// Whether a process is at it, as far as can be told: one in another PID namespace is taken for alive while it counts.
[[nodiscard]] bool is_at_work(const OpenVault& vault, const store::JobRecord& job);

/// Of one thread. A run that is destroyed before finish() leaves the job paused, with pause()'s sentence, or cancelled where
/// that was asked for; a run that is killed leaves it running, without a process: whoever asks for the same again resumes
/// it.
class JobRun {
public:
    /// Told of the job that begins or goes on, in the DbTransaction that writes so; the event is appended in it too.
    using Begun = std::function<void(const store::JobRecord& job, bool resumed, AuditEvent& event)>;

    /// Answers the unfinished job that a new request is to go on with; empty for none.
    using Find = std::function<Result<std::optional<store::JobRecord>>(sqlite::Database&)>;

    /// The unfinished job that this actor began with just this request, or a new one. Errors: already_exists where another
    /// process is at it; those of the store.
    [[nodiscard]] static Result<JobRun> begin(OpenVault& vault, const Session& session, std::string_view kind,
                                              std::string_view request, std::int64_t total);
    /// The same with an audit event of its own, which `begun` completes. The job that `find` answers with may have had a
    /// lesser request: it takes this one on, and goes on from its place, with nothing counted and no failure noted yet.
    [[nodiscard]] static Result<JobRun> begin(OpenVault& vault, const Session& session, std::string_view kind,
                                              std::string_view request, std::int64_t total, AuditEvent event,
                                              const Begun& begun, const Find& find);
    /// A new job, always, of what is done to each of these items: they are kept (store::job_items), in this order.
    [[nodiscard]] static Result<JobRun> begin_new(OpenVault& vault, const Session& session, std::string_view kind,
                                                  std::string_view request, std::span<const std::string> items,
                                                  AuditEvent event, const Begun& begun);
    /// Goes on with this job, whoever began it. Errors: not_found, rejected (it has ended), already_exists as above.
    [[nodiscard]] static Result<JobRun> take_up(OpenVault& vault, std::int64_t id);
    [[nodiscard]] static Result<JobRun> take_up(OpenVault& vault, std::int64_t id, AuditEvent event, const Begun& begun);

    JobRun(JobRun&& other) noexcept;
    JobRun(const JobRun&) = delete;
    JobRun& operator=(const JobRun&) = delete;
    JobRun& operator=(JobRun&&) = delete;
    ~JobRun();

    [[nodiscard]] std::int64_t id() const { return job_.id; }
    [[nodiscard]] const store::JobRecord& record() const { return job_; }
    /// How much was done when this run began, and by now.
    [[nodiscard]] std::int64_t before() const { return before_; }
    [[nodiscard]] std::int64_t done() const { return job_.done; }
    [[nodiscard]] std::int64_t failed() const { return job_.failed; }
    [[nodiscard]] std::int64_t total() const { return job_.total; }
    /// The last id of a walk that is settled.
    [[nodiscard]] std::int64_t position() const { return job_.position; }
    /// Whether another run began it.
    [[nodiscard]] bool resumed() const { return resumed_; }

    /// Counts more as done, in the caller's DbTransaction: the work and its count are committed together or not at all. What
    /// was rolled back is forgotten by the next call of committed(). It also reads what others wish: see asked_to_stop().
    /// Error: rejected where the job was taken from this run, by a process that took it for gone.
    Status count(sqlite::Database& database, std::int64_t more);
    /// The same for a walk: `position` is the last id that is settled now.
    Status count(sqlite::Database& database, std::int64_t more, std::int64_t more_failed, std::int64_t position);
    /// Notes what could not be done, in the caller's DbTransaction.
    Status note_failure(sqlite::Database& database, std::string_view item, std::string_view error);
    /// Counts what others did of it meanwhile: this many are done already.
    void start_at(std::int64_t done) { job_.done = before_ = counted_.done = done; }
    /// The DbTransaction of the last count() is durable.
    void committed() { counted_ = place(); }

    /// Error: cancelled, once another process has asked to pause or to cancel the job. What was counted is committed.
    [[nodiscard]] Status asked_to_stop() const;
    [[nodiscard]] bool is_to_be_cancelled() const { return wish_ == store::JobWish::kCancel; }
    /// Why it stops, in one sentence, for whoever looks at the job.
    void pause(std::string error) { job_.error = std::move(error); }
    /// It is done; the sentence says what is to be known of its end, and may be empty.
    Status finish(std::string sentence = {});
    /// The same, with an audit event.
    Status finish(std::string sentence, AuditEvent event);

private:
    struct Place {
        std::int64_t done = 0;
        std::int64_t failed = 0;
        std::int64_t position = 0;
        std::int64_t total = 0;
    };
    JobRun(OpenVault& vault, store::JobRecord job, bool resumed)
        : vault_(&vault),
          job_(std::move(job)),
          owner_(job_.owner),
          before_(job_.done),
          counted_(place()),
          resumed_(resumed) {}
    [[nodiscard]] Place place() const { return {job_.done, job_.failed, job_.position, job_.total}; }
    Status save(store::JobState state, std::span<AuditEvent> events);

    OpenVault* vault_;
    store::JobRecord job_;
    std::string owner_;  // as this run has signed it
    std::int64_t before_;
    Place counted_;
    store::JobWish wish_ = store::JobWish::kNone;
    bool resumed_;
    bool left_ = false;
};

}  // namespace keydeck::custody
