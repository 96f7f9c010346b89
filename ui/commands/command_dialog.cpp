#include "ui/commands/command_dialog.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <utility>

#include "ui/commands/command.hpp"
#include "ui/commands/names.hpp"
#include "ui/commands/words.hpp"
#include "ui/widgets/text_dialogs.hpp"
#include "ui/widgets/text_edit.hpp"

namespace keydeck::ui {
namespace {

constexpr std::size_t kMostBytes = 512;
constexpr std::size_t kMostHistory = 200;
constexpr int kLeastRows = 3;
constexpr int kMostRows = 10;
constexpr int kRowsAround = 13;
constexpr std::array<std::string_view, 3> kKeyStates{"Enabled", "Disabled", "PendingDeletion"};

/// What Tab may make of the line.
struct Candidate {
    std::string line;   ///< the whole line with it
    std::string shown;  ///< as it stands in the list
    std::string what;
    std::string key;       ///< which does the same
    std::string off = {};  ///< why it does not do it now
};

/// What is being completed behind the words of a command.
struct Wish {
    Operand operand = Operand::kNone;
    std::string typed;
    bool operator==(const Wish&) const = default;
};

std::string common_beginning(const std::vector<Candidate>& candidates) {
    std::string out = candidates.empty() ? "" : candidates.front().line;
    for (const Candidate& candidate : candidates) {
        const auto end = std::ranges::mismatch(out, candidate.line).in1;
        out.erase(end, out.end());
    }
    while (!out.empty() && (static_cast<unsigned char>(out.back()) & 0xC0U) == 0x80U) out.pop_back();  // half a character
    return out;
}

class CommandDialog final : public Dialog {
public:
    explicit CommandDialog(CommandHost host) : Dialog("Command"), host_(std::move(host)), recalled_(host_.history->size()) {}

    const Actions& actions() const override { return no_actions_; }
    void on_open(const Scene& scene, Effects& effects) override { complete(scene, effects); }
    bool on_paste(const SecretBytes& pasted, const Scene& scene, Effects& effects) override {
        if (busy_) return false;
        if (!edit_.insert(pasted.text())) effects.toasts.emplace_back("That was too long to paste into a command");
        edited(scene, effects);
        return true;
    }

private:
    bool on_key(const Key& key, const Scene& scene, Effects& effects) override;
    void run(const Scene& scene, Effects& effects);
    void take_lookup(const Understood& read, const Lookup& found, const Scene& scene, Effects& effects);
    void finish(const Understood& read, const Object* object, Effects& effects);
    void edited(const Scene& scene, Effects& effects) {
        problem_.clear();
        recalled_ = host_.history->size();
        complete(scene, effects);
    }
    void recall(int by, const Scene& scene, Effects& effects);
    void step(int by);
    void complete(const Scene& scene, Effects& effects);
    void ask(const Scene& scene, Effects& effects);
    void list_candidates(const Scene& scene);
    void add_words(const std::vector<std::string>& typed, bool in_word, const Scene& scene);
    void add_names(const Command& command, const std::string& typed);
    void add(const Command& command, const Name& name);

    Frame body(int cols, const Scene& scene) const override;
    void draw_candidate(Frame& out, int row, const Candidate& candidate, bool chosen, const Scene& scene) const;
    std::string hints(const Scene& /*scene*/) const override {
        return busy_ ? "Esc stop waiting" : "Tab complete   Enter run   Up/Down history   Esc close";
    }

