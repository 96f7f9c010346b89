// The terminal front end: the one thing of it that the program knows.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.hpp"

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
    std::string start_screen;             ///< users, wallets, keys, audit, jobs or health; empty: users
    const Clock* clock = nullptr;         ///< the system's when null
    std::vector<KeyBinding> keymap{};     ///< what is bound otherwise than the tables say; checked by check_keymap()
    std::vector<ThemeFile> themes{};      ///< besides those built in
    std::string theme{};                  ///< the name of one; empty: auto. mono and NO_COLOR are stronger
    std::vector<std::string> problems{};  ///< with files about the screens: told at the start, and kept under `!`
    std::string vault_argument{};         ///< what `--vault` must be given to mean this vault; empty: it is the default one
};

/// Shows the screens until the person quits. The engine is used from several threads and must outlive the call.
/// Returns 0, or 128 + n after signal n. Errors: unavailable (no terminal, or one that cannot be drawn on), invalid_input
/// (start_screen). Sets LC_CTYPE from the environment.
[[nodiscard]] Result<int> run(Engine& engine, const UiOptions& options);

}  // namespace keydeck::ui
