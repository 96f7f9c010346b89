// `:`: a line with the words of the command line, completed while it is typed.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ui/widgets/dialog.hpp"

namespace keydeck::ui {

/// What the dialog must know of the desk, which outlives it.
struct CommandHost {
    /// The action of this name as it stands on a screen, or on the one shown now; null: there is none.
    std::function<const Action*(std::optional<ScreenId>, std::string_view)> find;
    std::vector<std::string>* history = nullptr;  ///< of this session, oldest first
    std::vector<std::string> themes;
};

/// Opens what the letters open and writes nothing itself: its outcome is Effects::deed or Effects::theme.
[[nodiscard]] std::unique_ptr<Dialog> make_command_dialog(CommandHost host);

}  // namespace keydeck::ui
