// The whole front end as state: views, dialogs, messages, running tasks. Events go in; a frame and requests to the loop come
// out. It knows neither the engine nor the terminal, so a test can be the loop.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ui/commands/call.hpp"
#include "ui/effects.hpp"
#include "ui/keymap.hpp"
#include "ui/remembered.hpp"
#include "ui/scene.hpp"
#include "ui/task.hpp"
#include "ui/terminal/key.hpp"
#include "ui/theme.hpp"
#include "ui/tour/tour.hpp"
#include "ui/undo_list.hpp"
#include "ui/view.hpp"
#include "ui/widgets/dialog.hpp"

namespace keydeck::ui {

/// What the header says of the vault: how much wants to be seen, how much is going on.
struct Standing {
    std::int64_t alerts = 0;  ///< firing, not silenced
    std::int64_t jobs = 0;    ///< running, in whatever process
    bool operator==(const Standing&) const = default;
};

struct DeskOptions {
    Session session = Session::of_operator("tui");
    std::string environment{};
    bool read_only = false;
    bool engine_only_looks = false;  ///< it was opened read-only to look once: that says nothing of the vault
    Charset charset = Charset::kUnicode;
    ScreenId start = ScreenId::kHome;
    Keymap keymap{};
    std::vector<Theme> themes{};          ///< to choose from; empty: those built in
    std::string theme{};                  ///< the name of the one that is shown; empty: the first
    bool mono = false;                    ///< no colours whatever the theme
    std::vector<std::string> problems{};  ///< told at the start
    CallOptions call{};
    bool start_was_asked_for = false;        ///< then nobody is brought to another screen
    std::optional<Remembered> remembered{};  ///< of the last time
    std::shared_ptr<const RowWriters> writers{};
    bool tour = false;     ///< begin with it
    std::string filter{};  ///< of the first screen
    bool linear = false;   ///< it is said, not drawn
};

/// What only the loop can do.
struct DeskRequests {
    std::vector<Task> tasks;
    std::vector<std::uint64_t> cancelled;
    std::optional<Copy> copy;
    std::optional<Theme> theme;
    bool suspend = false;
    bool redraw = false;
    bool flush_input = false;
    bool describe = false;           ///< say the row in full
    std::optional<Reading> reading;  ///< of the dialog on top
};

class Desk {
public:
    static constexpr Size kSmallest{16, 60};
    static constexpr std::chrono::seconds kToast{4};
    static constexpr std::chrono::minutes kForgetAfter{5};
    static constexpr std::chrono::milliseconds kCheckEvery{200};
    static constexpr std::chrono::seconds kSlow{1};

    explicit Desk(DeskOptions options);
    ~Desk();
    Desk(const Desk&) = delete;
    Desk& operator=(const Desk&) = delete;

    // Events.
    void start(Size size, Now now);
    void handle(const Input& input, Now now);
    void complete(std::uint64_t task, const Outcome& outcome, Now now);
    void resize(Size size, Now now);
    /// Somebody wrote to the vault's files.
    void vault_touched(Now now);
    /// Time has passed: call it when next_deadline() is reached.
    void tick(Now now);
    void toast(std::string text, Now now);

    /// Copies through tmux, on a worker; where that fails the value is shown instead.
    void copy_by_task(const Copy& copy, Now now);
    /// Shows a value in full, for a terminal that has no clipboard.
    void show_value(const Copy& copy, Now now);

    // What came of them.
    [[nodiscard]] DeskRequests take_requests() { return std::exchange(requests_, {}); }
    [[nodiscard]] bool wants_to_quit() const { return quit_; }
    /// Whether type-ahead was to be thrown away since this was asked last.
    [[nodiscard]] bool take_flushed() { return std::exchange(flushed_, false); }
    /// Whether the frame may have changed since it was last drawn.
    [[nodiscard]] bool dirty() const { return dirty_; }
    [[nodiscard]] Frame draw(Now now);
    /// The same in words.
    [[nodiscard]] Spoken spoken(Now now);
    /// The keys with which one who hears it begins, in a sentence or two.
    [[nodiscard]] std::string first_keys() const;
    /// The dialog on top was said to its end.
    void dialog_was_said();
    /// Whether what is shown is about to be replaced, so that saying it now would be too early.
    [[nodiscard]] bool is_about_to_change(Now now) const;
    /// When tick() is needed next.
    [[nodiscard]] SteadyTime next_deadline(Now now) const;
    /// Whether nothing is under way: no task, no guard, no check to come.
    [[nodiscard]] bool settled(Now now) const;
    /// Whether ending the program now would cut off something that changes the vault.
    [[nodiscard]] bool is_writing() const;
    /// How far a running task is, as the pool knows it; shown in the message line.
    void set_progress(std::uint64_t task, std::int64_t done, std::int64_t total);
    [[nodiscard]] std::optional<std::uint64_t> slow_task(Now now) const;

    /// What to come back to the next time.
    [[nodiscard]] Remembered remember() const;

