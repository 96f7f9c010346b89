// Files about the screens: keymap.toml and themes/NAME.toml beside config.toml.
#pragma once

#include <string>
#include <vector>

#include "app/cli/settings.hpp"
#include "ui/ui.hpp"

namespace keydeck::cli {

struct ScreenFiles {
    std::vector<ui::KeyBinding> keymap;
    std::vector<ui::ThemeFile> themes;
    std::vector<ConfigProblem> problems;  ///< each names its file and line; what is wrong as a whole has line 0
};

/// Reads what is there; what cannot be read is a problem too. A file with one is not to be used, and the screens do not.
[[nodiscard]] ScreenFiles read_screen_files();

/// The directory of these files; empty where it is not known.
[[nodiscard]] std::string screen_files_directory();

/// Whether one of the themes is called so. `sentence` says what is wrong; empty: nothing.
[[nodiscard]] std::string problem_with_theme(const std::string& name, const ScreenFiles& files);

}  // namespace keydeck::cli
