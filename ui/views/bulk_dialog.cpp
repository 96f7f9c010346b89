#include "ui/views/bulk_dialog.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stop_token>
#include <utility>

#include "ui/dialog_keys.hpp"
#include "ui/format.hpp"
#include "ui/key_words.hpp"
#include "ui/widgets/error_dialog.hpp"

namespace keydeck::ui {
namespace {

constexpr std::size_t kShown = 8;
constexpr std::size_t kMostListed = 500;  // of what is drawn as a whole; copying gives them all

struct Failure {
    BulkItem item;
    Error error;
};

struct BulkOutcome {
    std::vector<BulkItem> done;
    std::vector<Failure> failed;
    std::int64_t left = 0;  ///< not tried, because it was stopped
};

TextLine more_line(std::size_t more, std::string_view copy_key) {
    return {"",
            fmt::format("… {} more ({} copies them all)", grouped(static_cast<std::int64_t>(more)), copy_key),
            {Role::kWarn},
            false,
            false};
}

std::string amount_of(const Bulk& bulk, std::size_t count) {
    return counted(static_cast<std::int64_t>(count), bulk.one, bulk.many);
}

std::string sentence_of(const Bulk& bulk, std::size_t count) {
    return fmt::format("{} {} {}", amount_of(bulk, count), count == 1 ? "is" : "are", bulk.done);
}

std::string capitalized(std::string text) {
    if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
    return text;
}

// A vault that is locked says so at the first item: nothing has been done then, and the whole is tried again.
Result<BulkOutcome> carry_out(Engine& engine, const Session& session, const Bulk& bulk, const TaskContext& context,
                              const std::stop_token& stop) {
    BulkOutcome out;
    const auto total = static_cast<std::int64_t>(bulk.items.size());
    for (const BulkItem& item : bulk.items) {
        const auto tried = static_cast<std::int64_t>(out.done.size() + out.failed.size());
        if (context.stop.stop_requested() || stop.stop_requested()) {
            out.left = total - tried;
            break;
        }
        context.progress(tried, total);
        Status done = bulk.call(engine, session, item.id);
        if (done) {
            out.done.push_back(item);
        } else if (done.error().code == ErrorCode::kLocked && tried == 0) {
            return fail(done);
        } else {
            out.failed.push_back({item, std::move(done.error())});
        }
    }
    return out;
}

class BulkDialog final : public Dialog {
public:
    BulkDialog(Bulk bulk, std::function<void()> on_yes)
        : Dialog("Please confirm"), bulk_(std::move(bulk)), on_yes_(std::move(on_yes)) {
        when_asking_.push_back(list_all_action([this]() -> const std::vector<BulkItem>& { return bulk_.items; }));
        when_failed_.push_back(dialog_action(
            "bulk.copy", [this](const Scene&, Effects& effects) { effects.copy = Copy{"failed items", failures_text()}; }));
    }

    const Actions& actions() const override {
        return phase_ == Phase::kAsking ? when_asking_ : phase_ == Phase::kFailed ? when_failed_ : when_running_;
    }
    Level level() const override { return phase_ == Phase::kRunning ? Level::kLook : Level::kReversible; }
    std::optional<SteadyTime> ready_at(const Scene& scene) const override {
        return phase_ == Phase::kFailed && scene.key == key(U'r') ? std::max(guarded_until(scene), held_until(scene))
                                                                  : guarded_until(scene);
    }
    void cancel(const Scene& /*scene*/, Effects& effects) override {
        if (phase_ == Phase::kRunning && !stop_.stop_requested()) {
            stop_.request_stop();  // after the one that is under way; once more stops waiting for that too
        } else {
            effects.close = true;
        }
    }

private:
    enum class Phase : std::uint8_t { kAsking, kRunning, kFailed };

    Frame body(int cols, const Scene& scene) const override {
        if (phase_ == Phase::kFailed) return draw_text(failure_lines(scene), cols, scene.charset);
        std::vector<TextLine> lines{{"",
                                     fmt::format("{} {}?", capitalized(bulk_.verb), amount_of(bulk_, bulk_.items.size())),
                                     {Role::kTitle},
                                     false,
                                     false},
                                    blank_line()};
        for (TextLine& line : item_lines(bulk_.items, scene)) lines.push_back(std::move(line));
        if (!bulk_.consequences.empty()) lines.push_back(rule_line());
        lines.insert(lines.end(), bulk_.consequences.begin(), bulk_.consequences.end());
        return draw_text(lines, cols, scene.charset);
    }

