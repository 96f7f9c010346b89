#include "ui/widgets/error_dialog.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "ui/dialog_keys.hpp"
#include "ui/key_words.hpp"
#include "ui/widgets/text_dialogs.hpp"

namespace keydeck::ui {
namespace {

/// The causes that a KMS names in words of its own; empty: the error's sentence says it best.
std::string plain_cause(const Error& error) {
    if (error.kms_error.empty()) return "";
    if (error.code == ErrorCode::kThrottled) return "too many requests (throttled)";
    if (error.code == ErrorCode::kUnavailable) return "it had a failure of its own";
    if (error.code == ErrorCode::kDenied) return "it does not allow it";
    if (error.kms_error == "DisabledException") return "the key is disabled";
    if (error.kms_error == "KMSInvalidStateException" && error.message.find("pending deletion") != std::string::npos)
        return "the key is pending deletion";
    return "";
}

std::string headline(const ErrorReport& report) {
    const std::string cause = plain_cause(report.error);
    if (cause.empty()) return report.error.message;
    return fmt::format("{}: {}.", report.subject.empty() ? "The KMS did not do it" : report.subject, cause);
}

std::string time_taken(std::chrono::milliseconds time) {
    constexpr std::chrono::seconds kSecond{1};
    if (time < kSecond) return fmt::format("{} ms", time.count());
    return fmt::format("{:.1f} s", std::chrono::duration<double>(time).count());
}

/// "10 times in 8.1 s (Sign)"; empty where no call to the KMS is to blame.
std::string tried(const Scene& scene) {
    if (!scene.failed_call) return "";
    const FailedKmsCall& call = *scene.failed_call;
    return fmt::format("{} in {} ({})", call.tries == 1 ? "once" : fmt::format("{} times", call.tries),
                       time_taken(call.took), call.operation);
}

/// The cause with its codes: a line, and the KMS's own words where the headline has others.
std::vector<std::string> cause_lines(const ErrorReport& report, const Scene& scene) {
    const Error& error = report.error;
    std::string codes = error.kms_error.empty() ? std::string(to_string(error.code))
                                                : fmt::format("{} ({})", error.kms_error, to_string(error.code));
    if (scene.failed_call && !scene.failed_call->request_id.empty())
        codes += ", request id " + scene.failed_call->request_id;
    std::vector<std::string> out{std::move(codes)};
    if (!plain_cause(error).empty() && !error.message.empty()) out.push_back(error.message);
    return out;
}

struct Fact {
    std::string name;
    std::string value;
};

/// Where it happened and why, as the dialog shows it and the message keeps it.
std::vector<Fact> facts_of(const ErrorReport& report, const Scene& scene) {
    std::vector<Fact> out;
    if (!report.what.empty()) out.push_back({"What", report.what});
    if (!report.key.empty()) out.push_back({"Key", report.key});
    if (std::string times = tried(scene); !times.empty()) out.push_back({"Tried", std::move(times)});
    std::string name = "Cause";
    for (std::string& line : cause_lines(report, scene)) out.push_back({std::exchange(name, ""), std::move(line)});
    return out;
}

class ErrorDialog final : public Dialog {
public:
    ErrorDialog(std::string title, std::vector<TextLine> lines, std::string details, Retry retry)
        : Dialog(std::move(title)), lines_(std::move(lines)), retry_(std::move(retry)) {
        actions_.push_back(dialog_action("error.copy", [text = std::move(details)](const Scene&, Effects& effects) {
            effects.copy = Copy{"details", text};
        }));
        actions_.push_back(dialog_action("error.close", [](const Scene&, Effects& effects) { effects.close = true; }));
    }
    const Actions& actions() const override { return actions_; }
    /// Trying again does what was confirmed before: not by a key that was typed ahead.
    Level level() const override { return retry_ ? Level::kReversible : Level::kLook; }
    std::optional<SteadyTime> ready_at(const Scene& scene) const override {
        return retry_ && scene.key == key(U'r') ? std::max(guarded_until(scene), held_until(scene)) : guarded_until(scene);
    }

private:
    Frame body(int cols, const Scene& scene) const override { return draw_text(lines_, cols, scene.charset); }
    std::string hints(const Scene& scene) const override {
        const std::string close = key_hint(scene, actions_, "error.close", "");
        return std::string(retry_ ? "r retry   " : "") + key_hint(scene, actions_, "error.copy", "copy details") +
               (close.empty() ? "" : close.substr(0, close.find(' ')) + "/") + "Esc close";
    }
    bool on_key(const Key& key, const Scene& scene, Effects& effects) override {
        if (!retry_ || key != ui::key(U'r')) return false;  // by its letter alone: it is part of the guard
        if (may_repeat(scene)) {
            effects.close = true;
            retry_(scene, effects);
        } else {
            effects.toasts.emplace_back(all_seen() ? "r: let go of it for a moment, then press it once"
                                                   : "r: read to the end first");
        }
        return true;
    }

    std::vector<TextLine> lines_;
    Retry retry_;  ///< null: it would not help
    Actions actions_;
};

}  // namespace

Message message_of(const ErrorReport& report, const Scene& scene) {
    Message out{scene.now.wall, true, fmt::format("{}: {}", report.title, headline(report)), {}};
    if (!report.not_done.empty()) out.details.push_back(report.not_done);
    for (const Fact& fact : facts_of(report, scene))
        out.details.push_back(fact.name.empty() ? fact.value : fmt::format("{}: {}", fact.name, fact.value));
    if (!report.error.hint.empty()) out.details.push_back(report.error.hint);
    return out;
}

std::unique_ptr<Dialog> make_error_dialog(const ErrorReport& report, Retry retry, const Scene& scene) {
    std::vector<TextLine> lines{{"", scene.safe(headline(report)), {Role::kDanger}, false, false}, blank_line()};
    if (!report.not_done.empty()) {
        lines.push_back({"", report.not_done, {Role::kTitle}, false, false});
        lines.push_back(blank_line());
    }
    for (const Fact& fact : facts_of(report, scene))
        lines.push_back({fact.name.empty() ? " " : fact.name, scene.safe(fact.value), {}, false, false});
    lines.push_back(rule_line());
    std::string name = "You can";
    const auto offer = [&](std::string text) {
        lines.push_back({std::exchange(name, " "), std::move(text), {}, false, false});
    };
    if (retry) offer("r  try again now");
    if (!report.error.hint.empty()) offer(scene.safe(report.error.hint));
    offer(
        fmt::format("{}  leave it: it stays in Messages ({})", key_word(scene, "error.close"), key_word(scene, "messages")));
    const Message message = message_of(report, scene);
    std::string details = message.text;
    for (const std::string& detail : message.details) details += "\n" + detail;
    return std::make_unique<ErrorDialog>(report.title, std::move(lines), std::move(details), std::move(retry));
}

void report_error(const ErrorReport& report, Retry retry, const Scene& scene, Effects& effects) {
    if (scene.passphrase_refused && report.error.code == ErrorCode::kLocked) {  // a person's choice is no failure
        std::string text = fmt::format("Not done, for no passphrase was given: {}", report.what);
        effects.messages.push_back({scene.now.wall, false, text, {report.not_done}});
        effects.toasts.push_back(std::move(text));
        return;
    }
    effects.messages.push_back(message_of(report, scene));
    effects.open.push_back(make_error_dialog(report, std::move(retry), scene));
}

}  // namespace keydeck::ui
