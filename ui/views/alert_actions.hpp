// What can be done about an alert.
#pragma once

#include "ui/effects.hpp"

namespace keydeck::ui {

/// Level 1: seen, and by whom.
void ask_acknowledge_alert(const Alert& alert, Effects& effects);
/// Asks for how long.
void ask_silence_alert(const Alert& alert, Effects& effects);
/// Where its cause is looked at.
[[nodiscard]] Place place_of_cause(const Alert& alert);

}  // namespace keydeck::ui
