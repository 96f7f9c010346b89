// The keys that sentences name: those that are bound here, not those of the tables.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "ui/keymap.hpp"

namespace keydeck::ui {

/// What to press for an action, as a sentence says it: its first key as the person bound it, else as the first screen in
/// their order binds it; for one that is unbound its command (":key enable"), and where there is none its name.
[[nodiscard]] std::string key_word(const Scene& scene, std::string_view action);
/// The same, where a table at hand may bind it otherwise than other screens do.
[[nodiscard]] std::string key_word(const Scene& scene, std::span<const Action> here, std::string_view action);

/// `K key   `: a dialog's hint for one of its actions; empty where that has no key.
[[nodiscard]] std::string key_hint(const Scene& scene, std::span<const Action> here, std::string_view action,
                                   std::string_view does);

}  // namespace keydeck::ui
