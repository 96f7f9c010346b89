#include "ui/desk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "ui/format.hpp"
#include "ui/terminal/clipboard.hpp"
#include "ui/views/passphrase_dialog.hpp"
#include "ui/views/screens.hpp"
#include "ui/widgets/help.hpp"
#include "ui/widgets/text_dialogs.hpp"

namespace keydeck::ui {
namespace {

constexpr std::size_t kMostMessages = 500;
constexpr std::size_t kMostHistory = 100;

bool same_place(const Place& a, const Place& b) {
    return a.screen == b.screen && a.user == b.user && a.key_id == b.key_id && a.target == b.target;
}

}  // namespace

Desk::Desk(DeskOptions options)
    : remembered_(std::move(options.remembered)),
      start_was_asked_for_(options.start_was_asked_for),
      current_(options.start),
      first_filter_(std::move(options.filter)),
      engine_only_looks_(options.engine_only_looks),
      keymap_(std::move(options.keymap)),
      themes_(options.themes.empty() ? built_in_themes() : options.themes),
      theme_(options.theme.empty() ? themes_.front().name : options.theme),
      mono_(options.mono),
      call_(std::move(options.call)),
      tour_wanted_(options.tour) {
    scene_.session = std::move(options.session);
    scene_.environment = std::move(options.environment);
    scene_.read_only = options.read_only;
    scene_.charset = options.charset;
    scene_.keymap = &keymap_;
    scene_.writers = std::move(options.writers);
    for (std::string& problem : options.problems) messages_.push_back({{}, true, std::move(problem), {}});
    unseen_error_ = !messages_.empty();
    errors_ = messages_.size();
    for (const ScreenEntry& entry : screens()) {
        views_.emplace(entry.id, entry.make());
        first_orders_.emplace(entry.id, view(entry.id).order());
    }
    build_actions();
    if (options.linear) {
        global_.push_back({"describe",
                           {key(U'i')},
                           "the selected row in full, with the names of its columns",
                           "",
                           [this](const Scene&, Effects&) { requests_.describe = true; },
                           {}});
    }
}

Desk::~Desk() = default;

View& Desk::view(ScreenId screen) { return *views_.at(screen); }

void Desk::build_actions() {
    for (const ScreenEntry& entry : screens()) {
        global_.push_back({entry.action,
                           {key(entry.number)},
                           entry.help,
                           "",
                           [this, id = entry.id](const Scene&, Effects&) {
                               Place place;
                               place.screen = id;
                               go(place, false);
                           },
                           {}});
    }
    const auto add = [this](std::string_view name, std::vector<Key> keys, std::string_view help,
                            std::function<void(const Scene&, Effects&)> what) {
        global_.push_back({name, std::move(keys), help, "", std::move(what), {}});
    };
    add("screen.last", {key(U'-')}, "the screen before", [this](const Scene&, Effects&) {
        if (last_) go(Place(*last_), true);
    });
    add("back", {key(U'h'), key(KeyCode::kBackspace)}, "back", [](const Scene&, Effects& effects) { effects.back = true; });
    add("close", {key(KeyCode::kEscape)}, "clear the filter, else back", [this](const Scene& scene, Effects& effects) {
        if (current().clear_filter(scene, effects)) return;
        effects.back = !tour_;
        tour_.reset();
    });
    add("help", {key(U'?'), function_key(1)}, "this help", [this](const Scene& scene, Effects& effects) {
        auto everywhere = help_entries(current().moves(), scene);
        for (HelpEntry& entry : help_entries(global_, scene)) everywhere.push_back(std::move(entry));
        effects.open.push_back(make_help("Help", help_entries(current().actions(), scene), std::move(everywhere)));
    });
    add("messages", {key(U'!')}, "messages", [this](const Scene& scene, Effects& effects) {
        unseen_error_ = false;
        effects.open.push_back(make_message_list(messages_, scene));
    });
    add("undo", {key(U'z')}, "what was done and can be taken back…",
        [this](const Scene&, Effects& effects) { effects.open.push_back(make_undo_dialog(undo_)); });
    add("refresh", {ctrl(U'r')}, "read again",
        [this](const Scene& scene, Effects& effects) { current().refresh(scene, effects); });
    add("redraw", {ctrl(U'l')}, "redraw the screen", [](const Scene&, Effects& effects) { effects.redraw = true; });
    add("suspend", {ctrl(U'z')}, "suspend; fg comes back", [](const Scene&, Effects& effects) { effects.suspend = true; });
    add("quit", {key(U'q'), ctrl(U'c')}, "quit", [](const Scene&, Effects& effects) { effects.quit = true; });
    build_global_keys();
    add("tour", {function_key(2)}, "the tour of the demo, from its beginning",
        [this](const Scene&, Effects&) { begin_tour(); });
    std::ranges::find(global_, "tour", &Action::name)->off = [](const Scene& scene) {
        if (!scene.vault || !scene.vault->is_demo) return std::string("it leads through a demo: keydeck demo --tour");
        return off_when_read_only(scene);
    };
    std::ranges::find(global_, "undo", &Action::name)->off = [this](const Scene&) {
        return undo_.entries().empty() ? std::string("nothing was done here that could be taken back") : std::string();
    };
    std::ranges::find(global_, "screen.last", &Action::name)->off = [this](const Scene&) {
        return last_ ? std::string() : std::string("no other screen was shown yet");
    };
}

void Desk::start(Size size, Now now) {
    begin(now);
    scene_.screen = size;
    minute_ = clock_of(now.wall);
    for (Message& message : messages_) message.time = now.wall;
    force_refresh_ = true;
    check_vault();
    Effects effects;
    Place place = come_back(effects);
    if (!first_filter_.empty()) place.filter = std::exchange(first_filter_, "");
    enter(place);
    apply(effects, 0);
    if (tour_wanted_) begin_tour();
    finish();
}

// What every event ends with: the view may need another page.
void Desk::finish() {
    dirty_ = true;
    if (too_small()) return;
    Effects effects;
    current().layout(view_area(), scene_);
    current().settle(scene_, effects);
    apply(effects, 0);
    follow_deed();
    if (tour_ && dialogs_.empty()) tour_->see(current().place());
}

void Desk::handle(const Input& input, Now now) {
    begin(now);
    if (const Key* pressed = std::get_if<Key>(&input)) {
        scene_.key = *pressed;
        if (dialogs_.empty()) deed_.reset();  // whoever presses a key has something else in mind
        handle_key(*pressed);
    } else {
        handle_paste(std::get<Paste>(input));
    }
    finish();
}

void Desk::handle_key(const Key& key) {
    if (too_small()) {
        const Action* action = find_action(global_, key, &keymap_);
        // With a dialog open, q may be the next letter of what is being typed into it.
        const bool typed = !dialogs_.empty() && key.code == KeyCode::kChar;
        if (action != nullptr && action->name == "quit" && !typed) ask_quit();
        return;
    }
    if (dialogs_.empty()) return handle_view_key(key);
    if (const Action* action = always(key)) return run(*action, key);
    // Letters and signs may be wanted by the dialog; F1 never is, but the help closes by it.
    const Action* help = key.code == KeyCode::kFunction ? find_action(global_, key, &keymap_) : nullptr;
    if (help != nullptr && help->name == "help" && may_explain(*dialogs_.back())) return explain_dialog();
    Effects effects;
    const std::uint64_t owner = dialogs_.back()->id;
    dialogs_.back()->handle(key, scene_, effects);
    apply(effects, owner);
}

void Desk::handle_view_key(const Key& key) {
    Effects effects;
    if (current().typing()) {
        if (const Action* action = always(key)) return run(*action, key);
        if (!current().type(key, scene_, effects) && key == ctrl(U'c')) effects.quit = true;
        return apply(effects, 0);
    }
    for (const Actions* table : {&current().actions(), &current().moves(), static_cast<const Actions*>(&global_)}) {
        if (const Action* action = find_action(*table, key, &keymap_)) return run(*action, key);
    }
}

void Desk::run(const Action& action, const Key& key) {
    Effects effects;
    const std::string reason = action.reason(scene_);
    if (reason.empty()) {
        action.run(scene_, effects);
    } else {
        effects.toasts.push_back(fmt::format("{}: {}", name_of(key), reason));
    }
    apply(effects, 0);
}

void Desk::handle_paste(const Paste& paste) {
    Effects effects;
    if (paste.too_long) {
        effects.toasts.emplace_back("That paste was longer than 1 MiB and was dropped");
        return apply(effects, 0);
    }
    const bool guarded = !dialogs_.empty() && dialogs_.back()->guarded_until(scene_).has_value();
    const std::uint64_t owner = dialogs_.empty() ? 0 : dialogs_.back()->id;
    const bool taken = !too_small() && !guarded &&
                       (dialogs_.empty() ? current().on_paste(paste.text, scene_, effects)
                                         : dialogs_.back()->on_paste(paste.text, scene_, effects));
    if (!taken) effects.toasts.emplace_back("The paste was dropped: nothing here takes text");
    apply(effects, owner);
}

void Desk::complete(std::uint64_t id, const Outcome& outcome, Now now) {
    begin(now);
    const auto found = running_.find(id);
    if (found == running_.end()) return;
    const Task task = std::move(found->second.task);
    running_.erase(found);
    const bool can_unlock = !scene_.vault || scene_.vault->needs_passphrase;
    const bool somebody_waits = !task.in_background && (task.owner != 0 ? find_dialog(task.owner) != nullptr
                                                                        : task.writes || task.lane != Lane::kData);
    if (outcome.error && outcome.error->code == ErrorCode::kLocked && can_unlock && somebody_waits) {
        if (locked_.empty()) open(make_passphrase_dialog());
        locked_.push_back({task, outcome});
    } else {
        deliver(task, outcome);
    }
    finish();
}

void Desk::deliver(const Task& task, const Outcome& outcome) {
    Effects effects;
    scene_.failed_call = outcome.failed_call;
    if (task.owner != 0 && find_dialog(task.owner) == nullptr) {  // its dialog was closed meanwhile
        if (!task.writes) return;
        effects.refresh = true;
        if (outcome.error && outcome.error->code == ErrorCode::kCancelled) {
            effects.toasts.push_back(fmt::format("Cancelled: {}", task.what));
        } else if (outcome.error) {
            effects.messages.push_back({scene_.now.wall,
                                        true,
                                        fmt::format("Cancelled, and it failed: {}: {}", task.what, outcome.error->message),
                                        {}});
        } else {
            effects.messages.push_back(
                {scene_.now.wall, true, fmt::format("Done although you stopped waiting: {} (see Audit)", task.what), {}});
        }
    } else if (outcome.deliver) {
        outcome.deliver(scene_, effects);
    } else if (outcome.error) {
        effects.messages.push_back({scene_.now.wall, true, fmt::format("{}: {}", task.what, outcome.error->message), {}});
    }
    scene_.failed_call.reset();
    apply(effects, task.owner);
}

void Desk::ended_unlocking(bool open) {
    for (LockedTask& waiting : std::exchange(locked_, {})) {
        if (open) {
            const std::uint64_t owner = waiting.task.owner;
            submit(std::move(waiting.task), owner);
        } else {
            scene_.passphrase_refused = true;
            deliver(waiting.task, waiting.outcome);
            scene_.passphrase_refused = false;
        }
    }
}

void Desk::resize(Size size, Now now) {
    begin(now);
    scene_.screen = size;
    finish();
}

void Desk::toast(std::string text, Now now) {
    begin(now);
    Effects effects;
    effects.toasts.push_back(std::move(text));
    apply(effects, 0);
    dirty_ = true;
}

void Desk::copy_by_task(const Copy& copy, Now now) {
    begin(now);
    Task task = make_task(
        "copy through tmux", Lane::kData, false,
        [value = copy.value](Engine&, const TaskContext&) -> Status {
            if (copy_through_tmux(value)) return {};
            return fail(ErrorCode::kUnavailable, "tmux did not take it.");
        },
        [this, copy](const Status& copied, const Scene& scene, Effects& effects) {
            if (copied) {
                effects.toasts.push_back(fmt::format("{}: copied into tmux's buffer", copy.what));
            } else {
                show_value(copy, scene.now);
            }
        });
    task.outlives_dialog = true;
    submit(std::move(task), 0);
}

void Desk::show_value(const Copy& copy, Now now) {
    begin(now);
    Effects effects;
    std::vector<TextLine> lines{
        {"", "This terminal has no clipboard to write to. Select it here:", {Role::kMuted}, false, false},
        {"", copy.value, {}, true, false}};
    effects.open.push_back(std::make_unique<TextDialog>("Copy: " + copy.what, std::move(lines)));
    apply(effects, 0);
    dirty_ = true;
}

Dialog* Desk::find_dialog(std::uint64_t id) {
    for (const auto& dialog : dialogs_) {
        if (dialog->id == id) return dialog.get();
    }
    return nullptr;
}

void Desk::submit(Task task, std::uint64_t owner) {
    if (task.owner == 0) task.owner = owner;
    if (task.outlives_dialog) task.owner = 0;
    task.id = next_id_++;
    running_[task.id] = Running{task, scene_.now.steady, 0, 0};
    requests_.tasks.push_back(std::move(task));
}

void Desk::open(std::unique_ptr<Dialog> dialog) {
    Effects effects;
    dialog->id = next_id_++;
    dialog->arm(scene_, effects);
    dialog->on_open(scene_, effects);
    const std::uint64_t owner = dialog->id;
    dialogs_.push_back(std::move(dialog));
    apply(effects, owner);
}

void Desk::close(std::uint64_t dialog) {
    const auto found = std::ranges::find(dialogs_, dialog, [](const auto& each) { return each->id; });
    if (found == dialogs_.end()) return;
    dialogs_.erase(found);
    for (const auto& [id, running] : running_) {
        if (running.task.owner == dialog) requests_.cancelled.push_back(id);
    }
}

void Desk::apply(Effects& effects, std::uint64_t owner) {
    for (Task& task : effects.tasks) submit(std::move(task), owner);
    apply_messages(effects);
    apply_dialogs(effects, owner);
    apply_places(effects);
    if (effects.undo || !effects.toasts.empty()) toast_offers_undo_ = effects.undo.has_value();
    if (effects.undo) undo_.add(std::move(*effects.undo), scene_.now);
    if (effects.copy) requests_.copy = std::move(effects.copy);
    if (!effects.calls.empty()) show_calls(effects.calls);
    if (effects.theme) use_theme(*effects.theme);
    if (effects.vault_used) forget_at_ = scene_.now.steady + kForgetAfter;
    if (effects.refresh) {
        force_refresh_ = true;
        check_vault();
    }
    requests_.redraw = requests_.redraw || effects.redraw;
    requests_.suspend = requests_.suspend || effects.suspend;
    requests_.flush_input = requests_.flush_input || effects.flush_input;
    if (effects.reading) requests_.reading = effects.reading;
    flushed_ = flushed_ || effects.flush_input;
    if (effects.unlocked) ended_unlocking(*effects.unlocked);
    if (effects.quit) ask_quit();
    if (effects.deed) start_deed(std::move(*effects.deed));
}

void Desk::apply_dialogs(Effects& effects, std::uint64_t owner) {
    if (effects.close) close(owner);
    for (auto& dialog : effects.open) open(std::move(dialog));
}

void Desk::apply_messages(Effects& effects) {
    // What is told in passing gives way to what says how to undo something.
    if (scene_.now.steady >= toast_until_) std::ranges::move(effects.asides, std::back_inserter(effects.toasts));
    for (std::string& text : effects.toasts) {
        toast_count_ = text == toast_ && scene_.now.steady < toast_until_ ? toast_count_ + 1 : 1;
        toast_ = std::move(text);
        ++toasts_;
        toast_until_ = scene_.now.steady + kToast;
    }
    for (Message& message : effects.messages) {
        const bool shown_in_dialog = !effects.open.empty();
        if (message.is_error && !shown_in_dialog) {
            unseen_error_ = true;
            ++errors_;
        }
        messages_.push_back(std::move(message));
    }
    if (messages_.size() > kMostMessages)
        messages_.erase(messages_.begin(), messages_.end() - static_cast<std::ptrdiff_t>(kMostMessages));
}

void Desk::apply_places(Effects& effects) {
    if (effects.go) go(*effects.go, true);
    if (effects.back) back();
}

void Desk::go(const Place& place, bool remember) {
    const Place from = current().place();
    if (remember && !same_place(from, place)) {
        history_.push_back(from);
        if (history_.size() > kMostHistory) history_.erase(history_.begin());
    }
    if (!remember) history_.clear();
    if (from.screen != place.screen) last_ = from;
    enter(place);
}

void Desk::back() {
    if (history_.empty()) return;
    const Place place = std::move(history_.back());
    history_.pop_back();
    if (current_ != place.screen) last_ = current().place();
    enter(place);
}

void Desk::enter(const Place& place) {
    current_ = place.screen;
    Effects effects;
    if (!too_small()) current().layout(view_area(), scene_);
    current().enter(place, scene_, effects);
    apply(effects, 0);
}

void Desk::ask_quit() {
    if (!is_writing()) {
        quit_ = true;
        return;
    }
    std::vector<TextLine> lines;
    bool all_is_safe = true;
    for (const auto& [id, running] : running_) {
        if (!running.task.writes) continue;
        lines.push_back({"Running", running.task.what, {}, false, false});
        if (!running.task.when_quitting.empty()) lines.push_back({"Then", running.task.when_quitting, {}, false, false});
        all_is_safe = all_is_safe && !running.task.when_quitting.empty();
    }
    const std::string question = all_is_safe ? "Leave, and pause what is running? Nothing is lost by it."
                                             : "Something is still being done. Leave anyway?";
    Effects effects;
    effects.open.push_back(
        std::make_unique<QuestionDialog>(question, std::move(lines), [this](const Scene&, Effects&) { quit_ = true; }));
    apply(effects, 0);
}

bool Desk::is_writing() const {
    return std::ranges::any_of(running_, [](const auto& each) { return each.second.task.writes; });
}

}  // namespace keydeck::ui
