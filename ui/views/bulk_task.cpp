#include "ui/views/bulk_task.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "ui/format.hpp"
#include "ui/key_words.hpp"
#include "ui/views/bulk_actions.hpp"
#include "ui/views/job_tasks.hpp"
#include "ui/widgets/error_dialog.hpp"

namespace keydeck::ui {
namespace {

constexpr std::size_t kMostListed = 500;  // the Jobs screen has them all

struct Failure {
    BulkItem item;
    Error error;
};

std::string task_words(const Bulk& bulk) { return fmt::format("{} {}", bulk.verb, amount_of(bulk, bulk.items.size())); }

Undo undo_of(const Bulk& bulk, const std::vector<BulkItem>& done) {
    Bulk back = *bulk.undo;
    back.items = done;
    std::string verb = back.verb;
    verb[0] = static_cast<char>(verb[0] - 'a' + 'A');
    Undo out;
    out.question = fmt::format("{} {} again?", verb, amount_of(back, done.size()));
    out.ask = [back](const Scene&, Effects& effects, std::function<void()> on_done) {
        Bulk asked = back;
        asked.on_all_done = std::move(on_done);
        ask_bulk(std::move(asked), effects);
    };
    return out;
}

// Nobody waits for it, so nothing opens over what is being typed meanwhile.
void tell_failures(const Bulk& bulk, const BulkRun& run, const std::vector<Failure>& failed, const Scene& scene,
                   Effects& effects) {
    Message message{scene.now.wall,
                    true,
                    fmt::format("{} could not be {}: ", amount_of(bulk, failed.size()), bulk.done) +
                        scene.safe(failed.front().error.message),
                    {}};
    for (std::size_t i = 0; i < std::min(failed.size(), kMostListed); ++i)
        message.details.push_back(fmt::format("{}: {}", failed[i].item.shown, scene.safe(failed[i].error.message)));
    if (scene.session.is_operator()) {
        message.details.push_back(
            fmt::format("{} on the Jobs screen tries those of job #{} again.", key_word(scene, "job.retry"), run.job.id));
    }
    effects.messages.push_back(std::move(message));
}

std::string sentence_of(const Bulk& bulk, std::size_t count) {
    return fmt::format("{} {} {}", amount_of(bulk, count), count == 1 ? "is" : "are", bulk.done);
}

// A job that was stopped between two items: by the Jobs screen, by another process, by a KMS that refuses more.
void tell_stop(const Bulk& bulk, const BulkRun& run, const Scene& scene, Effects& effects) {
    const std::int64_t left = run.job.total - run.job.done - run.job.failed;
    const std::string place = fmt::format("job #{} is {}, {} left as they were", run.job.id, run.job.state, grouped(left));
    const std::string done = sentence_of(bulk, run.changed.size() + run.unchanged.size());
    if (run.stopped->code == ErrorCode::kCancelled) {
        std::string text = fmt::format("{}; {}", done, place);
        effects.messages.push_back({scene.now.wall, false, text, {scene.safe(run.stopped->message)}});
        effects.toasts.push_back(std::move(text));
        return;
    }
    report_error({fmt::format("The {} were not all {}", bulk.many, bulk.done), fmt::format("{}; {}.", done, place),
                  plain_names(run.job.title), *run.stopped},
                 {}, scene, effects);
}

class ItemsById {
public:
    explicit ItemsById(const std::vector<BulkItem>& items) {
        for (const BulkItem& item : items) by_id_.emplace(item.id, item);
    }
    BulkItem operator()(const std::string& id) const {
        const auto found = by_id_.find(id);
        return found == by_id_.end() ? BulkItem{id, safe_text(id, Charset::kUnicode)} : found->second;
    }
    std::vector<BulkItem> of(const std::vector<std::string>& ids) const {
        std::vector<BulkItem> out;
        out.reserve(ids.size());
        for (const std::string& id : ids) out.push_back((*this)(id));
        return out;
    }

private:
    std::unordered_map<std::string, BulkItem> by_id_;
};

void tell_end(const Bulk& bulk, const BulkRun& run, const Scene& scene, Effects& effects) {
    const ItemsById item(bulk.items);
    const std::vector<BulkItem> changed = item.of(run.changed);
    std::vector<BulkItem> done = item.of(run.unchanged);
    done.insert(done.end(), changed.begin(), changed.end());
    std::vector<Failure> failed;
    failed.reserve(run.failed.size());
    for (const BulkFailure& failure : run.failed) failed.push_back({item(failure.item), failure.error});
    if (bulk.on_done) bulk.on_done(done);
    if (bulk.undo && !changed.empty()) effects.undo = undo_of(bulk, changed);  // and not what others had done
    if (run.stopped) {
        tell_stop(bulk, run, scene, effects);
    } else if (!done.empty()) {
        effects.toasts.push_back(sentence_of(bulk, done.size()));
    }
    if (!failed.empty()) tell_failures(bulk, run, failed, scene, effects);
    if (!run.stopped && failed.empty() && bulk.on_all_done) bulk.on_all_done();
}

// `bulk` says in which words its end is told.
template <class Verb, class Words>
Task run_task(const std::string& what, const std::string& failed, const Session& session, Verb verb, const Words& bulk) {
    Task task = make_task(what, Lane::kJobs, true, std::move(verb),
                          [what, failed, bulk](const Result<BulkRun>& run, const Scene& scene, Effects& effects) {
                              effects.refresh = true;
                              if (run) return tell_end(bulk(run->action), *run, scene, effects);
                              report_error({failed, "Nothing was changed.", what, run.error()}, {}, scene, effects);
                          });
    task.outlives_dialog = true;
    task.when_quitting = job_when_quitting(session);
    return task;
}

}  // namespace

Task bulk_task(Bulk bulk, const Session& session) {
    const std::string what = task_words(bulk);
    const std::string not_done = fmt::format("The {} were not {}", bulk.many, bulk.done);
    const BulkAction action = bulk.action;
    std::vector<std::string> ids;
    ids.reserve(bulk.items.size());
    for (const BulkItem& item : bulk.items) ids.push_back(item.id);
    return run_task(
        what, not_done, session,
        [ids = std::move(ids), action, session](Engine& engine, const TaskContext& context) {
            return engine.start_bulk(session, action, ids, Progress{context.progress, context.stop});
        },
        [bulk = std::move(bulk)](BulkAction) { return bulk; });
}

Task resume_bulk_task(const JobInfo& job, const Session& session) {
    return run_task(
        fmt::format("go on with job #{}, {}", job.id, plain_names(job.title)), "The job does not go on", session,
        [id = job.id, session](Engine& engine, const TaskContext& context) {
            return engine.resume_bulk(session, id, Progress{context.progress, context.stop});
        },
        bulk_of);
}

Task retry_bulk_task(const JobInfo& job, const Session& session) {
    return run_task(
        fmt::format("try again what failed in job #{}, {}", job.id, plain_names(job.title)), "It was not tried again",
        session,
        [id = job.id, session](Engine& engine, const TaskContext& context) {
            return engine.retry_bulk(session, id, Progress{context.progress, context.stop});
        },
        bulk_of);
}

}  // namespace keydeck::ui
