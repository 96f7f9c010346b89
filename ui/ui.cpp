#include "ui/ui.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <memory>
#include <optional>

#include "ui/desk.hpp"
#include "ui/loop.hpp"
#include "ui/once.hpp"
#include "ui/open_terminal.hpp"
#include "ui/terminal/ansi.hpp"
#include "ui/terminal/examination.hpp"
#include "ui/terminal/rescue.hpp"
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
    return out;
}

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
    const SystemClock system_clock;
    Desk desk(std::move(*start));
    auto pool = std::make_unique<TaskPool>(engine);
    const auto shown = settled_frame(desk, *pool, {frame.rows, frame.cols},
                                     options.clock != nullptr ? *options.clock : system_clock, kPatienceForFrame);
    if (!shown) {
        if (!pool->wait_idle(kPatience)) static_cast<void>(pool.release());  // its threads would be waited for
        return fail(shown);
    }
    return frame.coloured && !options.mono && !is_set("NO_COLOR") ? ansi_text(*shown) : shown->text();
}

Result<int> run(Engine& engine, const UiOptions& options) {
    auto start = desk_options(engine, options);
    if (!start) return fail(start);
    const SystemClock system_clock;
    const auto vault = engine.vault();

    const CrashGuard crash_guard;
    const SignalPipe signals;
    auto terminal = open_terminal(options, start->charset);
    if (!terminal) return fail(terminal);
    Desk desk(std::move(*start));
    std::optional<TaskPool> pool(engine);
    const VaultWatch watch(vault ? vault->path : "");
    Loop loop(desk, **terminal, *pool, signals, watch, options.clock != nullptr ? *options.clock : system_clock, is_test());
    const int status = loop.run();
    terminal->reset();  // the terminal is given back first, whatever the workers do
    if (!pool->wait_idle(kPatience))
        std::_Exit(status);  // a call that hangs; what it was doing is in the journal and the audit log
    return status;
}

}  // namespace keydeck::ui
