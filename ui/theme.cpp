#include "ui/theme.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "ui/commands/words.hpp"
#include "ui/nearest.hpp"

namespace keydeck::ui {
namespace {

using Looks = std::array<Look, kRoleCount>;

constexpr int kBaseColours = 8;
constexpr int kMostColours = 256;

constexpr std::array<std::string_view, kRoleCount> kRoles{"text", "muted", "title",  "accent", "mark",  "match",  "ok",
                                                          "off",  "warn",  "danger", "wait",   "input", "hidden", "qr-code"};
constexpr std::array<std::string_view, 8> kColours{"black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"};
// They are also numbers: 0 to 7, and behind `bright-` 8 to 15.

constexpr Look colour(int number, Look look = {}) {
    look.colour = static_cast<std::int16_t>(number);
    return look;
}

// In the order of the roles.
constexpr Looks kMono{{
    {},                   // text
    {.dim = true},        // muted
    {.bold = true},       // title
    {},                   // accent
    {.bold = true},       // mark
    {.underline = true},  // match
    {},                   // ok
    {.dim = true},        // off
    {.bold = true},       // warn
    {.bold = true},       // danger
    {},                   // wait
    {.underline = true},  // input
    {.reverse = true},    // hidden character
    {.reverse = true},    // QR code: most terminals without colours are dark
}};

constexpr Looks coloured(const Looks& base, int accent, int mark, int ok, int warn, int danger, int wait) {
    Looks out = base;
    const auto set = [&out](Role role, int number) {
        out[static_cast<std::size_t>(role)].colour = static_cast<std::int16_t>(number);
    };
    set(Role::kAccent, accent);
    set(Role::kMark, mark);
    set(Role::kOk, ok);
    set(Role::kWarn, warn);
    set(Role::kDanger, danger);
    set(Role::kWait, wait);
    set(Role::kHidden, mark);
    out[static_cast<std::size_t>(Role::kQrCode)] = {.colour = 0, .background = 7};  // whatever the theme: to be scanned
    return out;
}

// The person's own palette: whoever has a light background has chosen a yellow to read on it.
constexpr Looks kAuto = coloured(kMono, 6, 5, 2, 3, 1, 4);

// Bright colours for what must be seen, grey instead of the attribute that many terminals lack.
constexpr Looks sixteen() {
    Looks out = coloured(kMono, 6, 5, 2, 3, 9, 4);
    out[static_cast<std::size_t>(Role::kMuted)] = colour(8);
    out[static_cast<std::size_t>(Role::kOff)] = colour(8);
    return out;
}

// A theme with a background of its own: what is not said otherwise has the text's colour.
constexpr Looks on_background(Looks looks, int text, int background, int muted) {
    const Look qr_code{.colour = 16, .background = 231};
    for (Look& look : looks) {
        look.background = static_cast<std::int16_t>(background);
        if (look.colour == kDefaultColour) look.colour = static_cast<std::int16_t>(text);
    }
    for (const Role role : {Role::kMuted, Role::kOff}) {
        Look& look = looks[static_cast<std::size_t>(role)];
        look.colour = static_cast<std::int16_t>(muted);
        look.dim = false;
    }
    looks[static_cast<std::size_t>(Role::kQrCode)] = qr_code;
    return looks;
}

constexpr Looks kDark = on_background(coloured(kMono, 80, 176, 114, 220, 210, 111), 253, 234, 246);
constexpr Looks kLight = on_background(coloured(kMono, 24, 90, 22, 94, 124, 25), 235, 255, 241);

std::optional<std::int16_t> colour_named(std::string_view word) {
    if (word == "default") return kDefaultColour;
    int number = -1;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
    if (error == std::errc{} && end == word.data() + word.size() && number >= 0 && number < kMostColours)
        return static_cast<std::int16_t>(number);
    constexpr std::string_view kBright = "bright-";
    const bool bright = word.starts_with(kBright);
    const auto found = std::ranges::find(kColours, bright ? word.substr(kBright.size()) : word);
    if (found == kColours.end()) return std::nullopt;
    return static_cast<std::int16_t>(found - kColours.begin() + (bright ? kBaseColours : 0));
}

bool* attribute_named(Look& look, std::string_view word) {
    if (word == "bold") return &look.bold;
    if (word == "dim") return &look.dim;
    if (word == "underline") return &look.underline;
    return word == "reverse" ? &look.reverse : nullptr;
}

std::vector<std::string> names_of(const std::vector<Theme>& themes) {
    std::vector<std::string> out;
    out.reserve(themes.size());
    for (const Theme& theme : themes) out.push_back(theme.name);
    return out;
}

}  // namespace

int Theme::colours() const {
    int most = kDefaultColour;
    for (const Look& look : looks) most = std::max({most, int{look.colour}, int{look.background}});
    if (most == kDefaultColour) return 0;
    if (most < kBaseColours) return kBaseColours;
    return most < 2 * kBaseColours ? 2 * kBaseColours : kMostColours;
}

const std::vector<Theme>& built_in_themes() {
    static const std::vector<Theme> kThemes{
        {"auto", kAuto}, {"dark", kDark}, {"light", kLight}, {"16", sixteen()}, {"mono", kMono}};
    return kThemes;
}

const Theme* find_theme(const std::vector<Theme>& themes, std::string_view name) {
    const auto found = std::ranges::find(themes, name, &Theme::name);
    return found == themes.end() ? nullptr : &*found;
}

Theme shown_with(const Theme& theme, int colours) {
    if (theme.colours() <= colours) return theme;
    return {theme.name, colours >= kBaseColours ? kAuto : kMono};
}

std::optional<Look> look_named(std::string_view words) {
    Look out;
    bool coloured_already = false;
    const std::vector<std::string> parts = split_words(words).words;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (bool* attribute = attribute_named(out, parts[i])) {
            *attribute = true;
            continue;
        }
        const bool is_background = parts[i] == "on";
        if (is_background && ++i == parts.size()) return std::nullopt;
        const auto found = colour_named(parts[i]);
        if (!found || (!is_background && coloured_already)) return std::nullopt;
        coloured_already = coloured_already || !is_background;
        (is_background ? out.background : out.colour) = *found;
    }
    return out;
}

