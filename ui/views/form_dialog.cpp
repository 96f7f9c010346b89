#include "ui/views/form_dialog.hpp"

#include <fmt/format.h>

#include "ui/widgets/text_dialogs.hpp"

namespace keydeck::ui {

Frame FormDialog::body(int cols, const Scene& scene) const {
    const std::vector<TextLine> lines{{"", refusal_, {Role::kDanger}, false, false}};
    const Frame refusal = draw_text(lines, cols, scene.charset);
    const int form_rows = form_.rows(cols, scene);
    const int more = refusal_.empty() ? 0 : refusal.size().rows;
    Frame out({form_rows + more, cols}, scene.charset);
    form_.draw(out, out.area(), scene);
    if (more > 0) out.blit({form_rows, 0, more, cols}, refusal, 0);
    return out;
}

bool FormDialog::draw_buttons(Frame& frame, int row, int col, const Scene& scene) const {
    if (busy_) {
        frame.put(row, col, "Working…", {Role::kWait});
    } else {
        form_.draw_buttons(frame, row, col, scene);
    }
    return true;
}

bool FormDialog::on_key(const Key& key, const Scene& scene, Effects& effects) {
    if (busy_) return key.code != KeyCode::kEscape;
    const FormAnswer answer = form_.on_key(key);
    if (answer == FormAnswer::kCancel) cancel(scene, effects);
    if (answer == FormAnswer::kTaken) refusal_.clear();
    if (answer == FormAnswer::kSubmit) submit(scene, effects);
    return answer != FormAnswer::kNotForIt;
}

std::string FormDialog::hints(const Scene& /*scene*/) const {
    if (busy_) return "Esc stop waiting";
    return fmt::format("Tab next   Shift-Tab back   Enter {}   Esc cancel", form_.enter_does());
}

}  // namespace keydeck::ui
