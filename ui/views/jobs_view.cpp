// Jobs: work that takes long, of this program and of others. Enter shows one in full, `f` what failed in it.
#include <fmt/format.h>

#include <set>
#include <utility>

#include "ui/figures.hpp"
#include "ui/format.hpp"
#include "ui/key_words.hpp"
#include "ui/views/bulk_task.hpp"
#include "ui/views/change.hpp"
#include "ui/views/job_pages.hpp"
#include "ui/views/job_tasks.hpp"
#include "ui/views/key_actions.hpp"
#include "ui/views/list_view.hpp"
#include "ui/views/screens.hpp"
#include "ui/widgets/bar.hpp"
#include "ui/widgets/latest.hpp"

namespace keydeck::ui {
namespace {

constexpr std::int64_t kFailuresInPane = 5;
constexpr std::int64_t kFailuresAsked = 8;
constexpr std::int64_t kFailuresInList = 2000;
constexpr std::int64_t kItemsListed = 500;
constexpr std::chrono::seconds kAwaited{10};

std::string state_text(const JobInfo& job) {
    if (job.state == "running") return "● running";
    if (job.state == "done") return job.failed > 0 ? fmt::format("▲ {} failed", grouped(job.failed)) : "✓ done";
    if (job.state == "cancelled") return "× cancelled";
    if (job.state == "interrupted") return "▲ interrupted";
    return job.state == "paused" ? "○ paused" : job.state + "…";
}

Role state_role(const JobInfo& job) {
    if (job.state == "done") return job.failed > 0 ? Role::kWarn : Role::kOk;
    if (job.state == "running") return Role::kAccent;
    if (job.state == "interrupted") return Role::kWarn;
    return job.state == "cancelled" ? Role::kOff : Role::kWait;
}

std::string percent_of(const JobInfo& job) {
    if (job.total <= 0) return job.state == "done" ? "100%" : "";
    const std::int64_t processed = std::min(job.done + job.failed, job.total);
    return fmt::format("{}%", processed * 100 / job.total);
}

bool is_bulk(const JobInfo& job) { return job.kind == "bulk"; }

std::string name_of(const JobInfo& job) { return fmt::format("job #{}", job.id); }

class JobsView final : public ListView<JobInfo> {
public:
    JobsView();

    void enter(const Place& place, const Scene& scene, Effects& effects) override {
        session_ = scene.session;
        if (place.target == "newest") awaited_ = scene.now;
        if (window_.loaded() && place.select.empty()) return refresh(scene, effects);
        restart(place.select, effects);
    }
    Place place() const override {
        Place out;
        out.screen = ScreenId::kJobs;
        out.select = selected() != nullptr ? std::to_string(selected()->id) : "";
        return out;
    }
    void refresh(const Scene& scene, Effects& effects) override {
        failures_.spoil();
        ListView::refresh(scene, effects);
    }
    std::string breadcrumb(const Scene& /*scene*/) const override { return "Jobs"; }
    std::string status(const Scene& scene) const override {
        const JobInfo* job = selected();
        if (job == nullptr) return ListView::status(scene);
        if (!job->error.empty()) return fmt::format("#{}: {}", job->id, scene.safe(job->error));
        const std::string pause = key_word(scene, "job.pause");
        if (is_running(*job)) return pause + " pauses it safely, and so does leaving if it runs here; it goes on from there";
        if (job->state == "interrupted") return fmt::format("Its process is gone. {} goes on from where it stood.", pause);
        return ListView::status(scene);
    }

private:
    std::string off_without_row() const { return selected() == nullptr ? "no job is selected" : ""; }
    std::string off_for_unfinished(const Scene& scene) const {
        if (std::string off = off_for_operator_writes(scene); !off.empty()) return off;
        if (selected() == nullptr) return off_without_row();
        return has_ended(*selected()) ? "it has ended" : "";
    }
    std::string off_pause(const Scene& scene) const {
        if (std::string off = off_for_unfinished(scene); !off.empty()) return off;
        const std::string& state = selected()->state;
        return state == "pausing" || state == "cancelling" ? "it is about to stop" : "";
    }
    std::string off_retry(const Scene& scene) const {
        if (std::string off = off_for_operator_writes(scene); !off.empty()) return off;
        if (selected() == nullptr) return off_without_row();
        if (selected()->failed == 0) return "nothing failed in it";
        return is_bulk(*selected()) ? "" : "do the same again: that tries what failed";
    }
    void ask_pause_or_continue(const Scene& scene, Effects& effects) const;
    void ask_retry(Effects& effects) const;
    void ask_cancel(Effects& effects) const;
    std::vector<TextLine> detail_lines(const JobInfo& job, const Scene& scene) const;
    void show_detail(const Scene& scene, Effects& effects) const;
    void show_failures(Effects& effects) const;