    bool draw_buttons(Frame& frame, int row, int col, const Scene& /*scene*/) const override {
        if (phase_ == Phase::kFailed) return false;
        if (phase_ == Phase::kRunning) {
            frame.put(row, col, stop_.stop_requested() ? "Stopping after the one under way…" : "Working…", {Role::kWait});
        } else {
            draw_confirm_buttons(frame, row, col, "Yes", key(U'y'), true, all_seen() ? "" : "read to the end first");
        }
        return true;
    }

    std::string hints(const Scene& scene) const override {
        if (phase_ == Phase::kRunning) return stop_.stop_requested() ? "Esc stop waiting" : "Esc stop";
        if (phase_ == Phase::kFailed)
            return "r try these again   " + key_hint(scene, when_failed_, "bulk.copy", "copy") + "Enter/Esc close";
        const std::string all = bulk_.items.size() > kShown ? key_hint(scene, when_asking_, "bulk.list", "all of them") : "";
        return "y yes   " + all + "Enter/Esc/n cancel";
    }

    bool on_key(const Key& key, const Scene& scene, Effects& effects) override {
        if (phase_ == Phase::kRunning) return key.code != KeyCode::kEscape && key != ctrl(U'c');
        const bool closes = key.code == KeyCode::kEnter || (phase_ == Phase::kAsking && key == ui::key(U'n'));
        if (closes) {
            cancel(scene, effects);
            return true;
        }
        if (phase_ == Phase::kFailed) {
            if (key == ui::key(U'r')) retry(scene, effects);
            return key == ui::key(U'r');
        }
        if (key != ui::key(U'y')) return false;
        if (!may_confirm(scene)) return true;
        if (on_yes_) on_yes_();
        start(scene, effects);
        return true;
    }

    void start(const Scene& scene, Effects& effects) {
        phase_ = Phase::kRunning;
        stop_ = std::stop_source();
        effects.tasks.push_back(make_task(
            fmt::format("{} {}", bulk_.verb, amount_of(bulk_, bulk_.items.size())), Lane::kJobs, true,
            [bulk = bulk_, session = scene.session, stop = stop_.get_token()](Engine& engine, const TaskContext& context) {
                return carry_out(engine, session, bulk, context, stop);
            },
            [this](const Result<BulkOutcome>& outcome, const Scene& now, Effects& more) { ended(outcome, now, more); }));
    }

    void ended(const Result<BulkOutcome>& outcome, const Scene& scene, Effects& effects) {
        effects.refresh = true;
        if (!outcome) {
            effects.close = true;
            report_error({fmt::format("The {} were not {}", bulk_.many, bulk_.done), "Nothing was changed.",
                          fmt::format("{} {}", bulk_.verb, amount_of(bulk_, bulk_.items.size())), outcome.error()},
                         {}, scene, effects);
            return;
        }
        if (bulk_.on_done) bulk_.on_done(outcome->done);
        std::string text = sentence_of(bulk_, outcome->done.size());
        if (outcome->left > 0) text = fmt::format("Stopped: {}; {} left as they were", text, grouped(outcome->left));
        if (!outcome->done.empty() || outcome->left > 0) effects.toasts.push_back(text);
        if (bulk_.undo && !outcome->done.empty()) effects.undo = undo_of(outcome->done);
        if (outcome->failed.empty()) {
            effects.close = true;
            return;
        }
        phase_ = Phase::kFailed;
        failed_ = outcome->failed;
        set_title(fmt::format("{} failed", amount_of(bulk_, failed_.size())));
        scroll_to_top();
        arm(scene, effects);
        Message message{scene.now.wall,
                        true,
                        fmt::format("{} of {} could not be {}", grouped(static_cast<std::int64_t>(failed_.size())),
                                    amount_of(bulk_, bulk_.items.size()), bulk_.done),
                        {}};
        for (std::size_t i = 0; i < std::min(failed_.size(), kMostListed); ++i)
            message.details.push_back(fmt::format("{}: {}", failed_[i].item.shown, failed_[i].error.message));
        effects.messages.push_back(std::move(message));
    }

