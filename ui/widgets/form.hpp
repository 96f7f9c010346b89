// Fields to fill in, with what is wrong standing beside them while typing.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ui/scene.hpp"
#include "ui/widgets/text_edit.hpp"

namespace keydeck::ui {

class Field {
public:
    explicit Field(std::string label) : label_(std::move(label)) {}
    Field(const Field&) = delete;
    Field& operator=(const Field&) = delete;
    virtual ~Field() = default;

    [[nodiscard]] const std::string& label() const { return label_; }
    [[nodiscard]] virtual int rows(int cols, const Scene& scene) const = 0;
    virtual void draw(Frame& frame, Area area, bool focused, const Scene& scene) const = 0;
    /// Whether the key was for this field.
    virtual bool on_key(const Key& key) = 0;
    /// Whether text can be pasted here; the pasted text has been taken then, or a problem is shown.
    virtual bool on_paste(const SecretBytes& /*pasted*/) { return false; }
    [[nodiscard]] virtual bool takes_text() const { return false; }
    /// Whether Enter is a character of the value, a line's end.
    [[nodiscard]] virtual bool takes_enter() const { return false; }
    /// What is wrong with the value; empty: nothing.
    [[nodiscard]] virtual std::string problem() const { return ""; }
    /// What is worth knowing about the value: "3 lines, 66 bytes".
    [[nodiscard]] virtual std::string note() const { return ""; }
    /// Whether there is anything yet to complain about.
    [[nodiscard]] virtual bool touched() const { return true; }

    std::function<bool()> shown;  ///< null: always

private:
    std::string label_;
};

class TextField final : public Field {
public:
    using Judge = std::function<std::string(const std::string&)>;
    /// `check` says what is wrong with a text, `describe` what is worth knowing; either may be null.
    TextField(std::string label, std::size_t most_bytes, Judge check = {}, Judge describe = {});
    /// A field of many lines, `rows` of which show.
    TextField(std::string label, std::size_t most_bytes, int rows, Judge check = {}, Judge describe = {});

    [[nodiscard]] const std::string& text() const { return edit_.text(); }
    void set(std::string text) { edit_.set(std::move(text)); }
    int rows(int cols, const Scene& scene) const override;
    void draw(Frame& frame, Area area, bool focused, const Scene& scene) const override;
    bool on_key(const Key& key) override;
    bool on_paste(const SecretBytes& pasted) override;
    bool takes_text() const override { return true; }
    bool takes_enter() const override { return rows_ > 1; }
    std::string problem() const override;
    std::string note() const override { return describe_ ? describe_(text()) : ""; }
    bool touched() const override { return !text().empty() || too_long_; }

private:
    TextEdit edit_;
    int rows_ = 1;
    Judge check_;
    Judge describe_;
    std::size_t most_bytes_;
    bool too_long_ = false;  ///< the last paste did not fit
};

class ChoiceField final : public Field {
public:
    /// `notes`: a line for each option, shown below while it is chosen; may be empty.
    ChoiceField(std::string label, std::vector<std::string> options, std::vector<std::string> notes = {})
        : Field(std::move(label)), options_(std::move(options)), notes_(std::move(notes)) {}
    [[nodiscard]] std::size_t chosen() const { return chosen_; }
    void choose(std::size_t index) { chosen_ = index; }
    int rows(int /*cols*/, const Scene& /*scene*/) const override { return 1; }
    void draw(Frame& frame, Area area, bool focused, const Scene& scene) const override;
    bool on_key(const Key& key) override;
    std::string note() const override { return chosen_ < notes_.size() ? notes_[chosen_] : ""; }

private:
    std::vector<std::string> options_;
    std::vector<std::string> notes_;
    std::size_t chosen_ = 0;
};

/// One of many, of which one shows: Left and Right walk through them.
class PickField final : public Field {
public:
    PickField(std::string label, std::vector<std::string> options) : Field(std::move(label)), options_(std::move(options)) {}
    [[nodiscard]] std::size_t chosen() const { return chosen_; }
    [[nodiscard]] const std::string& text() const { return options_[chosen_]; }
    /// Never empty. The first one is chosen then.
    void set_options(std::vector<std::string> options) {
        options_ = std::move(options);
        chosen_ = 0;
    }
    int rows(int /*cols*/, const Scene& /*scene*/) const override { return 1; }
    void draw(Frame& frame, Area area, bool focused, const Scene& scene) const override;
    bool on_key(const Key& key) override;
    std::string note() const override;

private:
    std::vector<std::string> options_;
    std::size_t chosen_ = 0;
};

class CheckField final : public Field {
public:
    CheckField(std::string label, std::string text, std::string problem)
        : Field(std::move(label)), text_(std::move(text)), problem_(std::move(problem)) {}
    [[nodiscard]] bool checked() const { return checked_; }
    void set_text(std::string text) { text_ = std::move(text); }
    int rows(int /*cols*/, const Scene& /*scene*/) const override { return 1; }
    void draw(Frame& frame, Area area, bool focused, const Scene& scene) const override;
    bool on_key(const Key& key) override;
    std::string problem() const override { return checked_ ? "" : problem_; }
    bool touched() const override { return false; }

private:
    std::string text_;
    std::string problem_;
    bool checked_ = false;
};

enum class FormAnswer : std::uint8_t { kNotForIt, kTaken, kSubmit, kCancel };

/// Fields one below the other, then two buttons. Tab and Shift-Tab walk over all of them; Enter goes on from a field, but
/// ends a line in a field of many, and presses a button.
class Form {
public:
    explicit Form(std::string submit_label, bool starts_on_cancel = false)
        : submit_label_(std::move(submit_label)), starts_on_cancel_(starts_on_cancel) {}

