// A person's keymap: names of actions and keys as text, checked against the tables of all screens.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ui/keymap.hpp"
#include "ui/ui.hpp"

namespace keydeck::ui {

/// The key that name_of() calls so; none: there is no such key.
[[nodiscard]] std::optional<Key> key_named(std::string_view name);

struct ReadKeymap {
    Keymap keymap;
    std::vector<UiProblem> problems;  ///< by line; unless there are none, the keymap is not to be used
};

/// Reads the lines of a keymap file. Wrong are: an action that no screen has, a key that is none or reserved, a key that two
/// actions of one screen would share, and no key at all for what one needs to get out.
[[nodiscard]] ReadKeymap read_keymap(const std::vector<KeyBinding>& bindings);

}  // namespace keydeck::ui
