// What can be done about an alert.
#pragma once

#include <string>

#include "ui/effects.hpp"

namespace keydeck::ui {

/// Level 1: seen, and by whom.
void ask_acknowledge_alert(const Alert& alert, Effects& effects);
/// Asks for how long.
void ask_silence_alert(const Alert& alert, Effects& effects);
/// Its sentence without what a list has no room for: the key's id behind its name.
[[nodiscard]] std::string brief_sentence(const Alert& alert);
/// Where its cause is looked at.
[[nodiscard]] Place place_of_cause(const Alert& alert);

}  // namespace keydeck::ui
