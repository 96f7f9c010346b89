#include "ui/views/deletion_dialog.hpp"

#include <charconv>
#include <chrono>
#include <optional>
#include <vector>

#include "ui/dialog_keys.hpp"
#include "ui/format.hpp"
#include "ui/key_words.hpp"
#include "ui/views/change.hpp"
#include "ui/views/key_actions.hpp"
#include "ui/views/move_dialog.hpp"
#include "ui/widgets/form.hpp"
#include "ui/widgets/text_dialogs.hpp"

namespace keydeck::ui {
namespace {

constexpr std::int64_t kMostListed = 2000;
constexpr int kWideEnoughForLabels = 70;
constexpr int kLeastDays = 7;
constexpr int kMostDays = 30;
constexpr std::chrono::days kRecent{30};

std::optional<int> days_in(const std::string& text) {
    int days = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), days);
    if (error != std::errc{} || end != text.data() + text.size() || days < kLeastDays || days > kMostDays)
        return std::nullopt;
    return days;
}

std::string judge_days(const std::string& text) {
    return days_in(text) ? "" : fmt::format("a whole number from {} to {} days", kLeastDays, kMostDays);
}

// What depends on the key, complete up to kMostListed rows. Hidden wallets depend on it too.
struct Losses {
    DeletionImpact impact;
    std::vector<Wallet> wallets;
};

Result<Losses> find_losses(Engine& engine, const Session& session, const std::string& key_id) {
    auto impact = engine.deletion_impact(session, key_id);
    if (!impact) return fail(impact);
    WalletQuery query;
    query.key = key_id;
    query.include_removed = true;
    query.page.limit = kMostListed;
    auto wallets = engine.list_wallets(session, query);
    if (!wallets) return fail(wallets);
    return Losses{std::move(*impact), std::move(*wallets)};
}

std::string lost_words(const DeletionImpact& impact) {
    std::string out =
        fmt::format("{} of {}", counted(impact.wallets, "wallet", "wallets"), counted(impact.users, "user", "users"));
    if (impact.secrets > 0) out += fmt::format(" and {}", counted(impact.secrets, "secret", "secrets"));
    if (!impact.databases.empty())
        out +=
            fmt::format(" and {} of applications", counted(impact.migrated_values(), "migrated value", "migrated values"));
    return out;
}

class DeletionDialog final : public Dialog {
public:
    explicit DeletionDialog(const KeyInfo& key)
        : Dialog(fmt::format("Schedule deletion of key {}", key_name(key.alias, key.id))),
          key_(key),
          name_(key_name(key.alias, key.id)),
          form_("Schedule deletion", true),
          days_(form_.add<TextField>("Window", 8, judge_days)),
          acknowledged_(form_.add<CheckField>("I know", "", "Space ticks it")),
          typed_(form_.add<TextField>("Key name", 256, [this](const std::string& text) {
              return text == name_ ? std::string() : fmt::format("type {} to go on", name_);
          })) {
        days_.set("30");
        if (key.alias.empty()) name_ = key.id;
        const auto disable = [this](const Scene&, Effects& effects) {
            effects.close = true;
            ask_disable_key(key_, effects);
        };
        const auto move = [this](const Scene&, Effects& effects) {
            effects.close = true;
            effects.open.push_back(make_move_dialog(key_));
        };
        actions_ = {dialog_action("key.disable", disable,
                                  [this](const Scene&) {
                                      return key_.state == "Enabled" ? std::string() : std::string("it is disabled already");
                                  }),
                    dialog_action("key.move", move, [this](const Scene& scene) { return why_not_move(key_, scene); })};
        form_.complain();
    }

    const Actions& actions() const override { return actions_; }
    Level level() const override { return Level::kIrreversible; }
    Call call(const Scene& /*scene*/) const override {
        if (!losses_ || !days_in(days_.text())) return {};
        Call out{{"key", "schedule-deletion"}, {key_.id}, {}};
        out.option("--days", days_.text());
        return losses_->impact.total() == 0 ? out : out.option("--acknowledge", std::to_string(losses_->impact.total()));
    }
    void on_open(const Scene& scene, Effects& effects) override;
    bool on_paste(const SecretBytes& /*pasted*/, const Scene& /*scene*/, Effects& effects) override {
        effects.toasts.emplace_back("The key name is typed, not pasted: that is its point");
        return true;
    }

private:
    std::string off() const;
    bool can_move(const Scene& scene) const { return why_not_move(key_, scene).empty(); }
    void schedule(const Scene& scene, Effects& effects);
    std::vector<TextLine> losses_text(int cols, const Scene& scene) const;
    Frame body(int cols, const Scene& scene) const override;
    bool draw_buttons(Frame& frame, int row, int col, const Scene& scene) const override;
    bool on_key(const Key& key, const Scene& scene, Effects& effects) override;
    std::string hints(const Scene& scene) const override;