std::string_view name_of(Role role) { return kRoles[static_cast<std::size_t>(role)]; }

ReadTheme read_theme(const ThemeFile& file) {
    ReadTheme out;
    const auto complain = [&out](unsigned line, std::string sentence) {
        out.problems.push_back({line, std::move(sentence)});
    };
    const Theme* base = find_theme(built_in_themes(), "auto");
    if (find_theme(built_in_themes(), file.name) != nullptr)
        complain(0, fmt::format("the theme {} is built in; another name is needed.", file.name));
    for (const ThemeLine& line : file.lines) {
        if (line.name != "base") continue;
        if (const Theme* found = find_theme(built_in_themes(), line.value)) {
            base = found;
        } else {
            complain(line.line, fmt::format("base is \"{}\", not one of {}.", line.value,
                                            fmt::join(names_of(built_in_themes()), ", ")));
        }
    }
    out.theme = {file.name, base->looks};
    for (const ThemeLine& line : file.lines) {
        if (line.name == "base") continue;
        const auto role = std::ranges::find(kRoles, line.name);
        if (role == kRoles.end()) {
            complain(line.line, fmt::format("there is no role \"{}\"; there are {}.", line.name, fmt::join(kRoles, ", ")));
        } else if (const auto look = look_named(line.value)) {
            out.theme.looks[static_cast<std::size_t>(role - kRoles.begin())] = *look;
        } else {
            complain(line.line, fmt::format("{} is \"{}\", which is no look: it is like \"red bold\" or \"252 on 235\".",
                                            line.name, line.value));
        }
    }
    std::ranges::sort(out.problems, {}, &UiProblem::line);
    return out;
}

std::vector<UiProblem> check_theme(const ThemeFile& file) { return read_theme(file).problems; }

std::vector<std::string> theme_names() { return names_of(built_in_themes()); }

}  // namespace keydeck::ui
