// Health: the alerts, what calls of the KMS came to, and what it costs. Enter goes to an alert's cause.
#include <fmt/format.h>

#include "ui/figures.hpp"
#include "ui/format.hpp"
#include "ui/views/alert_actions.hpp"
#include "ui/views/health_figures.hpp"
#include "ui/views/key_actions.hpp"
#include "ui/views/list_view.hpp"
#include "ui/views/screens.hpp"

namespace keydeck::ui {
namespace {

constexpr int kLeastFigures = 6;
constexpr int kLeastAlerts = 3;
constexpr int kRowsForSentence = 16;  // of both panes, from which the selected alert is told in full
constexpr std::chrono::seconds kReadEvery{5};

bool is_silenced(const Alert& alert, Timestamp now) { return alert.silenced_until && *alert.silenced_until > now; }

std::string mark_of(const Alert& alert, Timestamp now) {
    if (is_silenced(alert, now)) return "~";
    return alert.acknowledged_at ? "✓" : "▲";
}

std::string handled(const Alert& alert, const Scene& scene) {
    if (is_silenced(alert, scene.now.wall))
        return "silenced " + span_of(std::chrono::ceil<std::chrono::minutes>(*alert.silenced_until - scene.now.wall));
    return alert.acknowledged_at ? "seen by " + scene.safe(alert.acknowledged_by) : "not seen yet";
}

class HealthView final : public ListView<Alert> {
public:
    HealthView();

    void enter(const Place& place, const Scene& scene, Effects& effects) override {
        session_ = scene.session;
        look_ = true;
        wants_figures_ = true;
        if (window_.loaded()) {
            if (!place.select.empty()) window_.select(place.select);
            return ListView::refresh(scene, effects);
        }
        restart(place.select, effects);
    }
    Place place() const override {
        Place out;
        out.screen = ScreenId::kHealth;
        out.select = selected() != nullptr ? row_id(*selected()) : "";
        return out;
    }
    void refresh(const Scene& scene, Effects& effects) override {
        if (scene.now.steady - figures_at_ >= kReadEvery) wants_figures_ = true;
        ListView::refresh(scene, effects);
    }
    void on_minute(const Scene& scene, Effects& effects) override {
        wants_figures_ = true;
        ListView::refresh(scene, effects);
    }
    void settle(const Scene& scene, Effects& effects) override {
        ListView::settle(scene, effects);
        if (wants_figures_ && !reading_figures_ && scene.session.is_operator()) read_figures(scene, effects);
    }
    void layout(Area area, const Scene& /*scene*/) override {
        const int alerts = std::max(static_cast<int>(window_.rows().size()), kLeastAlerts);
        const int most = area.rows - 1 - std::max(kLeastFigures, area.rows * 3 / 5);
        const int table = std::clamp(alerts + 1, kLeastAlerts + 1, std::max(most, kLeastAlerts + 1));
        layout_.bar = {area.row, area.col, 1, area.cols};
        layout_.table = {area.row + 1, area.col, table, area.cols};
        layout_.detail = {area.row + 1 + table, area.col, area.rows - 1 - table, area.cols};
        window_.set_height(table - 1);
    }
    std::string breadcrumb(const Scene& /*scene*/) const override { return "Health"; }
    std::string status(const Scene& scene) const override {
        if (window_.error()) return ListView::status(scene);
        if (selected() == nullptr) return "The alerts are looked at again every minute.";
        return selected()->command.empty() ? scene.safe(selected()->sentence)
                                           : "What mends it: " + scene.safe(selected()->command);
    }

private:
    std::string off_without_row() const { return selected() == nullptr ? "no alert is selected" : ""; }
    std::string off_change(const Scene& scene) const {
        if (std::string off = off_for_operator_writes(scene); !off.empty()) return off;
        if (selected() == nullptr) return off_without_row();
        return selected()->id == 0 ? "it could not be written down: the vault is locked" : "";
    }

    // When the screen opens the rules are looked at anew; then it shows what the look of each minute has written down. Where
    // nothing can be written down, looking is all there is.
    Task read(const Fetch<Id>& fetch) override {
        Task task = make_task(
            "read the alerts", Lane::kKms, false,
            [session = session_, look = std::exchange(look_, false)](Engine& engine,
                                                                     const TaskContext&) -> Result<RowPage<Alert>> {
                const auto vault = engine.vault();
                const bool writable = vault && !vault->read_only && !engine.needs_unlock();
                auto alerts =
                    look || !writable ? engine.check_alerts(session, writable) : engine.list_alerts(session, false);
                if (!alerts) return fail(alerts);
                RowPage<Alert> page;
                page.rows = std::move(*alerts);
                return page;
            },
            [this, fetch](const Result<RowPage<Alert>>& page, const Scene& scene, Effects& effects) {
                on_page(fetch, in_order(page, scene.now.wall), effects);
            });
        task.in_background = true;
        return task;
    }
    // What is silenced comes last.
    static Result<RowPage<Alert>> in_order(Result<RowPage<Alert>> page, Timestamp now) {
        if (page) {
            std::ranges::stable_partition(page->rows, [now](const Alert& alert) { return !is_silenced(alert, now); });
        }
        return page;
    }
    void read_figures(const Scene& scene, Effects& effects);

