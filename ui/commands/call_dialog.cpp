#include "ui/commands/call_dialog.hpp"

#include <algorithm>
#include <utility>

#include "ui/dialog_keys.hpp"
#include "ui/key_words.hpp"
#include "ui/widgets/text_dialogs.hpp"

namespace keydeck::ui {
namespace {

class CallDialog final : public Dialog {
public:
    explicit CallDialog(std::vector<CallRow> rows) : Dialog("Command lines"), rows_(std::move(rows)) {
        actions_ = {dialog_action("call.copy", [this](const Scene&, Effects& effects) {
            effects.copy = Copy{"command line", rows_[chosen_].line};
        })};
    }
    const Actions& actions() const override { return actions_; }

private:
    bool on_key(const Key& key, const Scene& /*scene*/, Effects& effects) override {
        const bool down = key == ui::key(U'j') || key.code == KeyCode::kDown || key == ctrl(U'n');
        const bool up = key == ui::key(U'k') || key.code == KeyCode::kUp || key == ctrl(U'p');
        if (down) chosen_ = std::min(chosen_ + 1, rows_.size() - 1);
        if (up && chosen_ > 0) --chosen_;
        if (key.code == KeyCode::kEnter || key == ui::key(U'.')) effects.close = true;
        return down || up || effects.close;
    }
    Frame body(int cols, const Scene& scene) const override {
        struct Part {
            int row;
            int rows;
            Frame text;
        };
        std::vector<Part> parts;
        int rows = 0;
        for (const CallRow& row : rows_) {
            const std::string title = row.key.empty() ? row.what : row.key + "  " + row.what;
            const std::vector<TextLine> lines{{"", title, {Role::kMuted}, false, false},
                                              {"", scene.safe(row.line), {}, true, false}};
            Frame text = draw_text(lines, cols - 2, scene.charset);
            const int height = text.size().rows;
            parts.push_back({rows, height, std::move(text)});
            rows += height;
        }
        Frame out({std::max(rows, 1), cols}, scene.charset);
        for (const Part& part : parts) out.blit({part.row, 2, part.rows, cols - 2}, part.text, 0);
        const Part& chosen = parts[chosen_];
        out.put(chosen.row, 0, ">");
        out.select({chosen.row, 0, chosen.rows, cols});
        out.cursor = Point{chosen.row + chosen.rows - 1, 0};  // keeps it in sight
        return out;
    }
    std::string hints(const Scene& scene) const override {
        return key_hint(scene, actions_, "call.copy", "copy") + "j k choose   Esc close";
    }

    std::vector<CallRow> rows_;
    std::size_t chosen_ = 0;
    Actions actions_;
};

}  // namespace

std::unique_ptr<Dialog> make_call_dialog(std::vector<CallRow> rows) { return std::make_unique<CallDialog>(std::move(rows)); }

}  // namespace keydeck::ui
