// Jobs: work that takes long, kept where a crash cannot lose its place.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/clock.hpp"
#include "engine/error.hpp"
#include "engine/sqlite/database.hpp"

namespace keydeck::store {

enum class JobState : std::uint8_t {
    kRunning,    ///< a process works on it, or died doing so (`owner`)
    kPaused,     ///< stopped before its end; asking for the same again resumes it
    kDone,       ///< nothing is left to do
    kCancelled,  ///< given up; what was done stays
};
[[nodiscard]] std::string_view to_string(JobState state);  ///< running, paused, done, cancelled

struct JobRecord {
    std::int64_t id = 0;  ///< given by insert_job()
    std::string kind;     ///< `create-wallets`
    std::string request;  ///< what was asked, in full: the same text is the same job
    std::string actor;    ///< the session's; another's job is not resumed
    std::int64_t total = 0;
    std::int64_t done = 0;
    JobState state = JobState::kRunning;
    std::string owner;  ///< the process that works on it (custody/process.hpp); empty: none
    std::string error;  ///< why it paused, one sentence; may be empty
    Timestamp created_at{};
    Timestamp updated_at{};
};

/// Returns the id.
[[nodiscard]] Result<std::int64_t> insert_job(sqlite::Database& database, const JobRecord& job);
/// Writes done, state, owner, error and updated_at; commit it together with the work it counts. Error: not_found.
[[nodiscard]] Status update_job(sqlite::Database& database, const JobRecord& job);

/// Empty where there is none.
[[nodiscard]] Result<std::optional<JobRecord>> job(sqlite::Database& database, std::int64_t id);
/// The newest that is running or paused and asked for just this; empty where there is none.
[[nodiscard]] Result<std::optional<JobRecord>> unfinished_job(sqlite::Database& database, std::string_view kind,
                                                              std::string_view request, std::string_view actor);
/// Newest first, `limit` of them with ids below `before` (0: from the newest).
[[nodiscard]] Result<std::vector<JobRecord>> list_jobs(sqlite::Database& database, std::int64_t before, std::int64_t limit);

}  // namespace keydeck::store
