#include "ui/linear/speaker.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace keydeck::ui {
namespace {

// Nothing that could command a terminal, whatever it came from.
std::string shown(std::string_view text, Charset charset) {
    std::string out;
    for (const Glyph& glyph : glyphs_of(text, charset)) {
        for (std::size_t i = 0; i < glyph.length; ++i) append_utf8(out, glyph.text[i]);
    }
    return out;
}

bool contains(const std::vector<std::string>& lines, const std::string& line) {
    return std::ranges::find(lines, line) != lines.end();
}

std::string value_words(const SpokenInput& input) { return input.value.empty() ? "empty" : input.value; }

}  // namespace

void Speaker::add(const std::string& text) {
    if (text.empty()) return;
    if (line_is_open_) out_ += "\n";
    line_is_open_ = false;
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        out_ += shown(text.substr(at, end - at), charset_) + "\n";
        at = end + 1;
    }
}

std::string Speaker::line(const std::string& text) {
    add(text);
    return std::exchange(out_, "");
}

void Speaker::forget() {
    const auto toasts = last_.toasts;
    const auto errors = last_.errors;
    last_ = Spoken{};
    last_.toasts = toasts;
    last_.errors = errors;
    knows_view_ = false;
    lines_said_.clear();
}

// Whether the text in a field changed, and nothing else is to be said of it now.
bool Speaker::echo(const std::optional<SpokenInput>& before, const std::optional<SpokenInput>& now) {
    if (!before || !now || before->label != now->label || before->value == now->value) return false;
    typed_label_ = now->label;
    const std::string_view value = now->value;
    if (!value.starts_with(before->value) || value.find('\n') != std::string_view::npos) {
        const std::size_t last_line = value.rfind('\n');
        add(last_line == std::string_view::npos ? value_words(*now) : std::string(value.substr(last_line + 1)));
        return true;
    }
    out_ += shown(value.substr(before->value.size()), charset_);
    line_is_open_ = true;
    return true;
}

void Speaker::say_line(const std::string& text) {
    add(sentence(text));
    heard_.insert(text);
}

// Lines may have come, changed and gone since: what nobody has heard is not passed over.
void Speaker::find_said_to(const std::vector<std::string>& lines) {
    if (lines == lines_said_) return;
    const auto unheard = std::ranges::find_if(lines, [this](const std::string& line) { return !heard_.contains(line); });
    said_to_ = std::min(said_to_, static_cast<std::size_t>(unheard - lines.begin()));
}

void Speaker::say_dialog_from_beginning(const SpokenDialog& dialog) {
    add(sentence(dialog.title));
    if (!dialog.at_once)
        add(fmt::format("{} lines. Down says the next one, Up the one before, Page down all the rest.",
                        dialog.lines.size()));
    said_to_ = dialog.at_once ? dialog.lines.size() : 1;
    line_ = 0;
    heard_.clear();
    for (std::size_t i = 0; i < said_to_; ++i) say_line(dialog.lines[i]);
    if (!dialog.focus.empty()) add("Focus: " + sentence(dialog.focus.front()));
    if (!dialog.buttons.empty()) add("Buttons: " + sentence(dialog.buttons));
    if (!dialog.hints.empty()) add("Keys: " + sentence(dialog.hints));
    lines_said_ = dialog.lines;
    owes_dialog_ = false;
    dialog_is_said_ = dialog.at_once;
    typed_label_.clear();
}

std::string Speaker::read_on(const Spoken& now, Reading reading) {
    const bool other = !now.dialog || !last_.dialog || now.dialog->id != last_.dialog->id ||
                       now.dialog->text != last_.dialog->text || now.dialog->lines.empty();
    if (other) return "";  // it is said from its beginning first
    const std::vector<std::string>& lines = now.dialog->lines;
    find_said_to(lines);
    if (reading == Reading::kRest) {
        for (; said_to_ < lines.size(); ++said_to_) say_line(lines[said_to_]);
        line_ = lines.size() - 1;
        if (out_.empty()) add("That is all of it.");
    } else {
        if (reading == Reading::kFirst) line_ = 0;
        if (reading == Reading::kPrevious && line_ > 0) --line_;
        if (reading == Reading::kNext && line_ + 1 < lines.size()) ++line_;
        line_ = std::min(line_, lines.size() - 1);
        say_line(lines[line_]);
        if (line_ == said_to_) ++said_to_;
        if (line_ + 1 == lines.size()) add("That was the last line.");
    }
    dialog_is_said_ = said_to_ >= lines.size();
    return std::exchange(out_, "");
}

