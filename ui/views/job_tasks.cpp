#include "ui/views/job_tasks.hpp"

#include <fmt/format.h>

#include <vector>

#include "ui/format.hpp"
#include "ui/views/bulk_task.hpp"
#include "ui/widgets/error_dialog.hpp"
#include "ui/widgets/text_dialogs.hpp"

namespace keydeck::ui {
namespace {

void note(std::string text, std::vector<std::string> details, bool is_error, const Scene& scene, Effects& effects) {
    if (!is_error) effects.toasts.push_back(text);
    effects.messages.push_back({scene.now.wall, is_error, std::move(text), std::move(details)});
}

// How a job stands when its work here has ended.
void tell(const JobInfo& job, const Scene& scene, Effects& effects) {
    if (job.id == 0) {
        effects.toasts.emplace_back("There was nothing to do: all stands where it should");
        return;
    }
    const std::string name = fmt::format("Job #{}, {}", job.id, scene.safe(plain_names(job.title)));
    if (job.state == "done" && job.failed == 0) {
        note(fmt::format("{}: done, {}", name, counted(job.done, "item", "items")), {}, false, scene, effects);
    } else if (job.state == "done") {
        note(fmt::format("{}: {} of {} failed and stand as they were", name, grouped(job.failed), grouped(job.total)),
             {"f on the Jobs screen lists each with its reason."}, true, scene, effects);
    } else {
        note(fmt::format("{}: {}", name, job.state), {scene.safe(job.error)}, false, scene, effects);
    }
}

void tell_error(const Error& error, const std::string& title, const std::string& what, const Scene& scene,
                Effects& effects) {
    if (error.code == ErrorCode::kCancelled) {
        note(fmt::format("Stopped: {} ({})", what, scene.safe(error.message)), {}, false, scene, effects);
        return;
    }
    report_error({title, "What was done by then stays done; the rest is as it was.", what, error}, {}, scene, effects);
}

template <class Verb, class Done>
Task job_task(const std::string& what, const std::string& title, const Session& session, Verb verb, Done done) {
    Task task = make_task(what, Lane::kJobs, true, std::move(verb),
                          [what, title, done = std::move(done)](const auto& result, const Scene& scene, Effects& effects) {
                              effects.refresh = true;
                              if (!result) return tell_error(result.error(), title, what, scene, effects);
                              done(*result, scene, effects);
                          });
    task.outlives_dialog = true;
    task.when_quitting = job_when_quitting(session);
    return task;
}

}  // namespace

std::string job_when_quitting(const Session& session) {
    return fmt::format("It pauses where it stands, and {} goes on from there. What still waits its turn is not begun.",
                       session.is_operator() ? "p on the Jobs screen, or `keydeck job resume`," : "the operator");
}

Task rewrap_task(const Rewrap& request, const std::string& what, const Session& session) {
    return job_task(
        what, "Not everything was moved", session,
        [request, session](Engine& engine, const TaskContext& context) {
            return engine.rewrap(session, request, Progress{context.progress, context.stop});
        },
        tell);
}

Task retire_task(const KeyInfo& key, const Session& session) {
    const std::string name = key_name(key.alias, key.id);
    return job_task(
        fmt::format("retire key {}", name), "The key was not retired", session,
        [id = key.id, session](Engine& engine, const TaskContext& context) {
            return engine.retire_pool_key(session, id, Progress{context.progress, context.stop});
        },
        [name](const KeyInfo& retired, const Scene& scene, Effects& effects) {
            note(fmt::format("Key {} is retired: nothing stands under it, and it is disabled; X schedules its deletion",
                             scene.safe(name)),
                 {"Key id: " + retired.id}, false, scene, effects);
        });
}

Task resume_task(const JobInfo& job, const Session& session) {
    if (job.kind == "bulk") return resume_bulk_task(job, session);
    return job_task(
        fmt::format("go on with job #{}, {}", job.id, plain_names(job.title)), "The job does not go on", session,
        [id = job.id, session](Engine& engine, const TaskContext& context) {
            return engine.resume_job(session, id, Progress{context.progress, context.stop});
        },
        tell);
}

Place place_of_new_job() {
    Place out;
    out.screen = ScreenId::kJobs;
    out.target = "newest";
    return out;
}

}  // namespace keydeck::ui
