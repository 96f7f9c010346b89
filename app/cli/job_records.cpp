#include "app/cli/job_records.hpp"

#include <fmt/format.h>

#include "app/cli/json_object.hpp"
#include "app/cli/safe_text.hpp"

namespace keydeck::cli {
namespace {

JsonObject json_of(const JobInfo& job) {
    JsonObject json;
    if (job.id == 0) {
        json.null("id");  // there was nothing to do
    } else {
        json.number("id", job.id);
    }
    json.text("kind", job.kind).text("title", job.title).text("actor", job.actor).text("state", job.state);
    json.number("total", job.total).number("done", job.done).number("failed", job.failed);
    json.text_or_null("error", job.error).time("created_at", job.created_at).time("updated_at", job.updated_at);
    return json;
}

std::string json_of(const std::vector<JobFailure>& failures) {
    std::string text = "[";
    for (const JobFailure& failure : failures) {
        if (text.size() > 1) text += ',';
        text += JsonObject().text("item", failure.item).text("error", failure.error).time("at", failure.at).finish();
    }
    return text + ']';
}

std::string place_of(const JobInfo& job) {
    const std::string failed = job.failed > 0 ? fmt::format(", {} failed", job.failed) : "";
    return fmt::format("{} of {}{}", job.done, job.total, failed);
}

}  // namespace

std::string to_json(const JobInfo& job) { return json_of(job).finish(); }

void show(Output& out, const JobInfo& job) {
    if (out.json()) return out.line(to_json(job));
    write_details(out, {{"Job", job.id == 0 ? "" : std::to_string(job.id)},
                        {"What", job.title},
                        {"State", job.id == 0 ? "done: there was nothing to do" : job.state},
                        {"Done", job.id == 0 ? "" : place_of(job)},
                        {"Note", job.error},
                        {"By", job.actor},
                        {"Begun", shown_time(job.created_at)},
                        {"Updated", shown_time(job.updated_at)}});
}

void show(Output& out, const JobInfo& job, const std::vector<JobFailure>& failures) {
    if (out.json()) return out.line(json_of(job).raw("failures", json_of(failures)).finish());
    show(out, job);
    for (const JobFailure& failure : failures) {
        out.line(fmt::format("  {}  {}", safe_text(failure.item), safe_text(failure.error)));
    }
    const auto told = static_cast<std::int64_t>(failures.size());
    if (job.failed > told) out.line(fmt::format("  and {} more", job.failed - told));
}

template <>
List<JobInfo>::List(Output& out)
    : out_(out), table_(out, {{"ID", true}, {"WHAT"}, {"STATE"}, {"DONE", true}, {"BY"}, {"UPDATED"}}) {}

template <>
void List<JobInfo>::add(const JobInfo& job) {
    if (out_.json()) return out_.line(to_json(job));
    table_.row({std::to_string(job.id), job.title, job.state, place_of(job), job.actor, shown_time(job.updated_at)});
}

template <>
void List<JobInfo>::finish() {
    if (!out_.json()) table_.finish("No jobs.");
}

}  // namespace keydeck::cli
