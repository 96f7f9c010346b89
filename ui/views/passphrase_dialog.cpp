#include "ui/views/passphrase_dialog.hpp"

#include <vector>

#include "ui/widgets/text_dialogs.hpp"
#include "ui/widgets/text_edit.hpp"

namespace keydeck::ui {
namespace {

class PassphraseDialog final : public Dialog {
public:
    PassphraseDialog() : Dialog("Passphrase of the vault") {}
    const Actions& actions() const override { return no_actions_; }
    bool on_paste(const SecretBytes& pasted, const Scene& /*scene*/, Effects& /*effects*/) override {
        if (!busy_ && !edit_.paste(pasted)) refusal_ = "That was too long.";
        return true;
    }
    void cancel(const Scene& /*scene*/, Effects& effects) override {
        effects.close = true;
        effects.unlocked = false;
    }

private:
    Frame body(int cols, const Scene& scene) const override {
        std::vector<TextLine> lines{
            {"", "This needs the vault's keys. Nothing that you type here is shown.", {}, false, false}, blank_line()};
        if (busy_) {
            lines.push_back({"", "Opening the vault…", {Role::kWait}, false, false});
        } else {
            lines.push_back({"", "Passphrase, then Enter:", {Role::kTitle}, false, false});
        }
        lines.push_back({"", refusal_, {Role::kDanger}, false, false});
        Frame out = draw_text(lines, cols, scene.charset);
        if (!busy_) out.cursor = Point{2, 24};
        return out;
    }
    std::string hints(const Scene& /*scene*/) const override {
        return busy_ ? "Esc stop waiting" : "Enter open   Ctrl-U start over   Esc cancel";
    }

    bool on_key(const Key& key, const Scene& /*scene*/, Effects& effects) override {
        if (busy_ || key.code == KeyCode::kEscape) return key.code != KeyCode::kEscape;
        refusal_.clear();
        if (key.code != KeyCode::kEnter) return edit_.on_key(key);
        if (edit_.secret().empty()) return true;
        busy_ = true;
        const auto passphrase = std::make_shared<SecretBytes>(edit_.take());
        edit_ = SecretEdit();
        effects.tasks.push_back(make_task(
            "open the vault", Lane::kKms, false,
            [passphrase](Engine& engine, const TaskContext&) {
                Status opened = engine.unlock(*passphrase);
                passphrase->reset();
                return opened;
            },
            [this](const Status& opened, const Scene& now, Effects& more) {
                busy_ = false;
                if (!opened) {
                    refusal_ = now.safe(opened.error().message);
                    return;
                }
                more.close = true;
                more.unlocked = true;
            }));
        return true;
    }

    SecretEdit edit_;
    Actions no_actions_;
    bool busy_ = false;
    std::string refusal_;
};

}  // namespace

std::unique_ptr<Dialog> make_passphrase_dialog() { return std::make_unique<PassphraseDialog>(); }

}  // namespace keydeck::ui
