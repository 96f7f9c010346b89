#include "ui/widgets/text_dialogs.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "ui/dialog_keys.hpp"

namespace keydeck::ui {
namespace {

constexpr int kLeastNameCols = 8;
constexpr int kIndent = 2;

}  // namespace

TextLine rule_line() { return {"", "", {}, false, true}; }
TextLine blank_line() { return {"", "", {}, false, false}; }

namespace {

struct TextRow {
    const TextLine* line;
    std::string name;
    std::string text;
    int col;
};

void add_rows(std::vector<TextRow>& out, const TextLine& line, int cols, int name_cols, Charset charset) {
    const int start = line.name.empty() ? 0 : name_cols;
    const int room = std::max(cols - start, 1);
    std::string name = line.name;
    int col = start;
    std::vector<std::string> parts =
        line.exact ? wrap_exact(line.value, room, charset) : wrap_words(line.value, room, charset);
    const bool one_line = line.value.find('\n') == std::string::npos;
    if (line.exact && one_line && parts.size() > 1 &&
        display_width(safe_text(line.value, charset), charset) <= cols - kIndent) {
        if (name != " ") out.push_back({&line, std::move(name), "", start});
        name.clear();
        col = kIndent;
        parts = {line.value};
    }
    for (std::string& part : parts) out.push_back({&line, std::exchange(name, ""), std::move(part), col});
}

}  // namespace

Frame draw_text(const std::vector<TextLine>& lines, int cols, Charset charset) {
    int name_cols = kLeastNameCols;
    for (const TextLine& line : lines) name_cols = std::max(name_cols, display_width(line.name, charset) + 1);
    name_cols = std::min(name_cols, cols * 2 / 5);
    std::vector<TextRow> rows;
    for (const TextLine& line : lines) add_rows(rows, line, cols, name_cols, charset);
    Frame out({std::max(static_cast<int>(rows.size()), 1), cols}, charset);
    for (int i = 0; const TextRow& row : rows) {
        if (row.line->rule) out.rule(i, 0, cols);
        out.put(i, 0, fitted(row.name, name_cols - 1, charset), {Role::kMuted});
        out.put(i, row.col, row.text, row.line->style, cols - row.col);
        ++i;
    }
    return out;
}

TextDialog::TextDialog(std::string title, std::vector<TextLine> lines, std::vector<Copy> copies)
    : Dialog(std::move(title)), lines_(std::move(lines)), copies_(std::move(copies)) {
    if (!copies_.empty()) {
        actions_.push_back(
            dialog_action("dialog.copy", [this](const Scene&, Effects& effects) { effects.copy = copies_[0]; }));
    }
    if (copies_.size() > 1) {
        actions_.push_back(
            dialog_action("dialog.copy-json", [this](const Scene&, Effects& effects) { effects.copy = copies_[1]; }));
    }
    actions_.push_back(dialog_action("dialog.close", [](const Scene&, Effects& effects) { effects.close = true; }));
}

Frame TextDialog::body(int cols, const Scene& scene) const { return draw_text(lines_, cols, scene.charset); }

QuestionDialog::QuestionDialog(std::string question, std::vector<TextLine> lines, Answer yes, Call call)
    : Dialog("Please confirm"),
      question_(std::move(question)),
      lines_(std::move(lines)),
      yes_(std::move(yes)),
      call_(std::move(call)) {}

Frame QuestionDialog::body(int cols, const Scene& scene) const {
    std::vector<TextLine> all{{"", question_, {Role::kTitle}, false, false}};
    if (!lines_.empty()) all.push_back(blank_line());
    all.insert(all.end(), lines_.begin(), lines_.end());
    return draw_text(all, cols, scene.charset);
}

bool QuestionDialog::draw_buttons(Frame& frame, int row, int col, const Scene& /*scene*/) const {
    draw_confirm_buttons(frame, row, col, "Yes", key(U'y'), true, all_seen() ? "" : "read to the end first");
    return true;
}

bool QuestionDialog::on_key(const Key& key, const Scene& scene, Effects& effects) {
    if (key.code == KeyCode::kEnter || key == ui::key(U'n')) {  // Cancel has the focus
        cancel(scene, effects);
        return true;
    }
    if (key != ui::key(U'y')) return false;
    if (!may_confirm(scene)) return true;
    effects.close = true;
    yes_(scene, effects);
    return true;
}

std::string QuestionDialog::hints(const Scene& /*scene*/) const { return "y yes   Enter/Esc/n cancel"; }

ConfirmDialog::ConfirmDialog(std::string title, std::vector<TextLine> lines, std::string label, char32_t letter, Answer yes,
                             Call call)
    : Dialog(std::move(title)),
      lines_(std::move(lines)),
      label_(std::move(label)),
      letter_(key(letter)),
      yes_(std::move(yes)),
      call_(std::move(call)) {}

Frame ConfirmDialog::body(int cols, const Scene& scene) const { return draw_text(lines_, cols, scene.charset); }

bool ConfirmDialog::draw_buttons(Frame& frame, int row, int col, const Scene& /*scene*/) const {
    draw_confirm_buttons(frame, row, col, label_, letter_, true, all_seen() ? "" : "read to the end first");
    return true;
}

bool ConfirmDialog::on_key(const Key& key, const Scene& scene, Effects& effects) {
    if (key.code == KeyCode::kEnter || key == ui::key(U'n')) {
        cancel(scene, effects);
        return true;
    }
    if (key != letter_) return false;
    if (!may_confirm(scene)) return true;
    effects.close = true;
    yes_(scene, effects);
    return true;
}

std::string ConfirmDialog::hints(const Scene& /*scene*/) const {
    return fmt::format("{} confirms   Enter/Esc/n cancel", name_of(letter_));
}

}  // namespace keydeck::ui
