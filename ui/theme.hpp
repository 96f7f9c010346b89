// How each role looks: the person's own foreground and background, the eight base colours, attributes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "ui/terminal/frame.hpp"

namespace keydeck::ui {

enum class Colour : std::int8_t { kDefault = -1, kBlack, kRed, kGreen, kYellow, kBlue, kMagenta, kCyan, kWhite };

struct Look {
    Colour colour = Colour::kDefault;
    bool on_white = false;  ///< the background; without colours reversed, for most such terminals are dark
    bool bold = false;
    bool dim = false;
    bool underline = false;
    bool reverse = false;
};

/// Colour only repeats what words and signs already say; without colours the attributes remain.
[[nodiscard]] constexpr Look look_of(Role role) {
    constexpr std::array<Look, kRoleCount> kLooks{{
        {},                                             // text
        {.dim = true},                                  // muted
        {.bold = true},                                 // title
        {.colour = Colour::kCyan},                      // accent
        {.colour = Colour::kMagenta, .bold = true},     // mark
        {.underline = true},                            // match
        {.colour = Colour::kGreen},                     // ok
        {.dim = true},                                  // off
        {.colour = Colour::kYellow, .bold = true},      // warn
        {.colour = Colour::kRed, .bold = true},         // danger
        {.colour = Colour::kBlue},                      // wait
        {.underline = true},                            // input
        {.colour = Colour::kMagenta, .reverse = true},  // hidden character
        {.colour = Colour::kBlack, .on_white = true},   // QR code
    }};
    return kLooks[static_cast<std::size_t>(role)];
}

}  // namespace keydeck::ui
