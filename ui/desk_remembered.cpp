// What the desk brings back from the last time, and what it keeps for the next.
#include <fmt/format.h>

#include <algorithm>

#include "ui/desk.hpp"
#include "ui/format.hpp"
#include "ui/key_words.hpp"
#include "ui/views/screens.hpp"
#include "ui/widgets/table.hpp"

namespace keydeck::ui {
namespace {

// " of alice", " of key pool-1", " of 0x454aCb…4F7956"; nothing where it shows all.
std::string scope_words(const Place& place, const Scene& scene) {
    if (!place.user.empty()) return " of " + scene.safe(place.user);
    if (!place.key_id.empty()) return " of key " + scene.safe(place.key_name.empty() ? place.key_id : place.key_name);
    return place.target.empty() ? "" : " of " + scene.safe(short_target(place.target));
}

std::string_view state_name(const ScreenEntry& entry) { return entry.action.substr(entry.action.find('.') + 1); }

}  // namespace

// Where to begin, and what is said about it. What is remembered of screens and orders that there are no more is left out.
Place Desk::come_back(Effects& effects) {
    Place out;
    out.screen = current_;
    if (!remembered_) return out;
    bool is_back = false;
    for (const ScreenEntry& entry : screens()) {
        if (const auto order = remembered_->sorts.find(std::string(state_name(entry))); order != remembered_->sorts.end())
            view(entry.id).set_order(order->second.name, order->second.down);
        if (start_was_asked_for_ || state_name(entry) != remembered_->screen) continue;
        is_back = entry.id != current_ || !remembered_->filter.empty() || remembered_->scope != Remembered::Scope{};
        out.screen = entry.id;
        out.filter = remembered_->filter;
        out.user = remembered_->scope.user;
        out.key_id = remembered_->scope.key_id;
        out.key_name = remembered_->scope.key_name;
        out.target = remembered_->scope.target;
    }
    const ListOrder order = view(out.screen).order();
    const bool sorted = order != first_orders_.at(out.screen);
    if (!is_back && !sorted) return out;
    const auto entry = std::ranges::find(screens(), out.screen, &ScreenEntry::id);
    std::string text = fmt::format("As you left it: {}{}", entry->name, scope_words(out, scene_));
    if (!scope_words(out, scene_).empty()) text += fmt::format(" ({} shows all)", key_word(scene_, entry->action));
    if (sorted) {
        std::string name(order.name);
        std::ranges::replace(name, '-', ' ');
        text += fmt::format(" by {} {}", name, sort_sign(order.down ? Sorted::kDown : Sorted::kUp, scene_.charset));
    }
    if (!out.filter.empty())
        text += fmt::format(", filter \"{}\" ({} clears it)", scene_.safe(out.filter), key_word(scene_, "close"));
    effects.toasts.push_back(std::move(text));
    if (!out.user.empty() || !out.key_id.empty()) effects.tasks.push_back(look_for_scope(out));
    return out;
}

// The user or the key may have gone since. Nobody waits for the answer, and where there is none the place stays.
Task Desk::look_for_scope(const Place& place) {
    Task task = make_task(
        "look whether they are still there", place.user.empty() ? Lane::kKms : Lane::kData, false,
        [place, session = scene_.session](Engine& engine, const TaskContext&) -> Result<bool> {
            if (!place.user.empty()) {
                if (const auto user = engine.user(session, place.user); !user) return fail(user);
                return true;
            }
            if (const auto key = engine.key(session, place.key_id); !key) return fail(key);
            return true;
        },
        [this, place](const Result<bool>& there, const Scene& scene, Effects& effects) {
            const bool gone =
                !there && (there.error().code == ErrorCode::kNotFound || there.error().code == ErrorCode::kDenied);
            const Place now = current().place();
            if (!gone || now.screen != place.screen || now.user != place.user || now.key_id != place.key_id) return;
            Place all;
            all.screen = place.screen;
            all.filter = now.filter;
            enter(all);
            effects.toasts.push_back(fmt::format("Not as you left it:{} is not there any more; these are all",
                                                 scope_words(place, scene).substr(3)));
        });
    task.in_background = true;
    return task;
}

Remembered Desk::remember() const {
    Remembered out;
    for (const ScreenEntry& entry : screens()) {
        const View& view = *views_.at(entry.id);
        const std::string name(state_name(entry));
        if (entry.id == current_) {
            out.screen = name;
            const Place place = view.place();
            out.filter = place.filter;
            out.scope = {place.user, place.key_id, place.key_name, place.target};
        }
        if (const ListOrder order = view.order(); !order.name.empty() && order != first_orders_.at(entry.id))
            out.sorts[name] = {std::string(order.name), order.down};
    }
    return out;
}

}  // namespace keydeck::ui
