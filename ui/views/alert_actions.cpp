#include "ui/views/alert_actions.hpp"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <memory>
#include <vector>

#include "ui/figures.hpp"
#include "ui/format.hpp"
#include "ui/views/change.hpp"
#include "ui/views/form_dialog.hpp"
#include "ui/widgets/text_dialogs.hpp"

namespace keydeck::ui {
namespace {

using std::chrono::hours;

constexpr std::array<std::chrono::seconds, 4> kTimes{hours(1), hours(8), hours(24), hours(24 * 7)};

class SilenceDialog final : public FormDialog {
public:
    explicit SilenceDialog(const Alert& alert)
        : FormDialog("Silence " + alert.rule, "Silence"),
          alert_(alert),
          time_(
              form_.add<ChoiceField>("For", std::vector<std::string>{"1 h", "8 h", "1 d", "7 d"},
                                     std::vector<std::string>(kTimes.size(), "not counted above, and no command is run"))) {}
    Call call(const Scene& /*scene*/) const override {
        const auto hours_wanted = std::chrono::duration_cast<hours>(kTimes[time_.chosen()]).count();
        return Call{{"alerts", "silence"}, {std::to_string(alert_.id)}, {}}.option("--for",
                                                                                   fmt::format("{}h", hours_wanted));
    }

private:
    void submit(const Scene& scene, Effects& effects) override {
        effects.close = true;
        effects.tasks.push_back(change_task(
            {"silence alert " + alert_.rule, "The alert was not silenced", "It goes on as before."},
            [id = alert_.id, time = kTimes[time_.chosen()], session = scene.session](Engine& engine, const TaskContext&) {
                return engine.silence_alert(session, id, time);
            },
            [](const Result<Alert>& alert, const Scene&, Effects& more) {
                if (!alert->silenced_until) return;
                more.toasts.push_back(
                    fmt::format("{} is silenced until {}", alert->rule, minute_of(*alert->silenced_until)));
            }));
    }

    Alert alert_;
    ChoiceField& time_;
};

}  // namespace

void ask_acknowledge_alert(const Alert& alert, Effects& effects) {
    std::vector<TextLine> lines{
        {"Alert", safe_text(plain_names(alert.sentence), Charset::kUnicode), {}, false, false},
        {"Then", "It is noted that you have seen it. It goes on until its cause is mended.", {}, false, false}};
    effects.open.push_back(std::make_unique<QuestionDialog>(
        fmt::format("Acknowledge {}?", alert.rule), std::move(lines),
        [id = alert.id, rule = alert.rule](const Scene& scene, Effects& more) {
            more.tasks.push_back(change_task(
                {"acknowledge alert " + rule, "The alert was not acknowledged", "It is as before."},
                [id, session = scene.session](Engine& engine, const TaskContext&) {
                    return engine.acknowledge_alert(session, id);
                },
                [rule](const Result<Alert>&, const Scene&, Effects& then) {
                    then.toasts.push_back(fmt::format("{} is acknowledged", rule));
                }));
        },
        Call{{"alerts", "acknowledge"}, {std::to_string(alert.id)}, {}}));
}

void ask_silence_alert(const Alert& alert, Effects& effects) {
    effects.open.push_back(std::make_unique<SilenceDialog>(alert));
}

std::string brief_sentence(const Alert& alert) {
    constexpr std::string_view kTheKey = "The key ";
    std::string out = plain_names(alert.sentence);
    if (out.starts_with(kTheKey)) out.erase(0, kTheKey.size());
    const std::string id = " (" + alert.subject + ")";
    if (const std::size_t at = out.find(id); at != std::string::npos) out.erase(at, id.size());
    return out;
}

Place place_of_cause(const Alert& alert) {
    Place out;
    out.screen = ScreenId::kAudit;
    if (alert.rule == "rotation-late" || alert.rule == "deletion-near" || alert.rule == "over-budget")
        out.screen = ScreenId::kKeys;
    if (alert.subject.empty()) return out;
    if (out.screen == ScreenId::kKeys) {
        out.select = alert.subject;
    } else {
        out.key_id = alert.subject;
        out.key_name = key_name("", alert.subject);
    }
    return out;
}

}  // namespace keydeck::ui
