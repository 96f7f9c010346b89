#include "ui/ui.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>

#include "ui/desk.hpp"
#include "ui/keymap_check.hpp"
#include "ui/loop.hpp"
#include "ui/once.hpp"
#include "ui/open_terminal.hpp"
#include "ui/remembered.hpp"
#include "ui/terminal/ansi.hpp"
#include "ui/terminal/examination.hpp"
#include "ui/terminal/rescue.hpp"
#include "ui/theme.hpp"
#include "ui/views/deep_link.hpp"
#include "ui/views/screens.hpp"

namespace keydeck::ui {
namespace {

constexpr std::chrono::seconds kPatience{2};
constexpr std::chrono::seconds kPatienceForFrame{30};

// What stands on every screen when the caller has no better words: for AWS the profile and the region.
std::string words_for(Engine& engine, const VaultInfo& vault) {
    if (vault.is_demo) return "DEMO/" + vault.kms;
    if (vault.kms == "local") return "LOCAL";
    const auto connection = engine.kms_connection(false);
    return fmt::format("{}:{}:{}", vault.kms, connection ? connection->profile : "?", vault.region);
}

static_assert(Desk::kSmallest == Size{kLeastRows, kLeastCols});

Result<Place> start_of(const UiOptions& options) {
    return place_named(options.start_screen, options.filter, DeskOptions{}.start);
}

// What is wrong with the keymap or the themes was said by check_keymap() and check_theme(): the defaults are used then.
void add_looks(DeskOptions& out, const UiOptions& options) {
    out.mono = options.mono || is_set("NO_COLOR");
    out.problems = options.problems;
    out.call.vault = options.vault_argument;
    if (ReadKeymap read = read_keymap(options.keymap); read.problems.empty()) out.keymap = std::move(read.keymap);
    out.themes = built_in_themes();
    for (const ThemeFile& file : options.themes) {
        if (ReadTheme read = read_theme(file); read.problems.empty()) out.themes.push_back(std::move(read.theme));
    }
    out.theme = options.theme.empty() ? out.themes.front().name : options.theme;
    if (find_theme(out.themes, out.theme) == nullptr) {
        out.problems.push_back(fmt::format("There is no theme \"{}\": auto is used.", out.theme));
        out.theme = out.themes.front().name;
    }
}

Result<DeskOptions> desk_options(Engine& engine, const UiOptions& options) {
    auto start = start_of(options);
    if (!start) return fail(start);
    const auto vault = engine.vault();
    DeskOptions out;
    out.session = options.session;
    out.environment = options.environment.empty() && vault ? words_for(engine, *vault) : options.environment;
    out.read_only = options.read_only;
    out.charset = charset_for(options);
    out.linear = options.linear;
    out.start = start->screen;
    out.filter = std::move(start->filter);
    out.start_was_asked_for = !options.start_screen.empty();
    out.writers = options.writers;
    out.tour = options.tour;
    add_looks(out, options);
    return out;
}

const Theme& theme_of(const DeskOptions& options) { return *find_theme(options.themes, options.theme); }

}  // namespace

std::vector<DoctorFinding> examine_terminal() { return findings_of(look_at_terminal()); }

std::string screen_words() {
    std::string out;
    for (const ScreenEntry& entry : screens()) out += (out.empty() ? "" : "|") + screen_word(entry);
    return out;
}

Status check_place(const UiOptions& options) {
    const auto start = start_of(options);
    if (!start) return fail(start);
    return {};
}

Result<std::string> one_frame(Engine& engine, const UiOptions& options, const FrameOptions& frame) {
    auto start = desk_options(engine, options);
    if (!start) return fail(start);
    start->engine_only_looks = true;
    const SystemClock system_clock;
    const Theme theme = theme_of(*start);
    Desk desk(std::move(*start));
    auto pool = std::make_unique<TaskPool>(engine);
    const auto shown = settled_frame(desk, *pool, {frame.rows, frame.cols},
                                     options.clock != nullptr ? *options.clock : system_clock, kPatienceForFrame);
    if (!shown) {
        // Its threads would be waited for.
        if (!pool->wait_idle(kPatience)) {
            [[maybe_unused]] const TaskPool* left = pool.release();
        }
        return fail(shown);
    }
    return frame.coloured && !options.mono && !is_set("NO_COLOR") ? ansi_text(*shown, theme) : shown->text();
}

Result<int> run(Engine& engine, const UiOptions& options) {
    auto start = desk_options(engine, options);
    if (!start) return fail(start);
    const SystemClock system_clock;
    const auto vault = engine.vault();

    const CrashGuard crash_guard;
    const SignalPipe signals;
    // A test begins like the first time, unless it asks for what a person gets.
    const bool remembers = vault && (!is_test() || is_set("KEYDECK_TUI_STATE"));
    const std::filesystem::path state = remembers ? remembered_path(vault->id) : std::filesystem::path();
    const auto remembered = state.empty() ? Result<std::optional<Remembered>>() : read_remembered(state);
    if (remembered) start->remembered = *remembered;
    auto terminal = open_terminal(options, theme_of(*start), start->charset);
    if (!terminal) return fail(terminal);
    Desk desk(std::move(*start));
    std::optional<TaskPool> pool(engine);
    const VaultWatch watch(vault ? vault->path : "");
    Loop loop(desk, **terminal, *pool, signals, watch, options.clock != nullptr ? *options.clock : system_clock, is_test());
    if (!remembered)
        loop.say(fmt::format("Where you were last is forgotten: {}: {}", state.string(), remembered.error().message));
    const int status = loop.run();
    terminal->reset();  // the terminal is given back first, whatever the workers do
    // Nobody is kept from leaving by this: what cannot be written is forgotten.
    if (!state.empty()) static_cast<void>(write_remembered(state, desk.remember()));
    if (!pool->wait_idle(kPatience))
        std::_Exit(status);  // a call that hangs; what it was doing is in the journal and the audit log
    return status;
}

}  // namespace keydeck::ui
