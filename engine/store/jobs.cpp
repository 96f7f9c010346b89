#include "engine/store/jobs.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "engine/store/rows.hpp"

namespace keydeck::store {
namespace {

using sqlite::Database;
using sqlite::Statement;

constexpr std::string_view kColumns =
    "SELECT id, kind, request, actor, total, done, state, owner, error, created_at, updated_at FROM jobs ";

constexpr std::array<std::pair<JobState, std::string_view>, 4> kStates{{{JobState::kRunning, "running"},
                                                                        {JobState::kPaused, "paused"},
                                                                        {JobState::kDone, "done"},
                                                                        {JobState::kCancelled, "cancelled"}}};

Result<JobRecord> read_job(const Statement& row) {
    JobRecord job;
    job.id = row.integer(0);
    job.kind = row.text(1);
    job.request = row.text(2);
    job.actor = row.text(3);
    job.total = row.integer(4);
    job.done = row.integer(5);
    job.owner = row.text(7);
    job.error = row.text(8);
    job.created_at = from_micros(row.integer(9));
    job.updated_at = from_micros(row.integer(10));
    for (const auto& [state, name] : kStates) {
        if (name != row.text(6)) continue;
        job.state = state;
        return job;
    }
    return fail(ErrorCode::kCorrupt, fmt::format("Job {} has a state that does not exist.", job.id));
}

Result<std::optional<JobRecord>> one_job(Statement& row) {
    const auto found = row.step();
    if (!found) return fail(found);
    if (!*found) return std::optional<JobRecord>();
    Result<JobRecord> job = read_job(row);
    if (!job) return fail(job);
    return std::optional(std::move(*job));
}

std::string select_where(std::string_view rest) { return std::string(kColumns).append(rest); }

}  // namespace

std::string_view to_string(JobState state) {
    for (const auto& [value, name] : kStates) {
        if (value == state) return name;
    }
    return "?";
}

Result<std::int64_t> insert_job(Database& database, const JobRecord& job) {
    auto insert = database.prepare(
        "INSERT INTO jobs (kind, request, actor, total, done, state, owner, error, created_at, updated_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    insert.bind(1, job.kind).bind(2, job.request).bind(3, job.actor).bind(4, job.total).bind(5, job.done);
    insert.bind(6, to_string(job.state)).bind(7, job.owner).bind(8, job.error);
    insert.bind(9, to_micros(job.created_at)).bind(10, to_micros(job.updated_at));
    if (const auto inserted = insert.run(); !inserted) return fail(inserted);
    return database.last_insert_rowid();
}

Status update_job(Database& database, const JobRecord& job) {
    auto update = database.prepare("UPDATE jobs SET done = ?, state = ?, owner = ?, error = ?, updated_at = ? WHERE id = ?");
    update.bind(1, job.done).bind(2, to_string(job.state)).bind(3, job.owner).bind(4, job.error);
    if (const auto updated = update.bind(5, to_micros(job.updated_at)).bind(6, job.id).run(); !updated) return fail(updated);
    if (database.changes() == 1) return {};
    return fail(ErrorCode::kNotFound, fmt::format("There is no job {}.", job.id));
}

Result<std::optional<JobRecord>> job(Database& database, std::int64_t id) {
    static const std::string kText = select_where("WHERE id = ?");
    auto row = database.prepare(kText);
    row.bind(1, id);
    return one_job(row);
}

Result<std::optional<JobRecord>> unfinished_job(Database& database, std::string_view kind, std::string_view request,
                                                std::string_view actor) {
    static const std::string kText = select_where(
        "WHERE state IN ('running', 'paused') AND kind = ? AND request = ? AND actor = ? ORDER BY id DESC LIMIT 1");
    auto row = database.prepare(kText);
    row.bind(1, kind).bind(2, request).bind(3, actor);
    return one_job(row);
}

Result<std::vector<JobRecord>> list_jobs(Database& database, std::int64_t before, std::int64_t limit) {
    static const std::string kText = select_where("WHERE ?1 = 0 OR id < ?1 ORDER BY id DESC LIMIT ?2");
    auto row = database.prepare(kText);
    row.bind(1, before).bind(2, limit);
    std::vector<JobRecord> jobs;
    auto more = row.step();
    for (; more && *more; more = row.step()) {
        Result<JobRecord> job = read_job(row);
        if (!job) return fail(job);
        jobs.push_back(std::move(*job));
    }
    if (!more) return fail(more);
    return jobs;
}

}  // namespace keydeck::store
