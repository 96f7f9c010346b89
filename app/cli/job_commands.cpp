#include <algorithm>

#include <fmt/format.h>

#include "app/cli/command.hpp"
#include "app/cli/commands.hpp"
#include "app/cli/job_progress.hpp"
#include "app/cli/job_records.hpp"
#include "app/cli/safe_text.hpp"
#include "engine/bulk.hpp"

namespace keydeck::cli {
namespace {

struct ListArgs {
    PageArgs page;
};

struct JobArgs {
    std::string id;
};

void declare_list(CLI::App& command, ListArgs& args) { add_page_options(command, args.page); }

void declare_job(CLI::App& command, JobArgs& args) { command.add_option("ID", args.id, "The job's number")->required(); }

Result<std::int64_t> parse_id(const JobArgs& args) { return parse_number(args.id, "ID", 1, INT64_MAX); }

Outcome list(Context& context, const ListArgs& args) {
    constexpr std::int64_t kPage = 1'000;
    auto range = parse_page(args.page);
    if (!range) return fail(range);
    auto engine = context.engine();
    if (!engine) return fail(engine);
    List<JobInfo> rows(context.out());
    std::int64_t before = range->after.value_or(0);
    for (std::int64_t left = range->limit; left > 0;) {
        const std::int64_t wanted = std::min(left, kPage);
        auto jobs = (*engine)->list_jobs(context.session(), before, wanted);
        if (!jobs) return fail(jobs);
        for (const JobInfo& job : *jobs) rows.add(job);
        if (static_cast<std::int64_t>(jobs->size()) < wanted) break;
        left -= wanted;
        before = jobs->back().id;
    }
    rows.finish();
    return 0;
}

Outcome show_job(Context& context, const JobArgs& args) {
    constexpr std::int64_t kFailures = 1'000;
    auto id = parse_id(args);
    if (!id) return fail(id);
    auto engine = context.engine();
    if (!engine) return fail(engine);
    auto job = (*engine)->job(context.session(), *id);
    if (!job) return fail(job);
    auto failures = (*engine)->job_failures(context.session(), *id, kFailures);
    if (!failures) return fail(failures);
    show(context.out(), *job, *failures);
    return 0;
}

Outcome pause(Context& context, const JobArgs& args) {
    auto id = parse_id(args);
    if (!id) return fail(id);
    return change(context, [&](Engine& engine) { return engine.pause_job(context.session(), *id); });
}

Outcome cancel(Context& context, const JobArgs& args) {
    auto id = parse_id(args);
    if (!id) return fail(id);
    auto engine = context.writing_engine();
    if (!engine) return fail(engine);
    auto job = (*engine)->job(context.session(), *id);
    if (!job) return fail(job);
    Status agreed = context.ask_first(
        fmt::format("Job {} ({}) ends for good where it is: what was done stays. `keydeck job pause {}` only stops it.", *id,
                    safe_text(job->title), *id),
        "Cancel it?");
    if (!agreed) return fail(agreed);
    return answer(context, (*engine)->cancel_job(context.session(), *id));
}

Outcome resume(Context& context, const JobArgs& args) {
    auto id = parse_id(args);
    if (!id) return fail(id);
    auto engine = context.writing_engine();
    if (!engine) return fail(engine);
    auto before = (*engine)->job(context.session(), *id);
    if (!before) return fail(before);
    JobProgress progress(context, **engine, before->kind);
    auto job = (*engine)->resume_job(context.session(), *id, progress.progress());
    progress.end_line();
    return finish_job(context, job);
}

Outcome retry(Context& context, const JobArgs& args) {
    auto id = parse_id(args);
    if (!id) return fail(id);
    auto engine = context.writing_engine();
    if (!engine) return fail(engine);
    JobProgress progress(context, **engine, "bulk");
    auto run = (*engine)->retry_bulk(context.session(), *id, progress.progress());
    progress.end_line();
    if (!run) return fail(run);
    if (run->stopped) return std::unexpected(std::move(*run->stopped));
    return finish_job(context, run->job);
}

}  // namespace

Outcome finish_job(Context& context, const Result<JobInfo>& job) {
    if (!job) return fail(job);
    show(context.out(), *job);
    if (job->failed > 0 && !context.json()) {
        context.out().note(fmt::format("{} failed: keydeck job show {} tells which.", job->failed, job->id));
    }
    return job->failed > 0 ? 1 : 0;
}

void register_job(CLI::App& app, Context& context) {
    CLI::App& group = add_group(app, "job", "Work that takes long: see it, stop it, go on with it");
    add_command(group, context, "list", "List jobs, the newest first", declare_list, list);
    add_command(group, context, "show", "Show one job, and what failed in it", declare_job, show_job);
    add_command(group, context, "pause", "Stop a job; it can be resumed", declare_job, pause);
    add_command(group, context, "resume", "Go on with a job that was stopped, in this terminal", declare_job, resume);
    add_command(group, context, "retry", "Try again what failed in a job, as a new one: a job of marked rows", declare_job,
                retry);
    add_command(group, context, "cancel", "End a job for good; what was done stays", declare_job, cancel);
}

}  // namespace keydeck::cli
