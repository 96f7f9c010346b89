// How each role looks. A theme is a table from roles to looks; colour only repeats what words and signs already say.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ui/terminal/frame.hpp"
#include "ui/ui.hpp"

namespace keydeck::ui {

/// -1 is the person's own colour, 0 to 7 the base colours, 8 to 15 their bright ones, up to 255 those of xterm.
inline constexpr std::int16_t kDefaultColour = -1;

struct Look {
    std::int16_t colour = kDefaultColour;
    std::int16_t background = kDefaultColour;
    bool bold = false;
    bool dim = false;
    bool underline = false;
    bool reverse = false;
    bool operator==(const Look&) const = default;
};

struct Theme {
    std::string name;
    std::array<Look, kRoleCount> looks{};

    [[nodiscard]] const Look& look(Role role) const { return looks[static_cast<std::size_t>(role)]; }
    /// How many colours a terminal must have for it.
    [[nodiscard]] int colours() const;
    bool operator==(const Theme&) const = default;
};

/// auto (the person's own eight colours and background), dark and light (256 colours, with backgrounds), 16, mono.
[[nodiscard]] const std::vector<Theme>& built_in_themes();
[[nodiscard]] const Theme* find_theme(const std::vector<Theme>& themes, std::string_view name);

/// What a terminal with so many colours shows of a theme: where it has too few, auto's looks, with fewer than eight mono's.
[[nodiscard]] Theme shown_with(const Theme& theme, int colours);

/// `red bold`, `252 on 235`, `default dim underline reverse`: a colour's name or number, what it stands on, attributes.
[[nodiscard]] std::optional<Look> look_named(std::string_view words);
/// The name of a role in a theme file: `danger`.
[[nodiscard]] std::string_view name_of(Role role);

struct ReadTheme {
    Theme theme;
    std::vector<UiProblem> problems;  ///< by line
};
[[nodiscard]] ReadTheme read_theme(const ThemeFile& file);

}  // namespace keydeck::ui
