// The keys of dialogs that a person may bind otherwise: all but those that confirm, leave, move and type.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "ui/keymap.hpp"

namespace keydeck::ui {

/// A dialog, or a step of one: the actions that are in force together, and what they may not take.
struct DialogKeys {
    std::string_view name;                  ///< "the preview of a signature"
    std::vector<std::string_view> actions;  ///< some are those of screens too: one key for both
    std::u32string_view confirming;         ///< letters that confirm in it, and `n`; they are part of the guard
};

[[nodiscard]] std::span<const DialogKeys> dialog_keys();

/// Every action of the dialogs, without what it does.
[[nodiscard]] const Actions& dialog_actions();

/// One of them, with what it does. `help`, where it is not empty, says more than the table.
[[nodiscard]] Action dialog_action(std::string_view name, std::function<void(const Scene&, Effects&)> run,
                                   std::function<std::string(const Scene&)> off = {}, std::string_view help = {});

/// Whether dialogs keep a key for themselves: moving about in them, their fields, the way out.
[[nodiscard]] bool is_kept_by_dialogs(const Key& key);

}  // namespace keydeck::ui