    KeyInfo key_;
    std::string name_;
    Form form_;
    TextField& days_;
    CheckField& acknowledged_;
    TextField& typed_;
    std::optional<Losses> losses_;
    bool on_cancel_ = true;
    bool busy_ = false;
    Actions actions_;
};

void DeletionDialog::on_open(const Scene& scene, Effects& effects) {
    effects.tasks.push_back(make_task(
        fmt::format("find what depends on key {}", name_), Lane::kKms, false,
        [id = key_.id, session = scene.session](Engine& engine, const TaskContext&) {
            return find_losses(engine, session, id);
        },
        [this](const Result<Losses>& found, const Scene& now, Effects& more) {
            if (found) {
                losses_ = *found;
                acknowledged_.set_text(lost_words(losses_->impact) + " cannot be brought back by anybody");
                on_cancel_ = true;  // what was read until now was not yet all
                form_.focus_cancel();
                scroll_to_top();
                return;
            }
            more.close = true;
            report_error(
                {"The deletion cannot be prepared", "Nothing was scheduled.", "what depends on key " + name_, found.error()},
                {}, now, more);
        }));
}

std::string DeletionDialog::off() const {
    if (!losses_) return "reading what depends on it";
    if (!all_seen()) return "read to the end first";
    if (!days_.problem().empty()) return "window";
    if (losses_->impact.total() > 0 && !acknowledged_.checked()) return "not ticked";
    return typed_.problem().empty() ? "" : "name not typed";
}

std::vector<TextLine> DeletionDialog::losses_text(int cols, const Scene& scene) const {
    if (!losses_) return {{"", "Reading what depends on this key…", {Role::kWait}, false, false}};
    const DeletionImpact& impact = losses_->impact;
    std::vector<TextLine> out;
    if (impact.total() == 0) {
        out.push_back({"", "No wallet and no secret depends on this key.", {Role::kOk}, false, false});
    } else {
        out.push_back(
            {"", lost_words(impact) + " will be lost FOR EVER when the key is deleted:", {Role::kDanger}, false, false});
    }
    for (const MigratedDatabase& each : impact.databases) {
        out.push_back(
            {"",
             fmt::format("  {} in {}", counted(each.values, "migrated value", "migrated values"), scene.safe(each.database)),
             {},
             false,
             false});
    }
    const bool wide = cols >= kWideEnoughForLabels;
    const int user_cols = wide ? 12 : 8;
    for (const Wallet& wallet : losses_->wallets) {
        const std::string user = fitted(scene.safe(wallet.user), user_cols, scene.charset);
        const auto gap = static_cast<std::size_t>(user_cols + 1 - display_width(user, scene.charset));
        const std::string removed = wallet.state == WalletState::kRemoved ? " (removed)" : "";
        const std::string label = wide ? "  " + (wallet.label.empty() ? "—" : scene.safe(wallet.label)) + removed : "";
        out.push_back({"",
                       fmt::format("  {}{}{}{}", user, std::string(gap, ' '), checksum_address(wallet.address), label),
                       {},
                       true,
                       false});
    }
    const auto listed = static_cast<std::int64_t>(losses_->wallets.size());
    if (listed < impact.wallets) {
        out.push_back({"",
                       fmt::format("  … and {} more; all of them: keydeck wallet list --key {}",
                                   grouped(impact.wallets - listed), name_),
                       {Role::kWarn},
                       false,
                       false});
    }
    return out;
}

