#include "ui/widgets/dialog.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "ui/key_words.hpp"

namespace keydeck::ui {
namespace {

constexpr int kRowsForMessages = 20;

// The header stays in sight, for it names the vault; so does the message line where there is room.
int rows_for_dialog(Size screen) { return screen.rows >= kRowsForMessages ? screen.rows - 3 : screen.rows - 1; }

}  // namespace

Effects::Effects() = default;
Effects::~Effects() = default;
Effects::Effects(Effects&&) noexcept = default;
Effects& Effects::operator=(Effects&&) noexcept = default;

Dialog::~Dialog() = default;

void Dialog::arm(const Scene& scene, Effects& effects) {
    armed_at_ = scene.now.steady;
    opened_by_ = scene.key;
    opener_seen_at_ = scene.now.steady;
    opener_let_go_ = false;
    if (level() != Level::kLook) effects.flush_input = true;
}

std::optional<SteadyTime> Dialog::guarded_until(const Scene& scene) const {
    if (level() == Level::kLook || scene.now.steady >= armed_at_ + kGuard) return std::nullopt;
    return armed_at_ + kGuard;
}

bool Dialog::may_confirm(const Scene& scene) const { return !guarded_until(scene) && scene.key != opened_by_ && seen_end_; }

bool Dialog::may_repeat(const Scene& scene) const {
    return !guarded_until(scene) && seen_end_ && (scene.key != opened_by_ || !held_until(scene));
}

std::optional<SteadyTime> Dialog::held_until(const Scene& scene) const {
    if (opener_let_go_ || scene.now.steady >= opener_seen_at_ + kLetGo) return std::nullopt;
    return opener_seen_at_ + kLetGo;
}

// After the key has been acted on: what counts is the time since the press before.
void Dialog::note_opening_key(const Key& key, const Scene& scene) {
    if (key != opened_by_) {
        opener_let_go_ = true;
    } else {
        opener_seen_at_ = scene.now.steady;
    }
}

void Dialog::cancel(const Scene& /*scene*/, Effects& effects) { effects.close = true; }

void Dialog::handle(const Key& key, const Scene& scene, Effects& effects) {
    act_on(key, scene, effects);
    note_opening_key(key, scene);
}

void Dialog::act_on(const Key& key, const Scene& scene, Effects& effects) {
    const bool is_way_out = key.code == KeyCode::kEscape || key == ui::key(U'n');
    if (guarded_until(scene)) {
        if (is_way_out) cancel(scene, effects);
        return;
    }
    if (on_key(key, scene, effects)) return;
    if (const Action* action = find_action(actions(), key, scene.keymap); action != nullptr) {
        const std::string reason = action->reason(scene);
        if (reason.empty()) {
            action->run(scene, effects);
        } else {
            effects.toasts.push_back(fmt::format("{}: {}", name_of(key), reason));
        }
        return;
    }
    if (scroll(key, effects)) return;
    if (key == ui::key(U'.')) {  // no text field wanted it
        effects.calls = calls(scene);
        return;
    }
    if (key.code == KeyCode::kEscape || key == ctrl(U'c')) cancel(scene, effects);
}

std::vector<NamedCall> Dialog::calls(const Scene& scene) const {
    Call shown = call(scene);
    if (shown.empty()) return {};
    return {{"", title_, std::move(shown)}};
}

bool Dialog::scroll(const Key& key, Effects& effects) {
    const int page = std::max(visible_rows_ - 1, 1);
    const int last = std::max(body_rows_ - visible_rows_, 0);
    int to = scroll_;
    if (key == ui::key(U'j') || key.code == KeyCode::kDown || key == ctrl(U'n')) {
        to += 1;
        effects.reading = Reading::kNext;
    } else if (key == ui::key(U'k') || key.code == KeyCode::kUp || key == ctrl(U'p')) {
        to -= 1;
        effects.reading = Reading::kPrevious;
    } else if (key.code == KeyCode::kPageDown || key == ctrl(U'd') || key == ui::key(U' ')) {
        to += page;
        effects.reading = Reading::kRest;
    } else if (key.code == KeyCode::kPageUp || key == ctrl(U'u')) {
        to -= page;
        effects.reading = Reading::kFirst;
    } else if (key.code == KeyCode::kHome || key == ui::key(U'g')) {
        to = 0;
        effects.reading = Reading::kFirst;
    } else if (key.code == KeyCode::kEnd || key == ui::key(U'G')) {
        to = last;
        effects.reading = Reading::kRest;
    } else {
        return false;
    }
    scroll_ = std::clamp(to, 0, last);
    return true;
}

std::string Dialog::hints(const Scene& scene) const {
    std::string out;
    for (const Action& action : actions()) {
        if (action.hint.empty() || !action.reason(scene).empty()) continue;
        out += key_hint(scene, actions(), action.name, action.hint);
    }
    return out + (level() == Level::kLook ? "Esc close" : "Esc/n cancel");
}

int Dialog::rows_for_body(Size screen, bool with_buttons) {
    return std::max(rows_for_dialog(screen) - (with_buttons ? 5 : 4), 1);
}

void Dialog::draw(Frame& frame, const Scene& scene) {
    const Size size = frame.size();
    const int width = std::min(size.cols, widest(size.cols));
    const int inner = width - 4;
    const Frame content = body(inner, scene);
    Frame button_row({1, inner}, frame.charset());
    const bool with_buttons = draw_buttons(button_row, 0, 0, scene);
    const int footer = with_buttons ? 3 : 2;  // rule, buttons, hints
    const int screen_rows = rows_for_dialog(size);
    const int room = rows_for_body(size, with_buttons);
    body_rows_ = content.size().rows;
    visible_rows_ = std::min(room, body_rows_);
    if (content.cursor && (level() == Level::kLook || seen_end_)) {  // else reading comes first
        scroll_ = std::min(scroll_, content.cursor->row);
        scroll_ = std::max(scroll_, content.cursor->row - visible_rows_ + 1);
    }
    scroll_ = std::clamp(scroll_, 0, body_rows_ - visible_rows_);
    note_what_is_in_sight(inner);
    if (with_buttons) {  // again: what they say depends on what has been in sight
        button_row.fill(button_row.area());
        draw_buttons(button_row, 0, 0, scene);
    }

    const int height = visible_rows_ + footer + 2;
    const Area area{1 + std::max((screen_rows - height) / 2, 0), (size.cols - width) / 2, height, width};
    frame.box(area, title_);
    frame.cursor.reset();
    frame.blit({area.row + 1, area.col + 2, visible_rows_, inner}, content, scroll_);
    int row = area.row + 1 + visible_rows_;
    frame.box_rule(area, row);
    const int below = body_rows_ - visible_rows_ - scroll_;
    if (below > 0)
        frame.put(row, area.col + 3, fmt::format(" ▼ {} more {} below (PgDn) ", below, below == 1 ? "row" : "rows"),
                  {Role::kWarn});
    if (below == 0 && scroll_ > 0) frame.put(row, area.col + 3, " ▲ more above (PgUp) ", {Role::kMuted});
    if (with_buttons) frame.blit({++row, area.col + 2, 1, inner}, button_row, 0);
    frame.put_fitted(++row, area.col + 2, inner, fitted_hints(hints(scene), inner), {Role::kMuted});
}

// Row by row from the first one: a jump to the end leaves out what lies between, so where reading is asked for it goes one
// page on from what has been in sight. A text of another width is another text.
void Dialog::note_what_is_in_sight(int cols) {
    if (cols != std::exchange(seen_cols_, cols)) seen_rows_ = 0;
    if (level() != Level::kLook && !seen_end_) scroll_ = std::min(scroll_, seen_rows_);
    if (scroll_ <= seen_rows_) seen_rows_ = std::max(seen_rows_, scroll_ + visible_rows_);
    if (seen_rows_ >= body_rows_) seen_end_ = true;
}

void Dialog::read_on(Effects& effects) {
    scroll_ += std::max(visible_rows_ - 1, 1);
    effects.reading = Reading::kRest;
}

std::string fitted_hints(std::string_view hints, int cols) {
    constexpr std::string_view kGap = "   ";
    if (display_width(hints) <= cols) return std::string(hints);
    const std::size_t last = hints.rfind(kGap);
    const std::string_view way_out = last == std::string_view::npos ? hints : hints.substr(last + kGap.size());
    std::string out;
    for (std::size_t at = 0; at < hints.size();) {
        const std::size_t end = std::min(hints.find(kGap, at), hints.size());
        const std::string next = out + std::string(hints.substr(at, end - at)) + std::string(kGap);
        if (display_width(next) + display_width(way_out) > cols) break;
        out = next;
        at = end + kGap.size();
    }
    return out + std::string(way_out);
}

void draw_confirm_buttons(Frame& frame, int row, int col, std::string_view label, const Key& key, bool cancel_focused,
                          std::string_view off) {
    col += frame.put(row, col, cancel_focused ? "[ Cancel ]" : "  Cancel  ", {Role::kTitle, cancel_focused}) + 4;
    if (off.empty()) {
        frame.put(row, col, fmt::format("{} ({})", label, name_of(key)), {Role::kTitle});
    } else {
        frame.put_fitted(row, col, frame.size().cols - col, fmt::format("{} (off: {})", label, off), {Role::kOff});
    }
}

}  // namespace keydeck::ui