    Undo undo_of(const std::vector<BulkItem>& done) const {
        Bulk back = *bulk_.undo;
        back.items = done;
        Undo out;
        out.question = fmt::format("{} {} again?", capitalized(back.verb), amount_of(back, done.size()));
        out.ask = [back](const Scene&, Effects& effects, std::function<void()> on_yes) {
            ask_bulk(back, effects, std::move(on_yes));
        };
        return out;
    }

    void retry(const Scene& scene, Effects& effects) {
        if (!may_repeat(scene)) {
            effects.toasts.emplace_back(all_seen() ? "r: let go of it for a moment, then press it once"
                                                   : "r: read to the end first");
            return;
        }
        bulk_.items.clear();
        for (Failure& failure : failed_) bulk_.items.push_back(std::move(failure.item));
        failed_.clear();
        set_title("Trying again");
        scroll_to_top();
        start(scene, effects);
    }

    std::vector<TextLine> failure_lines(const Scene& scene) const {
        std::vector<TextLine> lines;
        for (std::size_t i = 0; i < std::min(failed_.size(), kMostListed); ++i) {
            lines.push_back({"", failed_[i].item.shown, {}, true, false});
            lines.push_back({" ", scene.safe(failed_[i].error.message), {Role::kDanger}, false, false});
        }
        if (failed_.size() > kMostListed)
            lines.push_back(more_line(failed_.size() - kMostListed, key_word(scene, when_failed_, "bulk.copy")));
        lines.push_back(blank_line());
        lines.push_back({"", "These are as they were. r tries them again.", {Role::kTitle}, false, false});
        return lines;
    }
    std::string failures_text() const {
        std::string out;
        for (const Failure& failure : failed_)
            out += fmt::format("{}\t{}\t{}\n", failure.item.id, to_string(failure.error.code), failure.error.message);
        return out;
    }

    Bulk bulk_;
    std::function<void()> on_yes_;
    Phase phase_ = Phase::kAsking;
    std::stop_source stop_;
    std::vector<Failure> failed_;
    Actions when_asking_;
    Actions when_failed_;
    Actions when_running_;
};

}  // namespace

void ask_bulk(Bulk bulk, Effects& effects, std::function<void()> on_yes) {
    effects.open.push_back(std::make_unique<BulkDialog>(std::move(bulk), std::move(on_yes)));
}

std::vector<TextLine> item_lines(const std::vector<BulkItem>& items, const Scene& scene) {
    std::vector<TextLine> out;
    for (std::size_t i = 0; i < std::min(items.size(), kShown); ++i)
        out.push_back({"", "  " + items[i].shown, {}, true, false});
    if (items.size() > kShown) {
        const auto more = static_cast<std::int64_t>(items.size() - kShown);
        out.push_back({"",
                       fmt::format("  … {} more ({} lists all of them)", grouped(more), key_word(scene, "bulk.list")),
                       {Role::kWarn},
                       false,
                       false});
    }
    return out;
}

Action list_all_action(const std::function<const std::vector<BulkItem>&()>& items) {
    return dialog_action(
        "bulk.list",
        [items](const Scene& scene, Effects& effects) {
            std::vector<TextLine> lines;
            std::string all;
            for (const BulkItem& item : items()) {
                if (lines.size() < kMostListed) lines.push_back({"", item.shown, {}, true, false});
                all += item.id + "\n";
            }
            if (items().size() > kMostListed)
                lines.push_back(more_line(items().size() - kMostListed, key_word(scene, "dialog.copy")));
            const auto count = static_cast<std::int64_t>(items().size());
            effects.open.push_back(std::make_unique<TextDialog>(fmt::format("All {}", grouped(count)), std::move(lines),
                                                                std::vector<Copy>{{"list", std::move(all)}}));
        },
        [items](const Scene&) { return items().size() > kShown ? "" : "they are all shown"; });
}

}  // namespace keydeck::ui