    template <class F, class... Arguments>
    F& add(Arguments&&... arguments) {
        auto field = std::make_unique<F>(std::forward<Arguments>(arguments)...);
        F& out = *field;
        fields_.push_back(std::move(field));
        focus_ = starts_on_cancel_ ? cancel_index() : 0;
        return out;
    }

    /// To the first field that is shown, once it has been said which are.
    void focus_first() {
        focus_ = cancel_index();
        move(1);
    }
    FormAnswer on_key(const Key& key);
    /// Into the field that has the focus or, where that takes no text, the next one that does. False: none.
    bool on_paste(const SecretBytes& pasted);
    [[nodiscard]] bool takes_text() const;
    /// What Enter would do now: "new line", "go on", or the label of the focused button.
    [[nodiscard]] std::string enter_does() const;
    [[nodiscard]] bool on_button() const { return focus_ >= fields_.size(); }
    /// Whether every shown field is in order.
    [[nodiscard]] bool complete() const;
    [[nodiscard]] int rows(int cols, const Scene& scene) const;
    /// Draws the fields; returns the rows used.
    int draw(Frame& frame, Area area, const Scene& scene) const;
    /// Draws `[ Submit ]  Cancel` with the focused one in brackets.
    void draw_buttons(Frame& frame, int row, int col, const Scene& scene) const;
    void focus_cancel() { focus_ = cancel_index(); }
    /// From now on, untouched fields too say what they lack.
    void complain() { complaining_ = true; }

private:
    [[nodiscard]] std::size_t submit_index() const { return fields_.size(); }
    [[nodiscard]] std::size_t cancel_index() const { return fields_.size() + 1; }
    [[nodiscard]] bool is_shown(std::size_t index) const { return !fields_[index]->shown || fields_[index]->shown(); }
    [[nodiscard]] std::string trouble(const Field& field) const;
    void move(int direction);
    FormAnswer submit();

    std::string submit_label_;
    bool starts_on_cancel_;
    std::vector<std::unique_ptr<Field>> fields_;
    std::size_t focus_ = 0;
    bool complaining_ = false;
};

}  // namespace keydeck::ui