    std::vector<Column> columns(int /*cols*/) const override {
        return {{"RULE", 17, 18, 0, Align::kLeft},
                {"WHAT", 38, 90, 0, Align::kLeft},
                {"SINCE", 10, 10, 2, Align::kLeft},
                {"", 17, 20, 1, Align::kLeft}};
    }
    std::vector<TableCell> cells(const Alert& row, const Scene& scene) const override {
        const bool quiet = is_silenced(row, scene.now.wall);
        const Role role = quiet ? Role::kOff : row.acknowledged_at ? Role::kText : Role::kWarn;
        return {{fmt::format("{} {}", mark_of(row, scene.now.wall), row.rule), role},
                {scene.safe(brief_sentence(row)), quiet ? Role::kOff : Role::kText},
                {time_in_list(row.raised_at, scene.now.wall), quiet ? Role::kOff : Role::kText},
                {handled(row, scene), quiet ? Role::kOff : Role::kMuted}};
    }
    std::string scope(const Scene& scene) const override {
        const auto silenced =
            std::ranges::count_if(window_.rows(), [&](const Alert& alert) { return is_silenced(alert, scene.now.wall); });
        const auto firing = std::ssize(window_.rows()) - silenced;
        return fmt::format("alerts: {} firing{}", firing, silenced > 0 ? fmt::format(", {} silenced", silenced) : "");
    }
    std::string count(const Scene& /*scene*/) const override { return ""; }
    std::vector<std::string> empty_text(const Scene& scene) const override {
        if (!scene.session.is_operator()) return {"Alerts are the operator's."};
        return {"No alert: nothing that the rules look for."};
    }
    std::string noun() const override { return "alerts"; }
    std::string one() const override { return "alert"; }
    std::string name_of_row(const Alert& row) const override { return row.rule; }
    int detail_rows(const Scene& /*scene*/) const override { return 0; }
    void settle_detail(const Scene& /*scene*/, Effects& /*effects*/) override {}
    void draw_detail(Frame& frame, Area area, const Scene& scene) const override;

    bool look_ = true;
    bool wants_figures_ = true;
    bool reading_figures_ = false;
    SteadyTime figures_at_{};
    std::optional<CallFigures> calls_;
    std::string calls_error_;
    std::string cost_;
};

HealthView::HealthView() {
    go_without_filter();
    const auto with_row = [this](const Scene&) { return off_without_row(); };
    actions_ = {
        {"alert.cause",
         {key(KeyCode::kEnter), key(U'l')},
         "go to its cause",
         "go to cause",
         [this](const Scene&, Effects& effects) { effects.go = place_of_cause(*selected()); },
         with_row},
        {"alert.acknowledge",
         {key(U'a')},
         "acknowledge…",
         "acknowledge",
         [this](const Scene&, Effects& effects) { ask_acknowledge_alert(*selected(), effects); },
         [this](const Scene& scene) {
             if (std::string off = off_change(scene); !off.empty()) return off;
             return selected()->acknowledged_at ? "it is acknowledged already" : std::string();
         },
         [this] { return Call{{"alerts", "acknowledge"}, {std::to_string(selected()->id)}, {}}; }},
        {"alert.silence",
         {key(U'S')},
         "silence for some time…",
         "silence…",
         [this](const Scene&, Effects& effects) { ask_silence_alert(*selected(), effects); },
         [this](const Scene& scene) { return off_change(scene); },
         [this] { return Call{{"alerts", "silence"}, {std::to_string(selected()->id)}, {}}; }},
        {"copy",
         {key(U'y')},
         "copy the command that mends it",
         "copy command",
         [this](const Scene&, Effects& effects) { effects.copy = Copy{"command", selected()->command}; },
         [this](const Scene&) {
             if (selected() == nullptr) return off_without_row();
             return selected()->command.empty() ? std::string("no single command mends it") : std::string();
         }},
        lock_vault_action(),
    };
}

void HealthView::read_figures(const Scene& scene, Effects& effects) {
    wants_figures_ = false;
    reading_figures_ = true;
    figures_at_ = scene.now.steady;
    effects.tasks.push_back(data_task(
        "read the figures of the calls",
        [session = session_, now = scene.now.wall](Engine& engine, const TaskContext&) {
            return read_call_figures(engine, session, now);
        },
        [this](const Result<CallFigures>& figures, const Scene& now, Effects&) {
            reading_figures_ = false;
            calls_error_ = figures ? "" : now.safe(figures.error().message);
            if (figures) calls_ = *figures;
        }));
    effects.tasks.push_back(data_task(
        "read the cost", [session = session_](Engine& engine, const TaskContext&) { return engine.cost(session); },
        [this](const Result<CostReport>& report, const Scene& now, Effects&) {
            cost_ = report ? cost_line(*report) : "Cost  not known: " + now.safe(report.error().message);
        }));
}

void HealthView::draw_detail(Frame& frame, Area area, const Scene& scene) const {
    const Alert* alert = selected();
    if (alert != nullptr && layout_.table.rows + area.rows >= kRowsForSentence) {
        const auto lines = wrap_words(scene.safe(alert->sentence), area.cols - 2, scene.charset);
        const int rows = std::min(static_cast<int>(lines.size()), 2);
        frame.rule(area.row, area.col, area.cols, alert->rule);
        for (int i = 0; i < rows; ++i)
            frame.put_fitted(area.row + 1 + i, area.col + 1, area.cols - 2, lines[static_cast<std::size_t>(i)]);
        area.row += rows + 1;
        area.rows -= rows + 1;
    }
    draw_figures(frame, area, calls_ ? &*calls_ : nullptr, calls_error_.empty() ? cost_ : calls_error_);
}

}  // namespace

std::unique_ptr<View> make_health_view() { return std::make_unique<HealthView>(); }

}  // namespace keydeck::ui
