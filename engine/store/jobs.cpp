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
    "SELECT id, kind, request, actor, total, done, state, owner, error, created_at, updated_at, failed, position,"
    " wish FROM jobs ";

constexpr std::array<std::pair<JobState, std::string_view>, 4> kStates{{{JobState::kRunning, "running"},
                                                                        {JobState::kPaused, "paused"},
                                                                        {JobState::kDone, "done"},
                                                                        {JobState::kCancelled, "cancelled"}}};

constexpr std::array<std::pair<JobWish, std::string_view>, 3> kWishes{
    {{JobWish::kNone, ""}, {JobWish::kPause, "pause"}, {JobWish::kCancel, "cancel"}}};

JobWish wish_of(std::string_view word) {
    for (const auto& [wish, name] : kWishes) {
        if (name == word) return wish;
    }
    return JobWish::kPause;  // of a newer version, perhaps: to stop is always safe
}

std::string_view word_of(JobWish wish) {
    for (const auto& [value, name] : kWishes) {
        if (value == wish) return name;
    }
    return "";
}

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
    job.failed = row.integer(11);
    job.position = row.integer(12);
    job.wish = wish_of(row.text(13));
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

Result<std::vector<JobRecord>> all_jobs(Statement& row) {
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

std::unexpected<Error> no_such_job(std::int64_t id) {
    return fail(ErrorCode::kNotFound, fmt::format("There is no job {}.", id), "keydeck job list shows them.");
}

constexpr std::string_view kUpdate =
    "UPDATE jobs SET total = ?1, done = ?2, failed = ?3, position = ?4, state = ?5, owner = ?6, error = ?7,"
    " updated_at = ?8, wish = iif(?5 = 'running', wish, '')"
    " WHERE id = ?9 AND (?10 IS NULL OR (state = 'running' AND owner = ?10))";

/// All but ?10, the owner that it must have.
Statement& bind_update(Statement& update, const JobRecord& job) {
    update.bind(1, job.total).bind(2, job.done).bind(3, job.failed).bind(4, job.position);
    update.bind(5, to_string(job.state)).bind(6, job.owner).bind(7, job.error).bind(8, to_micros(job.updated_at));
    return update.bind(9, job.id);
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
        "INSERT INTO jobs (kind, request, actor, total, done, state, owner, error, created_at, updated_at, failed,"
        " position) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    insert.bind(1, job.kind).bind(2, job.request).bind(3, job.actor).bind(4, job.total).bind(5, job.done);
    insert.bind(6, to_string(job.state)).bind(7, job.owner).bind(8, job.error);
    insert.bind(9, to_micros(job.created_at)).bind(10, to_micros(job.updated_at));
    insert.bind(11, job.failed).bind(12, job.position);
    if (const auto inserted = insert.run(); !inserted) return fail(inserted);
    return database.last_insert_rowid();
}

Status update_job(Database& database, const JobRecord& job) {
    auto update = database.prepare(kUpdate);
    bind_update(update, job).bind_null(10);
    if (const auto done = update.run(); !done) return fail(done);
    return database.changes() == 1 ? Status() : no_such_job(job.id);
}

Status update_own_job(Database& database, const JobRecord& job, std::string_view owner) {
    auto update = database.prepare(kUpdate);
    bind_update(update, job).bind(10, owner);
    if (const auto done = update.run(); !done) return fail(done);
    if (database.changes() == 1) return {};
    return fail(ErrorCode::kRejected,
                fmt::format("Job {} was stopped or taken over by another process: this one stops.", job.id),
                fmt::format("keydeck job show {}", job.id));
}

Status renew_job(Database& database, const JobRecord& job) {
    auto update = database.prepare("UPDATE jobs SET request = ?, total = ?, done = ?, failed = ? WHERE id = ?");
    update.bind(1, job.request).bind(2, job.total).bind(3, job.done).bind(4, job.failed);
    if (const auto done = update.bind(5, job.id).run(); !done) return fail(done);
    if (database.changes() == 0) return no_such_job(job.id);
    auto forget = database.prepare("DELETE FROM job_failures WHERE job = ?");
    return forget.bind(1, job.id).run();
}

Status set_job_wish(Database& database, std::int64_t id, JobWish wish) {
    auto update = database.prepare("UPDATE jobs SET wish = ? WHERE id = ?");
    if (const auto updated = update.bind(1, word_of(wish)).bind(2, id).run(); !updated) return fail(updated);
    return database.changes() == 1 ? Status{} : no_such_job(id);
}

Result<JobWish> job_wish(Database& database, std::int64_t id) {
    auto row = database.prepare("SELECT wish FROM jobs WHERE id = ?");
    const auto found = row.bind(1, id).step();
    if (!found) return fail(found);
    if (!*found) return no_such_job(id);
    return wish_of(row.text(0));
}

Status note_job_failure(Database& database, std::int64_t job, const JobFailure& failure) {
    auto insert = database.prepare("INSERT OR REPLACE INTO job_failures (job, item, error, at) VALUES (?, ?, ?, ?)");
    return insert.bind(1, job).bind(2, failure.item).bind(3, failure.error).bind(4, to_micros(failure.at)).run();
}

Result<std::vector<JobFailure>> job_failures(Database& database, std::int64_t job, std::int64_t limit) {
    auto row = database.prepare("SELECT item, error, at FROM job_failures WHERE job = ? ORDER BY item LIMIT ?");
    row.bind(1, job).bind(2, limit);
    std::vector<JobFailure> failures;
    auto more = row.step();
    for (; more && *more; more = row.step()) {
        failures.push_back({std::string(row.text(0)), std::string(row.text(1)), from_micros(row.integer(2))});
    }
    if (!more) return fail(more);
    return failures;
}

Status insert_job_items(Database& database, std::int64_t job, std::span<const std::string> items) {
    auto insert = database.prepare("INSERT INTO job_items (job, position, item) VALUES (?, ?, ?)");
    std::int64_t position = 0;
    for (const std::string& item : items) {
        insert.bind(1, job).bind(2, position++).bind(3, item);
        if (const auto done = insert.run(); !done) return fail(done);
    }
    return {};
}

Result<std::vector<std::string>> job_items(Database& database, std::int64_t job, std::int64_t position, std::int64_t limit) {
    auto row = database.prepare("SELECT item FROM job_items WHERE job = ? AND position >= ? ORDER BY position LIMIT ?");
    row.bind(1, job).bind(2, position).bind(3, limit);
    std::vector<std::string> items;
    auto more = row.step();
    for (; more && *more; more = row.step()) items.emplace_back(row.text(0));
    if (!more) return fail(more);
    return items;
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

Result<std::vector<JobRecord>> unfinished_jobs(Database& database, std::string_view kind, std::string_view actor) {
    static const std::string kText =
        select_where("WHERE state IN ('running', 'paused') AND kind = ? AND actor = ? ORDER BY id DESC");
    auto row = database.prepare(kText);
    row.bind(1, kind).bind(2, actor);
    return all_jobs(row);
}

Result<std::vector<JobRecord>> list_jobs(Database& database, std::int64_t before, std::int64_t limit) {
    static const std::string kText = select_where("WHERE ?1 = 0 OR id < ?1 ORDER BY id DESC LIMIT ?2");
    auto row = database.prepare(kText);
    row.bind(1, before).bind(2, limit);
    return all_jobs(row);
}

}  // namespace keydeck::store
