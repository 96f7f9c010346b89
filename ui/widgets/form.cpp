#include "ui/widgets/form.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace keydeck::ui {
namespace {

constexpr int kLabelCols = 11;

}  // namespace

TextField::TextField(std::string label, std::size_t most_bytes, Judge check, Judge describe)
    : Field(std::move(label)),
      edit_(most_bytes),
      check_(std::move(check)),
      describe_(std::move(describe)),
      most_bytes_(most_bytes) {}

TextField::TextField(std::string label, std::size_t most_bytes, int rows, Judge check, Judge describe)
    : Field(std::move(label)),
      edit_(most_bytes, Lines::kMany),
      rows_(rows),
      check_(std::move(check)),
      describe_(std::move(describe)),
      most_bytes_(most_bytes) {}

int TextField::rows(int cols, const Scene& scene) const {
    if (rows_ == 1) return 1;
    return std::clamp(edit_.rows(cols - 2, scene.charset), 3, rows_);
}

void TextField::draw(Frame& frame, Area area, bool focused, const Scene& scene) const {
    if (rows_ == 1) {
        frame.put(area.row, area.col, "[", {Role::kMuted});
        edit_.draw(frame, {area.row, area.col + 1, 1, area.cols - 2}, focused);
        frame.put(area.row, area.col + area.cols - 1, "]", {Role::kMuted});
        return;
    }
    const int height = rows(area.cols, scene);
    for (int i = 0; i < height; ++i) frame.put(area.row + i, area.col, "│", {focused ? Role::kAccent : Role::kMuted});
    edit_.draw(frame, {area.row, area.col + 2, height, area.cols - 2}, focused);
}

bool TextField::on_key(const Key& key) {
    const bool taken = edit_.on_key(key);
    if (taken) too_long_ = false;
    return taken;
}

bool TextField::on_paste(const SecretBytes& pasted) {
    too_long_ = !edit_.insert(pasted.text());
    return true;
}

std::string TextField::problem() const {
    if (too_long_) return fmt::format("that was too long to paste: {} bytes at most", most_bytes_);
    return check_ ? check_(text()) : "";
}

void ChoiceField::draw(Frame& frame, Area area, bool focused, const Scene& /*scene*/) const {
    int col = area.col;
    for (std::size_t i = 0; i < options_.size(); ++i) {
        const bool is_chosen = i == chosen_;
        const std::string text = fmt::format("{} {}", is_chosen ? "(●)" : "( )", options_[i]);
        const Style style{is_chosen ? Role::kTitle : Role::kText, focused && is_chosen};
        col += frame.put(area.row, col, text, style, area.col + area.cols - col) + 3;
    }
    if (focused) frame.cursor = Point{area.row, area.col};
}

bool ChoiceField::on_key(const Key& key) {
    if (key.code == KeyCode::kLeft || key == ui::key(U'h')) {
        chosen_ = (chosen_ + options_.size() - 1) % options_.size();
        return true;
    }
    if (key.code == KeyCode::kRight || key == ui::key(U'l') || key == ui::key(U' ')) {
        chosen_ = (chosen_ + 1) % options_.size();
        return true;
    }
    return false;
}

void PickField::draw(Frame& frame, Area area, bool focused, const Scene& scene) const {
    const std::string text = fmt::format("← {} →", fitted(scene.safe(options_[chosen_]), area.cols - 4, scene.charset));
    frame.put(area.row, area.col, text, {Role::kTitle, focused}, area.cols);
    if (focused) frame.cursor = Point{area.row, area.col};
}

bool PickField::on_key(const Key& key) {
    const bool forward = key.code == KeyCode::kRight || key == ui::key(U'l') || key == ui::key(U' ');
    if (!forward && key.code != KeyCode::kLeft && key != ui::key(U'h')) return false;
    chosen_ = (chosen_ + (forward ? 1 : options_.size() - 1)) % options_.size();
    return true;
}

std::string PickField::note() const {
    return options_.size() < 2 ? "" : fmt::format("{} of {}; Left and Right choose", chosen_ + 1, options_.size());
}

void CheckField::draw(Frame& frame, Area area, bool focused, const Scene& scene) const {
    const std::string box = checked_ ? "[x]" : "[ ]";
    frame.put(area.row, area.col, box, {Role::kText, focused}, area.cols);
    frame.put_fitted(area.row, area.col + 4, area.cols - 4, scene.safe(text_), {});
    if (focused) frame.cursor = Point{area.row, area.col + 1};
}

