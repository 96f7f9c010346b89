// The frame around the views: header, tabs, message line, hint line, dialogs on top.
#include <fmt/format.h>

#include <algorithm>

#include "ui/desk.hpp"
#include "ui/format.hpp"
#include "ui/key_words.hpp"
#include "ui/views/screens.hpp"

namespace keydeck::ui {

Frame Desk::draw(Now now) {
    begin(now);
    dirty_ = false;
    drawn_clock_ = clock_of(now.wall);
    Frame frame(scene_.screen, scene_.charset);
    const Size size = scene_.screen;
    if (too_small()) {
        frame.put(1, 1, fmt::format("Keydeck needs at least {}x{}", kSmallest.cols, kSmallest.rows));
        frame.put(2, 1, fmt::format("now {}x{}", size.cols, size.rows), {Role::kMuted});
        frame.put(4, 1, key_word(scene_, "quit") + " quit   any size change continues", {Role::kMuted});
        return frame;
    }
    draw_header(frame);
    draw_tabs(frame);
    current().layout(view_area(), scene_);
    current().draw(frame, view_area(), scene_);
    frame.rule(size.rows - 3, 0, size.cols);
    draw_message(frame);
    if (current().typing()) {
        frame.put_fitted(size.rows - 1, 0, size.cols, " type to filter   Enter keeps it   Esc clears it", {Role::kMuted});
    } else {
        frame.put(size.rows - 1, 0, hint_line(current().actions(), scene_, size.cols), {Role::kMuted});
    }
    if (tour_) draw_tour(frame);
    if (!dialogs_.empty()) {
        frame.dim({1, 0, size.rows - 3, size.cols});
        frame.dim({size.rows - 1, 0, 1, size.cols});
    }
    for (const auto& dialog : dialogs_) dialog->draw(frame, scene_);
    return frame;
}

void Desk::draw_header(Frame& frame) {
    const int cols = scene_.screen.cols;
    const std::string clock = drawn_clock_ + " UTC ";
    const int clock_cols = display_width(clock, scene_.charset);
    frame.put(0, cols - clock_cols, clock);
    const int end = draw_standing(frame, cols - clock_cols);
    int col = frame.put(0, 0, " keydeck  ", {Role::kTitle});
    // What else stands there needs 34 columns; where there are fewer, all of it is shortened.
    const int room = std::max(24, end - 34);
    col += frame.put(0, col, fitted(scene_.safe(scene_.environment), room, scene_.charset) + "  ", {Role::kAccent});
    col += frame.put(0, col, scene_.read_only ? "RO" : "RW", {scene_.read_only ? Role::kWarn : Role::kText});
    if (!scene_.session.is_operator())
        col += frame.put(0, col, "  as " + fitted(scene_.safe(*scene_.session.user()), 16, scene_.charset), {Role::kAccent});
    frame.put(0, col, "  " + fitted(current().breadcrumb(scene_), end - col - 3, scene_.charset));
}

// `▲2 alerts  1 job` before the clock; what is not there takes no room. Answers where it begins.
int Desk::draw_standing(Frame& frame, int end) const {
    const std::string alerts =
        standing_.alerts > 0 ? fmt::format("▲{}  ", counted(standing_.alerts, "alert", "alerts")) : "";
    const std::string jobs = standing_.jobs > 0 ? counted(standing_.jobs, "job", "jobs") + "  " : "";
    const int begin = end - display_width(alerts, scene_.charset) - display_width(jobs, scene_.charset);
    const int used = frame.put(0, begin, alerts, {Role::kWarn});
    frame.put(0, begin + used, jobs, {Role::kAccent});
    return begin;
}

void Desk::draw_tabs(Frame& frame) {
    constexpr int kRoomForGaps = 72;
    const int gap =
        scene_.screen.cols >= kRoomForGaps ? 1 : -1;  // -1: neighbours share a blank, which gives way to a bracket
    int col = std::max(gap, 0);
    int bracket = -1;
    for (const ScreenEntry& entry : screens()) {
        const bool here = entry.id == current_;
        const std::string key = key_word(scene_, global_, entry.action);  // one that is longer would not fit in
        const std::string label =
            display_width(key) == 1 ? fmt::format(" {} {} ", key, entry.name) : fmt::format(" {} ", entry.name);
        const int used = frame.put(1, col, label, {here ? Role::kTitle : Role::kMuted});
        if (here) frame.put(1, col, "[", {Role::kTitle});
        if (here) bracket = col + used - 1;
        col += used + gap;
    }
    if (bracket >= 0) frame.put(1, bracket, "]", {Role::kTitle});
}

std::string Desk::slow_text() const {
    const auto slow = slow_task(scene_.now);
    if (!slow) return "";
    const Running& running = running_.at(*slow);
    const auto seconds = std::chrono::floor<std::chrono::seconds>(scene_.now.steady - running.started).count();
    std::string out = fmt::format("{}… {} s", running.task.what, seconds);
    if (running.total > 0) out += fmt::format(", {} of {}", grouped(running.done), grouped(running.total));
    if (running.task.owner != 0) out += " · Esc stops waiting";
    if (running.task.lane == Lane::kJobs && current_ != ScreenId::kJobs)
        out += fmt::format(" · {} shows it", key_word(scene_, "screen.jobs"));
    return out;
}

void Desk::draw_message(Frame& frame) {
    const int row = scene_.screen.rows - 2;
    const int cols = scene_.screen.cols - 2;
    const auto put = [&](const std::string& text, Role role) { frame.put_fitted(row, 1, cols, text, {role}); };
    if (unseen_error_) {
        const auto error =
            std::find_if(messages_.rbegin(), messages_.rend(), [](const Message& message) { return message.is_error; });
        return put(fmt::format("! {}  ({} shows it all)", fitted(scene_.safe(error->text), cols - 26, scene_.charset),
                               key_word(scene_, "messages")),
                   Role::kDanger);
    }
    if (!toast_.empty()) {
        const std::string undo = toast_offers_undo_ ? fmt::format(" · {} undoes it", key_word(scene_, "undo")) : "";
        const std::string times = toast_count_ > 1 ? fmt::format(" (x{})", toast_count_) : "";
        return put(toast_ + times + undo, Role::kAccent);
    }
    if (const std::string slow = slow_text(); !slow.empty()) return put(slow, Role::kWait);
    const std::string status = current().status(scene_);
    const auto marked = static_cast<std::int64_t>(current().marked());
    const std::string before = marked == 0 ? "" : grouped(marked) + " marked" + (status.empty() ? "" : " · ");
    put(before + status, Role::kMuted);
}

}  // namespace keydeck::ui