    Task read(const Fetch<Id>& fetch) override {
        return data_task(
            "read the jobs",
            [fetch, session = session_](Engine& engine, const TaskContext&) {
                return read_page<JobInfo>(fetch, [&](const PageQuery& page) { return page_of_jobs(engine, session, page); });
            },
            [this, fetch](const Result<RowPage<JobInfo>>& page, const Scene& scene, Effects& effects) {
                if (page) rates_.look(page->rows, scene.now.steady);
                on_page(fetch, page, effects);
                follow_newest(scene.now);
            });
    }
    // A job that was begun from here gets the cursor when it appears.
    void follow_newest(Now now) {
        if (!awaited_ || window_.rows().empty() || window_.more_before()) return;
        const JobInfo& newest = window_.rows().front();
        const bool is_it = newest.created_at >= awaited_->wall;
        if (is_it) window_.select(newest.id);
        if (is_it || now.steady - awaited_->steady > kAwaited) awaited_.reset();
    }

    std::vector<Column> columns(int cols) const override {
        const int bar = cols >= 110 ? 27 : 17;
        return {{"ID", 5, 7, 0, Align::kLeft},      {"JOB", 24, 60, 0, Align::kLeft},
                {"STATE", 13, 13, 0, Align::kLeft}, {"PROGRESS", bar, bar, 3, Align::kLeft},
                {"DONE", 7, 11, 4, Align::kRight},  {"FAILED", 6, 8, 6, Align::kRight},
                {"RATE", 5, 7, 5, Align::kRight},   {"LEFT", 7, 10, 2, Align::kRight}};
    }
    std::vector<TableCell> cells(const JobInfo& row, const Scene& scene) const override {
        const auto rate = rates_.rate(row.id);
        const auto left = rates_.left(row);
        const int bar = layout_.table.cols >= 110 ? 22 : 12;
        const std::int64_t whole = row.total > 0 ? row.total : row.state == "done" ? 1 : 0;
        const std::int64_t part = row.total > 0 ? row.done + row.failed : whole;
        return {{fmt::format("#{}", row.id)},
                {scene.safe(plain_names(row.title))},
                {state_text(row), state_role(row)},
                {fmt::format("{} {:>4}", bar_of(part, whole, bar, scene.charset), percent_of(row)), state_role(row)},
                {grouped(row.done)},
                {grouped(row.failed), row.failed > 0 ? Role::kDanger : Role::kMuted},
                {rate ? rate_of(*rate) : "—", rate ? Role::kText : Role::kMuted},
                {is_running(row) ? left ? span_of(*left) : "—" : time_ago(row.updated_at, scene.now.wall),
                 is_running(row) ? Role::kText : Role::kMuted}};
    }
    std::string scope(const Scene& /*scene*/) const override {
        const auto running = std::ranges::count_if(window_.rows(), is_running);
        return running == 0 ? "newest first" : fmt::format("newest first · {} running", running);
    }
    std::string count(const Scene& /*scene*/) const override { return count_of(-1); }
    std::vector<std::string> empty_text(const Scene& scene) const override {
        if (!scene.session.is_operator()) return {"Jobs are the operator's."};
        return {"No job has run yet.",
                fmt::format("{} or {} on the Keys screen begins one; so does making many wallets at once.",
                            key_word(scene, "key.move"), key_word(scene, "key.retire"))};
    }
    std::string noun() const override { return "jobs"; }
    std::string one() const override { return "job"; }
    std::string name_of_row(const JobInfo& row) const override { return name_of(row); }

