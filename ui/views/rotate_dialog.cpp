#include "ui/views/rotate_dialog.hpp"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <string>
#include <vector>

#include "ui/dialog_keys.hpp"
#include "ui/figures.hpp"
#include "ui/format.hpp"
#include "ui/key_words.hpp"
#include "ui/views/change.hpp"
#include "ui/views/form_dialog.hpp"
#include "ui/widgets/text_dialogs.hpp"

namespace keydeck::ui {
namespace {

constexpr int kLeastDays = 90;
constexpr int kMostDays = 2560;
constexpr std::size_t kNow = 0;
constexpr std::size_t kByItself = 1;

std::optional<int> days_in(const std::string& text) {
    int days = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), days);
    if (error != std::errc{} || end != text.data() + text.size() || days < kLeastDays || days > kMostDays)
        return std::nullopt;
    return days;
}

class RotateDialog final : public FormDialog {
public:
    explicit RotateDialog(const KeyInfo& key)
        : FormDialog(fmt::format("Rotate key {}", key_name(key.alias, key.id)), "Go on"),
          key_(key),
          name_(key_name(key.alias, key.id)),
          what_(form_.add<ChoiceField>("Rotate", key.rotation_period_days > 0
                                                     ? std::vector<std::string>{"now", "by itself", "no more by itself"}
                                                     : std::vector<std::string>{"now", "by itself"})),
          days_(form_.add<TextField>(
              "Every", 8,
              [](const std::string& text) {
                  return days_in(text) ? "" : fmt::format("a whole number from {} to {} days", kLeastDays, kMostDays);
              })),
          on_preview_{dialog_action("form.back", [this](const Scene&, Effects&) { previewing_ = false; })} {
        days_.shown = [this] { return what_.chosen() == kByItself; };
        days_.set(std::to_string(key.rotation_period_days > 0 ? key.rotation_period_days : 365));
        form_.complain();
    }
    const Actions& actions() const override { return previewing_ ? on_preview_ : FormDialog::actions(); }
    Level level() const override { return previewing_ ? Level::kSigns : Level::kLook; }
    Call call(const Scene& /*scene*/) const override {
        Call out{{"key", "rotate"}, {key_.id}, {}};
        if (what_.chosen() == kByItself) out.option("--every", std::to_string(period()));
        if (what_.chosen() > kByItself) out.words.emplace_back("--off");
        return out;
    }
    bool on_paste(const SecretBytes& pasted, const Scene& scene, Effects& effects) override {
        return !previewing_ && FormDialog::on_paste(pasted, scene, effects);
    }

private:
    void submit(const Scene& scene, Effects& effects) override {
        previewing_ = true;
        scroll_to_top();
        arm(scene, effects);
    }
    /// 0: not any more.
    int period() const { return what_.chosen() == kByItself ? days_in(days_.text()).value_or(365) : 0; }
    std::string sentence() const {
        if (what_.chosen() == kNow) return fmt::format("Rotate key {} now", name_);
        if (what_.chosen() == kByItself) return fmt::format("Rotate key {} by itself every {} days", name_, period());
        return fmt::format("Key {} rotates by itself no more", name_);
    }

    Frame body(int cols, const Scene& scene) const override {
        if (!previewing_) return FormDialog::body(cols, scene);
        std::vector<TextLine> lines{
            {"", scene.safe(sentence()), {Role::kTitle}, false, false},
            rule_line(),
            {"Key id", key_.id, {}, true, false},
            {"Version",
             fmt::format("{} now{}", key_.versions, key_.rotated_at ? ", since " + date_of(*key_.rotated_at) : ""),
             {},
             false,
             false}};
        if (what_.chosen() <= kByItself) {
            lines.push_back({"Then",
                             "What is sealed from then on stands under the new version. The old ones stay and open what "
                             "they sealed; `keydeck pool rewrap` brings that to the newest.",
                             {},
                             false,
                             false});
            lines.push_back({"Costs",
                             "On AWS a month's price of a key for each of its first two rotations; further ones cost "
                             "nothing.",
                             {},
                             false,
                             false});
        } else {
            lines.push_back(
                {"Then", "It keeps the versions it has. An alert says when its rotation is late.", {}, false, false});
        }
        return draw_text(lines, cols, scene.charset);
    }

    bool draw_buttons(Frame& frame, int row, int col, const Scene& scene) const override {
        if (!previewing_) return FormDialog::draw_buttons(frame, row, col, scene);
        draw_confirm_buttons(frame, row, col, what_.chosen() == kNow ? "Rotate" : "Set", key(U'C'), true,
                             all_seen() ? "" : "read to the end first");
        return true;
    }
    std::string hints(const Scene& scene) const override {
        if (!previewing_) return FormDialog::hints(scene);
        return "C confirms   " + key_hint(scene, on_preview_, "form.back", "back to the form") + "Enter/Esc/n cancel";
    }

    bool on_key(const Key& key, const Scene& scene, Effects& effects) override {
        if (!previewing_) return FormDialog::on_key(key, scene, effects);
        if (key.code == KeyCode::kEnter || key == ui::key(U'n')) {
            cancel(scene, effects);
        } else if (key == ui::key(U'C')) {
            if (may_confirm(scene)) rotate(scene, effects);
        } else {
            return false;
        }
        return true;
    }

    void rotate(const Scene& scene, Effects& effects) {
        effects.close = true;
        if (what_.chosen() == kNow) {
            effects.tasks.push_back(change_task(
                {fmt::format("rotate key {}", name_), "The key was not rotated", "The key is as it was."},
                [id = key_.id, session = scene.session](Engine& engine, const TaskContext&) {
                    return engine.rotate_key(session, id);
                },
                [name = name_](const Result<KeyInfo>& key, const Scene& now, Effects& more) {
                    more.toasts.push_back(
                        fmt::format("Key {} was rotated; its version is {}", now.safe(name), key->versions));
                }));
            return;
        }
        effects.tasks.push_back(change_task(
            {fmt::format("set the rotation of key {}", name_), "The rotation was not set", "The key is as it was."},
            [id = key_.id, days = period(), session = scene.session](Engine& engine, const TaskContext&) {
                return engine.set_key_rotation(session, id, days);
            },
            [name = name_, days = period()](const Result<KeyInfo>& key, const Scene& now, Effects& more) {
                const std::string next = key->next_rotation ? ", next on " + date_of(*key->next_rotation) : "";
                more.toasts.push_back(days == 0 ? fmt::format("Key {} rotates by itself no more", now.safe(name))
                                                : fmt::format("Key {} rotates every {} days{}", now.safe(name), days, next));
            }));
    }

    KeyInfo key_;
    std::string name_;
    ChoiceField& what_;
    TextField& days_;
    bool previewing_ = false;
    Actions on_preview_;
};

}  // namespace

std::unique_ptr<Dialog> make_rotate_dialog(const KeyInfo& key) { return std::make_unique<RotateDialog>(key); }

std::string why_not_rotate(const KeyInfo& key, const Scene& scene) {
    if (!can_rotate(key)) return fmt::format("a KMS rotates symmetric keys only, and this one is {}", key.spec);
    if (key.state == "PendingDeletion") return "its deletion is scheduled";
    if (key.state == "Enabled") return "";
    return fmt::format("only an enabled key can be rotated ({} enables it)", key_word(scene, "key.enable"));
}

}  // namespace keydeck::ui
