// Jobs: work that takes long, kept where a crash cannot lose its place.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/clock.hpp"
#include "engine/error.hpp"
#include "engine/sqlite/database.hpp"
#include "engine/types.hpp"

namespace keydeck::store {

enum class JobState : std::uint8_t {
    kRunning,    ///< a process works on it, or died doing so (`owner`)
    kPaused,     ///< stopped before its end; asking for the same again resumes it
    kDone,       ///< nothing is left to do
    kCancelled,  ///< given up; what was done stays
};
[[nodiscard]] std::string_view to_string(JobState state);  ///< running, paused, done, cancelled

/// What another process asks of the one that works on a job; that one reads it with its next count.
enum class JobWish : std::uint8_t { kNone, kPause, kCancel };

struct JobRecord {
    std::int64_t id = 0;  ///< given by insert_job()
    std::string kind;     ///< `create-wallets`
    std::string request;  ///< what was asked, in full: the same text is the same job
    std::string actor;    ///< the session's; another's job is not resumed
    std::int64_t total = 0;
    std::int64_t done = 0;      ///< failed ones not included
    std::int64_t failed = 0;    ///< see JobFailure
    std::int64_t position = 0;  ///< the last id of a walk that was committed, or how many items are; 0 at its beginning
    JobState state = JobState::kRunning;
    std::string owner;              ///< the process that works on it (custody/process.hpp); empty: none
    std::string error;              ///< why it paused, or what is to be known of its end, one sentence; may be empty
    JobWish wish = JobWish::kNone;  ///< written by set_job_wish() alone
    Timestamp created_at{};
    Timestamp updated_at{};
};

/// Returns the id.
[[nodiscard]] Result<std::int64_t> insert_job(sqlite::Database& database, const JobRecord& job);
/// Writes total, done, failed, position, state, owner, error and updated_at; commit it together with the work it counts. A
/// wish ends when the job is not running any more. Error: not_found.
[[nodiscard]] Status update_job(sqlite::Database& database, const JobRecord& job);
/// The same by the process that works on it: nothing is written where `owner` does not any more. Error: rejected then.
[[nodiscard]] Status update_own_job(sqlite::Database& database, const JobRecord& job, std::string_view owner);
/// Gives a job another request, with the counts that it begins with, and forgets its failures. Error: not_found.
[[nodiscard]] Status renew_job(sqlite::Database& database, const JobRecord& job);
/// Error: not_found.
[[nodiscard]] Status set_job_wish(sqlite::Database& database, std::int64_t id, JobWish wish);
[[nodiscard]] Result<JobWish> job_wish(sqlite::Database& database, std::int64_t id);

/// Notes what could not be done; a second failure of the same item takes the place of the first.
[[nodiscard]] Status note_job_failure(sqlite::Database& database, std::int64_t job, const JobFailure& failure);
/// In the order of the items, `limit` of them.
[[nodiscard]] Result<std::vector<JobFailure>> job_failures(sqlite::Database& database, std::int64_t job, std::int64_t limit);

/// What a job is to be done to, in this order, from position 0.
[[nodiscard]] Status insert_job_items(sqlite::Database& database, std::int64_t job, std::span<const std::string> items);
/// In their order, `limit` of them from a position on.
[[nodiscard]] Result<std::vector<std::string>> job_items(sqlite::Database& database, std::int64_t job, std::int64_t position,
                                                         std::int64_t limit);

/// Empty where there is none.
[[nodiscard]] Result<std::optional<JobRecord>> job(sqlite::Database& database, std::int64_t id);
/// The newest that is running or paused and asked for just this; empty where there is none.
[[nodiscard]] Result<std::optional<JobRecord>> unfinished_job(sqlite::Database& database, std::string_view kind,
                                                              std::string_view request, std::string_view actor);
/// All of this kind that are running or paused, the newest first.
[[nodiscard]] Result<std::vector<JobRecord>> unfinished_jobs(sqlite::Database& database, std::string_view kind,
                                                             std::string_view actor);
/// Newest first, `limit` of them with ids below `before` (0: from the newest).
[[nodiscard]] Result<std::vector<JobRecord>> list_jobs(sqlite::Database& database, std::int64_t before, std::int64_t limit);

}  // namespace keydeck::store
