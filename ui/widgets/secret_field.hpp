// A passphrase in a form.
#pragma once

#include <string>
#include <utility>

#include "ui/widgets/form.hpp"
#include "ui/widgets/text_edit.hpp"

namespace keydeck::ui {

/// Never shown, not even its length.
class SecretField final : public Field {
public:
    using Judge = std::function<std::string(const SecretBytes&)>;
    SecretField(std::string label, Judge check) : Field(std::move(label)), check_(std::move(check)) {}

    [[nodiscard]] const SecretBytes& secret() const { return edit_.secret(); }
    [[nodiscard]] SecretBytes take() {
        SecretBytes out = edit_.take();
        edit_ = SecretEdit();
        return out;
    }
    int rows(int /*cols*/, const Scene& /*scene*/) const override { return 1; }
    void draw(Frame& frame, Area area, bool focused, const Scene& /*scene*/) const override {
        frame.put(area.row, area.col, secret().empty() ? "nothing typed yet" : "typed; not shown",
                  {secret().empty() ? Role::kMuted : Role::kText, focused}, area.cols);
        if (focused) frame.cursor = Point{area.row, area.col};
    }
    bool on_key(const Key& key) override { return edit_.on_key(key); }
    bool on_paste(const SecretBytes& pasted) override {
        too_long_ = !edit_.paste(pasted);
        return true;
    }
    bool takes_text() const override { return true; }
    std::string problem() const override { return too_long_ ? "that was too long" : check_(secret()); }
    std::string note() const override { return "Ctrl-U starts over"; }
    bool touched() const override { return !secret().empty() || too_long_; }

private:
    SecretEdit edit_;
    Judge check_;
    bool too_long_ = false;
};

}  // namespace keydeck::ui
