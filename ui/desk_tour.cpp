// The tour on the desk: begun, told what happens, drawn, left.
#include <fmt/format.h>

#include <algorithm>

#include "ui/desk.hpp"
#include "ui/format.hpp"
#include "ui/key_words.hpp"
#include "ui/terminal/safe_text.hpp"

namespace keydeck::ui {
namespace {

constexpr std::int64_t kEventsLookedAt = 20;
constexpr int kWidest = 56;

}  // namespace

void Desk::begin_tour() {
    tour_.emplace();
    tell_tour();
}

// What was done is in the audit log; reading it is all that the tour ever does.
void Desk::tell_tour() {
    if (!tour_) return;
    AuditQuery query;
    query.newest_first = true;
    query.page.limit = kEventsLookedAt;
    Task task = data_task(
        "see how far the tour is",
        [query, session = scene_.session](Engine& engine, const TaskContext&) { return engine.list_audit(session, query); },
        [this](const Result<std::vector<AuditEvent>>& events, const Scene&, Effects&) {
            if (tour_ && events) tour_->learn(*events);
        });
    task.outlives_dialog = true;
    task.in_background = true;
    submit(std::move(task), 0);
}

std::string Desk::tour_key() {
    for (const std::string_view name : tour_->actions()) {
        for (const Actions* table : {&current().actions(), static_cast<const Actions*>(&global_)}) {
            const auto action = std::ranges::find(*table, name, &Action::name);
            if (action == table->end() || !action->reason(scene_).empty()) continue;
            if (const auto keys = keys_of(*action, &keymap_); !keys.empty()) return name_of(keys.front());
        }
    }
    return "";
}

// A box above the message line, at the right, where a list has its last rows.
void Desk::draw_tour(Frame& frame) {
    const Size size = scene_.screen;
    const int width = std::min(kWidest, size.cols - 2);
    const std::vector<std::string> lines = wrap_words(tour_->sentence(), width - 4, scene_.charset);
    const int height = static_cast<int>(lines.size()) + 3;
    const Area area{size.rows - 3 - height, size.cols - width - 1, height, width};
    frame.box(area, tour_->over() ? "Tour" : fmt::format("Tour {} of {}", tour_->step(), Tour::kSteps));
    int row = area.row;
    for (const std::string& line : lines) frame.put(++row, area.col + 2, line, {Role::kTitle});
    const std::string key = tour_key();
    int col = area.col + 2;
    col += frame.put(++row, col, key, {Role::kAccent});
    if (!key.empty()) col += 3;
    frame.put(row, col, key_word(scene_, "close") + " leaves the tour", {Role::kMuted});
}

}  // namespace keydeck::ui
