// What the desk, its views and its dialogs say.
#include <fmt/format.h>

#include <algorithm>

#include "ui/desk.hpp"
#include "ui/format.hpp"
#include "ui/key_words.hpp"
#include "ui/linear/spoken.hpp"

namespace keydeck::ui {
namespace {

constexpr int kUnbroken = 400;  // columns: an address, a hash, a sentence stay on one line

bool has_selection(const Frame& frame, int row) {
    return std::ranges::any_of(frame.row(row), [](const Cell& cell) { return cell.style.selected; });
}

}  // namespace

// For any view: what it draws.
SpokenView View::spoken(const Scene& scene) const {
    SpokenView out;
    out.heading = plain_words(breadcrumb(scene)) + ".";
    Frame frame(scene.screen, scene.charset);
    const Area area{2, 0, scene.screen.rows - 5, scene.screen.cols};
    draw(frame, area, scene);
    for (const SpokenLine& line : lines_of(frame, area)) {
        const std::string text = line.text.starts_with('>') ? line.text.substr(1) : line.text;
        if (has_selection(frame, line.row) && out.row.empty()) {
            out.row = text;
        } else {
            out.body.push_back(text);
        }
    }
    if (!out.row.empty()) out.in_full = {out.row};
    out.status = spoken_status(status(scene));
    return out;
}

std::string spoken_status(std::string_view status) {
    std::string out;
    while (!status.empty()) {
        const std::size_t end = std::min(status.find(" · "), status.size());
        const std::string_view part = status.substr(0, end);
        const bool says_where = part.starts_with("row ") || part.starts_with("more ") || part.starts_with("loaded ");
        if (!says_where) out += (out.empty() ? "" : ", ") + plain_words(part);
        status.remove_prefix(std::min(end + 4, status.size()));
    }
    return out;
}

SpokenDialog Dialog::spoken(const Scene& scene) {
    SpokenDialog out;
    out.id = id;
    out.title = plain_words(title_);
    out.text = text_number_;
    const Frame content = body(kUnbroken, scene);
    const auto focus = focused_row(content);
    bool in_focus = false;
    for (const SpokenLine& line : lines_of(content, content.area())) {
        const bool begins_something = content.row(line.row)[0].text[0] != U' ' || content.row(line.row)[1].text[0] != U' ';
        if (focus && line.row == *focus) {
            in_focus = true;
        } else if (begins_something) {
            in_focus = false;
        }
        if (in_focus) out.focus.push_back(line.text);
        out.lines.push_back(line.text);
    }
    out.input = input_of(content);
    if (const auto searched = searching()) out.input = SpokenInput{"Search", *searched};
    Frame buttons({1, kUnbroken}, scene.charset);
    // Whoever hears it at once has heard all of it.
    out.at_once = level() == Level::kLook || out.lines.size() <= kLinesAtOnce;
    const bool seen = std::exchange(seen_end_, seen_end_ || out.at_once);
    if (draw_buttons(buttons, 0, 0, scene)) {
        for (const SpokenLine& line : lines_of(buttons, buttons.area())) out.buttons += line.text;
    }
    out.hints = plain_words(hints(scene));
    seen_end_ = seen;
    return out;
}

Spoken Desk::spoken(Now now) {
    begin(now);
    dirty_ = false;
    drawn_clock_ = clock_of(now.wall);
    Spoken out;
    out.where =
        fmt::format("Keydeck, {}, {}", scene_.safe(scene_.environment), scene_.read_only ? "read-only" : "read and write");
    if (!scene_.session.is_operator()) out.where += ", as " + scene_.safe(*scene_.session.user());
    out.standing = standing_.alerts > 0 ? counted(standing_.alerts, "alert", "alerts") : "";
    current().layout(view_area(), scene_);
    out.view = current().spoken(scene_);
    if (current().typing()) out.filter = SpokenInput{"Filter", current().place().filter};
    if (!dialogs_.empty()) out.dialog = dialogs_.back()->spoken(scene_);
    out.toasts = toasts_;
    out.toast = plain_words(toast_) + (toast_offers_undo_ ? fmt::format(". {} undoes it", key_word(scene_, "undo")) : "");
    out.errors = errors_;
    if (errors_ > 0) {
        const auto error = std::find_if(messages_.rbegin(), messages_.rend(), [](const Message& m) { return m.is_error; });
        if (error != messages_.rend())
            out.error =
                scene_.safe(error->text) + fmt::format(". {} shows it all", spoken_key(key_word(scene_, "messages")));
    }
    out.progress = slow_text();
    return out;
}

std::string Desk::first_keys() const {
    const auto key = [this](std::string_view action) { return spoken_key(key_word(scene_, action)); };
    return fmt::format(
        "{} and {} move, {} opens, {} goes back. {} lists the keys, {} says a row in full, {} says everything again, "
        "{} quits",
        key("move.down"), key("move.up"), key("home.open"), key("close"), key("help"), key("describe"), key("redraw"),
        key("quit"));
}

void Desk::dialog_was_said() {
    if (!dialogs_.empty()) dialogs_.back()->was_said();
}

bool Desk::is_about_to_change(Now now) const {
    return std::ranges::any_of(running_, [&](const auto& each) {
        const Running& running = each.second;
        return !running.task.in_background && running.task.lane != Lane::kJobs && now.steady - running.started < kSlow;
    });
}

}  // namespace keydeck::ui
