// What the desk brings back from the last time, and what it keeps for the next.
#include <fmt/format.h>

#include <algorithm>

#include "ui/desk.hpp"
#include "ui/views/screens.hpp"
#include "ui/widgets/table.hpp"

namespace keydeck::ui {
namespace {

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
        is_back = entry.id != current_ || !remembered_->filter.empty();
        out.screen = entry.id;
        out.filter = remembered_->filter;
    }
    const ListOrder order = view(out.screen).order();
    const bool sorted = order != first_orders_.at(out.screen);
    if (!is_back && !sorted) return out;
    const auto entry = std::ranges::find(screens(), out.screen, &ScreenEntry::id);
    std::string text = fmt::format("As you left it: {}", entry->name);
    if (sorted) {
        std::string name(order.name);
        std::ranges::replace(name, '-', ' ');
        text += fmt::format(" by {} {}", name, sort_sign(order.down ? Sorted::kDown : Sorted::kUp, scene_.charset));
    }
    if (!out.filter.empty()) text += fmt::format(", filter \"{}\" (Esc clears it)", scene_.safe(out.filter));
    effects.toasts.push_back(std::move(text));
    return out;
}

Remembered Desk::remember() const {
    Remembered out;
    for (const ScreenEntry& entry : screens()) {
        const View& view = *views_.at(entry.id);
        const std::string name(state_name(entry));
        if (entry.id == current_) {
            out.screen = name;
            out.filter = view.place().filter;
        }
        if (const ListOrder order = view.order(); !order.name.empty() && order != first_orders_.at(entry.id))
            out.sorts[name] = {std::string(order.name), order.down};
    }
    return out;
}

}  // namespace keydeck::ui
