#include "ui/views/bulk_task.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "ui/dialog_keys.hpp"
#include "ui/format.hpp"
#include "ui/key_words.hpp"
#include "ui/views/job_tasks.hpp"
#include "ui/widgets/error_dialog.hpp"

namespace keydeck::ui {
namespace {

constexpr std::size_t kMostListed = 500;  // of what is drawn as a whole; copying gives them all

struct Failure {
    BulkItem item;
    Error error;
};

std::string task_words(const Bulk& bulk) { return fmt::format("{} {}", bulk.verb, amount_of(bulk, bulk.items.size())); }

class FailedDialog final : public Dialog {
public:
    FailedDialog(Bulk bulk, std::vector<Failure> failed)
        : Dialog(fmt::format("{} failed", amount_of(bulk, failed.size()))),
          bulk_(std::move(bulk)),
          failed_(std::move(failed)),
          actions_{dialog_action("bulk.copy",
                                 [this](const Scene&, Effects& effects) { effects.copy = Copy{"failed items", text()}; })} {}

    const Actions& actions() const override { return actions_; }

private:
    Frame body(int cols, const Scene& scene) const override {
        std::vector<TextLine> lines;
        for (std::size_t i = 0; i < std::min(failed_.size(), kMostListed); ++i) {
            lines.push_back({"", failed_[i].item.shown, {}, true, false});
            lines.push_back({" ", scene.safe(failed_[i].error.message), {Role::kDanger}, false, false});
        }
        if (failed_.size() > kMostListed) {
            const auto more = static_cast<std::int64_t>(failed_.size() - kMostListed);
            const std::string copies = key_word(scene, actions_, "bulk.copy");
            lines.push_back(
                {"", fmt::format("… {} more ({} copies them all)", grouped(more), copies), {Role::kWarn}, false, false});
        }
        lines.push_back(blank_line());
        lines.push_back({"", "These are as they were. r asks whether to try them again.", {Role::kTitle}, false, false});
        return draw_text(lines, cols, scene.charset);
    }

    std::string hints(const Scene& scene) const override {
        return "r try these again   " + key_hint(scene, actions_, "bulk.copy", "copy") + "Enter/Esc close";
    }

    bool on_key(const Key& key, const Scene& /*scene*/, Effects& effects) override {
        if (key.code == KeyCode::kEnter) {
            effects.close = true;
            return true;
        }
        if (key != ui::key(U'r')) return false;
        Bulk again = bulk_;
        again.items.clear();
        for (const Failure& failure : failed_) again.items.push_back(failure.item);
        ask_bulk(std::move(again), effects);  // it may have opened under somebody's fingers
        effects.close = true;
        return true;
    }

    std::string text() const {
        std::string out;
        for (const Failure& failure : failed_)
            out += fmt::format("{}\t{}\t{}\n", failure.item.id, to_string(failure.error.code), failure.error.message);
        return out;
    }

    Bulk bulk_;
    std::vector<Failure> failed_;
    Actions actions_;
};

Undo undo_of(const Bulk& bulk, const std::vector<BulkItem>& done) {
    Bulk back = *bulk.undo;
    back.items = done;
    std::string verb = back.verb;
    verb[0] = static_cast<char>(verb[0] - 'a' + 'A');
    Undo out;
    out.question = fmt::format("{} {} again?", verb, amount_of(back, done.size()));
    out.ask = [back](const Scene&, Effects& effects, std::function<void()> on_yes) {
        ask_bulk(back, effects, std::move(on_yes));
    };
    return out;
}

void tell_failures(const Bulk& bulk, std::vector<Failure> failed, const Scene& scene, Effects& effects) {
    Message message{scene.now.wall,
                    true,
                    fmt::format("{} of {} could not be {}", grouped(static_cast<std::int64_t>(failed.size())),
                                amount_of(bulk, bulk.items.size()), bulk.done),
                    {}};
    for (std::size_t i = 0; i < std::min(failed.size(), kMostListed); ++i)
        message.details.push_back(fmt::format("{}: {}", failed[i].item.shown, failed[i].error.message));
    effects.messages.push_back(std::move(message));
    effects.open.push_back(std::make_unique<FailedDialog>(bulk, std::move(failed)));
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
                  task_words(bulk), *run.stopped},
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
    for (const BulkFailure& failure : run.failed) failed.push_back({item(failure.item), failure.error});
    if (bulk.on_done) bulk.on_done(done);
    if (bulk.undo && !changed.empty()) effects.undo = undo_of(bulk, changed);  // and not what others had done
    if (run.stopped) {
        tell_stop(bulk, run, scene, effects);
    } else if (!done.empty()) {
        effects.toasts.push_back(sentence_of(bulk, done.size()));
    }
    if (!failed.empty()) tell_failures(bulk, std::move(failed), scene, effects);
}

}  // namespace

Task bulk_task(Bulk bulk, const Session& session) {
    const std::string what = task_words(bulk);
    const BulkAction action = bulk.action;
    std::vector<std::string> ids;
    ids.reserve(bulk.items.size());
    for (const BulkItem& item : bulk.items) ids.push_back(item.id);
    Task task = make_task(
        what, Lane::kJobs, true,
        [ids = std::move(ids), action, session](Engine& engine, const TaskContext& context) {
            return engine.start_bulk(session, action, ids, Progress{context.progress, context.stop});
        },
        [bulk = std::move(bulk), what](const Result<BulkRun>& run, const Scene& scene, Effects& effects) {
            effects.refresh = true;
            if (run) return tell_end(bulk, *run, scene, effects);
            report_error(
                {fmt::format("The {} were not {}", bulk.many, bulk.done), "Nothing was changed.", what, run.error()}, {},
                scene, effects);
        });
    task.outlives_dialog = true;
    task.when_quitting = job_when_quitting(session);
    return task;
}

}  // namespace keydeck::ui
