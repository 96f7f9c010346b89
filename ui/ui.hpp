// The terminal front end: the one thing of it that the program knows.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.hpp"
#include "ui/row_writers.hpp"

namespace keydeck::ui {

/// What is wrong in a file about the screens; whoever read the file knows its name.
struct UiProblem {
    unsigned line = 0;     ///< 0: the file as a whole
    std::string sentence;  ///< "copy: there is no key \"Ctrl-Ö\"."
    bool operator==(const UiProblem&) const = default;
};

/// A line of keymap.toml: an action and its keys as the help writes them; none: it is unbound.
struct KeyBinding {
    std::string action;
    std::vector<std::string> keys;
    unsigned line = 0;
};

/// A line of a theme file: a role and its look, or `base` and a theme's name.
struct ThemeLine {
    std::string name;
    std::string value;
    unsigned line = 0;
};

struct ThemeFile {
    std::string name;
    std::vector<ThemeLine> lines;
};

/// What is bound unless a keymap says otherwise.
struct DefaultBinding {
    std::string action;
    std::vector<std::string> keys;
    std::string help;
};
/// By name; of an action that screens bind differently the keys of all.
[[nodiscard]] std::vector<DefaultBinding> default_keymap();
[[nodiscard]] std::vector<UiProblem> check_keymap(const std::vector<KeyBinding>& bindings);
[[nodiscard]] std::vector<UiProblem> check_theme(const ThemeFile& file);
/// The themes that are built in.
[[nodiscard]] std::vector<std::string> theme_names();

struct UiOptions {
    Session session = Session::of_operator("tui");
    std::string
        environment;  ///< in words, on every screen: DEMO, LOCAL, an AWS profile and region; empty: what the vault says
    bool read_only = false;
    bool ascii = false;                   ///< bytes 0x20 to 0x7e only; also taken when the locale is not UTF-8
    bool mono = false;                    ///< no colour code; also taken when NO_COLOR is set
    std::string start_screen;             ///< home, users, wallets, keys, audit, jobs or health; empty: home
    const Clock* clock = nullptr;         ///< the system's when null
    std::vector<KeyBinding> keymap{};     ///< what is bound otherwise than the tables say; checked by check_keymap()
    std::vector<ThemeFile> themes{};      ///< besides those built in
    std::string theme{};                  ///< the name of one; empty: auto. mono and NO_COLOR are stronger
    std::vector<std::string> problems{};  ///< with files about the screens: told at the start, and kept under `!`
    std::string vault_argument{};         ///< what `--vault` must be given to mean this vault; empty: it is the default one
    std::shared_ptr<const RowWriters> writers{};  ///< null: rows can be neither copied as JSON nor exported
    bool tour = false;                            ///< begin with the tour of a demo
    std::string filter{};                         ///< of that screen, as one would type it there
    bool linear = false;                          ///< lines of words instead of a screen
};

/// How the screens find the terminal they would be shown on, in this order: terminal, terminfo, colours, charset, size,
/// escape-time, clipboard, bracketed-paste, synchronized-output. Severity `ok`, `notice` or `problem`; `command` mends it.
/// Needs no vault and no terminal; sets LC_CTYPE from the environment.
[[nodiscard]] std::vector<DoctorFinding> examine_terminal();

/// `users|wallets|…`: what start_screen takes.
[[nodiscard]] std::string screen_words();

/// Whether `start_screen` and `filter` name a place. Error: invalid_input, with what was probably meant.
[[nodiscard]] Status check_place(const UiOptions& options);

/// A frame to print: its size, and whether with colours.
struct FrameOptions {
    int cols = 80;
    int rows = 24;
    bool coloured = false;
};

inline constexpr int kLeastCols = 60;
inline constexpr int kLeastRows = 16;

/// The text of one frame of the start screen once everything on it has been read; needs no terminal. The engine should be
/// opened read-only; whether the frame says RO goes by `options.read_only` alone, as the screens would. Errors:
/// invalid_input (start_screen, filter), unavailable (a KMS that does not answer in time: the process should end then, for a
/// call is still under way). Sets LC_CTYPE from the environment.
[[nodiscard]] Result<std::string> one_frame(Engine& engine, const UiOptions& options, const FrameOptions& frame);

/// Shows the screens until the person quits. The engine is used from several threads and must outlive the call.
/// Returns 0, or 128 + n after signal n. Errors: unavailable (no terminal, or one that cannot be drawn on), invalid_input
/// (start_screen). Sets LC_CTYPE from the environment.
[[nodiscard]] Result<int> run(Engine& engine, const UiOptions& options);

}  // namespace keydeck::ui