    /// Everything that is bound, for the help and the test of the tables: the screen's own, its moves, the global ones.
    [[nodiscard]] const Actions& global_actions() const { return global_; }
    [[nodiscard]] View& view(ScreenId screen);
    [[nodiscard]] ScreenId screen() const { return current_; }
    [[nodiscard]] Dialog* top_dialog() { return dialogs_.empty() ? nullptr : dialogs_.back().get(); }

private:
    struct Running {
        Task task;
        SteadyTime started{};
        std::int64_t done = 0;
        std::int64_t total = 0;
    };
    struct LockedTask {
        Task task;
        Outcome outcome;
    };

    void build_actions();
    [[nodiscard]] Place come_back(Effects& effects);
    [[nodiscard]] Task look_for_scope(const Place& place);
    void begin(Now now) { scene_.now = now; }
    void finish();
    void handle_key(const Key& key);
    void handle_paste(const Paste& paste);
    void handle_view_key(const Key& key);
    void run(const Action& action, const Key& key);
    void apply(Effects& effects, std::uint64_t owner);
    void apply_dialogs(Effects& effects, std::uint64_t owner);
    void apply_messages(Effects& effects);
    void apply_places(Effects& effects);
    void build_global_keys();
    [[nodiscard]] const Action* always(const Key& key) const;
    [[nodiscard]] bool may_explain(const Dialog& dialog) const;
    void explain_dialog();
    void open_command(Effects& effects);
    [[nodiscard]] std::vector<NamedCall> calls_here(const Scene& scene);
    void show_calls(const std::vector<NamedCall>& calls);
    void start_deed(Deed deed);
    void follow_deed();
    void run_deed();
    [[nodiscard]] bool is_reading() const;
    [[nodiscard]] const Action* find_action_of(std::optional<ScreenId> screen, std::string_view name);
    void use_theme(const std::string& name);
    void submit(Task task, std::uint64_t owner);
    void open(std::unique_ptr<Dialog> dialog);
    void close(std::uint64_t dialog);
    void go(const Place& place, bool remember);
    void back();
    void enter(const Place& place);
    void check_vault();
    void took_vault(const VaultInfo& vault, std::int64_t counter, bool changed_by_us);
    void look_for_alerts();
    void ended_unlocking(bool open);
    void deliver(const Task& task, const Outcome& outcome);
    void ask_quit();
    [[nodiscard]] Dialog* find_dialog(std::uint64_t id);
    [[nodiscard]] View& current() { return view(current_); }
    [[nodiscard]] bool too_small() const {
        return scene_.screen.rows < kSmallest.rows || scene_.screen.cols < kSmallest.cols;
    }
    [[nodiscard]] Area view_area() const { return {2, 0, scene_.screen.rows - 5, scene_.screen.cols}; }

    void draw_header(Frame& frame);
    void draw_tabs(Frame& frame);
    [[nodiscard]] int draw_standing(Frame& frame, int end) const;
    void draw_message(Frame& frame);

    void begin_tour();
    void tell_tour();
    [[nodiscard]] std::string tour_key();
    void draw_tour(Frame& frame);
    [[nodiscard]] std::string slow_text() const;

    Scene scene_;
    std::map<ScreenId, std::unique_ptr<View>> views_;
    std::map<ScreenId, ListOrder> first_orders_;  ///< how each list begins where nothing is remembered
    std::optional<Remembered> remembered_;
    bool start_was_asked_for_;
    ScreenId current_;
    std::string first_filter_;
    bool engine_only_looks_;
    std::optional<Place> last_;   ///< for `-`
    std::vector<Place> history_;  ///< for back
    std::vector<std::unique_ptr<Dialog>> dialogs_;
    Actions global_;
    Keymap keymap_;
    std::vector<Theme> themes_;
    std::string theme_;
    bool mono_ = false;
    CallOptions call_;
    std::optional<Deed> deed_;  ///< begun, its row not there yet
    std::vector<std::string> command_history_;

    std::map<std::uint64_t, Running> running_;
    std::vector<LockedTask> locked_;
    std::uint64_t next_id_ = 1;

    std::vector<Message> messages_;
    bool unseen_error_ = false;
    std::string toast_;
    int toast_count_ = 1;
    std::uint64_t toasts_ = 0;  // so far
    std::uint64_t errors_ = 0;
    bool toast_offers_undo_ = false;
    SteadyTime toast_until_{};
    UndoList undo_;
    std::optional<SteadyTime> forget_at_;

    std::optional<std::int64_t> counter_;  ///< the vault's change counter as last seen
    bool checking_ = false;
    bool check_again_ = false;
    bool force_refresh_ = false;
    SteadyTime next_check_{};
    Standing standing_;
    std::string minute_;  ///< for which alerts were looked for last
    bool looking_for_alerts_ = false;
    bool alerts_failed_ = false;

    bool tour_wanted_ = false;  ///< from the start
    std::optional<Tour> tour_;

    DeskRequests requests_;
    bool dirty_ = true;
    bool quit_ = false;
    bool flushed_ = false;
    std::string drawn_clock_;
};

}  // namespace keydeck::ui
