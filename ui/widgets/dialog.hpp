// Dialogs: what all have in common. A title, a body that scrolls, buttons, hints, and the guard before danger.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ui/effects.hpp"
#include "ui/keymap.hpp"
#include "ui/linear/spoken.hpp"
#include "ui/scene.hpp"

namespace keydeck::ui {

/// How much a confirmation can do: nothing is asked for looking; danger begins at reversible.
enum class Level : std::uint8_t { kLook = 0, kReversible = 1, kSigns = 2, kRisky = 3, kIrreversible = 4 };

class Dialog {
public:
    /// While a danger dialog is this young, only Esc and n count.
    static constexpr std::chrono::milliseconds kGuard{300};
    /// A key that has not come for so long is not being held: keyboards repeat after 250 ms to 1 s, then many times a
    /// second.
    static constexpr std::chrono::milliseconds kLetGo{1'200};
    static constexpr int kWidest = 78;

    explicit Dialog(std::string title) : title_(std::move(title)) {}
    Dialog(const Dialog&) = delete;
    Dialog& operator=(const Dialog&) = delete;
    virtual ~Dialog();

    /// Handles a key: the guard, then a text field, then the actions, then scrolling; Esc closes.
    void handle(const Key& key, const Scene& scene, Effects& effects);
    /// Whether pasted text was taken.
    virtual bool on_paste(const SecretBytes& /*pasted*/, const Scene& /*scene*/, Effects& /*effects*/) { return false; }
    /// Called once when it opens.
    virtual void on_open(const Scene& /*scene*/, Effects& /*effects*/) {}
    /// What to do when it is closed by Esc or n.
    virtual void cancel(const Scene& scene, Effects& effects);
    /// Which keys do what now: for its last line, and for the help on it.
    [[nodiscard]] virtual std::string hints(const Scene& scene) const;
    void draw(Frame& frame, const Scene& scene);

    /// All of it in words: title, body, buttons, keys. It counts as seen when was_said() is called: when its last line was
    /// said and all before it. Until then the buttons of what is too long to be said at once say that it is not read to the
    /// end.
    [[nodiscard]] SpokenDialog spoken(const Scene& scene);
    void was_said() { seen_end_ = true; }

    [[nodiscard]] virtual const Actions& actions() const = 0;
    [[nodiscard]] virtual Level level() const { return Level::kLook; }
    /// The command line of what it is about to do; empty: there is none, or not yet.
    [[nodiscard]] virtual Call call(const Scene& /*scene*/) const { return {}; }
    /// The command lines that `.` shows: that of call(), unless it can do several things.
    [[nodiscard]] virtual std::vector<NamedCall> calls(const Scene& scene) const;
    /// The vault was changed, here or elsewhere.
    virtual void on_change(const Scene& /*scene*/, Effects& /*effects*/) {}
    /// Whether leaving now loses something typed.
    [[nodiscard]] virtual bool holds_work() const { return false; }

    /// Starts the guard: for a dialog that opens, and for one that turns dangerous. Type-ahead is thrown away.
    void arm(const Scene& scene, Effects& effects);
    /// When the guard ends, while it holds.
    [[nodiscard]] std::optional<SteadyTime> guarded_until(const Scene& scene) const;
    /// When it will take the keys that it offers, where that is still to come: the guard, or what a dialog adds to it.
    [[nodiscard]] virtual std::optional<SteadyTime> ready_at(const Scene& scene) const { return guarded_until(scene); }

    std::uint64_t id = 0;  ///< given by the desk

protected:
    /// The whole body, as high as it needs, `cols` wide; its cursor is kept in sight.
    [[nodiscard]] virtual Frame body(int cols, const Scene& scene) const = 0;
    /// Draws the button row; false when there is none.
    virtual bool draw_buttons(Frame& /*frame*/, int /*row*/, int /*col*/, const Scene& /*scene*/) const { return false; }
    /// Keys for whatever has the focus, before the actions. Whether it was one.
    virtual bool on_key(const Key& /*key*/, const Scene& /*scene*/, Effects& /*effects*/) { return false; }
    [[nodiscard]] virtual int widest(int /*screen_cols*/) const { return kWidest; }

    /// How many rows of the body are in sight at most: what is left by the box, the hints and the buttons.
    [[nodiscard]] static int rows_for_body(Size screen, bool with_buttons);
    /// What is being searched for, where typing does that; it is echoed when the body is said.
    [[nodiscard]] virtual std::optional<std::string> searching() const { return std::nullopt; }

    /// Whether this key press may confirm: not under guard, not the key that opened, and everything has been in sight.
    [[nodiscard]] bool may_confirm(const Scene& scene) const;
    /// Whether this key press may do once more what was confirmed before. As may_confirm(), but the key that opened the
    /// dialog counts too once it was let go: another key was pressed since, or it has not come for kLetGo. So a person who
    /// presses it again and again, each time having seen what came of it, is obeyed, and a key that is held does nothing.
    [[nodiscard]] bool may_repeat(const Scene& scene) const;
    /// While the key that opened the dialog may still be held: until when, if it does not come again.
    [[nodiscard]] std::optional<SteadyTime> held_until(const Scene& scene) const;
    [[nodiscard]] bool all_seen() const { return seen_end_; }
    /// A page on.
    void read_on(Effects& effects);
    void set_title(std::string title) { title_ = std::move(title); }
    void scroll_to_top() {
        scroll_ = 0;
        seen_rows_ = 0;
        seen_end_ = false;
        ++text_number_;
    }

private:
    void act_on(const Key& key, const Scene& scene, Effects& effects);
    bool scroll(const Key& key, Effects& effects);
    void note_what_is_in_sight(int cols);
    void note_opening_key(const Key& key, const Scene& scene);

    std::string title_;
    int scroll_ = 0;
    int body_rows_ = 0;
    int visible_rows_ = 0;
    int seen_rows_ = 0;  ///< so many from the first have been in sight
    int seen_cols_ = 0;  ///< when they were so wide
    bool seen_end_ = false;
    std::uint64_t text_number_ = 0;  ///< how often the text became another one
    SteadyTime armed_at_{};
    Key opened_by_;
    SteadyTime opener_seen_at_{};  ///< when that key came last
    bool opener_let_go_ = false;
};

/// Hints with three blanks between, as many as fit into `cols`; the last one, which says the way out, always stays.
[[nodiscard]] std::string fitted_hints(std::string_view hints, int cols);

/// Draws `[ Cancel ]   Sign (S)`: Cancel has the focus, the other says its key or why it is off.
void draw_confirm_buttons(Frame& frame, int row, int col, std::string_view label, const Key& key, bool cancel_focused,
                          std::string_view off);

}  // namespace keydeck::ui
