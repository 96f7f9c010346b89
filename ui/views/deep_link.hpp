// A screen and a filter in words, as `keydeck --screen keys --filter state:pending` has them.
#pragma once

#include <string>

#include "engine/error.hpp"
#include "ui/effects.hpp"

namespace keydeck::ui {

struct ScreenEntry;

/// What the screen is called there: `users`.
[[nodiscard]] std::string screen_word(const ScreenEntry& entry);

/// The place they name; `otherwise` where `screen` is empty. Error: invalid_input (no such screen, with the nearest; a
/// filter for a screen that has none, without a screen, or one that is not understood).
[[nodiscard]] Result<Place> place_named(const std::string& screen, const std::string& filter, ScreenId otherwise);

}  // namespace keydeck::ui
