// Dialogs that only show something, and the one-line question before what can be taken back.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ui/widgets/dialog.hpp"

namespace keydeck::ui {

/// One line or paragraph of a text dialog.
struct TextLine {
    std::string name;   ///< stands in a column of its own; empty: none
    std::string value;  ///< already safe; broken into lines where it is long
    Style style;
    bool exact = false;  ///< break anywhere and keep every character: hashes, what is signed
    bool rule = false;   ///< a line across instead
};

[[nodiscard]] TextLine rule_line();
[[nodiscard]] TextLine blank_line();
/// Draws lines one below the other into a frame as high as they need, the values beside the names. An exact value that would
/// have to be broken beside its name, but not on a line of its own, gets one.
[[nodiscard]] Frame draw_text(const std::vector<TextLine>& lines, int cols, Charset charset);

/// Shows lines; `y` copies one value of them.
class TextDialog : public Dialog {
public:
    TextDialog(std::string title, std::vector<TextLine> lines, std::vector<Copy> copies = {});
    const Actions& actions() const override { return actions_; }

protected:
    Frame body(int cols, const Scene& scene) const override;
    Actions actions_;

private:
    std::vector<TextLine> lines_;
    std::vector<Copy> copies_;  ///< `y` copies the first, `Y` the second
};

/// Level 1: one question, Cancel focused, `y` does it.
class QuestionDialog final : public Dialog {
public:
    using Answer = std::function<void(const Scene&, Effects&)>;
    QuestionDialog(std::string question, std::vector<TextLine> lines, Answer yes, Call call = {});
    const Actions& actions() const override { return actions_; }
    Level level() const override { return Level::kReversible; }
    Call call(const Scene& /*scene*/) const override { return call_; }

protected:
    Frame body(int cols, const Scene& scene) const override;
    bool draw_buttons(Frame& frame, int row, int col, const Scene& scene) const override;
    bool on_key(const Key& key, const Scene& scene, Effects& effects) override;
    std::string hints(const Scene& scene) const override;

private:
    std::string question_;
    std::vector<TextLine> lines_;
    Answer yes_;
    Call call_;
    Actions actions_;
};

/// Level 2: a preview of what will be done, Cancel focused, a capital letter does it.
class ConfirmDialog final : public Dialog {
public:
    using Answer = std::function<void(const Scene&, Effects&)>;
    ConfirmDialog(std::string title, std::vector<TextLine> lines, std::string label, char32_t letter, Answer yes,
                  Call call = {});
    const Actions& actions() const override { return actions_; }
    Level level() const override { return Level::kSigns; }
    Call call(const Scene& /*scene*/) const override { return call_; }

protected:
    Frame body(int cols, const Scene& scene) const override;
    bool draw_buttons(Frame& frame, int row, int col, const Scene& scene) const override;
    bool on_key(const Key& key, const Scene& scene, Effects& effects) override;
    std::string hints(const Scene& scene) const override;

private:
    std::vector<TextLine> lines_;
    std::string label_;
    Key letter_;
    Answer yes_;
    Call call_;
    Actions actions_;
};

}  // namespace keydeck::ui
