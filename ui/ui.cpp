#include "ui/ui.hpp"

#include <fmt/format.h>
#include <langinfo.h>
#include <unistd.h>

#include <chrono>
#include <clocale>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string_view>

#include "ui/desk.hpp"
#include "ui/loop.hpp"
#include "ui/terminal/curses_terminal.hpp"
#include "ui/terminal/rescue.hpp"
#include "ui/views/screens.hpp"

namespace keydeck::ui {
namespace {

constexpr std::chrono::seconds kPatience{2};

// The environment is read before any thread is started and nothing here changes it.
bool is_set(const char* name) {
    const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
    return value != nullptr && *value != '\0';
}

bool locale_is_utf8() {
    std::setlocale(LC_CTYPE, "");  // NOLINT(concurrency-mt-unsafe): before any thread is started
    return std::string_view(::nl_langinfo(CODESET)) == "UTF-8";  // NOLINT(concurrency-mt-unsafe): the same
}

// What stands on every screen when the caller has no better words: for AWS the profile and the region.
std::string words_for(Engine& engine, const VaultInfo& vault) {
    if (vault.is_demo) return "DEMO/" + vault.kms;
    if (vault.kms == "local") return "LOCAL";
    const auto connection = engine.kms_connection(false);
    return fmt::format("{}:{}:{}", vault.kms, connection ? connection->profile : "?", vault.region);
}

Result<ScreenId> screen_named(const std::string& name) {
    if (name.empty()) return ScreenId::kUsers;
    for (const ScreenEntry& entry : screens()) {
        if (entry.action.ends_with("." + name)) return entry.id;
    }
    return fail(ErrorCode::kInvalidInput, fmt::format("There is no screen {}.", name),
                "Screens: users, wallets, keys, audit, jobs, health.");
}

}  // namespace

Result<int> run(Engine& engine, const UiOptions& options) {
    const auto start = screen_named(options.start_screen);
    if (!start) return fail(start);
    const Charset charset = !locale_is_utf8() || options.ascii ? Charset::kAscii : Charset::kUnicode;
    const SystemClock system_clock;
    const auto vault = engine.vault();

    const CrashGuard crash_guard;
    const SignalPipe signals;
    auto terminal = open_curses_terminal({charset, options.mono || is_set("NO_COLOR")});
    if (!terminal) return fail(terminal);
    const std::string environment = options.environment.empty() && vault ? words_for(engine, *vault) : options.environment;
    Desk desk({options.session, environment, options.read_only, charset, *start, options.tour});
    std::optional<TaskPool> pool(engine);
    const VaultWatch watch(vault ? vault->path : "");
    Loop loop(desk, **terminal, *pool, signals, watch, options.clock != nullptr ? *options.clock : system_clock,
              is_set("KEYDECK_TUI_TEST"));
    const int status = loop.run();
    terminal->reset();  // the terminal is given back first, whatever the workers do
    if (!pool->wait_idle(kPatience))
        std::_Exit(status);  // a call that hangs; what it was doing is in the journal and the audit log
    return status;
}

}  // namespace keydeck::ui