void Speaker::say_dialog(const SpokenDialog& dialog, bool other_dialog) {
    const bool fresh = !other_dialog && dialog.text != last_.dialog->text;
    const bool typing = !other_dialog && echo(last_.dialog->input, dialog.input);
    if (typing && fresh) {
        owes_dialog_ = true;
        dialog_is_said_ = false;
    }
    if (typing) return;
    if (other_dialog || fresh || owes_dialog_) return say_dialog_from_beginning(dialog);
    const bool moved = dialog.focus.empty() != last_.dialog->focus.empty() ||
                       (!dialog.focus.empty() && dialog.focus.front() != last_.dialog->focus.front());
    for (const std::string& text : dialog.lines) {
        const bool was_typed =
            !typed_label_.empty() && (text.starts_with(typed_label_ + ":") || text.starts_with(typed_label_ + ","));
        const bool follows = moved && contains(dialog.focus, text);
        if (!contains(lines_said_, text) && !was_typed && !follows) say_line(text);
    }
    if (moved) {
        for (const std::string& text : dialog.focus) say_line(text);
    }
    if (dialog.buttons != last_.dialog->buttons) add(sentence(dialog.buttons));
    if (dialog_is_said_) {
        said_to_ = dialog.lines.size();  // what is new was said just now
    } else {
        find_said_to(dialog.lines);
    }
    lines_said_ = dialog.lines;
    typed_label_.clear();
}

// Whether there was anything to say.
bool Speaker::say_view(const SpokenView& view) {
    const std::size_t before = out_.size();
    const bool elsewhere = view.heading != last_.view.heading || !knows_view_;
    if (elsewhere) add(sentence(view.heading));
    for (const std::string& text : view.body) {
        if (!contains(last_.view.body, text) || !knows_view_) add(sentence(text));
    }
    if (view.row != last_.view.row || !knows_view_) add(sentence(view.row));
    if (view.status != last_.view.status || !knows_view_) add(sentence(view.status));
    knows_view_ = true;
    return out_.size() > before;
}

void Speaker::say_screen(const Spoken& now, Occasion occasion, SteadyTime time) {
    if (last_.dialog) add("Back in " + sentence(now.view.heading.substr(0, now.view.heading.find('.'))));
    if (echo(last_.filter, now.filter)) return;
    if (now.filter) {
        if (!last_.filter)
            add(now.filter->label + ": " + value_words(*now.filter) + ". Type it. Enter keeps it, Escape clears it.");
        return;
    }
    const bool said = say_view(now.view);
    if (said && occasion == Occasion::kEvent) view_said_ = time;
}

void Speaker::say_messages(const Spoken& now) {
    if (now.errors > last_.errors) add("Error: " + sentence(now.error));
    if (now.toasts > last_.toasts) add(sentence(now.toast));
}

// Not the first second of what takes long, then seldom.
void Speaker::say_progress(const std::string& progress, SteadyTime time) {
    if (progress.empty()) {
        progress_said_.reset();
    } else if (!progress_said_ || time - *progress_said_ >= kProgressEvery) {
        progress_said_ = time;
        add(sentence(plain_words(progress)));
    }
}

std::string Speaker::say(const Spoken& now, Occasion occasion, SteadyTime time) {
    if (now.where != last_.where) add(sentence(now.where));
    if (now.standing != last_.standing) add(sentence(now.standing));
    say_messages(now);
    const bool other_dialog = now.dialog && (!last_.dialog || last_.dialog->id != now.dialog->id);
    const bool too_soon = occasion == Occasion::kEvent && view_said_ && time - *view_said_ < kProgressEvery;
    const bool screen_speaks = !now.dialog && occasion != Occasion::kTime && !(too_soon && !last_.dialog);
    if (!now.dialog || other_dialog) dialog_is_said_ = false;
    const bool fresh = now.dialog && last_.dialog && now.dialog->text != last_.dialog->text;
    if (now.dialog && (occasion != Occasion::kTime || other_dialog || fresh || owes_dialog_))
        say_dialog(*now.dialog, other_dialog);
    if (screen_speaks) say_screen(now, occasion, time);
    say_progress(now.progress, time);
    SpokenView view_said = std::move(last_.view);
    last_ = now;
    // What changed while something else was said is said afterwards.
    const bool unsaid = occasion != Occasion::kTime && (!screen_speaks || now.filter);
    if (unsaid && knows_view_) last_.view = std::move(view_said);
    return std::exchange(out_, "");
}

std::string Speaker::describe(const Spoken& now) {
    if (now.view.in_full.empty()) add("There is no row here.");
    for (const std::string& text : now.view.in_full) add(sentence(text));
    return std::exchange(out_, "");
}

}  // namespace keydeck::ui
