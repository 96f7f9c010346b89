// The dialogs of the first run.
#pragma once

#include <functional>
#include <memory>

#include "ui/welcome.hpp"
#include "ui/widgets/dialog.hpp"

namespace keydeck::ui {

using TakeWelcome = std::function<void(WelcomeAnswer)>;

/// Demo, local, AWS or read-only; opens the form of what is chosen.
[[nodiscard]] std::unique_ptr<Dialog> make_welcome_dialog(const Welcome& known, TakeWelcome take);
/// The form of one choice; null for those that have none.
[[nodiscard]] std::unique_ptr<Dialog> make_welcome_form(WelcomeChoice choice, const Welcome& known, TakeWelcome take);

}  // namespace keydeck::ui