Frame DeletionDialog::body(int cols, const Scene& scene) const {
    std::vector<TextLine> lines = losses_text(cols, scene);
    lines.push_back(rule_line());
    const KeyInfo& key = losses_ ? losses_->impact.key : key_;
    const bool lately = key.last_used_at && scene.now.wall - *key.last_used_at < kRecent;
    lines.push_back({"Last use",
                     key.last_used_at
                         ? fmt::format("{} ({}){}", minute_of(*key.last_used_at), time_ago(key.last_used_at, scene.now.wall),
                                       lately ? "  ▲ something still needs it" : "")
                         : "none that this vault knows of",
                     {lately ? Role::kWarn : Role::kText},
                     false,
                     false});
    if (const auto days = days_in(days_.text())) {
        lines.push_back({"Deleted",
                         fmt::format("on {}, {} days from now", minute_of(scene.now.wall + std::chrono::days(*days)), *days),
                         {},
                         false,
                         false});
    }
    lines.push_back({"From now",
                     fmt::format("every call with this key fails. {} cancels it to the last day; the key comes back "
                                 "disabled.",
                                 key_word(scene, "key.cancel-deletion")),
                     {},
                     false,
                     false});
    lines.push_back(
        {"Instead",
         fmt::format("{}{}",
                     key_.state == "Enabled" ? key_word(scene, "key.disable") + " disables it: reversible at once"
                                             : "it is disabled already, and that is reversible",
                     can_move(scene) ? fmt::format("; {} moves everything off first.", key_word(scene, "key.move")) : "."),
         {},
         false,
         false});
    lines.push_back(rule_line());
    const Frame text = draw_text(lines, cols, scene.charset);
    const int rows = form_.rows(cols, scene);
    Frame out({text.size().rows + rows, cols}, scene.charset);
    out.blit(text.area(), text, 0);
    Frame fields({rows, cols}, scene.charset);
    form_.draw(fields, fields.area(), scene);
    if (on_cancel_) fields.cursor.reset();
    out.blit({text.size().rows, 0, rows, cols}, fields, 0);
    return out;
}

bool DeletionDialog::draw_buttons(Frame& frame, int row, int col, const Scene& /*scene*/) const {
    if (busy_) {
        frame.put(row, col, "Scheduling…", {Role::kWait});
    } else {
        draw_confirm_buttons(frame, row, col, "Schedule deletion", key(U'D'), on_cancel_, off());
    }
    return true;
}

std::string DeletionDialog::hints(const Scene& scene) const {
    if (!on_cancel_) return "Tab next   Shift-Tab back   Esc cancel";
    return (all_seen() ? std::string("Tab fields   D schedule   ") : std::string("PgDn read on   ")) +
           (key_.state == "Enabled" ? key_hint(scene, actions_, "key.disable", "disable") : "") +
           (can_move(scene) ? key_hint(scene, actions_, "key.move", "move first") : "") + "Esc/n cancel";
}

bool DeletionDialog::on_key(const Key& key, const Scene& scene, Effects& effects) {
    if (busy_) return key.code != KeyCode::kEscape;
    if (key.code == KeyCode::kEscape) return false;
    const bool is_step = key.code == KeyCode::kTab || key.code == KeyCode::kBackTab;
    if (is_step && on_cancel_ && !all_seen()) {
        read_on(effects);  // the fields are the last thing to be read
        return true;
    }
    if (!on_cancel_ && (key.code == KeyCode::kPageUp || key.code == KeyCode::kPageDown)) {
        on_cancel_ = true;
        form_.focus_cancel();
        return false;
    }
    if (!on_cancel_ || is_step) {
        form_.on_key(key.code == KeyCode::kEnter && !form_.takes_text() ? ui::key(KeyCode::kTab) : key);
        if (is_step && on_cancel_ && form_.on_button()) form_.on_key(key);  // over the other button
        on_cancel_ = form_.on_button();
        if (on_cancel_) form_.focus_cancel();
        return true;
    }
    if (key.code == KeyCode::kEnter || key == ui::key(U'n')) {
        cancel(scene, effects);
    } else if (key == ui::key(U'D')) {
        if (const std::string why = off(); !why.empty()) {
            effects.toasts.push_back("D: " + why);
        } else if (may_confirm(scene)) {
            schedule(scene, effects);
        }
    } else {
        return false;
    }
    return true;
}

void DeletionDialog::schedule(const Scene& scene, Effects& effects) {
    effects.close = true;
    const int days = *days_in(days_.text());
    effects.tasks.push_back(change_task(
        {fmt::format("schedule the deletion of key {}", name_), "The deletion was not scheduled", "The key is as it was."},
        [id = key_.id, days, total = losses_->impact.total(), session = scene.session](Engine& engine, const TaskContext&) {
            return engine.schedule_key_deletion(session, id, days, total);
        },
        [name = name_](const Result<KeyInfo>& key, const Scene& now, Effects& more) {
            const std::string when = key->deletion_date ? minute_of(*key->deletion_date) : "the end of its window";
            more.toasts.push_back(
                fmt::format("Key {} is deleted on {}; {} cancels it", name, when, key_word(now, "key.cancel-deletion")));
            more.messages.push_back({now.now.wall,
                                     false,
                                     fmt::format("Key {} was scheduled for deletion on {}", name, when),
                                     {"Key id: " + key->id}});
        }));
}

}  // namespace

std::unique_ptr<Dialog> make_deletion_dialog(const KeyInfo& key) { return std::make_unique<DeletionDialog>(key); }

}  // namespace keydeck::ui
