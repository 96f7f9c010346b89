#include "ui/welcome.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <memory>
#include <utility>

#include "ui/dialog_keys.hpp"
#include "ui/key_words.hpp"
#include "ui/keymap_check.hpp"
#include "ui/linear/spoken.hpp"
#include "ui/open_terminal.hpp"
#include "ui/signal_pipe.hpp"
#include "ui/terminal/rescue.hpp"
#include "ui/theme.hpp"
#include "ui/views/welcome_dialogs.hpp"

namespace keydeck::ui {
namespace {

/// Dialogs without a desk behind them: there is no engine yet for one.
class WelcomeLoop {
public:
    WelcomeLoop(Terminal& terminal, const SignalPipe& signals, Charset charset, Keymap keymap, bool announce)
        : terminal_(terminal), signals_(signals), announce_(announce), keymap_(std::move(keymap)) {
        scene_.keymap = &keymap_;
        scene_.charset = charset;
        scene_.screen = terminal.size();
        scene_.now = {std::chrono::steady_clock::now(), SystemClock().now()};
    }
    /// Until there is an answer. Returns 128 + n when signal n ended it.
    int run(const Welcome& known, WelcomeAnswer& answer);

private:
    void open(std::unique_ptr<Dialog> dialog);
    void apply(Effects& effects, std::uint64_t owner);
    void handle(const Input& input);
    void take_signals();
    void show();
    void wait();
    [[nodiscard]] Spoken spoken();
    [[nodiscard]] bool quits(const Key& key) const {
        const Action* action = find_action(dialog_actions(), key, &keymap_);
        return key == ctrl(U'c') || (action != nullptr && action->name == "quit");
    }