    CommandHost host_;
    TextEdit edit_{kMostBytes};
    std::vector<Candidate> candidates_;
    std::optional<std::size_t> chosen_;  ///< by Tab; the list stays that of what was typed
    std::size_t recalled_;               ///< which line of the history stands there; its size: none
    std::string typed_;                  ///< before the history was walked through
    Wish wish_;
    std::optional<Wish> have_;    ///< what names_ were read for
    std::optional<Wish> asking_;  ///< what is being read
    std::vector<Name> names_;
    bool busy_ = false;
    std::string problem_;
    std::vector<std::string> near_;
    Actions no_actions_;
};

bool CommandDialog::on_key(const Key& key, const Scene& scene, Effects& effects) {
    if (key.code == KeyCode::kEscape || key == ctrl(U'c')) return false;
    if (busy_) return true;
    switch (key.code) {
        case KeyCode::kEnter:
            run(scene, effects);
            return true;
        case KeyCode::kTab:
            step(1);
            if (!chosen_) complete(scene, effects);
            return true;
        case KeyCode::kBackTab:
            step(-1);
            return true;
        case KeyCode::kUp:
            recall(-1, scene, effects);
            return true;
        case KeyCode::kDown:
            recall(1, scene, effects);
            return true;
        default:
            break;
    }
    if (key == ctrl(U'p') || key == ctrl(U'n')) {
        recall(key == ctrl(U'p') ? -1 : 1, scene, effects);
        return true;
    }
    if (key.code == KeyCode::kBackspace && edit_.text().empty()) {
        effects.close = true;
        return true;
    }
    const std::string before = edit_.text();
    edit_.on_key(key);
    if (edit_.text() != before) edited(scene, effects);
    return true;  // nothing that is typed here does anything else
}

void CommandDialog::run(const Scene& scene, Effects& effects) {
    const Understood read = understand(edit_.text());
    near_ = read.near;
    problem_ = read.problem;
    if (!problem_.empty() || read.command == nullptr) return;
    const Command& command = *read.command;
    if (command.off != nullptr) problem_ = command.off(scene);
    if (!problem_.empty()) return;
    if (command.use == Use::kTheme) {
        if (std::ranges::find(host_.themes, read.operand) == host_.themes.end()) {
            problem_ = fmt::format("There is no theme \"{}\".", read.operand);
            near_ = host_.themes;
            return;
        }
        effects.theme = read.operand;
        finish(read, nullptr, effects);
        return;
    }
    const bool looks_up = command.use == Use::kRow || command.use == Use::kScopeUser || command.use == Use::kScopeKey;
    if (!looks_up) return finish(read, nullptr, effects);
    busy_ = true;
    effects.tasks.push_back(lookup_task(
        command.operand, read.operand, scene.session,
        [this, read](const Lookup& found, const Scene& now, Effects& more) { take_lookup(read, found, now, more); }));
}

void CommandDialog::take_lookup(const Understood& read, const Lookup& found, const Scene& scene, Effects& effects) {
    busy_ = false;
    if (!found.object) {
        problem_ = scene.safe(found.object.error().message);
        near_ = found.near;
        return;
    }
    if (read.command->refuse != nullptr) problem_ = read.command->refuse(*found.object);
    if (!problem_.empty()) return;
    finish(read, &*found.object, effects);
}

void CommandDialog::finish(const Understood& read, const Object* object, Effects& effects) {
    std::vector<std::string>& history = *host_.history;
    std::erase(history, edit_.text());
    history.push_back(edit_.text());
    if (history.size() > kMostHistory) history.erase(history.begin());
    effects.close = true;
    if (read.command->use != Use::kTheme) effects.deed = deed_of(*read.command, read.operand, object);
}

void CommandDialog::recall(int by, const Scene& scene, Effects& effects) {
    const std::vector<std::string>& history = *host_.history;
    if (by < 0 ? recalled_ == 0 : recalled_ >= history.size()) return;
    if (recalled_ == history.size()) typed_ = edit_.text();
    recalled_ = by < 0 ? recalled_ - 1 : recalled_ + 1;
    edit_.set(recalled_ == history.size() ? typed_ : history[recalled_]);
    problem_.clear();
    complete(scene, effects);
}

// Tab writes what all candidates have in common, then one candidate after the other.
void CommandDialog::step(int by) {
    problem_.clear();
    if (candidates_.empty()) return;
    const std::string common = common_beginning(candidates_);
    if (!chosen_ && by > 0 && (common.size() > edit_.text().size() || candidates_.size() == 1)) return edit_.set(common);
    const std::size_t count = candidates_.size();
    if (!chosen_) {
        chosen_ = by > 0 ? 0 : count - 1;
    } else {
        chosen_ = (*chosen_ + (by > 0 ? 1 : count - 1)) % count;
    }
    edit_.set(candidates_[*chosen_].line);
}

void CommandDialog::complete(const Scene& scene, Effects& effects) {
    chosen_.reset();
    list_candidates(scene);
    ask(scene, effects);
}

// One request at a time; when it comes back it is looked at again what is wanted now.
void CommandDialog::ask(const Scene& scene, Effects& effects) {
    if (!has_names(wish_.operand) || asking_ || have_ == wish_) return;
    asking_ = wish_;
    effects.tasks.push_back(names_task(wish_.operand, wish_.typed, scene.session,
                                       [this](const std::vector<Name>& names, const Scene& now, Effects& more) {
                                           have_ = std::exchange(asking_, std::nullopt);
                                           names_ = names;
                                           if (chosen_) return;
                                           list_candidates(now);
                                           ask(now, more);
                                       }));
}

void CommandDialog::list_candidates(const Scene& scene) {
    candidates_.clear();
    wish_ = {};
    const Words read = split_words(edit_.text());
    add_words(read.words, read.in_word, scene);
    // The operand belongs to the command with the most words.
    std::vector<std::string> words = read.words;
    const std::string typed = read.in_word ? words.back() : "";
    if (read.in_word) words.pop_back();
    const std::string before = fmt::format("{}", fmt::join(words, " "));
    for (const Command& command : commands()) {
        if (command.words == before && command.operand != Operand::kNone) return add_names(command, typed);
    }
}

void CommandDialog::add_words(const std::vector<std::string>& typed, bool in_word, const Scene& scene) {
    std::string begin = fmt::format("{}", fmt::join(typed, " "));
    if (!begin.empty() && !in_word) begin += ' ';
    for (const Command& command : commands()) {
        if (!command.words.starts_with(begin) || (begin.ends_with(' ') && command.words.size() < begin.size())) continue;
        const std::string_view holder = placeholder(command.operand);
        Candidate out{std::string(command.words), std::string(command.words), std::string(command.help), ""};
        if (!holder.empty()) {
            out.line += ' ';
            out.shown += command.may_lack ? fmt::format(" [{}]", holder) : fmt::format(" {}", holder);
        }
        const std::string_view name = command.screen && command.actions[0].empty() ? "" : command.actions[0];
        if (const Action* action = name.empty() ? nullptr : host_.find(command.screen, name)) {
            const auto keys = keys_of(*action, scene.keymap);
            if (!keys.empty()) out.key = name_of(keys.front());
            if (command.use != Use::kRow) out.off = action->reason(scene);  // that of a row depends on which
            if (command.off != nullptr && out.off.empty()) out.off = command.off(scene);
        }
        candidates_.push_back(std::move(out));
    }
}

void CommandDialog::add(const Command& command, const Name& name) {
    const std::string line = fmt::format("{} {}", command.words, shell_quoted(name.name));
    candidates_.push_back({line, line, name.what, ""});
}

void CommandDialog::add_names(const Command& command, const std::string& typed) {
    wish_ = {command.operand, is_queried(command.operand) ? typed : ""};
    if (command.operand == Operand::kKeyState) {
        for (const std::string_view state : kKeyStates) {
            if (state.starts_with(typed)) add(command, {std::string(state), "keys in this state"});
        }
    }
    if (command.operand == Operand::kTheme) {
        for (const std::string& theme : host_.themes) {
            if (theme.starts_with(typed)) add(command, {theme, ""});
        }
    }
    if (!have_ || have_->operand != command.operand) return;
    for (const Name& name : names_) {
        // A filter is looked for in names as they are shown; commands take them as the command line does.
        const std::string_view shown = name.name.starts_with("alias/") ? std::string_view(name.name).substr(6) : name.name;
        const bool fits = command.operand == Operand::kWallet ? have_ == wish_ || name.name.starts_with(typed)
                                                              : name.name.starts_with(typed) || shown.starts_with(typed);
        if (!fits) continue;
        if (command.use == Use::kFilter) {
            add(command, {std::string(shown), name.what});
        } else {
            add(command, name);
        }
    }
    if (command.operand != Operand::kKey || command.use != Use::kFilter) return;
    for (const std::string_view state : kKeyStates) {
        if (!typed.empty() && state.starts_with(typed)) add(command, {std::string(state), "keys in this state"});
    }
}

void CommandDialog::draw_candidate(Frame& out, int row, const Candidate& candidate, bool chosen, const Scene& scene) const {
    const int cols = out.size().cols;
    const int key_cols = 6;
    const int what_col = std::min(cols * 2 / 5, 32);
    const Role role = candidate.off.empty() ? Role::kText : Role::kOff;
    out.put_fitted(row, 2, what_col - 3, scene.safe(candidate.shown), {role});
    const std::string what = candidate.off.empty() ? candidate.what : "off: " + candidate.off;
    out.put_fitted(row, what_col, cols - what_col - key_cols - 1, scene.safe(what), {Role::kMuted});
    out.put_fitted(row, cols - key_cols, key_cols, candidate.key, {Role::kAccent}, Align::kRight);
    if (!chosen) return;
    out.put(row, 0, ">");
    out.select({row, 0, 1, cols});
}

// As high whatever stands in it, so that nothing jumps while one types.
Frame CommandDialog::body(int cols, const Scene& scene) const {
    const int rows = std::clamp(scene.screen.rows - kRowsAround, kLeastRows, kMostRows);
    Frame out({2 + rows, cols}, scene.charset);
    out.put(0, 0, ":", {Role::kAccent});
    edit_.draw(out, {0, 1, 1, cols - 1}, !busy_);
    out.rule(1, 0, cols);
    if (!problem_.empty() || busy_) {
        std::vector<TextLine> lines{
            {"", busy_ ? "Looking for it…" : problem_, {busy_ ? Role::kWait : Role::kDanger}, false, false}};
        if (!busy_ && !near_.empty()) {
            const std::string names = scene.safe(fmt::format("{}", fmt::join(near_, ", ")));
            lines.push_back({"", fmt::format("Did you mean {}?", names), {Role::kAccent}, false, false});
        }
        const Frame text = draw_text(lines, cols, scene.charset);
        out.blit({2, 0, std::min(rows, text.size().rows), cols}, text, 0);
        return out;
    }
    if (candidates_.empty()) {
        const bool reading = asking_ && has_names(wish_.operand);
        out.put(2, 2, reading ? "reading the names…" : "nothing completes this", {reading ? Role::kWait : Role::kMuted});
        return out;
    }
    const bool all_fit = candidates_.size() <= static_cast<std::size_t>(rows);
    const auto room = static_cast<std::size_t>(all_fit ? rows : rows - 1);
    const std::size_t first = chosen_ && *chosen_ >= room ? *chosen_ - room + 1 : 0;
    for (std::size_t i = first; i < candidates_.size() && i < first + room; ++i) {
        draw_candidate(out, 2 + static_cast<int>(i - first), candidates_[i], chosen_ == i, scene);
    }
    if (!all_fit) {
        const std::string hidden = fmt::format("… {} in all: type on, or Tab goes through them", candidates_.size());
        out.put(1 + rows, 2, hidden, {Role::kMuted});
    }
    return out;
}

}  // namespace

std::unique_ptr<Dialog> make_command_dialog(CommandHost host) { return std::make_unique<CommandDialog>(std::move(host)); }

}  // namespace keydeck::ui
