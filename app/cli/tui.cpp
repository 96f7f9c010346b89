#include "app/cli/tui.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "app/cli/first_run.hpp"
#include "app/cli/row_writers.hpp"
#include "app/cli/screen_files.hpp"
#include "ui/ui.hpp"

namespace keydeck::cli {
namespace {

// What is wrong with these files keeps nobody out: the screens say it, and take what they have themselves.
Status add_screen_files(Context& context, Engine& engine, ui::UiOptions& screens) {
    auto settings = context.settings();
    if (!settings) return fail(settings);
    ScreenFiles files = read_screen_files();
    screens.theme = (*settings)->theme;
    if (const std::string problem = problem_with_theme(screens.theme, files); !problem.empty()) {
        files.problems.push_back({0, problem});
        screens.theme.clear();
    }
    for (ConfigProblem& problem : files.problems) screens.problems.push_back(std::move(problem.sentence));
    screens.keymap = std::move(files.keymap);
    screens.themes = std::move(files.themes);
    const auto vault = engine.vault();
    const auto usual = data_directory("keydeck");
    std::error_code trouble;  // where the usual one is not there it is another
    const bool is_usual = vault && usual && std::filesystem::equivalent(vault->path, *usual, trouble);
    if (vault && !is_usual) screens.vault_argument = std::filesystem::absolute(vault->path).string();
    return {};
}

constexpr int kMostCols = 1'000;
constexpr int kMostRows = 1'000;

struct FrameSize {
    int cols = 80;
    int rows = 24;
};

std::optional<int> whole(std::string_view text) {
    int value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

Result<FrameSize> parse_size(std::string_view text) {
    const std::size_t cross = text.find('x');
    const auto cols = whole(text.substr(0, cross));
    const auto rows = cross == std::string_view::npos ? std::nullopt : whole(text.substr(cross + 1));
    if (!cols || !rows) return fail(ErrorCode::kInvalidInput, "--size takes columns and rows: 120x36.");
    if (*cols < ui::kLeastCols || *rows < ui::kLeastRows || *cols > kMostCols || *rows > kMostRows) {
        return fail(ErrorCode::kInvalidInput, fmt::format("--size must be between {}x{} and {}x{}.", ui::kLeastCols,
                                                          ui::kLeastRows, kMostCols, kMostRows));
    }
    return FrameSize{*cols, *rows};
}

/// The size that was named, else the terminal's, where that is large enough.
Result<FrameSize> frame_size(const std::string& named) {
    if (!named.empty()) return parse_size(named);
    winsize window{};
    const bool known = ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col >= ui::kLeastCols &&
                       window.ws_row >= ui::kLeastRows;
    return known ? FrameSize{window.ws_col, window.ws_row} : FrameSize{};
}

}  // namespace

ui::UiOptions ui_options(const Context& context) {
    const GlobalOptions& options = context.options;
    ui::UiOptions screens;
    if (!options.as_user.empty()) screens.session = Session::of_user(options.as_user, "tui");
    screens.read_only = options.read_only;
    screens.ascii = options.ascii;
    screens.mono = options.mono;
    screens.linear = options.screens.linear;
    screens.start_screen = options.screens.screen;
    screens.filter = options.screens.filter;
    screens.writers = row_writers();
    return screens;
}

namespace {

Outcome print_frame(Context& context, Engine& engine, const ui::UiOptions& screens) {
    const auto size = frame_size(context.options.screens.size);
    if (!size) return fail(size);
    const std::string term = environment("TERM");
    const bool coloured = ::isatty(STDOUT_FILENO) != 0 && !term.empty() && term != "dumb";
    auto text = ui::one_frame(engine, screens, {size->cols, size->rows, coloured});
    if (!text && text.error().code == ErrorCode::kUnavailable) {
        context.out().error(text.error());
        std::_Exit(exit_status(text.error().code));  // a call that hangs; nothing waits for what it answers
    }
    if (!text) return fail(text);
    text->pop_back();  // line() ends it
    context.out().line(*text);
    return 0;
}

}  // namespace

Status check_screen_options(const Context& context) {
    const ScreenOptions& screens = context.options.screens;
    if (context.json()) return fail(ErrorCode::kInvalidInput, "--json needs a command: the screens are for people.");
    if (!screens.size.empty() && !screens.once) return fail(ErrorCode::kInvalidInput, "--size goes with --once.");
    if (screens.linear && screens.once)
        return fail(ErrorCode::kInvalidInput, "--once prints a frame, --linear draws none: one of them.");
    if (const auto size = frame_size(screens.size); !size) return fail(size);
    return ui::check_place(ui_options(context));
}

Outcome open_tui(Context& context, Engine& engine, const DemoScreens& demo) {
    if (const Status fit = check_screen_options(context); !fit) return fail(fit);
    ui::UiOptions screens = ui_options(context);
    if (Status read = add_screen_files(context, engine, screens); !read) return fail(read);
    screens.environment = demo.environment;
    screens.tour = demo.tour;
    return context.options.screens.once ? print_frame(context, engine, screens) : ui::run(engine, screens);
}

Outcome open_tui(Context& context) {
    if (const Status fit = check_screen_options(context); !fit) return fail(fit);
    context.options.only_looks = context.options.screens.once;
    auto engine = context.engine();
    if (!engine && engine.error().code == ErrorCode::kNotFound && is_first_run(context)) return first_run(context);
    if (!engine) return fail(engine);
    // Without a passphrase file the screens ask for the passphrase themselves, where they first need it.
    auto settings = context.settings();
    if (!settings) return fail(settings);
    if (!(*settings)->passphrase_file.empty()) engine = context.unlocked_engine();
    if (!engine) return fail(engine);
    return open_tui(context, **engine);
}

}  // namespace keydeck::cli