    Terminal& terminal_;
    const SignalPipe& signals_;
    bool announce_;
    int announcements_ = 0;
    Keymap keymap_;
    Scene scene_;
    std::vector<std::unique_ptr<Dialog>> dialogs_;
    std::uint64_t next_id_ = 1;
    std::string toast_;
    std::uint64_t toasts_ = 0;
    bool done_ = false;
    int status_ = 0;
};

int WelcomeLoop::run(const Welcome& known, WelcomeAnswer& answer) {
    const TakeWelcome take = [&](WelcomeAnswer given) {
        answer = std::move(given);
        done_ = true;
    };
    if (const std::string notice = terminal_.notice(); !notice.empty()) {
        toast_ = notice;
        ++toasts_;
    }
    open(make_welcome_dialog(known, take));
    if (auto form = make_welcome_form(known.again, known, take)) open(std::move(form));
    while (!done_ && status_ == 0 && !dialogs_.empty()) {
        show();
        wait();
    }
    return status_;
}

void WelcomeLoop::open(std::unique_ptr<Dialog> dialog) {
    Effects effects;
    dialog->id = next_id_++;
    dialog->arm(scene_, effects);
    dialogs_.push_back(std::move(dialog));
}

void WelcomeLoop::apply(Effects& effects, std::uint64_t owner) {
    if (effects.close) std::erase_if(dialogs_, [&](const auto& each) { return each->id == owner; });
    for (auto& dialog : effects.open) open(std::move(dialog));
    for (std::string& text : effects.toasts) {
        toast_ = std::move(text);
        ++toasts_;
    }
    if (effects.reading && !dialogs_.empty() && terminal_.read_on(spoken(), *effects.reading)) dialogs_.back()->was_said();
    done_ = done_ || effects.quit;
}

void WelcomeLoop::handle(const Input& input) {
    scene_.now = {std::chrono::steady_clock::now(), SystemClock().now()};
    Effects effects;
    const std::uint64_t owner = dialogs_.back()->id;
    if (const Key* pressed = std::get_if<Key>(&input)) {
        toast_.clear();
        scene_.key = *pressed;
        if (*pressed == ctrl(U'l')) return terminal_.forget();
        if (*pressed == ctrl(U'z')) {
            terminal_.suspend();
            scene_.screen = terminal_.size();
            return;
        }
        if (*pressed == ctrl(U'c')) {  // while text is typed too
            done_ = true;
            return;
        }
        dialogs_.back()->handle(*pressed, scene_, effects);
    } else {
        static_cast<void>(dialogs_.back()->on_paste(std::get<Paste>(input).text, scene_, effects));
    }
    apply(effects, owner);
}

void WelcomeLoop::take_signals() {
    for (const int signal : signals_.collect()) {
        if (signal == SIGTSTP) terminal_.suspend();
        if (signal == SIGCONT) terminal_.resume();
        if (signal != SIGTSTP && signal != SIGCONT && signal != SIGWINCH) status_ = 128 + signal;
        scene_.screen = terminal_.size();
    }
}

Spoken WelcomeLoop::spoken() {
    Spoken out;
    out.where = "Keydeck";
    out.dialog = dialogs_.back()->spoken(scene_);
    out.toast = toast_;
    out.toasts = toasts_;
    return out;
}

void WelcomeLoop::show() {
    if (terminal_.speaks()) {
        if (terminal_.say(spoken(), Occasion::kKey, scene_.now.steady)) dialogs_.back()->was_said();
    } else {
        Frame frame(scene_.screen, scene_.charset);
        frame.put(0, 0, " keydeck  ", {Role::kTitle});
        const bool fits = scene_.screen.rows >= kLeastRows && scene_.screen.cols >= kLeastCols;
        if (fits) {
            frame.put_fitted(scene_.screen.rows - 2, 1, scene_.screen.cols - 2, scene_.safe(toast_), {Role::kAccent});
            for (const auto& dialog : dialogs_) dialog->draw(frame, scene_);
        } else {
            frame.put(1, 1, fmt::format("Keydeck needs at least {}x{}", kLeastCols, kLeastRows));
            frame.put(4, 1, key_word(scene_, "quit") + " quit   any size change continues", {Role::kMuted});
        }
        terminal_.draw(frame);
    }
    if (announce_ && !terminal_.wait()) terminal_.set_title(fmt::format("keydeck idle {}", ++announcements_));
}

void WelcomeLoop::wait() {
    std::array<pollfd, 2> waiting{{{terminal_.input_descriptor(), POLLIN, 0}, {signals_.descriptor(), POLLIN, 0}}};
    const auto unfinished = terminal_.wait();
    const int ready = ::poll(waiting.data(), waiting.size(), unfinished ? static_cast<int>(unfinished->count()) : -1);
    if (ready > 0 && waiting[1].revents != 0) take_signals();
    std::vector<Input> inputs;
    if (ready > 0 && waiting[0].revents != 0 && terminal_.read(inputs) == InputState::kClosed) status_ = 128 + SIGHUP;
    if (ready == 0) terminal_.time_out(inputs);
    for (Input& input : inputs) {
        const bool fits = scene_.screen.rows >= kLeastRows && scene_.screen.cols >= kLeastCols;
        const Key* pressed = std::get_if<Key>(&input);
        if (!done_ && !dialogs_.empty() && fits) handle(input);
        if (!fits && pressed != nullptr && quits(*pressed)) done_ = true;
        if (pressed != nullptr) input = Key{};  // it may have been a letter of a passphrase
    }
}

}  // namespace

Result<WelcomeAnswer> welcome(const Welcome& known, const UiOptions& options) {
    const CrashGuard crash_guard;
    const SignalPipe signals;
    Charset charset = charset_for(options);
    auto terminal = open_terminal(options, built_in_themes().front(), charset);
    if (!terminal) return fail(terminal);
    WelcomeAnswer answer;
    const int status =
        WelcomeLoop(**terminal, signals, charset, read_keymap(options.keymap).keymap, is_test()).run(known, answer);
    terminal->reset();
    if (status != 0) return fail(ErrorCode::kCancelled, fmt::format("Ended by signal {}.", status - 128));
    return answer;
}

}  // namespace keydeck::ui
