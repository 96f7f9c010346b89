// Command mode and themes: what `:` and `T` ask of the desk.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "ui/commands/call_dialog.hpp"
#include "ui/commands/command_dialog.hpp"
#include "ui/desk.hpp"
#include "ui/views/contacts_dialog.hpp"
#include "ui/views/screens.hpp"
#include "ui/widgets/help.hpp"

namespace keydeck::ui {

void Desk::build_global_keys() {
    global_.push_back({"command",
                       {key(U':')},
                       "command line; Tab completes",
                       "",
                       [this](const Scene&, Effects& effects) { open_command(effects); },
                       {}});
    global_.push_back({"contacts",
                       {key(U'b')},
                       "the address book: whom previews know by name…",
                       "",
                       [](const Scene&, Effects& effects) { effects.open.push_back(make_contacts_dialog()); },
                       {}});
    global_.push_back({"calls",
                       {key(U'.')},
                       "the command lines of what can be done here",
                       "",
                       [this](const Scene& scene, Effects& effects) {
                           effects.calls = calls_here(scene);
                           if (effects.calls.empty())
                               effects.toasts.emplace_back("Nothing that can be done here has a command line");
                       },
                       {}});
    global_.push_back(
        {"theme.next",
         {key(U'T')},
         "another theme",
         "",
         [this](const Scene&, Effects& effects) {
             const auto now = std::ranges::find(themes_, theme_, &Theme::name);
             const bool last = now == themes_.end() || now + 1 == themes_.end();
             effects.theme = last ? themes_.front().name : (now + 1)->name;
         },
         [this](const Scene&) { return mono_ ? std::string("colours are off (NO_COLOR or --mono)") : std::string(); }});
}

// What is needed whatever lies on top; not by a letter, which may be wanted as text.
const Action* Desk::always(const Key& key) const {
    const Action* action = key.code == KeyCode::kChar ? nullptr : find_action(global_, key, &keymap_);
    const bool is_one = action != nullptr && (action->name == "redraw" || action->name == "suspend");
    return is_one ? action : nullptr;
}

bool Desk::may_explain(const Dialog& dialog) const { return !dialog.guarded_until(scene_) && !is_help(dialog); }

void Desk::explain_dialog() {
    Effects effects;
    effects.open.push_back(make_help("Help on this dialog", help_entries(*dialogs_.back(), scene_), {}));
    apply(effects, 0);
}

void Desk::open_command(Effects& effects) {
    CommandHost host;
    host.find = [this](std::optional<ScreenId> screen, std::string_view name) { return find_action_of(screen, name); };
    host.history = &command_history_;
    for (const Theme& theme : themes_) host.themes.push_back(theme.name);
    effects.open.push_back(make_command_dialog(std::move(host)));
}

std::vector<NamedCall> Desk::calls_here(const Scene& scene) {
    std::vector<NamedCall> out;
    for (const Action& action : current().actions()) {
        if (!action.call || !action.reason(scene).empty()) continue;
        const auto keys = keys_of(action, &keymap_);
        Call call = action.call();
        if (call.empty()) continue;
        out.push_back({keys.empty() ? "" : name_of(keys.front()), std::string(action.help), std::move(call)});
    }
    return out;
}

void Desk::show_calls(const std::vector<NamedCall>& calls) {
    std::vector<CallRow> rows;
    rows.reserve(calls.size());
    for (const NamedCall& call : calls) rows.push_back({call.key, call.what, call_line(call.call, call_, scene_.session)});
    open(make_call_dialog(std::move(rows)));
}

const Action* Desk::find_action_of(std::optional<ScreenId> screen, std::string_view name) {
    for (const Actions* table : {&view(screen.value_or(current_)).actions(), static_cast<const Actions*>(&global_)}) {
        if (const Action* action = find_named(*table, name)) return action;
    }
    if (screen) return nullptr;
    for (const ScreenEntry& entry : screens()) {  // one that needs no row: it does the same wherever it stands
        if (const Action* action = find_named(view(entry.id).actions(), name)) return action;
    }
    return nullptr;
}

void Desk::start_deed(Deed deed) {
    if (deed.place) go(*deed.place, true);
    deed_ = std::move(deed);
    follow_deed();
}

bool Desk::is_reading() const {
    return std::ranges::any_of(
        running_, [](const auto& each) { return each.second.task.owner == 0 && each.second.task.lane != Lane::kJobs; });
}

// Called after each event: the row may have come.
void Desk::follow_deed() {
    if (!deed_ || !dialogs_.empty() || too_small()) return;
    if (deed_->place && !deed_->place->select.empty()) {
        const bool here = current_ == deed_->place->screen;
        const bool arrived = here && current().place().select == deed_->place->select;
        if (!arrived && here && is_reading()) return;
        if (!arrived) {
            Effects effects;
            effects.toasts.push_back(fmt::format("{}: what it is about is not in this list", deed_->says));
            deed_.reset();
            return apply(effects, 0);
        }
    }
    run_deed();
}

void Desk::run_deed() {
    if (!deed_) return;
    const Deed deed = std::move(*deed_);
    deed_.reset();
    if (deed.actions.empty()) return;
    Effects effects;
    const Action* action = find_action_of(deed.place ? std::optional(current_) : std::nullopt, deed.actions.front());
    const std::string reason = action != nullptr ? action->reason(scene_) : "there is no such thing here";
    if (!reason.empty()) {
        effects.toasts.push_back(fmt::format("{}: {}", deed.says, reason));
        return apply(effects, 0);
    }
    if (deed.instead) {
        deed.instead(scene_, effects);
    } else {
        action->run(scene_, effects);
    }
    apply(effects, 0);
    if (deed.actions.size() < 2 || dialogs_.empty()) return;
    const Action* next = find_named(dialogs_.back()->actions(), deed.actions[1]);
    if (next == nullptr || !next->reason(scene_).empty()) return;
    Effects more;
    const std::uint64_t owner = dialogs_.back()->id;
    next->run(scene_, more);
    apply(more, owner);
}

void Desk::use_theme(const std::string& name) {
    const Theme* theme = find_theme(themes_, name);
    Effects effects;
    if (theme == nullptr || mono_) {
        effects.toasts.push_back(mono_ ? "Colours are off (NO_COLOR or --mono)" : "There is no theme " + name);
    } else {
        theme_ = name;
        requests_.theme = *theme;
        effects.toasts.push_back("Theme: " + name);
    }
    apply_messages(effects);
}

}  // namespace keydeck::ui