bool CheckField::on_key(const Key& key) {
    if (key != ui::key(U' ') && key != ui::key(U'x')) return false;
    checked_ = !checked_;
    return true;
}

void Form::move(int direction) {
    const std::size_t count = fields_.size() + 2;
    do {
        focus_ = (focus_ + count + static_cast<std::size_t>(direction + static_cast<int>(count))) % count;
    } while (focus_ < fields_.size() && !is_shown(focus_));
}

FormAnswer Form::submit() {
    complaining_ = true;
    for (std::size_t i = 0; i < fields_.size(); ++i) {
        if (!is_shown(i) || fields_[i]->problem().empty()) continue;
        focus_ = i;
        return FormAnswer::kTaken;
    }
    return FormAnswer::kSubmit;
}

FormAnswer Form::on_key(const Key& key) {
    if (key.code == KeyCode::kEscape) return FormAnswer::kCancel;
    if (focus_ < fields_.size() && fields_[focus_]->on_key(key)) return FormAnswer::kTaken;
    switch (key.code) {
        case KeyCode::kTab:
        case KeyCode::kDown:
            move(1);
            return FormAnswer::kTaken;
        case KeyCode::kBackTab:
        case KeyCode::kUp:
            move(-1);
            return FormAnswer::kTaken;
        case KeyCode::kEnter:
            if (focus_ == submit_index()) return submit();
            if (focus_ == cancel_index()) return FormAnswer::kCancel;
            move(1);
            return FormAnswer::kTaken;
        case KeyCode::kLeft:
        case KeyCode::kRight:
            if (focus_ < fields_.size()) return FormAnswer::kNotForIt;
            focus_ = focus_ == submit_index() ? cancel_index() : submit_index();
            return FormAnswer::kTaken;
        default:
            return FormAnswer::kNotForIt;
    }
}

bool Form::on_paste(const SecretBytes& pasted) {
    std::size_t at = focus_;
    while (at < fields_.size() && (!is_shown(at) || !fields_[at]->takes_text())) ++at;
    if (at >= fields_.size()) return false;
    focus_ = at;
    return fields_[at]->on_paste(pasted);
}

bool Form::takes_text() const { return focus_ < fields_.size() && fields_[focus_]->takes_text(); }

std::string Form::enter_does() const {
    if (focus_ == submit_index()) return submit_label_;
    if (focus_ == cancel_index()) return "Cancel";
    return fields_[focus_]->takes_enter() ? "new line" : "go on";
}

bool Form::complete() const {
    for (std::size_t i = 0; i < fields_.size(); ++i) {
        if (is_shown(i) && !fields_[i]->problem().empty()) return false;
    }
    return true;
}

std::string Form::trouble(const Field& field) const { return complaining_ || field.touched() ? field.problem() : ""; }

int Form::rows(int cols, const Scene& scene) const {
    int out = 0;
    for (std::size_t i = 0; i < fields_.size(); ++i) {
        if (is_shown(i)) out += fields_[i]->rows(cols - kLabelCols, scene) + 1;
    }
    return out;
}

int Form::draw(Frame& frame, Area area, const Scene& scene) const {
    int row = area.row;
    for (std::size_t i = 0; i < fields_.size(); ++i) {
        if (!is_shown(i)) continue;
        const Field& field = *fields_[i];
        const int cols = area.cols - kLabelCols;
        const int height = field.rows(cols, scene);
        frame.put(row, area.col, field.label(), {focus_ == i ? Role::kTitle : Role::kText}, kLabelCols - 1);
        field.draw(frame, {row, area.col + kLabelCols, height, cols}, focus_ == i, scene);
        const std::string problem = trouble(field);
        if (!problem.empty()) {
            frame.put_fitted(row + height, area.col + kLabelCols, cols, "▲ " + problem, {Role::kWarn});
        } else {
            frame.put_fitted(row + height, area.col + kLabelCols, cols, field.note(), {Role::kMuted});
        }
        row += height + 1;
    }
    return row - area.row;
}

void Form::draw_buttons(Frame& frame, int row, int col, const Scene& /*scene*/) const {
    const auto button = [&](std::string_view label, bool focused) {
        const std::string text = focused ? fmt::format("[ {} ]", label) : fmt::format("  {}  ", label);
        col += frame.put(row, col, text, {focused ? Role::kTitle : Role::kText, focused}) + 3;
    };
    button(submit_label_, focus_ == submit_index());
    button("Cancel", focus_ == cancel_index());
}

}  // namespace keydeck::ui
