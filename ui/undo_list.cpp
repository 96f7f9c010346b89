#include "ui/undo_list.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "ui/dialog_keys.hpp"
#include "ui/format.hpp"
#include "ui/widgets/text_dialogs.hpp"

namespace keydeck::ui {

void UndoList::add(Undo undo, Now now) {
    entries_.push_front({next_id_++, std::move(undo), now, std::nullopt});
    if (entries_.size() > kMost) entries_.pop_back();
}

std::string UndoList::reason(const Entry& entry, Now now) {
    if (entry.taken_at) return fmt::format("taken back at {}", clock_of(*entry.taken_at));
    if (now.steady - entry.done_at.steady >= kFor) return "done more than a minute ago: do it on its screen";
    return "";
}

namespace {

/// The same task, which says so on the screen's thread once it has done what it does.
Task once_done(Task task, std::function<void(const Scene&)> say) {
    task.work = [work = std::move(task.work), say = std::move(say)](Engine& engine, const TaskContext& context) {
        Outcome out = work(engine, context);
        if (out.error) return out;
        out.deliver = [deliver = std::move(out.deliver), say](const Scene& scene, Effects& effects) {
            say(scene);
            if (deliver) deliver(scene, effects);
        };
        return out;
    };
    return task;
}

}  // namespace

void UndoList::ask(std::uint64_t id, const Scene& scene, Effects& effects) {
    const auto find = [this, id] { return std::ranges::find(entries_, id, &Entry::id); };
    const auto entry = find();
    if (entry == entries_.end()) return;
    const auto take = [find, this](const Scene& now) {
        if (const auto found = find(); found != entries_.end()) found->taken_at = now.now.wall;
    };
    if (entry->undo.ask) {
        entry->undo.ask(scene, effects, [take, scene] { take(scene); });
        return;
    }
    effects.open.push_back(std::make_unique<QuestionDialog>(
        entry->undo.question, std::vector<TextLine>{},
        [take, task = entry->undo.task](const Scene&, Effects& more) { more.tasks.push_back(once_done(task, take)); }));
}

namespace {

class UndoDialog final : public Dialog {
public:
    explicit UndoDialog(UndoList& list) : Dialog("What can be taken back"), list_(list), id_(list.entries().front().id) {
        actions_.push_back(dialog_action(
            "undo.take-back",
            [this](const Scene& scene, Effects& effects) {
                effects.close = true;
                list_.ask(id_, scene, effects);
            },
            [this](const Scene& scene) { return UndoList::reason(list_.entries()[at()], scene.now); }));
    }
    const Actions& actions() const override { return actions_; }

private:
    Frame body(int cols, const Scene& scene) const override {
        const auto& entries = list_.entries();
        Frame out({static_cast<int>(entries.size()), cols}, scene.charset);
        for (int row = 0; const UndoList::Entry& entry : entries) {
            const std::string reason = UndoList::reason(entry, scene.now);
            const int half = reason.empty() ? cols : cols / 2 + 6;
            const bool here = entry.id == id_;
            const Style style{reason.empty() ? Role::kText : Role::kOff};
            out.put(row, 0, here ? ">" : " ", {Role::kAccent});
            out.put(
                row, 2,
                fitted(fmt::format("{}  {}", clock_of(entry.done_at.wall), entry.undo.question), half - 3, scene.charset),
                style);
            if (!reason.empty()) out.put_fitted(row, half, cols - half, reason, {Role::kMuted});
            if (here) {
                out.select({row, 0, 1, cols});
                out.cursor = Point{row, 0};
            }
            ++row;
        }
        return out;
    }
    bool on_key(const Key& key, const Scene& /*scene*/, Effects& /*effects*/) override {
        const bool down = key == ui::key(U'j') || key.code == KeyCode::kDown || key == ctrl(U'n');
        const bool up = key == ui::key(U'k') || key.code == KeyCode::kUp || key == ctrl(U'p');
        const std::size_t last = list_.entries().size() - 1;
        if (down) id_ = list_.entries()[std::min(at() + 1, last)].id;
        if (up) id_ = list_.entries()[at() - std::min<std::size_t>(at(), 1)].id;
        return down || up;
    }
    // What is done meanwhile comes in front, and the oldest falls out.
    std::size_t at() const {
        const auto found = std::ranges::find(list_.entries(), id_, &UndoList::Entry::id);
        return std::min<std::size_t>(static_cast<std::size_t>(found - list_.entries().begin()), list_.entries().size() - 1);
    }

    UndoList& list_;
    std::uint64_t id_;
    Actions actions_;
};

}  // namespace

std::unique_ptr<Dialog> make_undo_dialog(UndoList& list) { return std::make_unique<UndoDialog>(list); }

}  // namespace keydeck::ui