    int detail_rows(const Scene& scene) const override { return scene.screen.rows >= 30 ? 14 : 8; }
    void settle_detail(const Scene& /*scene*/, Effects& effects) override;
    void draw_detail(Frame& frame, Area area, const Scene& scene) const override;
    std::string progress_line(const JobInfo& job) const;

    JobRates rates_;
    Latest<std::int64_t, std::vector<JobFailure>> failures_;
    std::optional<Now> awaited_;  ///< since when a job begun from here is awaited
};

JobsView::JobsView() {
    go_without_filter();
    const auto with_row = [this](const Scene&) { return off_without_row(); };
    actions_ = {
        {"job.detail",
         {key(KeyCode::kEnter), key(U'l')},
         "this job in full",
         "detail",
         [this](const Scene& scene, Effects& effects) { show_detail(scene, effects); },
         with_row,
         [this] { return Call{{"job", "show"}, {std::to_string(selected()->id)}, {}}; }},
        {"job.pause",
         {key(U'p')},
         "pause, or go on…",
         "pause/continue",
         [this](const Scene& scene, Effects& effects) { ask_pause_or_continue(scene, effects); },
         [this](const Scene& scene) { return off_pause(scene); },
         [this] {
             return Call{{"job", selected()->state == "running" ? "pause" : "resume"}, {std::to_string(selected()->id)}, {}};
         }},
        {"job.cancel",
         {key(U'C')},
         "cancel for good; what was done stays…",
         "cancel…",
         [this](const Scene&, Effects& effects) { ask_cancel(effects); },
         [this](const Scene& scene) { return off_for_unfinished(scene); },
         [this] { return Call{{"job", "cancel"}, {std::to_string(selected()->id)}, {}}; }},
        {"job.failures",
         {key(U'f')},
         "what failed in it, and why",
         "failed items",
         [this](const Scene&, Effects& effects) { show_failures(effects); },
         [this](const Scene&) {
             if (selected() == nullptr) return off_without_row();
             return selected()->failed == 0 ? std::string("nothing failed in it") : std::string();
         },
         [this] { return Call{{"job", "show"}, {std::to_string(selected()->id)}, {}}; }},
        {"job.retry",
         {key(U't')},
         "try again what failed in it…",
         "try again",
         [this](const Scene&, Effects& effects) { ask_retry(effects); },
         [this](const Scene& scene) { return off_retry(scene); },
         [this] { return Call{{"job", "retry"}, {std::to_string(selected()->id)}, {}}; }},
        {"copy",
         {key(U'y')},
         "copy its number",
         "copy id",
         [this](const Scene&, Effects& effects) { effects.copy = Copy{"job", std::to_string(selected()->id)}; },
         with_row},
        lock_vault_action(),
    };
}

void JobsView::ask_pause_or_continue(const Scene& scene, Effects& effects) const {
    const JobInfo& job = *selected();
    const std::string title = safe_text(plain_names(job.title), Charset::kUnicode);
    std::vector<TextLine> lines{{"Job", title, {}, false, false}};
    if (job.state == "running") {
        lines.push_back({"Then",
                         fmt::format("It stops at its next commit. Nothing is lost; {} goes on from there.",
                                     key_word(scene, "job.pause")),
                         {},
                         false,
                         false});
        effects.open.push_back(std::make_unique<QuestionDialog>(
            fmt::format("Pause job #{}?", job.id), std::move(lines),
            [job](const Scene& asked, Effects& more) {
                more.tasks.push_back(change_task(
                    {fmt::format("pause job #{}", job.id), "The job was not paused", "It goes on."},
                    [id = job.id, session = asked.session](Engine& engine, const TaskContext&) {
                        return engine.pause_job(session, id);
                    },
                    [job](const Result<JobInfo>& paused, const Scene& now, Effects& then) {
                        then.toasts.push_back(fmt::format("Job #{} is {}", paused->id, paused->state));
                        then.undo = Undo{fmt::format("Go on with job #{}?", job.id), resume_task(job, now.session)};
                    }));
            },
            Call{{"job", "pause"}, {std::to_string(job.id)}, {}}));
        return;
    }
    lines.push_back({"Then", "This program works on it, to its end or until it is left.", {}, false, false});
    effects.open.push_back(std::make_unique<QuestionDialog>(
        fmt::format("Go on with job #{}?", job.id), std::move(lines),
        [job](const Scene& asked, Effects& more) { more.tasks.push_back(resume_task(job, asked.session)); },
        Call{{"job", "resume"}, {std::to_string(job.id)}, {}}));
}

void JobsView::ask_cancel(Effects& effects) const {
    const JobInfo& job = *selected();
    effects.open.push_back(std::make_unique<QuestionDialog>(
        fmt::format("Cancel job #{} for good?", job.id),
        std::vector<TextLine>{
            {"Job", safe_text(plain_names(job.title), Charset::kUnicode), {}, false, false},
            {"Then",
             fmt::format("What was done stays: {} of {}. The rest stays as it is, and the job cannot go on.",
                         grouped(job.done), grouped(job.total)),
             {},
             false,
             false}},
        [id = job.id](const Scene& scene, Effects& more) {
            more.tasks.push_back(change_task(
                {fmt::format("cancel job #{}", id), "The job was not cancelled", "It is as it was."},
                [id, session = scene.session](Engine& engine, const TaskContext&) { return engine.cancel_job(session, id); },
                [](const Result<JobInfo>& job_now, const Scene&, Effects& then) {
                    then.toasts.push_back(fmt::format("Job #{} is {}", job_now->id, job_now->state));
                }));
        },
        Call{{"job", "cancel"}, {std::to_string(job.id)}, {}}));
}

void JobsView::ask_retry(Effects& effects) const {
    effects.tasks.push_back(data_task(
        "read what failed",
        [id = selected()->id, session = session_](Engine& engine, const TaskContext&) {
            return engine.job_failures(session, id, kFailuresAsked);
        },
        [job = *selected()](const Result<std::vector<JobFailure>>& failures, const Scene& scene, Effects& more) {
            if (!failures) {
                return report_error({"What failed cannot be read", "Nothing was changed.", name_of(job), failures.error()},
                                    {}, scene, more);
            }
            std::vector<TextLine> lines{{"Job", scene.safe(plain_names(job.title)), {}, false, false}};
            for (const JobFailure& failure : *failures) {
                lines.push_back({"", scene.safe(failure.item), {}, true, false});
                lines.push_back({" ", scene.safe(failure.error), {Role::kDanger}, false, false});
            }
            if (std::ssize(*failures) < job.failed) {
                const std::string more_of_them = grouped(job.failed - std::ssize(*failures));
                lines.push_back({"",
                                 fmt::format("… {} more ({} lists them)", more_of_them, key_word(scene, "job.failures")),
                                 {Role::kWarn},
                                 false,
                                 false});
            }
            more.open.push_back(std::make_unique<QuestionDialog>(
                fmt::format("Try {} of job #{} again?", counted(job.failed, "failed item", "failed items"), job.id),
                std::move(lines),
                [job](const Scene& asked, Effects& then) { then.tasks.push_back(retry_bulk_task(job, asked.session)); },
                Call{{"job", "retry"}, {std::to_string(job.id)}, {}}));
        }));
}

void JobsView::show_failures(Effects& effects) const {
    const JobInfo& job = *selected();
    effects.tasks.push_back(data_task(
        "read what failed",
        [id = job.id, session = session_](Engine& engine, const TaskContext&) {
            return engine.job_failures(session, id, kFailuresInList);
        },
        [job](const Result<std::vector<JobFailure>>& failures, const Scene& scene, Effects& more) {
            if (!failures) {
                return report_error({"What failed cannot be read", "Nothing was changed.", name_of(job), failures.error()},
                                    {}, scene, more);
            }
            std::vector<TextLine> lines{{"", scene.safe(plain_names(job.title)), {Role::kTitle}, false, false}, rule_line()};
            std::string all;
            for (const JobFailure& failure : *failures) {
                lines.push_back({"", scene.safe(failure.item), {}, true, false});
                lines.push_back({" ",
                                 fmt::format("{}  {}", time_in_list(failure.at, scene.now.wall), scene.safe(failure.error)),
                                 {Role::kDanger},
                                 false,
                                 false});
                all += failure.item + "\t" + failure.error + "\n";
            }
            if (std::ssize(*failures) < job.failed) {
                lines.push_back({"",
                                 fmt::format("… and {} more; all of them: keydeck job show {}",
                                             grouped(job.failed - std::ssize(*failures)), job.id),
                                 {Role::kWarn},
                                 false,
                                 false});
            }
            more.open.push_back(std::make_unique<TextDialog>(fmt::format("Job #{}: {} failed", job.id, grouped(job.failed)),
                                                             std::move(lines),
                                                             std::vector<Copy>{{"failed items", std::move(all)}}));
        }));
}

std::string JobsView::progress_line(const JobInfo& job) const {
    std::string out = fmt::format("{} ok · {} failed · {} left of {}", grouped(job.done), grouped(job.failed),
                                  grouped(std::max<std::int64_t>(job.total - job.done - job.failed, 0)), grouped(job.total));
    if (const auto rate = rates_.rate(job.id)) out += " · " + rate_of(*rate);
    if (const auto left = rates_.left(job)) out += fmt::format(", {} left", span_of(*left));
    return out;
}

void JobsView::settle_detail(const Scene& /*scene*/, Effects& effects) {
    if (selected() == nullptr || selected()->failed == 0 || layout_.detail.rows == 0 || !failures_.wants(selected()->id))
        return;
    effects.tasks.push_back(data_task(
        "read what failed",
        [id = selected()->id, session = session_](Engine& engine, const TaskContext&) {
            return engine.job_failures(session, id, kFailuresInPane);
        },
        [this, id = selected()->id](const Result<std::vector<JobFailure>>& failures, const Scene&, Effects&) {
            failures_.take(id, failures ? std::optional(*failures) : std::nullopt);
        }));
}

void JobsView::draw_detail(Frame& frame, Area area, const Scene& scene) const {
    const JobInfo* job = selected();
    frame.rule(area.row, area.col, area.cols,
               job != nullptr ? fmt::format("#{} {}", job->id, scene.safe(plain_names(job->title))) : "");
    if (job == nullptr) return;
    const DetailPane pane(frame, area);
    int row = 1;
    pane.line(row++, fmt::format("State    {}, {}", state_text(*job), time_ago(job->updated_at, scene.now.wall)),
              state_role(*job));
    pane.line(row++, fmt::format("Begun    {} by {}", minute_of(job->created_at), scene.safe(job->actor)));
    pane.line(row++, fmt::format("Items    {}", progress_line(*job)));
    if (!has_ended(*job) && job->total > 0) {
        const int cols = std::min(area.cols - 18, 60);
        pane.line(row++,
                  fmt::format("         {} {}", bar_of(job->done + job->failed, job->total, cols, scene.charset),
                              percent_of(*job)),
                  state_role(*job));
    }
    if (!job->error.empty()) pane.line(row++, fmt::format("Why      {}", scene.safe(job->error)), Role::kWarn);
    if (job->kind == "rewrap") pane.line(row++, "Safe     each is opened under its new key before its old copy goes");
    const std::string pause = key_word(scene, "job.pause");
    if (is_running(*job)) {
        pane.line(row++, fmt::format("Stop     {0} pauses it at the next commit; {0} again goes on from there", pause));
    } else if (!has_ended(*job)) {
        pane.line(row++, fmt::format("Go on    {} continues from where it stands", pause));
    }
    const auto* failures = failures_.of(job->id);
    if (failures == nullptr || job->failed == 0) return;
    for (const JobFailure& failure : *failures) {
        pane.line(row++, fmt::format("Failed   {}  {}", short_target(scene.safe(failure.item)), scene.safe(failure.error)),
                  Role::kDanger);
    }
    if (job->failed > std::ssize(*failures))
        pane.line(row++, fmt::format("         … {} lists them all", key_word(scene, "job.failures")), Role::kMuted);
}

std::vector<TextLine> JobsView::detail_lines(const JobInfo& job, const Scene& scene) const {
    std::vector<TextLine> lines{
        {"Job", scene.safe(plain_names(job.title)), {Role::kTitle}, false, false},
        {"Kind", scene.safe(job.kind), {}, false, false},
        {"State", state_text(job), {state_role(job)}, false, false},
        {"By", scene.safe(job.actor), {}, false, false},
        {"Begun", to_rfc3339(job.created_at), {}, false, false},
        {"Changed", to_rfc3339(job.updated_at), {}, false, false},
        {"Items", progress_line(job), {}, false, false},
    };
    if (!job.error.empty()) lines.push_back({"Why", scene.safe(job.error), {Role::kWarn}, false, false});
    if (job.failed > 0)
        lines.push_back({"Failed",
                         fmt::format("{} on the list of jobs shows each with its reason", key_word(scene, "job.failures")),
                         {},
                         false,
                         false});
    return lines;
}

// What a job of marked rows is done to, in its order; a mark before those it has come to.
void JobsView::show_detail(const Scene& scene, Effects& effects) const {
    const auto show = [](const JobInfo& job, std::vector<TextLine> lines, Effects& more) {
        more.open.push_back(std::make_unique<TextDialog>(fmt::format("Job #{}", job.id), std::move(lines),
                                                         std::vector<Copy>{{"job", std::to_string(job.id)}}));
    };
    if (!is_bulk(*selected())) return show(*selected(), detail_lines(*selected(), scene), effects);
    using Items = std::pair<std::vector<std::string>, std::set<std::string>>;
    effects.tasks.push_back(data_task(
        "read what a job is done to",
        [id = selected()->id, session = session_](Engine& engine, const TaskContext&) -> Result<Items> {
            auto items = engine.bulk_items(session, id);
            if (!items) return fail(items);
            const auto failures = engine.job_failures(session, id, std::ssize(*items));
            if (!failures) return fail(failures);
            std::set<std::string> failed;
            for (const JobFailure& failure : *failures) failed.insert(failure.item);
            return Items{std::move(*items), std::move(failed)};
        },
        [this, job = *selected(), show](const Result<Items>& read, const Scene& now, Effects& more) {
            std::vector<TextLine> lines = detail_lines(job, now);
            if (!read) return show(job, std::move(lines), more);
            const auto& [items, failed] = *read;
            lines.push_back(rule_line());
            for (std::int64_t at = 0; at < std::min(std::ssize(items), kItemsListed); ++at) {
                const std::string& item = items[static_cast<std::size_t>(at)];
                const char* mark = at >= job.done + job.failed ? "· " : failed.contains(item) ? "× " : "✓ ";
                lines.push_back({"", mark + now.safe(item), {}, false, false});
            }
            if (std::ssize(items) > kItemsListed) {
                lines.push_back(
                    {"", fmt::format("… {} more", grouped(std::ssize(items) - kItemsListed)), {Role::kWarn}, false, false});
            }
            show(job, std::move(lines), more);
        }));
}

}  // namespace

std::unique_ptr<View> make_jobs_view() { return std::make_unique<JobsView>(); }

}  // namespace keydeck::ui
