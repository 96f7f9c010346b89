#include "ui/theme.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace keydeck::ui {
namespace {

// xterm's colours: 16 to 231 a cube of six steps, 232 to 255 greys.
std::array<double, 3> rgb_of(int number) {
    const auto step = [](int part) { return part == 0 ? 0.0 : 55.0 + 40.0 * part; };
    if (number >= 232) {
        const double grey = 8.0 + 10.0 * (number - 232);
        return {grey, grey, grey};
    }
    const int cube = number - 16;
    return {step(cube / 36), step(cube / 6 % 6), step(cube % 6)};
}

// https://www.w3.org/TR/WCAG21/#dfn-relative-luminance
double luminance(int number) {
    const auto linear = [](double part) {
        part /= 255.0;
        return part <= 0.03928 ? part / 12.92 : std::pow((part + 0.055) / 1.055, 2.4);
    };
    const auto [red, green, blue] = rgb_of(number);
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

double contrast(int a, int b) {
    const auto [dark, light] = std::minmax({luminance(a), luminance(b)});
    return (light + 0.05) / (dark + 0.05);
}

TEST(Theme, NamedThemesCanBeReadOnTheirBackground) {
    for (const char* name : {"dark", "light"}) {
        const Theme* theme = find_theme(built_in_themes(), name);
        ASSERT_NE(theme, nullptr);
        for (std::size_t role = 0; role < kRoleCount; ++role) {
            const Look& look = theme->looks[role];
            ASSERT_GE(look.colour, 16) << "the first sixteen are the person's own: nobody knows what they look like";
            ASSERT_GE(look.background, 16);
            EXPECT_GE(contrast(look.colour, look.background), 4.5) << name << " " << name_of(static_cast<Role>(role));
            EXPECT_FALSE(look.dim);
        }
    }
}

TEST(Theme, OnlyNamedThemesUseMoreThanThePersonsOwnColours) {
    EXPECT_EQ(find_theme(built_in_themes(), "auto")->colours(), 8);
    EXPECT_EQ(find_theme(built_in_themes(), "16")->colours(), 16);
    EXPECT_EQ(find_theme(built_in_themes(), "mono")->colours(), 0);
    EXPECT_EQ(find_theme(built_in_themes(), "dark")->colours(), 256);
    for (const char* name : {"auto", "16", "mono"}) {
        const Theme& theme = *find_theme(built_in_themes(), name);
        for (std::size_t role = 0; role < kRoleCount; ++role) {
            if (static_cast<Role>(role) == Role::kQrCode) continue;  // a camera knows no themes
            EXPECT_EQ(theme.looks[role].background, kDefaultColour) << "light and dark terminals both";
        }
    }
}

// No meaning by colour alone: what warns differs from plain text without colours too.
TEST(Theme, WhatWarnsStandsOutWithoutColours) {
    const Theme mono = *find_theme(built_in_themes(), "mono");
    for (const Role role : {Role::kWarn, Role::kDanger, Role::kMark, Role::kMatch, Role::kTitle, Role::kHidden})
        EXPECT_NE(mono.look(role), mono.look(Role::kText)) << name_of(role);
}

TEST(Theme, ATerminalWithFewerColoursShowsTheNextBest) {
    const Theme dark = *find_theme(built_in_themes(), "dark");
    EXPECT_EQ(shown_with(dark, 256), dark);
    EXPECT_EQ(shown_with(dark, 8).looks, find_theme(built_in_themes(), "auto")->looks);
    EXPECT_EQ(shown_with(dark, 0).looks, find_theme(built_in_themes(), "mono")->looks);
    EXPECT_EQ(shown_with(dark, -1).looks, find_theme(built_in_themes(), "mono")->looks);
}

TEST(Theme, LooksAreRead) {
    EXPECT_EQ(look_named("red bold"), (Look{.colour = 1, .bold = true}));
    EXPECT_EQ(look_named("252 on 235"), (Look{.colour = 252, .background = 235}));
    EXPECT_EQ(look_named("on bright-blue underline"), (Look{.background = 12, .underline = true}));
    EXPECT_EQ(look_named("default dim reverse"), (Look{.dim = true, .reverse = true}));
    EXPECT_EQ(look_named(""), Look{});
    for (const char* words : {"redd", "256", "-1", "on", "red green", "bold bright-", "1x"})
        EXPECT_FALSE(look_named(words)) << words;
}

TEST(Theme, FilesAreReadAndCheckedLineByLine) {
    const ReadTheme good = read_theme({"mine", {{"base", "dark", 1}, {"danger", "white on red", 2}}});
    EXPECT_TRUE(good.problems.empty());
    EXPECT_EQ(good.theme.look(Role::kDanger), (Look{.colour = 7, .background = 1}));
    EXPECT_EQ(good.theme.look(Role::kOk), find_theme(built_in_themes(), "dark")->look(Role::kOk));
    const std::vector<UiProblem> problems =
        check_theme({"16", {{"base", "drak", 1}, {"dangre", "red", 2}, {"ok", "gren", 3}}});
    ASSERT_EQ(problems.size(), 4U);
    EXPECT_EQ(problems[0].sentence, "the theme 16 is built in; another name is needed.");
    EXPECT_EQ(problems[1], (UiProblem{1, "base is \"drak\", not one of auto, dark, light, 16, mono."}));
    EXPECT_EQ(problems[2].line, 2U);
    EXPECT_EQ(problems[3], (UiProblem{3, "ok is \"gren\", which is no look: it is like \"red bold\" or \"252 on 235\"."}));
}

}  // namespace
}  // namespace keydeck::ui
