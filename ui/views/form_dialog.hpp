// A dialog around a form: what making users, naming wallets and composing signatures share.
#pragma once

#include "ui/widgets/dialog.hpp"
#include "ui/widgets/form.hpp"

namespace keydeck::ui {

class FormDialog : public Dialog {
public:
    FormDialog(std::string title, std::string submit_label) : Dialog(std::move(title)), form_(std::move(submit_label)) {}
    const Actions& actions() const override { return no_actions_; }
    bool on_paste(const SecretBytes& pasted, const Scene& /*scene*/, Effects& /*effects*/) override {
        if (busy_) return false;
        refusal_.clear();
        return form_.on_paste(pasted);
    }
    bool holds_work() const override { return true; }

protected:
    /// Everything is filled in.
    virtual void submit(const Scene& scene, Effects& effects) = 0;

    Frame body(int cols, const Scene& scene) const override;
    bool draw_buttons(Frame& frame, int row, int col, const Scene& scene) const override;
    bool on_key(const Key& key, const Scene& scene, Effects& effects) override;
    std::string hints(const Scene& scene) const override;

    Form form_;
    bool busy_ = false;    ///< a task of this dialog is running
    std::string refusal_;  ///< what the engine said about the values, shown above the buttons

private:
    Actions no_actions_;
};

}  // namespace keydeck::ui
